//! The side that starts a worker, listens to it, and ends it when it does not end itself.

use super::{
    conversation::{Conversation, Ended, Overdue},
    limits::{
        ARENA_COUNT_MAX, CANCEL_GRACE, ERROR_TEXT_LEN_MAX, LINE_LEN_MAX, TICK,
        WAITING_MESSAGES_MAX, WORKER_MEMORY_LEN_MAX,
    },
    request::{CANCEL, Message, Request, read_message},
    serve::IMAGE_DESCRIPTOR,
};
use crate::{codes, event::Observer, report::Failure};
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
    messages: Receiver<Message>,
    error_text: JoinHandle<String>,
    canceller: Canceller,
    on: String,
}

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
            if let Some(stdin) = &mut line.stdin {
                // A worker that is gone needs no word.
                let _ = writeln!(stdin, "{CANCEL}").and_then(|()| stdin.flush());
            }
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

    /// Listens until the worker has ended, or ends it when its time is over.
    pub fn finish(mut self, observer: &mut dyn Observer) -> Ended {
        let mut conversation = Conversation::new(&self.on);
        let overdue = self.listen(&mut conversation, observer);
        if overdue.is_some() {
            // One that has ended in this moment cannot be killed, and need not be.
            let _ = self.child.kill();
        }
        let status = self.child.wait();
        self.canceller.line().stdin = None;
        let text = self.error_text.join().unwrap_or_default();
        match overdue {
            Some(overdue) => conversation.broken_off(overdue.failure()),
            None if conversation.is_done() => conversation.ended(),
            None if self.canceller.cancelled_at().is_some() => {
                conversation.broken_off(Overdue::Cancelled.failure())
            }
            None => conversation.broken_off(worker_ended(status.ok(), &text)),
        }
    }

    /// Takes messages in until there are no more; tells what is overdue, if anything is.
    fn listen(
        &self,
        conversation: &mut Conversation,
        observer: &mut dyn Observer,
    ) -> Option<Overdue> {
        loop {
            match self.messages.recv_timeout(TICK) {
                Ok(message) => conversation.take_in(message, observer),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if self
                .canceller
                .cancelled_at()
                .is_some_and(|at| now > at + CANCEL_GRACE)
            {
                return Some(Overdue::Cancelled);
            }
            if let Some(overdue) = conversation.overdue(now) {
                return Some(overdue);
            }
        }
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
fn forward(stdout: ChildStdout, messages: &SyncSender<Message>) {
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
            Ok(_) => {}
        }
        if let Some(message) = std::str::from_utf8(&line).ok().and_then(read_message)
            && messages.send(message).is_err()
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
