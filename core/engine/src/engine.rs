//! The engine: runs an opened image on a link, and makes twins to link to.

use crate::{
    codes,
    event::Observer,
    finished::{Finished, Stopwatch},
    gate::Gate,
    inputs::Inputs,
    limits::Limits,
    plugin::{BoardFactory, Family, PluginStore},
    records::RecordStore,
    replay::{how_it_ended, noting, write_header},
    report::{Failure, ImageFacts, UnitReport},
    script::{ImageNames, MemoryUse, Program, RunOptions as ScriptOptions, ScriptSources},
    twin::{Twin, read_board},
    unit::{GateState, Message, Payloads, Setup, UnitSession, UnitValues},
};
use imprint_device::{Device, FrozenDevice};
use imprint_image::container::{FamilyRequirement, OpenImage, Version};
use imprint_plugin_host::IMPRINT_ABI_MAJOR;
use imprint_target::{CancelToken, Control, Link};
use imprint_transcript::Action;
use imprint_twin::{Board, BoardOptions, Fault};
use std::{
    io::{Read, Seek},
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    time::Duration,
};

/// The engine, with the plugins it may load.
pub struct Engine {
    plugins: PluginStore,
}

/// What a new twin is made with.
#[derive(Clone, Debug, Default)]
pub struct TwinOptions {
    /// Its unique identifier; random unless given.
    pub uid: Option<Vec<u8>>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Receives one line for each transfer on the wire.
pub type Transcript = Box<dyn FnMut(&str) + Send>;

/// How a unit is run.
#[derive(Default)]
pub struct RunOptions {
    /// Where it runs, as the report names it: `twin:nRF52832_xxAA`, `probe`.
    pub on: String,
    /// Stops it from any thread.
    pub cancel: CancelToken,
    /// Tells how much memory the process uses, so that a script can be stopped before the system does it.
    pub memory_use: Option<MemoryUse>,
    /// Receives one line for each transfer on the wire.
    pub transcript: Option<Transcript>,
    /// Who grants the unit before it changes its target; none where nobody counts.
    pub gate: Option<Box<dyn Gate>>,
    /// What is handed in for the unit.
    pub inputs: Inputs,
    /// Keeps the unit's record before `run` returns; none where the report is kept by who called it.
    pub records: Option<Box<dyn RecordStore>>,
}

/// What a unit needs before the wire moves.
struct Prepared {
    program: Program,
    setup: Setup,
    limits: Limits,
}

impl Engine {
    /// An engine that loads plugins from a store, when an image needs them.
    pub fn new(plugins: PluginStore) -> Self {
        Self { plugins }
    }

    /// The plugins.
    pub fn plugins(&self) -> &PluginStore {
        &self.plugins
    }

    /// A new virtual chip, as it leaves the factory.
    pub fn twin(&self, device: &Device, options: TwinOptions) -> Result<Twin, Failure> {
        let uid = match (options.uid, &device.uid) {
            (Some(uid), _) => uid,
            (None, Some(place)) => crate::twin::random_uid(place.len)?,
            (None, None) => Vec::new(),
        };
        let board = self.board(device)?;
        let options = BoardOptions {
            uid,
            faults: options.faults,
            ..BoardOptions::default()
        };
        Ok(Twin::new(Board::power_on(
            device,
            options,
            board.maker(&device.name),
        )?))
    }

    /// The virtual chip that a file keeps.
    pub fn twin_from_file(&self, path: &Path) -> Result<Twin, Failure> {
        let state = read_board(path)?;
        let board = self.board(&state.device)?;
        Ok(Twin::new(Board::restore(
            &state,
            None,
            board.maker(&state.device.name),
        )?))
    }

    /// Runs an image on the target of a link. Whatever happens is in the report.
    pub fn run<R: Read + Seek + Send + 'static>(
        &self,
        image: OpenImage<R>,
        link: Link,
        mut options: RunOptions,
        observer: &mut dyn Observer,
    ) -> Finished {
        let records = options.records.take();
        let meter = link.meter();
        let mut finished = self.run_unit(image, link, options, observer);
        meter.note(&Action::End(how_it_ended(&finished.report)));
        if let Some(mut records) = records {
            finished.keep_in(records.as_mut());
        }
        finished
    }

