//! The bench: a fresh twin, and what a test does with it. `bench.run()` is a unit as in production.

use super::{unit_result::UnitResult, wire_log::WireLog};
use crate::{
    account::{BooksInMemory, UnitDemand},
    codes,
    engine::{Engine, RunOptions, TwinOptions},
    event::Silent,
    finished::Finished,
    inputs::Inputs,
    limits::{READ_LEN_MAX, TEST_UNITS_MAX},
    private_image::{OpenPrivateImage, PrivateImage},
    report::{Failure, Outcome, UnitReport},
    script::{
        MemoryUse,
        api::{Result, Shared, Unit, address, integer, length, raise},
        watch::Watch,
    },
    twin::Twin,
};
use imprint_device::Device;
use imprint_twin::Fault;
use rhai::{Blob, ImmutableString, NativeCallContext, plugin::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

/// The time of a bench: 2026-01-01 00:00:00 UTC, so that a test programs the same date whenever it runs.
const BENCH_TIME_S: u64 = 1_767_225_600;

/// What the bench of a test is made of.
pub(super) struct Parts {
    pub(super) engine: Arc<Engine>,
    pub(super) image: PrivateImage,
    pub(super) device: Device,
    /// Chooses the identifier of the chip, and what else is left to chance.
    pub(super) seed: u64,
    pub(super) uid: Option<Vec<u8>>,
    pub(super) watch: Arc<Watch>,
    pub(super) memory_use: Option<MemoryUse>,
}

/// The bench of one test, as its functions share it.
#[derive(Clone)]
pub(crate) struct Bench(Arc<Inner>);

struct Inner {
    parts: Parts,
    twin: Twin,
    wire: WireLog,
    books: BooksInMemory,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    faults: Vec<Fault>,
    inputs: Inputs,
    unit_count: usize,
    /// The unit whose functions the test calls itself.
    open: Option<Arc<Shared>>,
    /// The last unit that `run` made, if it failed, and where on the wire.
    failed: Option<(UnitReport, u64)>,
}

impl Bench {
    /// A bench with a new chip.
    pub(super) fn new(parts: Parts) -> std::result::Result<Bench, Failure> {
        let options = TwinOptions {
            uid: parts.uid.clone(),
            faults: Vec::new(),
        };
        let twin = parts.engine.twin(&parts.device, options)?;
        let inputs = Inputs {
            time_s: Some(BENCH_TIME_S),
            ..Inputs::default()
        };
        Ok(Bench(Arc::new(Inner {
            parts,
            twin,
            wire: WireLog::default(),
            books: BooksInMemory::default(),
            state: Mutex::new(State {
                inputs,
                ..State::default()
            }),
        })))
    }

    /// The transcript of its wire.
    pub(super) fn wire(&self) -> &WireLog {
        &self.0.wire
    }

    /// The last unit that `run` made, if it failed, and the transfers until it did.
    pub(super) fn failed_unit(&self) -> Option<(UnitReport, u64)> {
        self.state().failed.clone()
    }

    /// Time of the chip so far.
    pub(super) fn virtual_us(&self) -> u64 {
        self.0.twin.board().now_ns() / 1_000
    }

    /// Units that were begun.
    pub(super) fn unit_count(&self) -> usize {
        self.state().unit_count
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A whole unit, as `imprint run --state` makes it.
    fn run(&self) -> std::result::Result<UnitReport, Failure> {
        let wire_before = self.begin_unit()?;
        let report = self.finished().report;
        self.0.books.end(&report, BENCH_TIME_S)?;
        let failed_at = wire_before + report.failed_at.unwrap_or(report.transfer_count);
        self.state().failed =
            (report.outcome != Outcome::Pass).then(|| (report.clone(), failed_at));
        Ok(report)
    }

    fn finished(&self) -> Finished {
        let engine = &self.0.parts.engine;
        let link = self.0.twin.link();
        match self.admitted() {
            Ok((image, options)) => engine.run(image, link, options, &mut Silent),
            Err(failure) => Finished::refused(failure, link, &self.0.parts.device.name),
        }
    }

    /// A unit that the books let begin.
    fn admitted(&self) -> std::result::Result<(OpenPrivateImage, RunOptions), Failure> {
        let mut image = self.0.parts.image.open()?;
        let inputs = self.state().inputs.clone();
        let demand = UnitDemand::of(&mut image, None, &inputs.values)?;
        self.0.books.admit(&demand, BENCH_TIME_S)?;
        let options = RunOptions {
            on: format!("twin:{}", self.0.parts.device.name),
            cancel: self.0.parts.watch.interrupt(),
            memory_use: self.0.parts.memory_use,
            transcript: Some(self.0.wire.sink()),
            gate: Some(Box::new(self.0.books.gate(demand, BENCH_TIME_S))),
            inputs,
            records: None,
        };
        Ok((image, options))
    }

    /// A unit whose functions the test calls itself.
    fn unit(&self) -> std::result::Result<Arc<Shared>, Failure> {
        self.begin_unit()?;
        let (image, options) = self.admitted()?;
        // Nobody is told what happens: the channel has no other end.
        let (events, _) = mpsc::channel();
        let engine = &self.0.parts.engine;
        let session = engine.begin(image, self.0.twin.link(), options, events)?;
        let shared = Shared::new(session, self.0.parts.watch.clone());
        self.state().open = Some(shared.clone());
        Ok(shared)
    }

    /// One chip has one unit at a time. Returns the transfers before it.
    fn begin_unit(&self) -> std::result::Result<u64, Failure> {
        let mut state = self.state();
        if state.unit_count == TEST_UNITS_MAX {
            return Err(
                Failure::new(codes::UNIT_LIMIT, "the test has too many units").with_difference(
                    format!("at most {TEST_UNITS_MAX}"),
                    (TEST_UNITS_MAX + 1).to_string(),
                ),
            );
        }
        state.unit_count += 1;
        if let Some(open) = state.open.take() {
            open.close(
                Failure::new(
                    codes::WRONG_ORDER,
                    "this unit is over: the test began another one on the same chip",
                )
                .with_help("do what is to be done with it before `bench.run()` or `bench.unit()`"),
            );
            self.0.books.abandon(BENCH_TIME_S)?;
        }
        Ok(self.0.wire.transfer_count())
    }

    fn set_serial(&self, name: &str, text: &str) -> std::result::Result<(), Failure> {
        let mut image = self.0.parts.image.open()?;
        let inputs = self.state().inputs.clone();
        let demand = UnitDemand::of(&mut image, None, &inputs.values)?;
        match self.0.books.set_next(&demand, name, text, BENCH_TIME_S)? {
            true => Ok(()),
            false => Err(Failure::new(
                codes::SCRIPT_ARGUMENT,
                format!("the recipe has no serial number `{name}` with the value `{text}`"),
            )
            .with_help("its definition says what its values are")),
        }
    }

    fn add_fault(&self, spec: &str) -> std::result::Result<(), Failure> {
        let mut faults = self.state().faults.clone();
        faults.push(spec.parse::<Fault>()?);
        self.set_faults(faults)
    }

    fn set_faults(&self, faults: Vec<Fault>) -> std::result::Result<(), Failure> {
        let twin = &self.0.twin;
        self.0.parts.engine.set_faults(twin, faults.clone())?;
        self.state().faults = faults;
        Ok(())
    }

    fn peek(&self, start: u64, len: u64) -> std::result::Result<Blob, Failure> {
        let refused = |message: String| Failure::new(codes::SCRIPT_ARGUMENT, message);
        let len = usize::try_from(len).ok().filter(|len| *len <= READ_LEN_MAX);
        let len =
            len.ok_or_else(|| refused(format!("at most {READ_LEN_MAX} bytes are read at once")))?;
        let mut bytes = vec![0; len];
        let read = self.0.twin.board().peek(start, &mut bytes);
        read.map_err(|_| refused(format!("the chip has no {len} bytes at {start:#010x}")))?;
        Ok(bytes)
    }
}

#[export_module]
pub(super) mod functions {
    /// Runs `main(unit)` of the recipe's script as a unit of production, and returns what came of it. A unit that fails does
    /// not fail the test.
    #[rhai_fn(return_raw)]
    pub fn run(context: NativeCallContext, bench: &mut Bench) -> Result<UnitResult> {
        host_call(&context, bench, Bench::run).map(UnitResult::new)
    }

    /// A unit for the functions of the script and its modules, which the test calls itself. It ends when another one begins.
    #[rhai_fn(return_raw)]
    pub fn unit(context: NativeCallContext, bench: &mut Bench) -> Result<Unit> {
        host_call(&context, bench, Bench::unit).map(Unit)
    }

    /// Seeds a fault, as `imprint twin new --fault` takes it: `vanish@300`. It counts from here; the chip's power goes off and
    /// on for it.
    #[rhai_fn(return_raw)]
    pub fn fault(context: NativeCallContext, bench: &mut Bench, spec: &str) -> Result<()> {
        host_call(&context, bench, |bench| bench.add_fault(spec))
    }

    /// Takes all faults away. The chip's power goes off and on for that.
    #[rhai_fn(return_raw)]
    pub fn mend(context: NativeCallContext, bench: &mut Bench) -> Result<()> {
        host_call(&context, bench, |bench| bench.set_faults(Vec::new()))
    }

    /// What the chip holds, read behind the scenes: no wire, no time, no protection.
    #[rhai_fn(return_raw)]
    pub fn read(
        context: NativeCallContext,
        bench: &mut Bench,
        start: i64,
        len: i64,
    ) -> Result<Blob> {
        let (start, len) = (address(&context, start)?, length(&context, len)?);
        host_call(&context, bench, |bench| bench.peek(start, len))
    }

    /// Hands in a value for the units that follow, as `--value NAME=VALUE`.
    pub fn set_value(bench: &mut Bench, name: &str, value: &str) {
        let mut state = bench.state();
        state.inputs.values.insert(name.into(), value.into());
    }

    /// Hands in a scanned text for the units that follow, as `--barcode`.
    pub fn set_barcode(bench: &mut Bench, text: &str) {
        bench.state().inputs.barcode = Some(text.into());
    }

    /// Names the station for the units that follow, as `--station-name`.
    pub fn set_station(bench: &mut Bench, name: &str) {
        bench.state().inputs.station_name = Some(name.into());
    }

    /// Lets a serial number go on at a value, as `imprint state serial`.
    #[rhai_fn(return_raw)]
    pub fn set_serial(
        context: NativeCallContext,
        bench: &mut Bench,
        name: &str,
        value: &str,
    ) -> Result<()> {
        host_call(&context, bench, |bench| bench.set_serial(name, value))
    }

    /// Unique identifier of the chip: of the seed, so it is the same when the test is run again with it.
    #[rhai_fn(get = "uid", pure)]
    pub fn uid(bench: &mut Bench) -> Blob {
        bench.0.twin.uid()
    }

    /// Part number of the chip.
    #[rhai_fn(get = "device", pure)]
    pub fn device(bench: &mut Bench) -> ImmutableString {
        bench.0.parts.device.name.as_str().into()
    }

    /// A number for what is left to chance: `bench.fault("random@" + bench.seed + "/20")`. Of the seed of the whole run.
    #[rhai_fn(get = "seed", pure)]
    pub fn seed(bench: &mut Bench) -> i64 {
        // Positive, so that it can be written into a fault.
        integer(bench.0.parts.seed >> 1)
    }

    /// Time of the chip since the test began, in microseconds.
    #[rhai_fn(get = "virtual_us", pure)]
    pub fn virtual_us(bench: &mut Bench) -> i64 {
        integer(Bench::virtual_us(bench))
    }
}

/// Does something on the bench; its time is not the test's.
fn host_call<T>(
    context: &NativeCallContext,
    bench: &Bench,
    work: impl FnOnce(&Bench) -> std::result::Result<T, Failure>,
) -> Result<T> {
    let _host_call = bench.0.parts.watch.host_call();
    work(bench).map_err(|failure| raise(failure, context.call_position()))
}
