//! One unit: what it lacks, and its run.

use crate::{
    engine::{Engine, now},
    error::invalid,
    file::SharedFile,
    image::Image,
};
use imprint::{
    CancelToken, Gate, Input, Inputs, Observer, Place, PlaceName, RunOptions, Where,
    account::{UnitAccount, UnitDemand},
    device::Device,
    image::{OpenImage, keys::KeyId},
    qemu::tell_trouble,
    report::{Failure, Outcome, UnitReport},
};
use std::collections::BTreeMap;

/// How a unit is run.
#[derive(Clone, Debug, Default)]
pub struct UnitOptions {
    /// Where: `twin:DEVICE`, `twin:./FILE`, `probe` or `probe:SELECTOR`.
    pub on: String,
    /// Values by name.
    pub values: BTreeMap<String, String>,
    /// The scanned text.
    pub barcode: Option<String>,
}

/// A unit that has not begun.
pub struct Unit<'a> {
    engine: &'a Engine,
    image: OpenImage<SharedFile>,
    station: Option<KeyId>,
    on: (String, Where),
    inputs: Inputs,
}

impl Engine {
    /// A unit of an image. Nothing is touched yet.
    ///
    /// # Errors
    /// An image that cannot be read here, a place that is none.
    pub fn unit(&self, image: &Image, options: UnitOptions) -> Result<Unit<'_>, Failure> {
        let (mut image, station) = image.unlock()?;
        let on = self.place(&options.on, &mut image)?;
        Ok(Unit {
            engine: self,
            image,
            station,
            on: (options.on, on),
            inputs: Inputs {
                values: options.values,
                barcode: options.barcode,
                station_name: self.station_name.clone(),
                time_s: Some(now()),
            },
        })
    }

    fn place(&self, on: &str, image: &mut OpenImage<SharedFile>) -> Result<Where, Failure> {
        match PlaceName::parse(on) {
            Some(PlaceName::Probe(selector)) => Ok(Where::Probe(selector.into())),
            Some(PlaceName::Qemu(machine)) => Ok(Where::Qemu(machine.into())),
            Some(PlaceName::TwinFile(path)) => Ok(Where::TwinFile(path.into())),
            Some(PlaceName::TwinDevice(name)) => {
                Ok(Where::TwinDevice(Box::new(self.device(name, image)?)))
            }
            None => Err(invalid(
                format!("`{on}` does not say where the unit is"),
                &format!("one of: {}", PlaceName::FORMS),
            )),
        }
    }

    /// A device of the folders; the image's own need not be there.
    fn device(&self, name: &str, image: &mut OpenImage<SharedFile>) -> Result<Device, Failure> {
        match self.devices.get(name) {
            Err(_) if image.manifest().device == name => Ok(image.device()?.device),
            found => Ok(found?.clone()),
        }
    }
}

impl Unit<'_> {
    /// What the image asks for and was not given.
    pub fn missing(&mut self) -> Result<Vec<Input>, Failure> {
        self.inputs.missing(&mut self.image)
    }

    /// Hands something in.
    pub fn give(&mut self, input: &Input, text: String) {
        self.inputs.give(input, text);
    }

    /// Runs it, in this process and on this thread, and counts it where there are books.
    ///
    /// # Errors
    /// What is wrong before the unit begins: nothing was touched and nothing is counted. What becomes of a unit that began
    /// is in its report.
    pub fn run(
        mut self,
        cancel: CancelToken,
        observer: &mut dyn Observer,
    ) -> Result<UnitReport, Failure> {
        let demand = UnitDemand::of(&mut self.image, self.station, &self.inputs.values)?;
        let account = match &self.engine.books {
            Some(folder) => Some(UnitAccount::admit(folder, demand, now)?),
            None => {
                demand.admit_uncounted(now())?;
                None
            }
        };
        let (on, place) = self.on;
        let Place {
            link, board, qemu, ..
        } = Place::open(&self.engine.engine, &place, &cancel)?;
        let gate = account.as_ref().map(UnitAccount::gate);
        let options = RunOptions {
            on,
            cancel,
            gate: gate.map(|gate| Box::new(gate) as Box<dyn Gate>),
            inputs: self.inputs,
            ..RunOptions::default()
        };
        let engine = &self.engine.engine;
        let mut report = engine.run(self.image, link, options, observer).report;
        if let Some(qemu) = qemu {
            tell_trouble(&qemu, &mut report);
        }
        // Nobody is shown a pass before it is written down.
        if let Some(account) = account {
            let ended = account.end(Some(&report));
            not_passed(&mut report, ended);
        }
        if let Some(board) = board {
            not_passed(&mut report, board.save());
        }
        Ok(report)
    }
}

/// A unit has not passed if what belongs to its end failed. One that failed before keeps its reason.
fn not_passed(report: &mut UnitReport, end: Result<(), Failure>) {
    if let (Err(failure), Outcome::Pass) = (end, report.outcome) {
        report.outcome = Outcome::Fail;
        report.failure = Some(failure);
    }
}