    fn run_unit<R: Read + Seek + Send + 'static>(
        &self,
        image: OpenImage<R>,
        mut link: Link,
        options: RunOptions,
        observer: &mut dyn Observer,
    ) -> Finished {
        let report = UnitReport {
            image: ImageFacts::of(&image),
            device: image.manifest().device.clone(),
            on: options.on,
            ..UnitReport::default()
        };
        let clock = Stopwatch::start(link.meter());
        if self.plugins.takes_unsigned() && !link.is_virtual() {
            return Finished::untouched(report, link, unsigned_off_twin(), &clock);
        }
        let mut gate = options.gate;
        if let Some(mut transcript) = options.transcript {
            let (has_gate, inputs) = (gate.is_some(), &options.inputs);
            write_header(&mut transcript, &image, &report, &link, has_gate, inputs);
            link.record_transcript(transcript);
            gate = gate.map(|gate| noting(gate, link.meter()));
        }
        let gate = GateState::new(gate);
        let prepared = match self.prepare(image, gate, options.inputs) {
            Ok(prepared) => prepared,
            Err(failure) => return Finished::untouched(report, link, failure, &clock),
        };
        let control = Control {
            cancel: options.cancel.clone(),
            budget: Some(prepared.limits.unit_time),
        };
        link.arm(control.clone());
        let (events, receiver) = mpsc::channel();
        let Prepared {
            program,
            setup,
            limits,
        } = prepared;
        let session = match UnitSession::new(link, setup, control, events) {
            Ok(session) => session,
            Err((wiring, failure)) => return Finished::new(report, wiring, Err(failure), &clock),
        };
        let script = ScriptOptions {
            limits,
            memory_use: options.memory_use,
            cancel: options.cancel,
        };
        let (session, outcome) = program.run(session, script, &receiver, observer);
        Finished::of_session(report, session, outcome, &clock)
    }

    /// A unit of an image that no script runs: its functions are called one by one.
    pub(crate) fn begin<R: Read + Seek + Send + 'static>(
        &self,
        image: OpenImage<R>,
        mut link: Link,
        options: RunOptions,
        events: Sender<Message>,
    ) -> Result<UnitSession, Failure> {
        if self.plugins.takes_unsigned() && !link.is_virtual() {
            return Err(unsigned_off_twin());
        }
        if let Some(transcript) = options.transcript {
            link.record_transcript(transcript);
        }
        let gate = GateState::new(options.gate);
        let prepared = self.prepare(image, gate, options.inputs)?;
        let control = Control {
            cancel: options.cancel,
            budget: Some(prepared.limits.unit_time),
        };
        link.arm(control.clone());
        UnitSession::new(link, prepared.setup, control, events).map_err(|(_, failure)| failure)
    }

    /// Gives a twin other faults, which count from now on. Its power goes off and on for that.
    pub(crate) fn set_faults(&self, twin: &Twin, faults: Vec<Fault>) -> Result<(), Failure> {
        let mut board = twin.board();
        let state = board.save();
        let factory = self.board(&state.device)?;
        *board = Board::restore(&state, Some(faults), factory.maker(&state.device.name))?;
        Ok(())
    }

    /// Everything that can fail before the wire moves.
    fn prepare<R: Read + Seek + Send + 'static>(
        &self,
        mut image: OpenImage<R>,
        gate: GateState,
        inputs: Inputs,
    ) -> Result<Prepared, Failure> {
        image.check_may_run()?;
        if counts_units(&image) && matches!(gate, GateState::Absent) {
            return Err(Failure::new(
                codes::NOT_COUNTED,
                "the image counts its units or draws serial numbers, and nobody is there who keeps count",
            )
            .with_help("name a folder for the accounts: --state DIR; a program hands in a gate"));
        }
        let revision_min = image.manifest().restrictions.device_revision_min;
        image.check_may_run()?;
        let required = image.manifest().family.clone();
        let signed_limits = image.manifest().limits;
        let sources = ScriptSources::of(&mut image)?;
        let mut payloads = Payloads::new(image);
        let frozen = frozen(&mut payloads, revision_min)?;
        let program = Program::compile(sources)?;
        let contents = payloads.contents();
        let findings = program.check(
            &ImageNames::new(
                contents.payloads.keys(),
                contents.settings.keys(),
                &frozen.device,
                &contents.rights,
            )
            .with_units(
                contents.serials.keys(),
                contents.data.keys(),
                contents.tests.iter().map(|test| &test.name),
            ),
        );
        if let Some(finding) = findings.into_iter().next() {
            return Err(finding);
        }
        let limits = Limits {
            script_time: Duration::from_millis(signed_limits.script_time_ms),
            unit_time: Duration::from_millis(signed_limits.unit_time_ms),
            ..Limits::default()
        };
        let values = UnitValues::new(contents, &frozen.device, inputs)?;
        let setup = Setup {
            family: self.family(&required)?,
            frozen,
            plan: payloads.plan()?,
            payloads,
            values,
            revision_min,
            gate,
        };
        Ok(Prepared {
            program,
            setup,
            limits,
        })
    }

    /// The family an image asks for, in a version it accepts.
    fn family(&self, required: &FamilyRequirement) -> Result<Family, Failure> {
        let family = self.plugins.family(&required.id)?;
        let version: Result<Version, _> = family.plugin_version().parse();
        let is_new_enough = version.is_ok_and(|version| version >= required.version_min);
        if required.abi_major == IMPRINT_ABI_MAJOR && is_new_enough {
            return Ok(family);
        }
        Err(Failure::new(
            codes::FAMILY_VERSION,
            format!(
                "the plugin of family `{}` is too old for this image",
                required.id
            ),
        )
        .with_difference(
            format!(
                "ABI {}, version {} or newer",
                required.abi_major, required.version_min
            ),
            format!(
                "ABI {IMPRINT_ABI_MAJOR}, version {}",
                family.plugin_version()
            ),
        )
        .with_help("install a newer plugin, sign it and trust its author"))
    }

    /// The peripherals of a device's twin.
    fn board(&self, device: &Device) -> Result<BoardFactory, Failure> {
        let family = self.plugins.family(&device.family)?;
        family.board().ok_or_else(|| {
            Failure::new(
                codes::NO_BOARD,
                format!(
                    "the plugin of family `{}` has no board for a twin",
                    device.family
                ),
            )
            .with_help(
                "run on a probe, or ask the plugin's author for the extension `imprint.board/1`",
            )
        })
    }
}

