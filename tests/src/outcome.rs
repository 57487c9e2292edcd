//! What came of a command: its exit code, its two streams, and what they say as data.

use imprint::report::{Failure, Outcome, UnitReport};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// No command of a test takes this long; one that does hangs.
const TIME_MAX: Duration = Duration::from_secs(120);

/// A command under way.
pub struct Started {
    line: String,
    child: Child,
    began: Instant,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    first_line: Receiver<String>,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Run {
    /// What was typed.
    pub line: String,
    /// Its exit code; -1 if a signal ended it.
    pub exit: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// From its start to its end.
    pub time: Duration,
}

impl Started {
    /// Starts a command, its streams read as they are written.
    pub fn new(command: &mut std::process::Command) -> Started {
        let line = format!("{command:?}");
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = child
            .spawn()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (sender, first_line) = mpsc::channel();
        Started {
            line,
            child,
            began,
            stdout: reader(stdout, Some(sender)),
            stderr: reader(stderr, None),
            first_line,
        }
    }

    /// Waits for the first line on standard output; what there is when it ended without one.
    pub fn first_line(&mut self) -> String {
        self.first_line.recv_timeout(TIME_MAX).unwrap_or_default()
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end. One that does not end is killed and fails the test.
    pub fn finish(self) -> Run {
        self.finish_within(TIME_MAX)
    }

    /// The same for a command that may take longer than most: one that builds.
    pub fn finish_within(mut self, time_max: Duration) -> Run {
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if self.began.elapsed() < time_max => {}
                other => {
                    // The test fails, whatever becomes of the process.
                    let _ = self.child.kill();
                    panic!("{} did not end: {other:?}", self.line);
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let time = self.began.elapsed();
        let run = Run {
            line: self.line,
            exit: status.code().unwrap_or(-1),
            stdout: self.stdout.join().unwrap_or_default(),
            stderr: self.stderr.join().unwrap_or_default(),
            time,
        };
        for stream in [&run.stdout, &run.stderr] {
            assert!(!stream.contains("panicked at"), "a panic\n{run}");
        }
        run
    }
}

impl Run {
    /// The run, which must have succeeded.
    #[track_caller]
    pub fn passes(self) -> Run {
        assert_eq!(self.exit, 0, "expected success\n{self}");
        self
    }

    /// The first failure of a run that must have failed, with this exit code and the code of that failure.
    #[track_caller]
    pub fn fails_with(&self, exit: i32, code: &str) -> Failure {
        let failure = self.failures().into_iter().next();
        let failure = failure.unwrap_or_else(|| panic!("no failure, expected {code}\n{self}"));
        assert_eq!((self.exit, failure.code.as_str()), (exit, code), "{self}");
        failure
    }

    /// What `--json` printed.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON object: {error}\n{self}"))
    }

    /// The report of the unit, which must be there.
    #[track_caller]
    pub fn report(&self) -> UnitReport {
        self.unit()
            .unwrap_or_else(|| panic!("no report of a unit\n{self}"))
    }

    /// The report of a unit that must have passed.
    #[track_caller]
    pub fn passed(&self) -> UnitReport {
        let report = self.report();
        assert_eq!((report.outcome, self.exit), (Outcome::Pass, 0), "{self}");
        report
    }

    /// The report of the unit, if there was one.
    #[track_caller]
    pub fn unit(&self) -> Option<UnitReport> {
        let object = self.json();
        let object = object.get("report").unwrap_or(&object);
        serde_json::from_value(object.clone()).ok()
    }

    /// All failures: the unit's, or those of what came before it.
    #[track_caller]
    pub fn failures(&self) -> Vec<Failure> {
        let object = self.json();
        let of_unit = self.unit().and_then(|report| report.failure);
        // `findings` are those of a script's check.
        let others = ["failures", "findings"]
            .into_iter()
            .filter_map(|name| object.get(name));
        let others =
            others.filter_map(|list| serde_json::from_value::<Vec<Failure>>(list.clone()).ok());
        of_unit.into_iter().chain(others.flatten()).collect()
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, exit) = (&self.line, self.exit);
        write!(
            f,
            "$ {line}\n[exit {exit}]\n{}\n{}",
            self.stdout, self.stderr
        )
    }
}

fn reader(
    stream: Option<impl Read + Send + 'static>,
    first_line: Option<Sender<String>>,
) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let mut stream = BufReader::new(stream);
            // What was read until an error is what there is to show.
            let _ = stream.read_until(b'\n', &mut bytes);
            if let Some(first_line) = first_line {
                // Most tests do not ask.
                let _ = first_line.send(String::from_utf8_lossy(&bytes).into_owned());
            }
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
