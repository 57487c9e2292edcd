//! The worker's side: one request, one unit, then the end.

use super::{
    gate::{Answer, RemoteGate},
    limits::{DUMP_BLOCK_LEN, DUMP_LEN_MAX, LINE_LEN_MAX},
    request::{Dump, Message, Request, Word},
    sandbox,
    transcript::transcript,
};
use crate::{
    codes,
    engine::{Engine, RunOptions},
    event::Event,
    finished::Finished,
    gate::Gate,
    place::{Place, SavedBoard},
    plugin::PluginStore,
    qemu,
    report::{Failure, ImageFacts, Outcome, UnitReport, from_hex},
    script::MemoryUse,
};
use imprint_image::{
    OpenImage, TrustAnchors, Unlock,
    keys::{KeyFile, PublicKey, RootDocument, StationSecret},
    write::{Access, AtomicFile, WriteError},
};
use imprint_target::CancelToken;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    time::{Duration, Instant},
};

/// The descriptor on which the client hands the image over.
pub(super) const IMAGE_DESCRIPTOR: i32 = 3;
/// Reopens it: the same file, whatever its path has become.
const IMAGE_PATH: &str = "/proc/self/fd/3";

/// Serves one client: reads a request from `input`, runs its unit, and tells what happens on `output`. The error is
/// that of a client who cannot be told.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    memory_use: Option<MemoryUse>,
) -> io::Result<()> {
    let messages = Messages::new(output);
    match unit(input, &messages, memory_use) {
        Ok(()) => messages.send(&Message::Done),
        Err(failure) => {
            messages.send(&Message::Failed(failure))?;
            messages.send(&Message::Done)
        }
    }
}

/// The way to the client. The unit's thread asks for the permit while this one tells what happens.
pub(super) struct Messages<W>(Arc<Mutex<W>>);

impl<W> Clone for Messages<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Write> Messages<W> {
    pub(super) fn new(output: W) -> Self {
        Self(Arc::new(Mutex::new(output)))
    }

    /// A whole line, whoever else writes.
    fn send(&self, message: &Message) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_all(&line)?;
        output.flush()
    }

    pub(super) fn tell(&self, message: &Message) -> Result<(), Failure> {
        self.send(message)
            .map_err(|error| failed("the client cannot be told", error))
    }
}

#[cfg(test)]
impl Messages<Vec<u8>> {
    /// What was told so far.
    pub(super) fn written(&self) -> Vec<u8> {
        let output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.clone()
    }
}

fn unit(
    input: impl Read + Send + 'static,
    messages: &Messages<impl Write + Send + 'static>,
    memory_use: Option<MemoryUse>,
) -> Result<(), Failure> {
    sandbox::enter().map_err(|error| failed("the worker's limits cannot be set", error))?;
    let mut input = BufReader::new(input);
    let request = read_request(&mut input)?;
    let cancel = CancelToken::new();
    let answers = watch_client(input, cancel.clone())?;

    let image = open_image(&request)?;
    let unit_time = Duration::from_millis(image.manifest().limits.unit_time_ms);
    sandbox::limit_cpu_time(unit_time)
        .map_err(|error| failed("the worker's limits cannot be set", error))?;
    let engine = Engine::new(plugin_store(&request)?);
    warn_of_unsigned(&engine, &image.manifest().family.id, messages)?;
    let place = Place::open(&engine, &request.on, &cancel)?;
    let gate = RemoteGate {
        messages: messages.clone(),
        answers,
        cancel: cancel.clone(),
        end_of_unit: Instant::now() + unit_time,
    };
    let options = RunOptions {
        on: request.on_name.clone(),
        cancel,
        memory_use,
        inputs: request.inputs.clone(),
        gate: match &place.replay {
            Some(replay) => replay.gate()?,
            None => request.has_gate.then(|| Box::new(gate) as Box<dyn Gate>),
        },
        transcript: request.transcript.as_deref().map(transcript).transpose()?,
        // The client keeps it: what the worker says may be cut off.
        records: None,
    };
    messages.tell(&Message::Started {
        image: ImageFacts::of(&image),
        device: image.manifest().device.clone(),
        unit_time_ms: image.manifest().limits.unit_time_ms,
    })?;
    let mut observer = |event: &Event| {
        // A client that is gone cancels by that: its end of the input is closed.
        let _ = messages.send(&Message::Event(event.clone()));
    };
    let mut finished = engine.run(image, place.link, options, &mut observer);
    if let Some(qemu) = &place.qemu {
        qemu::tell_trouble(qemu, &mut finished.report);
    }
    messages.tell(&Message::Report(Box::new(finished.report.clone())))?;
    if let Some(replay) = &place.replay {
        replay.finish(&finished.report)?;
    }
    afterwards(&mut finished, &request, place.board, messages)
}

/// What was asked for after the script: dumps, and the board's file, which is saved whatever happened before.
fn afterwards(
    finished: &mut Finished,
    request: &Request,
    board: Option<SavedBoard>,
    messages: &Messages<impl Write>,
) -> Result<(), Failure> {
    if can_dump(&finished.report) {
        for dump in &request.dumps {
            if let Err(failure) = write_dump(finished, dump) {
                messages.tell(&Message::Failed(failure))?;
            }
        }
    }
    match board {
        Some(board) => board.save(),
        None => Ok(()),
    }
}

