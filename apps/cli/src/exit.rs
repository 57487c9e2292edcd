//! The exit codes, all of them. `docs/errors.md` has the same for people.

use imprint::report::{Failure, Outcome, UnitReport};
use std::process::ExitCode;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; the unit passed.
    Pass = 0,
    /// The unit failed.
    UnitFailed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The image, a key or a grant was refused.
    ImageRefused = 3,
    /// There is no target or no probe.
    NoTarget = 4,
    /// Somebody cancelled.
    Cancelled = 5,
    /// The recipe, a payload, the script or a device description was refused.
    BuildRefused = 6,
    /// A plugin was refused.
    PluginRefused = 7,
    /// A file could not be read or written.
    File = 8,
    /// The worker process crashed or could not be started.
    Worker = 9,
}

impl Exit {
    /// All of them, ascending.
    #[cfg(test)]
    pub const ALL: [Exit; 10] = [
        Exit::Pass,
        Exit::UnitFailed,
        Exit::Usage,
        Exit::ImageRefused,
        Exit::NoTarget,
        Exit::Cancelled,
        Exit::BuildRefused,
        Exit::PluginRefused,
        Exit::File,
        Exit::Worker,
    ];

    /// What it says.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Pass => "done; the unit passed",
            Exit::UnitFailed => "the unit failed, or an action on it did",
            Exit::Usage => "the command line is wrong",
            Exit::ImageRefused => "the image, a key or a grant was refused",
            Exit::NoTarget => "there is no target or no probe",
            Exit::Cancelled => "cancelled",
            Exit::BuildRefused => {
                "the recipe, a firmware file, the script, an object or a device description was refused"
            }
            Exit::PluginRefused => "a plugin was refused or missing",
            Exit::File => "a file could not be read or written",
            Exit::Worker => "the worker process crashed or could not be started",
        }
    }

    /// The exit for what failed outside a unit, by its code.
    pub fn of_code(code: &str) -> Exit {
        let number = code
            .strip_prefix("IMP-")
            .and_then(|number| number.parse::<u32>().ok());
        match number.unwrap_or(0) {
            2005 | 2023 | 2116 | 2135 | 2156 => Exit::File,
            3052 | 5015 | 7001 | 7007 | 7008 | 7135 => Exit::Usage,
            7130 | 7131 => Exit::NoTarget,
            7132..=7134 | 7156 => Exit::UnitFailed,
            7157 | 7158 => Exit::Usage,
            1090..=1099 | 7000..=7999 | 9010..=9019 => Exit::File,
            1000..=1999 | 3001..=3009 | 3040..=3049 | 4030..=4039 | 6000..=6999 => {
                Exit::BuildRefused
            }
            2000..=2999 => Exit::ImageRefused,
            4001 | 4050..=4052 => Exit::NoTarget,
            4053 | 5131 | 5132 | 9000..=9009 => Exit::Usage,
            5000..=5999 => Exit::PluginRefused,
            8001 => Exit::Cancelled,
            8010..=8019 => Exit::Worker,
            // Restrictions that are not met, before the target was touched.
            8100..=8119 | 8134 | 8180 | 8185..=8187 | 8189 => Exit::ImageRefused,
            8120..=8133 | 8200 => Exit::File,
            8182 | 8183 => Exit::Usage,
            _ => Exit::UnitFailed,
        }
    }

    /// The exit for several failures is the first one's: it is the one that is shown first.
    pub fn of_failures(failures: &[Failure]) -> Exit {
        failures
            .first()
            .map_or(Exit::UnitFailed, |failure| Exit::of_code(&failure.code))
    }

    /// The exit for a unit. One whose steps had begun has failed, whatever the code, unless the target is the cause.
    pub fn of_report(report: &UnitReport) -> Exit {
        match (report.outcome, &report.failure) {
            (Outcome::Pass, _) => Exit::Pass,
            (Outcome::Cancelled, _) => Exit::Cancelled,
            (Outcome::Fail, Some(failure)) => match Exit::of_code(&failure.code) {
                exit @ (Exit::NoTarget | Exit::Worker) => exit,
                _ if !report.steps.is_empty() => Exit::UnitFailed,
                exit => exit,
            },
            (Outcome::Fail, None) => Exit::UnitFailed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint::report::Step;

    #[test]
    fn the_exit_of_a_code() {
        for (code, exit) in [
            ("IMP-1001", Exit::BuildRefused),
            ("IMP-1090", Exit::File),
            ("IMP-2003", Exit::ImageRefused),
            ("IMP-2005", Exit::File),
            ("IMP-2110", Exit::ImageRefused),
            ("IMP-2156", Exit::File),
            ("IMP-3009", Exit::BuildRefused),
            ("IMP-3010", Exit::UnitFailed),
            ("IMP-3041", Exit::BuildRefused),
            ("IMP-3052", Exit::Usage),
            ("IMP-4001", Exit::NoTarget),
            ("IMP-4002", Exit::UnitFailed),
            ("IMP-4032", Exit::BuildRefused),
            ("IMP-4051", Exit::NoTarget),
            ("IMP-4053", Exit::Usage),
            ("IMP-5012", Exit::PluginRefused),
            ("IMP-5131", Exit::Usage),
            ("IMP-5015", Exit::Usage),
            ("IMP-6003", Exit::BuildRefused),
            ("IMP-7007", Exit::Usage),
            ("IMP-7101", Exit::File),
            ("IMP-7130", Exit::NoTarget),
            ("IMP-7132", Exit::UnitFailed),
            ("IMP-7135", Exit::Usage),
            ("IMP-7151", Exit::File),
            ("IMP-7156", Exit::UnitFailed),
            ("IMP-7157", Exit::Usage),
            ("IMP-8001", Exit::Cancelled),
            ("IMP-8002", Exit::UnitFailed),
            ("IMP-8010", Exit::Worker),
            ("IMP-8100", Exit::ImageRefused),
            ("IMP-8120", Exit::File),
            ("IMP-8132", Exit::File),
            ("IMP-8134", Exit::ImageRefused),
            ("IMP-8182", Exit::Usage),
            ("IMP-8187", Exit::ImageRefused),
            ("IMP-8200", Exit::File),
            ("IMP-9001", Exit::Usage),
            ("IMP-9010", Exit::File),
            ("", Exit::UnitFailed),
        ] {
            assert_eq!(Exit::of_code(code), exit, "{code}");
        }
    }

    #[test]
    fn all_are_counted() {
        for (number, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(number, exit as usize);
        }
    }

    fn report(outcome: Outcome, code: &str, steps: usize) -> UnitReport {
        let step = Step {
            name: "connect".into(),
            detail: String::new(),
            ok: true,
            len: 0,
            time: Default::default(),
        };
        UnitReport {
            outcome,
            failure: Some(Failure::new(code, "")),
            steps: vec![step; steps],
            ..Default::default()
        }
    }

    #[test]
    fn a_unit_that_had_begun_has_failed() {
        use Outcome::*;
        for (report, exit) in [
            (report(Pass, "", 1), Exit::Pass),
            (report(Cancelled, "IMP-8001", 1), Exit::Cancelled),
            (report(Fail, "IMP-4001", 1), Exit::NoTarget),
            (report(Fail, "IMP-8010", 3), Exit::Worker),
            (report(Fail, "IMP-3002", 2), Exit::UnitFailed),
            (report(Fail, "IMP-3002", 0), Exit::BuildRefused),
            (report(Fail, "IMP-5003", 0), Exit::PluginRefused),
            (report(Fail, "IMP-4010", 4), Exit::UnitFailed),
        ] {
            assert_eq!(Exit::of_report(&report), exit, "{report:?}");
        }
    }
}
