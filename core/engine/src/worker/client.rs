//! The side that starts a worker, listens to it, and ends it when it does not end itself.

use super::{
    conversation::{Conversation, Ended, Overdue},
    group,
    limits::{
        ANSWER_LEN_MAX, ARENA_COUNT_MAX, CANCEL_GRACE, ERROR_TEXT_LEN_MAX, LINE_LEN_MAX, TICK,
        WAITING_MESSAGES_MAX, WORKER_MEMORY_LEN_MAX,
    },
    request::{Message, Request, Word, read_message},
    serve::IMAGE_DESCRIPTOR,
};
use crate::{
    codes,
    event::Observer,
    gate::{Gate, Permit},
    report::{Failure, from_hex},
};
use command_fds::{CommandFdExt, FdMapping};
use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Instant,
};

/// A worker that runs one unit.
pub struct WorkerProcess {
    child: Child,
    messages: Receiver<Result<Message, LineTooLong>>,
    error_text: JoinHandle<String>,
    canceller: Canceller,
    on: String,
}

/// A line that is longer than any message. What follows it may be its rest, so nothing more is read.
struct LineTooLong;

/// Cancels a worker, from any thread, at any time.
#[derive(Clone)]
pub struct Canceller(Arc<Mutex<Line>>);

/// The way to the worker.
struct Line {
    stdin: Option<ChildStdin>,
    cancelled_at: Option<Instant>,
}

impl Canceller {
    /// Asks the worker to stop; it is killed when it does not. Asking twice is asking once.
    pub fn cancel(&self) {
        let mut line = self.line();
        if line.cancelled_at.is_none() {
            line.cancelled_at = Some(Instant::now());
            line.write(&Word::Cancel);
        }
    }

