//! Cases in processes of their own: a plugin that crashes or hangs ends its case and nothing else.
//!
//! The process of a case writes two kinds of lines to its standard output: where it is, before each call of the plugin, and at
//! its end the verdict. What a plugin itself prints there is passed over. Of a process that ends without a verdict the last
//! place is known.

use crate::{
    case::{Case, Scope, cases},
    subject::{BoardKind, Origin, Subject},
    verdict::{Finding, Verdict},
};
use imprint_device::Device;
use serde::Serialize;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Before where a case is.
const AT: &str = "imprint-testkit at: ";
/// Before its verdict.
const VERDICT: &str = "imprint-testkit verdict: ";
/// Before the id of a family.
const FAMILY: &str = "imprint-testkit family: ";
/// How long a case of `conformance!` may take: none takes a tenth of it on a busy machine.
const CASE_TIME: Duration = Duration::from_secs(120);
/// How often a running case is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Whether this process tells where it is.
static TELLS: AtomicBool = AtomicBool::new(false);

/// Tells where the case is, in a process that is watched.
pub(crate) fn crumb(place: impl FnOnce() -> String) {
    if TELLS.load(Ordering::Relaxed) {
        tell(AT, &place());
    }
}

fn tell(kind: &str, text: &str) {
    let text = text.replace(['\n', '\r'], " ");
    // Whoever watches is gone when this fails.
    let _ = writeln!(std::io::stdout().lock(), "\n{kind}{text}");
}

/// Runs a case in this process and tells the verdict on the standard output, as the process of a case does.
pub fn run_here(case: &Case, subject: &Subject) -> Verdict {
    TELLS.store(true, Ordering::Relaxed);
    let verdict = run(case, subject);
    TELLS.store(false, Ordering::Relaxed);
    match ron::to_string(&verdict) {
        Ok(text) => tell(VERDICT, &text),
        Err(error) => tell(AT, &format!("the verdict cannot be told: {error}")),
    }
    verdict
}

/// Runs a case in this process.
fn run(case: &Case, subject: &Subject) -> Verdict {
    let result = catch_unwind(AssertUnwindSafe(|| (case.run)(subject)));
    result.map_or_else(
        |_| {
            Verdict::Failed(Finding {
                at: "the case itself".into(),
                expected: "a verdict".into(),
                found: "a panic, in the kit or through a plugin that lets it pass".into(),
            })
        },
        Verdict::from,
    )
}

/// A case with its verdict.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Name of the case.
    pub case: &'static str,
    /// The device, for cases that need one.
    pub device: Option<String>,
    /// What it is for.
    pub purpose: &'static str,
    /// The rule it stands for.
    pub rule: &'static str,
    /// How it ended.
    pub verdict: Verdict,
}

/// What came out of a check.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// One row for each case and device, in order.
    pub rows: Vec<Row>,
}

impl Report {
    /// The rows whose rule was broken.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        let is_failure = |row: &&Row| matches!(row.verdict, Verdict::Failed(_));
        self.rows.iter().filter(is_failure)
    }

    /// No rule was broken.
    pub fn is_good(&self) -> bool {
        self.failures().next().is_none()
    }
}

/// Tells the ids of a plugin's families on the standard output, as the process that `families` starts does.
pub fn families_here(subject: &Subject) {
    let ids: Vec<String> = match subject.plugin() {
        Ok(plugin) => plugin.families.iter().map(|it| it.id().into()).collect(),
        Err(_) => Vec::new(),
    };
    ids.iter().for_each(|id| tell(FAMILY, id));
}

/// The ids of a plugin's families, from a process that calls `families_here`. None where no host would load the plugin.
pub fn families(mut command: Command, case_time: Duration) -> Vec<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        return Vec::new();
    };
    let Some(output) = child.stdout.take() else {
        return Vec::new();
    };
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
        let id = |line: Vec<u8>| {
            let line = String::from_utf8_lossy(&line).into_owned();
            line.strip_prefix(FAMILY).map(String::from)
        };
        lines.filter_map(id).collect()
    });
    let _ = wait(&mut child, case_time);
    reader.join().unwrap_or_default()
}