/// Who cancels wants no dump, and a target that was never met has been reported already.
fn can_dump(report: &UnitReport) -> bool {
    match report.outcome {
        Outcome::Pass => true,
        Outcome::Fail => report.steps.iter().any(|step| step.ok),
        Outcome::Cancelled => false,
    }
}

fn read_request(input: &mut impl BufRead) -> Result<Request, Failure> {
    let mut line = Vec::new();
    input
        .by_ref()
        .take(LINE_LEN_MAX)
        .read_until(b'\n', &mut line)
        .map_err(|error| failed("the request cannot be read", error))?;
    serde_json::from_slice(&line).map_err(|error| failed("the request cannot be understood", error))
}

/// Hands on what the client answers. Cancels when it says so, and when it is gone.
fn watch_client(
    input: impl BufRead + Send + 'static,
    cancel: CancelToken,
) -> Result<Receiver<Answer>, Failure> {
    let (sender, answers) = sync_channel(1);
    let watch = move || {
        let lines = input.take(LINE_LEN_MAX).lines().map_while(Result::ok);
        for line in lines {
            match Word::read(&line) {
                Some(Word::Cancel) => break,
                // A unit asks once: what is too much was not asked for.
                Some(Word::Answer(answer)) => drop(sender.try_send(answer)),
                // From a client of another age.
                None => {}
            }
        }
        cancel.cancel();
    };
    std::thread::Builder::new()
        .name("client".into())
        .spawn(watch)
        .map_err(|error| failed("a thread cannot be started", error))?;
    Ok(answers)
}

fn open_image(request: &Request) -> Result<OpenImage<File>, Failure> {
    let file =
        File::open(IMAGE_PATH).map_err(|error| failed("the image cannot be opened", error))?;
    let keys = keys(&request.trust)?;
    let station = request
        .station_key
        .as_deref()
        .map(StationSecret::from_text)
        .transpose()?;
    let grants = match &request.grants {
        Some(path) => Some(read_grants(path)?),
        None => None,
    };
    let roots = roots(&request.roots)?;
    let image = crate::open::open_image(file, &TrustAnchors::with_roots(keys, roots))?;
    Ok(image.unlock(Unlock {
        station: station.as_ref(),
        grants: grants.as_deref(),
        time_s: request.inputs.time_s,
        ..Unlock::default()
    })?)
}

/// The root documents that are trusted; what a client sends has been checked by it, and is checked again.
fn roots(texts: &[String]) -> Result<Vec<RootDocument>, Failure> {
    let documents = texts.iter().map(|text| {
        let no_digits = || failed("a root document is unreadable", "no hexadecimal digits");
        let bytes = from_hex(text).ok_or_else(no_digits)?;
        Ok(RootDocument::from_bytes(&bytes)?)
    });
    documents.collect()
}

fn read_grants(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut grants = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LINE_LEN_MAX).read_to_end(&mut grants))
        .map_err(|error| failed(&format!("`{}` cannot be read", path.display()), error))?;
    Ok(grants)
}

fn plugin_store(request: &Request) -> Result<PluginStore, Failure> {
    let keys: Vec<[u8; 32]> = keys(&request.plugin_trust)?
        .iter()
        .map(PublicKey::to_bytes)
        .collect();
    let folders = &request.plugin_folders;
    Ok(match request.allow_unsigned_plugins {
        false => PluginStore::open(folders, &keys)?,
        // Asked before anything of such a library runs, and again where the link is made.
        true if !request.on.is_twin() => return Err(crate::engine::unsigned_off_twin()),
        true => PluginStore::open_with_unsigned_for_twins(folders, &keys)?,
    })
}

/// Names the library of a family that nobody has signed.
fn warn_of_unsigned(
    engine: &Engine,
    family: &str,
    messages: &Messages<impl Write>,
) -> Result<(), Failure> {
    match engine.plugins().unsigned_library(family) {
        Some(path) => messages.tell(&Message::Event(Event::UnsignedPlugin {
            path: path.display().to_string(),
        })),
        None => Ok(()),
    }
}

fn keys(texts: &[String]) -> Result<Vec<PublicKey>, Failure> {
    Ok(texts
        .iter()
        .map(|text| PublicKey::from_text(text))
        .collect::<Result<_, _>>()?)
}

/// Reads target memory into a file, which appears whole or not at all.
fn write_dump(finished: &mut Finished, dump: &Dump) -> Result<(), Failure> {
    if dump.len > DUMP_LEN_MAX {
        let message = format!("a dump of {} bytes is too long", dump.len);
        return Err(Failure::new(codes::WORKER_FAILED, message).with_difference(
            format!("at most {DUMP_LEN_MAX} bytes"),
            format!("{} bytes", dump.len),
        ));
    }
    let mut file = AtomicFile::create(&dump.path, Access::Ordinary)?;
    let end = dump.start.saturating_add(dump.len);
    let mut address = dump.start;
    while address < end {
        let len = DUMP_BLOCK_LEN.min(end - address);
        let bytes = finished.read(address, len)?;
        file.file()
            .write_all(&bytes)
            .map_err(|error| WriteError::new(&dump.path, &error))?;
        address += len;
    }
    Ok(file.complete()?)
}

fn failed(what: &str, error: impl std::fmt::Display) -> Failure {
    Failure::new(codes::WORKER_FAILED, format!("{what}: {error}"))
}