    fn cancelled_at(&self) -> Option<Instant> {
        self.line().cancelled_at
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Line {
    fn write(&mut self, word: &Word) {
        if let (Some(stdin), Ok(line)) = (&mut self.stdin, word.line()) {
            // A worker that is gone needs no word.
            let _ = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        }
    }
}

impl WorkerProcess {
    /// Starts `executable worker` and hands it the image, from its first byte, and the request.
    pub fn spawn(
        executable: &Path,
        image: File,
        request: &Request,
    ) -> Result<WorkerProcess, Failure> {
        let mut command = Command::new(executable);
        command
            .arg("worker")
            .env("MALLOC_ARENA_MAX", ARENA_COUNT_MAX)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mapping = FdMapping {
            parent_fd: image.into(),
            child_fd: IMAGE_DESCRIPTOR,
        };
        command
            .fd_mappings(vec![mapping])
            .map_err(|error| not_started(executable, error))?;
        // Ctrl-C of the terminal goes to the client alone, so that the worker can still tidy the target up.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|error| not_started(executable, error))?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(not_started(executable, "it has no standard streams"));
        };
        let (sender, messages) = sync_channel(WAITING_MESSAGES_MAX);
        let error_text = spawn_thread("worker errors", move || last_text(stderr))?;
        spawn_thread("worker messages", move || forward(stdout, &sender))?;
        let request_line =
            serde_json::to_string(request).map_err(|error| not_started(executable, error))?;
        // A worker that ends at once is told by its end, not by a broken pipe.
        let _ = writeln!(stdin, "{request_line}").and_then(|()| stdin.flush());
        let line = Line {
            stdin: Some(stdin),
            cancelled_at: None,
        };
        Ok(WorkerProcess {
            child,
            messages,
            error_text,
            canceller: Canceller(Arc::new(Mutex::new(line))),
            on: request.on_name.clone(),
        })
    }

    /// What cancels this worker.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Listens until the worker has ended, or ends it when its time is over. The gate, where the request says that there is
    /// one, is asked on this thread, once at most; while it answers, nothing else is listened to.
    pub fn finish(mut self, mut gate: Option<&mut dyn Gate>, observer: &mut dyn Observer) -> Ended {
        let mut conversation = Conversation::new(&self.on);
        let broken = self.listen(&mut conversation, &mut gate, observer);
        if broken.is_some() {
            // One that has ended in this moment cannot be killed, and need not be.
            let _ = self.child.kill();
        }
        let status = group::wait(&mut self.child);
        self.canceller.line().stdin = None;
        let text = self.error_text.join().unwrap_or_default();
        match broken {
            Some(failure) => conversation.broken_off(failure),
            None if conversation.is_done() => conversation.ended(),
            None if self.canceller.cancelled_at().is_some() => {
                conversation.broken_off(Overdue::Cancelled.failure())
            }
            None => conversation.broken_off(worker_ended(status.ok(), &text)),
        }
    }

    /// Takes messages in until there are no more; tells why the worker has to be ended, if it has.
    fn listen(
        &self,
        conversation: &mut Conversation,
        gate: &mut Option<&mut dyn Gate>,
        observer: &mut dyn Observer,
    ) -> Option<Failure> {
        loop {
            match self.messages.recv_timeout(TICK) {
                Ok(Ok(Message::Gate { uid })) => {
                    let answer = self.ask(gate.take(), uid.as_deref(), conversation);
                    self.answer(answer);
                }
                Ok(Ok(message)) => conversation.take_in(message, observer),
                Ok(Err(LineTooLong)) => return Some(line_too_long()),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if self
                .canceller
                .cancelled_at()
                .is_some_and(|at| now > at + CANCEL_GRACE)
            {
                return Some(Overdue::Cancelled.failure());
            }
            if let Some(overdue) = conversation.overdue(now) {
                return Some(overdue.failure());
            }
        }
    }
}

impl WorkerProcess {
    /// Asks the gate for a worker's unit.
    fn ask(
        &self,
        gate: Option<&mut dyn Gate>,
        uid: Option<&str>,
        conversation: &mut Conversation,
    ) -> Result<Permit, Failure> {
        let refuse = |message: &str| Err(Failure::new(codes::WORKER_FAILED, message));
        // A worker that is told to stop must not draw a number first.
        if self.canceller.cancelled_at().is_some() {
            return Err(Overdue::Cancelled.failure());
        }
        let Some(gate) = gate.filter(|_| conversation.is_in_unit()) else {
            return refuse("the worker asks for a permit that it cannot have");
        };
        let uid = match uid.map(from_hex) {
            Some(None) => return refuse("the worker tells no identifier"),
            uid => uid.flatten(),
        };
        let permit = gate.open(uid.as_deref())?;
        conversation.note_permit(uid.as_deref(), &permit);
        Ok(permit)
    }

    fn answer(&self, answer: Result<Permit, Failure>) {
        let mut word = Word::Answer(answer);
        let len = word.line().map_or(usize::MAX, |line| line.len());
        if len > ANSWER_LEN_MAX {
            let failure = Failure::new(codes::WORKER_FAILED, "the gate's answer is too long")
                .with_difference(
                    format!("at most {ANSWER_LEN_MAX} bytes"),
                    format!("{len} bytes"),
                );
            word = Word::Answer(Err(failure));
        }
        self.canceller.line().write(&word);
    }
}

fn spawn_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Failure> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map_err(|error| {
            Failure::new(
                codes::WORKER_FAILED,
                format!("a thread could not be started: {error}"),
            )
        })
}

/// Reads messages until the worker closes its output; whatever else it writes there is passed over.
fn forward(stdout: ChildStdout, messages: &SyncSender<Result<Message, LineTooLong>>) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader
            .by_ref()
            .take(LINE_LEN_MAX)
            .read_until(b'\n', &mut line)
        {
            Ok(0) | Err(_) => return,
            Ok(len) if len as u64 == LINE_LEN_MAX && !line.ends_with(b"\n") => {
                // Nobody listens any more when the client has gone.
                let _ = messages.send(Err(LineTooLong));
                return;
            }
            Ok(_) => {}
        }
        if let Some(message) = std::str::from_utf8(&line).ok().and_then(read_message)
            && messages.send(Ok(message)).is_err()
        {
            return;
        }
    }
}

/// The last lines a worker wrote to its standard error.
fn last_text(mut stderr: ChildStderr) -> String {
    let mut last = VecDeque::new();
    let mut block = [0; 1024];
    while let Ok(len @ 1..) = stderr.read(&mut block) {
        last.extend(&block[..len]);
        let too_many = last.len().saturating_sub(ERROR_TEXT_LEN_MAX);
        last.drain(..too_many);
    }
    String::from_utf8_lossy(last.make_contiguous())
        .trim()
        .to_string()
}

fn not_started(executable: &Path, error: impl std::fmt::Display) -> Failure {
    let executable = executable.display();
    Failure::new(
        codes::WORKER_FAILED,
        format!("the worker `{executable}` could not be started: {error}"),
    )
}

/// A worker that wrote a line which no worker writes.
fn line_too_long() -> Failure {
    Failure::new(
        codes::WORKER_FAILED,
        "the worker is broken: it wrote a line that is too long for a message",
    )
    .with_difference(
        format!("at most {LINE_LEN_MAX} bytes"),
        "more bytes",
    )
    .with_help(
        "a plugin may have printed to standard output; the target may be half programmed: erase it before the next \
         attempt",
    )
}

