//! Units that are counted: policies, state folders, further keys, and what the books say.

use crate::{NRF52, Recipe, Run, Workshop};
use serde_json::Value;

/// A new board that nobody has seen before.
pub const BOARD: &str = "twin:nRF52832_xxAA";
/// The state folder of the station.
pub const STATE: &str = "state";

impl Recipe {
    /// Changes a little flash, then passes with `--value go=ok` and fails with `--value go=bad`. `before` and `after` are
    /// statements around the change.
    pub fn of_one_step(before: &str, after: &str) -> Recipe {
        let body = format!(
            "{before}\n    chip.erase(0x3000, 0x1000);\n    chip.program(unit.data(\"go\"));\n    \
             if unit.value(\"go\") == \"bad\" {{ fail(\"a scratch\"); }}\n{after}"
        );
        Recipe::with_body(&body)
            .section("    data: { \"go\": (address: 0x3020, len: 4, source: value, encoding: ascii(fill: 0)) },")
    }
}

impl Workshop {
    /// Makes a signer's key pair `NAME.key`, `NAME.pub`.
    pub fn signer(&self, name: &str) -> String {
        self.new_key(&["key", "new", name])
    }

    /// Makes a station's key pair.
    pub fn station(&self, name: &str) -> String {
        self.new_key(&["key", "new", name, "--station"])
    }

    /// Makes a key pair and returns its id.
    fn new_key(&self, arguments: &[&str]) -> String {
        let made = self.json(arguments).passes().json();
        made["id"].as_str().unwrap_or_default().to_string()
    }

    /// Seals `NAME.sapobj` as `NAME.sap` with a policy.
    pub fn restrict(&self, name: &str, policy: &str, options: &[&str]) -> String {
        let file = format!("{name}.policy.ron");
        self.write(&file, policy);
        self.seal(name, &[&["--policy", &file], options].concat())
    }

    /// Runs a unit that is to pass (`ok`) or to fail (`bad`), and counts it in the station's books.
    pub fn unit(&self, image: &str, on: &str, go: &str, options: &[&str]) -> Run {
        let go = format!("go={go}");
        let counted = ["--state", STATE, "--value", &go];
        self.run_with(image, on, &[&counted, options].concat())
    }

    /// What `imprint state show` says, which always opens the books.
    #[track_caller]
    pub fn books(&self) -> Value {
        self.json(&["state", "show", STATE]).passes().json()
    }

    /// A count of the deployment that is at `index` in the books.
    #[track_caller]
    pub fn count(&self, index: usize, what: &str) -> u64 {
        let books = self.books();
        let count = books["deployments"][index][what].as_u64();
        count.unwrap_or_else(|| panic!("no count `{what}` of deployment {index}: {books}"))
    }

    /// Some bytes of a board's flash, read after the script.
    pub fn dumped(&self, start: u64, len: u64, run: impl Fn(&[&str]) -> Run) -> (Run, Vec<u8>) {
        let dump = format!("{start:#x}:{len}=dump.bin");
        let run = run(&["--dump", &dump]);
        let bytes = self.read("dump.bin");
        (run, bytes)
    }
}

impl Run {
    /// A unit that was refused before its target was touched: not one transfer went over the wire.
    #[track_caller]
    pub fn refused(&self, code: &str) {
        let codes: Vec<String> = self.failures().into_iter().map(|it| it.code).collect();
        assert_eq!(codes, [code], "{self}");
        let exit = match code {
            "IMP-8182" | "IMP-8183" => 2,
            "IMP-8132" => 8,
            _ => 3,
        };
        assert_eq!(self.exit, exit, "{self}");
        let report = self.report();
        assert_eq!(
            (report.transfer_count, report.steps.len()),
            (0, 0),
            "{self}"
        );
        assert!(
            report.ordinal.is_none() && report.serials.is_empty(),
            "{self}"
        );
    }
}

/// The device of [`BOARD`].
pub const BOARD_DEVICE: &str = NRF52.device;