/// Runs each of `wanted` in a process that `command` makes, once for each device where it needs one. `done` is told after each.
pub fn check(
    wanted: &[&'static Case],
    devices: &[String],
    case_time: Duration,
    mut command: impl FnMut(&'static Case, Option<&str>) -> Command,
    mut done: impl FnMut(&Row),
) -> Report {
    let mut report = Report::default();
    for device in std::iter::once(None).chain(devices.iter().map(Some)) {
        let scope = match device {
            None => Scope::Plugin,
            Some(_) => Scope::Device,
        };
        for case in wanted.iter().copied().filter(|case| case.scope == scope) {
            let name = device.map(String::as_str);
            let row = Row {
                case: case.name,
                device: device.cloned(),
                purpose: case.purpose,
                rule: case.rule,
                verdict: watch(command(case, name), case_time),
            };
            done(&row);
            report.rows.push(row);
        }
    }
    report
}

/// Runs one process to its verdict or its end.
fn watch(mut command: Command, case_time: Duration) -> Verdict {
    let broken = |at: &str, found: String| {
        Verdict::Failed(Finding {
            at: at.into(),
            expected: "the case comes to its end".into(),
            found,
        })
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return broken("starting the case", format!("it cannot start: {error}")),
    };
    let Some(output) = child.stdout.take() else {
        return broken("starting the case", "it has no output".into());
    };
    let reader = std::thread::spawn(move || listen(BufReader::new(output)));
    let ended = wait(&mut child, case_time);
    let (at, verdict) = reader.join().unwrap_or_default();
    let at = if at.is_empty() { "loading" } else { &at };
    match (ended, verdict) {
        (None, _) => broken(
            at,
            format!(
                "it was still running after {} s and was killed",
                case_time.as_secs()
            ),
        ),
        (Some(_), Some(verdict)) => verdict,
        (Some(status), None) => broken(at, death(status)),
    }
}

/// The last place and the verdict that a case tells.
fn listen(output: impl std::io::BufRead) -> (String, Option<Verdict>) {
    let (mut at, mut verdict) = (String::new(), None);
    for line in output.split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some(place) = line.strip_prefix(AT) {
            at = place.into();
        } else if let Some(text) = line.strip_prefix(VERDICT) {
            verdict = ron::from_str(text).ok();
        }
    }
    (at, verdict)
}

/// Waits for the end, and brings it about when the time is over.
fn wait(child: &mut Child, case_time: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + case_time;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(LOOK),
            _ => {
                // It is gone already if this fails.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// How a process ended that gave no verdict.
fn death(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = match signal {
            4 => " (SIGILL)",
            6 => " (SIGABRT)",
            7 => " (SIGBUS)",
            8 => " (SIGFPE)",
            9 => " (SIGKILL)",
            11 => " (SIGSEGV)",
            _ => "",
        };
        return format!("the plugin crashed: signal {signal}{name}");
    }
    format!("the process ended without a verdict: {status}")
}

/// The body of the test that `conformance!` makes. `wanted` is set in the process of a case: its name and the number of its device.
pub fn conformance(
    table: fn() -> *const imprint_plugin_abi::imprint_plugin,
    devices: &[impl AsRef<Path>],
    wanted: Option<&str>,
) {
    let devices: Vec<Device> = devices.iter().map(|path| read(path.as_ref())).collect();
    if let Some(wanted) = wanted {
        let (name, device) = wanted.split_once(' ').unwrap_or((wanted, ""));
        let Some(case) = cases().iter().find(|case| case.name == name) else {
            panic!("there is no case `{name}`");
        };
        let subject = Subject {
            origin: Origin::Linked(table),
            device: devices.into_iter().find(|it| it.name == device),
            board: BoardKind::Own,
        };
        run_here(case, &subject);
        return;
    }
    let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<String> = devices.iter().map(|device| device.name.clone()).collect();
    let all: Vec<&'static Case> = cases().iter().collect();
    let report = check(
        &all,
        &names,
        CASE_TIME,
        |case, device| {
            let mut command = Command::new(&program);
            command.args(["conformance", "--exact", "--nocapture", "--test-threads=1"]);
            let wanted = format!("{} {}", case.name, device.unwrap_or_default());
            command.env(crate::CASE_VARIABLE, wanted);
            command.stderr(Stdio::null());
            command
        },
        |_| {},
    );
    let findings: Vec<String> = report.failures().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

fn read(path: &Path) -> Device {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Device::parse(&path.display().to_string(), &text).unwrap_or_else(|error| panic!("{error}"))
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let device = match &self.device {
            Some(device) => format!(" {device}"),
            None => String::new(),
        };
        match &self.verdict {
            Verdict::Passed => write!(f, "ok      {}{device}", self.case),
            Verdict::NotApplicable(reason) => write!(f, "-       {}{device}: {reason}", self.case),
            Verdict::Failed(finding) => write!(
                f,
                "FAILED  {}{device}\n  at        {}\n  expected  {}\n  found     {}\n  rule      {}",
                self.case, finding.at, finding.expected, finding.found, self.rule
            ),
        }
    }
}
