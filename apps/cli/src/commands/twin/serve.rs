//! `imprint twin serve`: a virtual board for programs that know nothing of Imprint.
//!
//! Each address has a thread that serves one client after the other; all of them share the board, message by message.
//! The board's clock is its own, but while its clients pause it follows the real one, as a chip would: their waits and
//! time-outs are made for chips.

use super::{
    address::{Address, Listener, Stream},
    parse_faults,
};
use crate::{
    exit::Exit,
    failure::{Failures, Result, argument, unwritable},
    files,
    options::ServeTwin,
    output::{self, Output},
    places::Places,
    render::hex,
};
use imprint::{
    Board, Engine, PlaceName, SERVE_IDLE_NS_MAX, Twin, TwinOptions,
    report::Failure,
    serve::{Flow, Protocol, Session},
};
use serde_json::{Map, Value};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Bytes that are read at once.
const PIECE_LEN: usize = 4096;
/// Bytes that are served under one lock. The command can end, and another client has its turn, in between. Each can be a transfer, and each transfer lets the board's core run on.
const TURN_LEN: usize = 64;
/// A pause when no client can be taken, for want of descriptors perhaps.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub fn run(options: &ServeTwin, places: &Places, output: &Output) -> Result {
    let on = format!("twin:{}", options.board);
    let file = match PlaceName::parse(&on) {
        Some(PlaceName::TwinFile(file)) => Some(file),
        _ => None,
    };
    let engine = Engine::new(places.twin_plugins(options.unsigned)?);
    let twin = match file {
        Some(_) if !options.fault.is_empty() => {
            return Err(argument(
                "`--fault` is for a new board",
                "give the file its faults when it is made: `imprint twin new DEVICE -o FILE --fault SPEC`",
            )
            .into());
        }
        Some(file) => {
            files::refuse_special(file)?;
            engine.twin_from_file(file)?
        }
        None => engine.twin(
            places.devices()?.get(&options.board)?,
            TwinOptions {
                faults: parse_faults(&options.fault)?,
                ..TwinOptions::default()
            },
        )?,
    };
    output::warn_if_unsigned(engine.plugins(), &twin.board().device().family);
    // The last that can fail: a socket of a command that did not start would be in the way of the next one.
    let listeners = listen(options)?;
    let (signal, signalled) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Who is told a second time knows already.
        let _ = signal.send(());
    })
    .map_err(|error| unwritable("signal handler".as_ref(), error))?;
    announce(&listeners, &twin, output)?;
    let bench = Arc::new(Bench::new(twin));
    let is_json = output.is_json;
    for (protocol, listener) in listeners.iter().cloned() {
        let bench = bench.clone();
        thread::spawn(move || bench.serve_all(protocol, &listener, &Output { is_json }));
    }
    // The sender lives as long as the handler: for ever.
    let _ = signalled.recv();
    let twin = bench.close();
    // The sockets of the file system go with them; the threads go with the process.
    for (_, listener) in &listeners {
        listener.remove();
    }
    if let Some(file) = file {
        twin.save(file)?;
        output.note(&format!("saved {}", file.display()));
    }
    Ok(Exit::Pass)
}

/// Protocols with their names, as the options have them.
const PROTOCOLS: [(Protocol, &str); 3] = [
    (Protocol::Glasgow, "glasgow"),
    (Protocol::Pyocd, "pyocd"),
    (Protocol::Bitbang, "bitbang"),
];

fn name(protocol: Protocol) -> &'static str {
    let mut names = PROTOCOLS.iter().filter(|(it, _)| *it == protocol);
    names.next().map_or("", |(_, name)| name)
}

/// Opens every address.
fn listen(options: &ServeTwin) -> Result<Vec<(Protocol, Arc<Listener>)>> {
    let mut listeners = Vec::new();
    for (protocol, _) in PROTOCOLS {
        let address = match protocol {
            Protocol::Glasgow => &options.glasgow,
            Protocol::Pyocd => &options.pyocd,
            Protocol::Bitbang => &options.bitbang,
        };
        if let Some(text) = address {
            let listener = Listener::open(&Address::parse(text)?)?;
            listeners.push((protocol, Arc::new(listener)));
        }
    }
    match listeners.is_empty() {
        false => Ok(listeners),
        true => Err(argument(
            "nobody is served",
            "give at least one of --glasgow, --pyocd and --bitbang with an address, such as 127.0.0.1:0",
        )
        .into()),
    }
}

