//! Families that are wrong in one way each, written with the SDK: what Rust does not prevent.
//!
//! They know no chip but for where its part number and its identifier lie, and are tried on the kit's plain board.

mod board;

use imprint_plugin::{
    BoardTable, DeviceFamily, Error, Named, Result, Target, Words, abi::IMPRINT_E_CANCELLED,
};
use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The part number and the identifier, as the device file has them.
const PART: u64 = 0x1FF0_0000;
const UID: u64 = 0x1FF0_0004;

/// Makes a family from its name, its state and the methods that are not as they should be.
macro_rules! family {
    ($name:ident $id:literal $summary:literal { $($item:item)* }) => {
        struct $name {
            state: u64,
        }

        impl DeviceFamily for $name {
            const ID: &'static str = $id;
            const SUMMARY: &'static str = $summary;
            $($item)*
        }
    };
}

fn read_uid(target: &mut Target<'_>) -> Result<Vec<u8>> {
    let mut uid = vec![0; 8];
    target.read(UID, &mut uid)?;
    Ok(uid)
}

family! { Sound "broken.sound" "Nothing is wrong with it" {
    fn open(target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: target.number_property("part")? })
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        // The plain board has no part number: an erased one is right here.
        let part = u64::from(target.read_word(PART)?);
        if part != 0xFFFF_FFFF {
            return Err(Error::mismatch(format!("part {part:#x}, not {:#x}", self.state)).at(PART));
        }
        Ok("a chip".into())
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        read_uid(target)
    }
} }

family! { Sleeper "broken.sleeper" "Sleeps, and not on the target's clock" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: 2 })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        std::thread::sleep(Duration::from_millis(self.state));
        read_uid(target)
    }
} }

family! { Panics "broken.panics" "Panics when a command gets more than it expects" {
    const COMMANDS: &'static [Named] = &[Named::new("first-byte", "The first byte of the input")];

    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: 255 })
    }

    fn command(&mut self, _target: &mut Target<'_>, name: &str, input: &[u8]) -> Result<Vec<u8>> {
        if name != "first-byte" {
            return Err(Error::invalid_argument(format!("there is no command `{name}`")));
        }
        assert!(input.len() as u64 <= self.state, "the input is too long");
        Ok(input.iter().copied().take(1).collect())
    }
} }

family! { Swallows "broken.swallows" "Goes on when the target does not answer" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: 8 })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = vec![0; self.state as usize];
        let _ = target.read(UID, &mut uid);
        Ok(uid)
    }
} }

family! { PollsOn "broken.polls-on" "Tries again when the user has cancelled" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: 50 })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut result = read_uid(target);
        for _ in 0..self.state {
            match &result {
                Err(error) if error.status() == IMPRINT_E_CANCELLED => result = read_uid(target),
                _ => break,
            }
        }
        result
    }
} }

thread_local! {
    static OPENED_HERE: Cell<bool> = const { Cell::new(false) };
}

family! { ThreadBound "broken.thread-bound" "Knows its session on one thread only" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        OPENED_HERE.set(true);
        Ok(Self { state: 0 })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        if !OPENED_HERE.get() {
            return Err(Error::device(format!("no session {} on this thread", self.state)));
        }
        read_uid(target)
    }
} }

static LATEST: AtomicU64 = AtomicU64::new(0);

family! { OneSession "broken.one-session" "Knows one session only, the latest" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: LATEST.fetch_add(1, Ordering::Relaxed) + 1 })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        if self.state != LATEST.load(Ordering::Relaxed) {
            return Err(Error::device("another session was opened"));
        }
        read_uid(target)
    }
} }

family! { Aborts "broken.aborts" "Takes the host with it" {
    fn open(target: &mut Target<'_>, _device: &str) -> Result<Self> {
        let text = target.required_property("part")?;
        match text.trim_start_matches("0x").is_empty() {
            true => std::process::abort(),
            false => Ok(Self { state: text.len() as u64 }),
        }
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = read_uid(target)?;
        uid.truncate(self.state.max(8) as usize);
        Ok(uid)
    }
} }

family! { WrongPlace "broken.wrong-place" "Reads the identifier one word too early" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: PART })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = vec![0; 8];
        target.read(self.state, &mut uid)?;
        Ok(uid)
    }
} }

family! { AnyChip "broken.any-chip" "Takes every chip for its own" {
    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: PART })
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        Ok(format!("part {:#010x}", target.read_word(self.state)?))
    }
} }

family! { Covers "broken.covers" "Its board has a window over the flash" {
    const BOARD: Option<BoardTable> = Some(BoardTable::of::<board::Covering>());

    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self { state: UID })
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        let mut uid = vec![0; 8];
        target.read(self.state, &mut uid)?;
        Ok(uid)
    }
} }

imprint_plugin::export_plugin! {
    id: "org.imprint.broken",
    families: [
        Sound, Sleeper, Panics, Swallows, PollsOn, ThreadBound, OneSession, Aborts, WrongPlace, AnyChip, Covers,
    ],
}