/// A plugin runs with all rights of the process and moves the wire of a chip that somebody paid for.
pub(crate) fn unsigned_off_twin() -> Failure {
    Failure::new(
        codes::UNSIGNED_OFF_TWIN,
        "plugins that nobody has signed are for twins alone",
    )
    .with_help(
        "sign the plugin: `imprint plugin sign FILE --key KEY`, `imprint plugin trust KEY.pub`",
    )
}

/// Whether an image needs somebody who counts: for its restrictions, for the cap of the grant that opened it, or for its
/// serial numbers.
pub fn counts_units<R: Read + Seek>(image: &OpenImage<R>) -> bool {
    image.manifest().restrictions.are_counted()
        || image.grant().is_some_and(|terms| terms.cap.is_some())
        || !image.object().serials.is_empty()
}

/// The device of the object, on the clock that the image wants.
fn frozen(
    payloads: &mut Payloads,
    revision_min: Option<u32>,
) -> Result<Arc<FrozenDevice>, Failure> {
    let mut frozen = payloads.device()?;
    if revision_min.is_some() && frozen.device.revision.is_none() {
        return Err(Failure::new(
            codes::REVISION_UNKNOWN,
            format!(
                "the image is for newer silicon only, and the data of {} does not say where its revision is",
                frozen.device.name
            ),
        )
        .with_help("add `revision` to the device file and build again, or seal without the restriction"));
    }
    if let Some(clock_khz) = payloads.contents().link.and_then(|link| link.clock_khz) {
        frozen.device.swd.clock_khz = clock_khz;
    }
    Ok(Arc::new(frozen))
}
