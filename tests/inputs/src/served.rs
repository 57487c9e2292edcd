//! What foreign debuggers send to a board that is served.

use imprint_device::Device;
use imprint_twin::{
    Access, Board, BoardOptions, BusFault, Chip, Peripherals, ResetKind,
    serve::{Protocol, Session},
};
use std::{ops::Range, sync::LazyLock};

/// The first byte chooses the protocol, the second how long the pieces are in which the rest arrives.
pub(crate) fn serve(bytes: &[u8]) {
    let [which, piece_len, rest @ ..] = bytes else {
        return;
    };
    let protocol = match which % 3 {
        0 => Protocol::Glasgow,
        1 => Protocol::Pyocd,
        _ => Protocol::Bitbang,
    };
    let Some(mut board) = board() else {
        return;
    };
    let mut session = Session::new(protocol, &mut board);
    let mut answer = Vec::new();
    for piece in rest.chunks(usize::from(*piece_len).max(1)) {
        if session.receive(&mut board, piece, &mut answer).is_err() {
            break;
        }
    }
    session.end(&mut board);
}

/// Makes what is read once.
pub(crate) fn prepare() {
    LazyLock::force(&DEVICE);
}

static DEVICE: LazyLock<Option<Device>> = LazyLock::new(|| {
    let text = include_str!("../../../devices/nRF51822_xxAA.ron");
    Device::parse("device.ron", text).ok()
});

/// A blank chip with memories and a core, and no peripherals: those are a family's.
fn board() -> Option<Board> {
    let device = DEVICE.as_ref()?;
    let options = BoardOptions {
        uid: vec![0; device.uid.as_ref()?.len as usize],
        ..BoardOptions::default()
    };
    Board::power_on(device, options, |_, _| Ok(Box::new(Bare))).ok()
}

struct Bare;

impl Peripherals for Bare {
    fn windows(&self) -> Vec<Range<u64>> {
        Vec::new()
    }

    fn reset(&mut self, _: &mut dyn Chip, _: ResetKind) {}

    fn read(&mut self, _: &mut dyn Chip, _: Access) -> Result<u32, BusFault> {
        Err(BusFault)
    }

    fn write(&mut self, _: &mut dyn Chip, _: Access, _: u32) -> Result<(), BusFault> {
        Err(BusFault)
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let len = usize::from(access.size).min(4);
        chip.program(access.address.into(), &value.to_le_bytes()[..len])
    }

    fn ap_read(&mut self, _: &mut dyn Chip, _: u8, _: u8) -> Option<u32> {
        None
    }

    fn ap_write(&mut self, _: &mut dyn Chip, _: u8, _: u8, _: u32) -> Option<()> {
        None
    }

    fn save(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn load(&mut self, _: &[u8]) -> bool {
        true
    }
}