/// Says where the board is, and how the programs are pointed at it.
fn announce(listeners: &[(Protocol, Arc<Listener>)], twin: &Twin, output: &Output) -> Result<()> {
    let device = twin.board().device().name.clone();
    let uid = hex(&twin.uid());
    let mut object = Map::new();
    object.insert("device".into(), device.clone().into());
    object.insert("uid".into(), uid.clone().into());
    let mut text = format!("serving a virtual {device}, uid {uid}\n");
    for (protocol, listener) in listeners {
        let address = listener.address();
        object.insert(name(*protocol).into(), address.to_string().into());
        text += &format!("  {:<8} {}\n", name(*protocol), use_of(*protocol, &address));
    }
    output.announce(&Value::Object(object), || text)
}

/// What a person types.
fn use_of(protocol: Protocol, address: &Address) -> String {
    match (protocol, address) {
        (Protocol::Glasgow, Address::Tcp(address)) => {
            format!("probe-rs ... --probe 20b7:9db1:tcp:{address}")
        }
        (Protocol::Glasgow, address) => format!("probe-rs ... --probe 20b7:9db1:{address}"),
        (Protocol::Pyocd, Address::Tcp(address)) => format!("pyocd ... -u remote:{address}"),
        (Protocol::Bitbang, Address::Tcp(address)) => {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            format!(
                "openocd -c 'adapter driver remote_bitbang; remote_bitbang host {host}; remote_bitbang port {port}' ..."
            )
        }
        (Protocol::Bitbang, Address::Unix(path)) => format!(
            "openocd -c 'adapter driver remote_bitbang; remote_bitbang host {}; remote_bitbang port 0' ...",
            path.display()
        ),
        (_, address) => address.to_string(),
    }
}

/// The board on its bench.
struct Bench {
    state: Mutex<Served>,
    /// The command ends: nobody is served any more. Beside the lock, which clients that flood the board would hold by turns.
    is_closed: AtomicBool,
}

struct Served {
    twin: Twin,
    /// When a client was last served.
    last: Instant,
}

impl Bench {
    fn new(twin: Twin) -> Bench {
        Bench {
            state: Mutex::new(Served {
                twin,
                last: Instant::now(),
            }),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Ends it after the turn that is being served.
    fn close(&self) -> Twin {
        self.is_closed.store(true, Ordering::SeqCst);
        self.lock().twin.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Served> {
        // What the board holds after a panic is what the chip would hold.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves one client after the other, for ever.
    fn serve_all(&self, protocol: Protocol, listener: &Listener, output: &Output) {
        loop {
            match listener.accept() {
                Ok(mut stream) => {
                    if let Err(failures) = self.serve(protocol, stream.as_mut()) {
                        failures.iter().for_each(|failure| output.failure(failure));
                    }
                }
                Err(_) => thread::sleep(ACCEPT_PAUSE),
            }
        }
    }

    /// Serves a client until it goes, or says what its protocol does not have.
    fn serve(&self, protocol: Protocol, stream: &mut dyn Stream) -> Result<(), Failures> {
        let mut session = self.with_board(|board| Session::new(protocol, board));
        let mut piece = vec![0; PIECE_LEN];
        let mut answer = Vec::new();
        let ended = loop {
            let len = match stream.read(&mut piece) {
                // A connection that breaks is a client that goes.
                Ok(0) | Err(_) => break Ok(()),
                Ok(len) => len,
            };
            let (Some(bytes), Some(open)) = (piece.get(..len), session.as_mut()) else {
                break Ok(());
            };
            let mut flow = Some(Ok(Flow::Continue));
            for turn in bytes.chunks(TURN_LEN) {
                flow = self.with_board(|board| open.receive(board, turn, &mut answer));
                if !matches!(flow, Some(Ok(Flow::Continue))) {
                    break;
                }
            }
            let written = stream.write_all(&answer);
            answer.clear();
            match flow {
                Some(Ok(Flow::Continue)) if written.is_ok() => {}
                Some(Err(error)) => break Err(disconnected(protocol, Failure::from(error))),
                _ => break Ok(()),
            }
        };
        if let Some(session) = session {
            self.with_board(|board| session.end(board));
        }
        ended
    }

    /// Does something to the board, after the time has passed that went by since it was last served; nothing when the
    /// command ends.
    fn with_board<T>(&self, action: impl FnOnce(&mut Board) -> T) -> Option<T> {
        if self.is_closed.load(Ordering::SeqCst) {
            return None;
        }
        let mut served = self.lock();
        if self.is_closed.load(Ordering::SeqCst) {
            return None;
        }
        let twin = served.twin.clone();
        let mut board = twin.board();
        let idle_ns = u64::try_from(served.last.elapsed().as_nanos()).unwrap_or(u64::MAX);
        board.pass_ns(idle_ns.min(SERVE_IDLE_NS_MAX));
        let done = action(&mut board);
        served.last = Instant::now();
        Some(done)
    }
}

fn disconnected(protocol: Protocol, failure: Failure) -> Failures {
    let message = format!(
        "a client of the {} address was disconnected: {}",
        name(protocol),
        failure.message
    );
    Failure { message, ..failure }.into()
}
