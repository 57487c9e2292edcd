//! temp
use crate::report::*;
use std::time::Duration;
pub(crate) struct UnitSession;
pub(crate) enum Verification {
    Compare,
    Crc,
}
#[derive(Default)]
pub(crate) struct TestOptions {
    pub timeout_ms: u32,
    pub args: [u32; 4],
    pub allow_failure: bool,
}
#[derive(Clone)]
pub(crate) struct TestRun {
    pub exit_code: i32,
    pub output: String,
    pub results: Vec<(String, Value)>,
}
pub(crate) struct PayloadFacts {
    pub len: u64,
    pub start: u64,
    pub sha256: String,
}
type R<T> = Result<T, Failure>;
fn no<T>() -> R<T> {
    Err(Failure::new("IMP-0", "x"))
}
#[allow(unused)]
impl UnitSession {
    pub fn connect(&mut self, u: bool) -> R<()> {
        no()
    }
    pub fn unlock(&mut self) -> R<()> {
        no()
    }
    pub fn is_protected(&mut self) -> R<bool> {
        no()
    }
    pub fn payload_exists(&mut self, n: &str) -> R<()> {
        no()
    }
    pub fn setting(&mut self, n: &str) -> R<String> {
        no()
    }
    pub fn device_name(&self) -> String {
        String::new()
    }
    pub fn record(&mut self, r: Record) -> R<()> {
        no()
    }
    pub fn log(&mut self, s: &str, t: &str) -> R<()> {
        no()
    }
    pub fn note(&mut self, t: &str) {}
    pub fn delay_ms(&mut self, ms: u64) -> R<()> {
        no()
    }
    pub fn uid(&mut self) -> R<Vec<u8>> {
        no()
    }
    pub fn identity(&mut self) -> R<String> {
        no()
    }
    pub fn memory_range(&mut self, n: &str) -> R<(u64, u64)> {
        no()
    }
    pub fn erase_all(&mut self) -> R<()> {
        no()
    }
    pub fn erase_range(&mut self, a: u64, l: u64) -> R<()> {
        no()
    }
    pub fn erase_payload(&mut self, n: &str) -> R<()> {
        no()
    }
    pub fn erase_memory(&mut self, n: &str) -> R<()> {
        no()
    }
    pub fn erase_if_not_blank(&mut self) -> R<bool> {
        no()
    }
    pub fn is_blank_all(&mut self) -> R<bool> {
        no()
    }
    pub fn is_blank(&mut self, a: u64, l: u64) -> R<bool> {
        no()
    }
    pub fn blank_check(&mut self) -> R<()> {
        no()
    }
    pub fn program(&mut self, n: &str) -> R<()> {
        no()
    }
    pub fn program_bytes(&mut self, a: u64, b: &[u8]) -> R<()> {
        no()
    }
    pub fn verify(&mut self, n: &str, v: Verification) -> R<()> {
        no()
    }
    pub fn crc32(&mut self, a: u64, l: u64) -> R<u32> {
        no()
    }
    pub fn read(&mut self, a: u64, l: u64) -> R<Vec<u8>> {
        no()
    }
    pub fn write(&mut self, a: u64, b: &[u8]) -> R<()> {
        no()
    }
    pub fn run_test(&mut self, n: &str, o: &TestOptions) -> R<TestRun> {
        no()
    }
    pub fn reset(&mut self, h: bool) -> R<()> {
        no()
    }
    pub fn halt(&mut self) -> R<()> {
        no()
    }
    pub fn go(&mut self) -> R<()> {
        no()
    }
    pub fn option_read(&mut self, n: &str) -> R<u64> {
        no()
    }
    pub fn option_write(&mut self, n: &str, v: u64) -> R<()> {
        no()
    }
    pub fn protect(&mut self) -> R<()> {
        no()
    }
    pub fn command(&mut self, n: &str, i: &[u8]) -> R<Vec<u8>> {
        no()
    }
    pub fn voltage_mv(&mut self) -> R<Option<u32>> {
        no()
    }
    pub fn payload_facts(&mut self, n: &str) -> R<PayloadFacts> {
        no()
    }
    pub fn begin_abort(&mut self, d: Duration) {}
}
