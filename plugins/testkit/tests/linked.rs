//! A plugin that is linked in is judged by its own test, and a mistake makes that test fail.

use imprint_plugin::{DeviceFamily, Result, Target, Words};
use imprint_testkit::{CASE_VARIABLE, conformance as judge};
use std::{panic::catch_unwind, path::Path};

/// Takes every chip for its own, and ends the process when it is asked for an identifier.
struct Wrong;

impl DeviceFamily for Wrong {
    const ID: &'static str = "template.c";
    const SUMMARY: &'static str = "Wrong in two ways";

    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self)
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        Ok(format!("{:#x}", target.read_word(0x1FF0_0000)?))
    }

    fn read_uid(&mut self, _target: &mut Target<'_>) -> Result<Vec<u8>> {
        std::process::abort()
    }
}

imprint_plugin::plugin! { id: "org.imprint.wrong", families: [Wrong] }

#[test]
fn conformance() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let devices = [folder.join("../template-c/devices/A1.ron")];
    let wanted = std::env::var(CASE_VARIABLE).ok();
    if wanted.is_some() {
        judge(|| PLUGIN.table(), &devices, wanted.as_deref());
        return;
    }
    let told = match catch_unwind(|| judge(|| PLUGIN.table(), &devices, None)) {
        Ok(()) => panic!("nothing was found"),
        Err(told) => told.downcast_ref::<String>().cloned().unwrap_or_default(),
    };
    for expected in [
        "FAILED  identify A1\n  at        identify of a chip whose memory reads differently",
        "FAILED  uid A1\n  at        read_uid\n",
        "the plugin crashed: signal 6 (SIGABRT)",
    ] {
        assert!(told.contains(expected), "no {expected:?} in {told}");
    }
}