/// A worker that ended by itself without a report.
fn worker_ended(status: Option<ExitStatus>, text: &str) -> Failure {
    let how = status.map_or("it is not known how".to_string(), |status| {
        status.to_string()
    });
    let mut failure = Failure::new(
        codes::WORKER_ENDED,
        format!("the worker ended before its report: {how}"),
    );
    if text.contains("memory allocation of") {
        failure.message = format!("the worker ran out of memory and ended: {how}");
        failure = failure
            .with_difference(
                format!("at most {} MiB", WORKER_MEMORY_LEN_MAX >> 20),
                text.lines().last().unwrap_or_default(),
            )
            .with_help("find what the script or the plugin allocates without end");
    } else if !text.is_empty() {
        failure.found = Some(text.to_string());
    }
    failure.help.get_or_insert_with(|| {
        "a plugin or the engine crashed; the target may be half programmed: erase it before the \
         next attempt"
            .to_string()
    });
    failure
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        event::Silent,
        report::{Outcome, Range, UnitReport},
        worker::Ended,
    };
    use std::io::Seek;

    /// A worker that is one of the scripts in `test_workers`.
    fn start(name: &str) -> WorkerProcess {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/worker/test_workers");
        let request = r#"{"trust":[],"plugin_folders":[],"plugin_trust":[],"on":{"twin_file":"board.twin"},
            "on_name":"twin:board.twin","has_gate":true}"#;
        let request: Request = serde_json::from_str(request).unwrap();
        let mut image = tempfile::tempfile().unwrap();
        image.write_all(b"the image\n").unwrap();
        image.rewind().unwrap();
        WorkerProcess::spawn(&folder.join(format!("{name}.sh")), image, &request).unwrap()
    }

    fn run(name: &str) -> Ended {
        start(name).finish(None, &mut Silent)
    }

    /// The failure of a unit that had begun.
    fn unit(ended: &Ended) -> (&UnitReport, &Failure) {
        assert!(ended.failures.is_empty(), "{ended:?}");
        let report = ended.report.as_ref().unwrap();
        (report, report.failure.as_ref().unwrap())
    }

    #[test]
    fn a_worker_without_a_word_is_a_failure() {
        let ended = run("silent");
        assert_eq!(ended.report, None);
        assert_eq!(ended.failures[0].code, codes::WORKER_ENDED);
        assert!(
            ended.failures[0].message.contains("exit status: 0"),
            "{ended:?}"
        );
    }

    #[test]
    fn a_killed_worker_leaves_a_report_that_says_how() {
        let ended = run("dies");
        let (report, failure) = unit(&ended);
        assert_eq!(
            (report.outcome, failure.code.as_str()),
            (Outcome::Fail, codes::WORKER_ENDED)
        );
        assert!(failure.message.contains("signal: 9"), "{failure}");
        assert_eq!(report.steps[0].name, "erase");
    }

    #[test]
    fn done_without_a_report_is_a_worker_that_ended() {
        let ended = run("hasty");
        assert_eq!(unit(&ended).1.code, codes::WORKER_ENDED);
    }

    #[test]
    fn a_line_without_end_is_a_broken_worker() {
        let ended = run("endless_line");
        let (report, failure) = unit(&ended);
        assert_eq!(failure.code, codes::WORKER_FAILED);
        // What it wrote before is kept, what came after the line is not.
        assert_eq!(report.steps.len(), 1);
    }

    #[test]
    fn a_worker_out_of_memory_is_told_as_that() {
        let ended = run("out_of_memory");
        let (_, failure) = unit(&ended);
        assert!(failure.message.contains("ran out of memory"), "{failure}");
        assert_eq!(failure.expected.as_deref(), Some("at most 256 MiB"));
    }

    #[test]
    fn a_worker_past_its_time_is_killed() {
        let ended = run("hangs");
        assert_eq!(unit(&ended).1.code, codes::UNIT_TIME);
    }

    #[test]
    fn a_worker_that_does_not_hear_a_cancel_is_killed() {
        let worker = start("deaf");
        worker.canceller().cancel();
        let ended = worker.finish(None, &mut Silent);
        // It may be killed before it has begun.
        let outcome = ended.report.as_ref().map(|report| report.outcome);
        assert!(
            outcome.is_none_or(|outcome| outcome == Outcome::Cancelled),
            "{ended:?}"
        );
        let failure = ended
            .report
            .as_ref()
            .and_then(|report| report.failure.as_ref());
        assert_eq!(
            failure.or(ended.failures.first()).unwrap().code,
            codes::CANCELLED
        );
    }

    /// Runs a worker that asks a gate which answers so; what the gate was asked, and what the worker heard.
    fn run_with_gate(name: &str, answer: Result<Permit, Failure>) -> (Vec<Option<Vec<u8>>>, Ended) {
        let mut asked = Vec::new();
        let mut gate = |uid: Option<&[u8]>| {
            asked.push(uid.map(<[u8]>::to_vec));
            answer.clone()
        };
        let ended = start(name).finish(Some(&mut gate), &mut Silent);
        (asked, ended)
    }

    fn permit(ordinal: u64) -> Permit {
        Permit {
            ordinal,
            ..Permit::default()
        }
    }

    #[test]
    fn the_gate_is_asked_once_and_its_answer_told() {
        for (answer, heard) in [
            (Ok(permit(7)), r#"permit {"ordinal":7,"serials":{}}"#),
            (
                Err(Failure::new("X", "none is left")),
                r#"refuse {"code":"X","message":"none is left"}"#,
            ),
        ] {
            let (asked, ended) = run_with_gate("asks_twice", answer.clone());
            assert_eq!(asked, [Some(vec![0x12, 0xAB])], "{ended:?}");
            let heard_again = "refuse {\"code\":\"IMP-8011\",";
            assert_eq!(ended.failures[0].message, heard, "{ended:?}");
            assert!(
                ended.failures[1].message.starts_with(heard_again),
                "{ended:?}"
            );
            // It ended without a report; the ordinal that was drawn is in what is left.
            let report = ended.report.unwrap();
            assert_eq!(report.ordinal, answer.ok().map(|permit| permit.ordinal));
            let uid = report.ordinal.map(|_| "12ab".to_string());
            assert_eq!(report.uid, uid);
        }
    }

    #[test]
    fn a_worker_that_asks_no_gate_and_one_without_a_unit_are_refused() {
        let ended = run("asks_twice");
        assert!(
            ended.failures[0]
                .message
                .starts_with("refuse {\"code\":\"IMP-8011\","),
            "{ended:?}"
        );
        let (asked, ended) = run_with_gate("asks_too_early", Ok(permit(1)));
        assert!(asked.is_empty());
        assert!(
            ended.failures[0]
                .message
                .starts_with("refuse {\"code\":\"IMP-8011\","),
            "{ended:?}"
        );
    }

    #[test]
    fn who_is_cancelled_draws_nothing() {
        let worker = start("asks_twice");
        worker.canceller().cancel();
        let mut gate = |_: Option<&[u8]>| -> Result<Permit, Failure> { panic!("asked") };
        worker.finish(Some(&mut gate), &mut Silent);
    }

    #[test]
    fn an_answer_that_no_pipe_holds_is_refused() {
        let serials = [(
            "sn".to_string().try_into().unwrap(),
            vec!["9".repeat(50_000)],
        )];
        let long = Permit {
            ordinal: 1,
            serials: serials.into(),
        };
        let (_, ended) = run_with_gate("asks_twice", Ok(long));
        assert!(
            ended.failures[0].message.contains("too long"),
            "{:?}",
            ended.failures
        );
        // It was drawn all the same.
        assert_eq!(ended.report.unwrap().ordinal, Some(1));
    }

    #[test]
    fn a_worker_that_dies_while_it_asks_leaves_nothing_behind() {
        let (asked, ended) = run_with_gate("dies_at_the_gate", Ok(permit(3)));
        assert_eq!(asked.len(), 1);
        let (report, failure) = unit(&ended);
        assert_eq!(failure.code, codes::WORKER_ENDED);
        assert_eq!(report.ordinal, Some(3));
    }

    /// What a killed worker had changed was not known.
    #[test]
    fn what_a_killed_worker_had_begun_to_change_is_known() {
        let ended = run("dies_changing");
        let (report, _) = unit(&ended);
        let range = |address, len| Range { address, len };
        assert_eq!(report.changes.erased, [range(0, 8192)]);
        assert_eq!(report.changes.programmed, [range(0, 512), range(4096, 16)]);
        assert_eq!(report.changes.options, ["RDP"]);
        assert!(report.changes.protected && !report.changes.unlocked);
    }

    #[test]
    fn a_cancel_reaches_the_worker() {
        let worker = start("obedient");
        let canceller = worker.canceller();
        canceller.cancel();
        canceller.cancel();
        let ended = worker.finish(None, &mut Silent);
        assert_eq!(ended.report.unwrap().outcome, Outcome::Cancelled);
    }

    #[test]
    fn noise_is_passed_over_and_the_image_is_on_its_descriptor() {
        let ended = run("noisy");
        assert_eq!(ended.failures[0].message, "the image");
    }

    #[test]
    fn an_executable_that_is_not_there_is_a_failure() {
        let image = tempfile::tempfile().unwrap();
        let request: Request = serde_json::from_str(
            r#"{"trust":[],"plugin_folders":[],"plugin_trust":[],"on":{"probe":""},"on_name":""}"#,
        )
        .unwrap();
        let failure = WorkerProcess::spawn(Path::new("/nowhere/imprint"), image, &request);
        assert_eq!(failure.err().unwrap().code, codes::WORKER_FAILED);
    }
}
