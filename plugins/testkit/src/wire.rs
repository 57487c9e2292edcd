//! The debug port of a twin from outside: connecting, registers, memory.

use imprint_plugin_host::{FamilyStatus, HostError, HostResult};
use imprint_twin::{Board, Port, WireFault};

/// 50 high bits and more (ADIv5.2, B4.3.3).
const LINE_RESET: (u8, u64) = (56, u64::MAX);
/// The sequence from JTAG to serial wire.
const JTAG_TO_SWD: (u8, u64) = (16, 0xE79E);
const IDLE: (u8, u64) = (8, 0);

const DP_CTRL_STAT: u8 = 0x4;
const DP_SELECT: u8 = 0x8;
/// CTRL/STAT.CSYSPWRUPREQ and CDBGPWRUPREQ.
const POWER_UP_REQUEST: u32 = 0x5000_0000;

/// Registers of the memory access port.
const CSW: u8 = 0x00;
const TAR: u8 = 0x04;
const DRW: u8 = 0x0C;
/// CSW: privileged data transfers, no increment; the size is in the low bits.
const CSW_BASE: u32 = 0x2300_0000;

/// A failure of the wire, with the address it was about.
fn failure(fault: WireFault, address: Option<u64>) -> HostError {
    let message = match fault {
        WireFault::NoAnswer => "the target does not answer",
        WireFault::Wait => "the target keeps answering WAIT",
        WireFault::Fault => "the target answers with a fault",
    };
    HostError {
        status: FamilyStatus::Target,
        address,
        message: match address {
            Some(address) => format!("{message} at {address:#010x}"),
            None => message.into(),
        },
    }
}

/// Switches the line to serial wire and powers the debug domain up.
pub fn connect(board: &mut Board) -> HostResult<()> {
    for (bit_count, bits) in [LINE_RESET, JTAG_TO_SWD, LINE_RESET, IDLE] {
        board.line_sequence(bit_count, bits);
    }
    dp_read(board, 0)?;
    dp_write(board, DP_CTRL_STAT, POWER_UP_REQUEST)
}

pub fn dp_read(board: &mut Board, register: u8) -> HostResult<u32> {
    board
        .read_register(Port::Debug, register)
        .map_err(|fault| failure(fault, None))
}

pub fn dp_write(board: &mut Board, register: u8, value: u32) -> HostResult<()> {
    board
        .write_register(Port::Debug, register, value)
        .and_then(|()| board.flush())
        .map_err(|fault| failure(fault, None))
}

pub fn ap_read(board: &mut Board, ap: u8, register: u8) -> HostResult<u32> {
    access_port(board, ap, register, None, None)
}

pub fn ap_write(board: &mut Board, ap: u8, register: u8, value: u32) -> HostResult<()> {
    access_port(board, ap, register, Some(value), None).map(|_| ())
}

fn access_port(
    board: &mut Board,
    ap: u8,
    register: u8,
    write: Option<u32>,
    address: Option<u64>,
) -> HostResult<u32> {
    let select = u32::from(ap) << 24 | u32::from(register & 0xF0);
    let transfer = |board: &mut Board| -> Result<u32, WireFault> {
        board.write_register(Port::Debug, DP_SELECT, select)?;
        match write {
            None => board.read_register(Port::Access, register),
            Some(value) => {
                board.write_register(Port::Access, register, value)?;
                board.flush().map(|()| 0)
            }
        }
    };
    transfer(board).map_err(|fault| failure(fault, address))
}

/// One transfer of 1, 2 or 4 bytes.
fn transfer(board: &mut Board, address: u64, size: u8, write: Option<u32>) -> HostResult<u32> {
    let at = Some(address);
    let Ok(short) = u32::try_from(address) else {
        return Err(failure(WireFault::Fault, at));
    };
    let lane = 8 * (short & 3);
    let csw = CSW_BASE | u32::from(size / 2);
    access_port(board, 0, CSW, Some(csw), at)?;
    access_port(board, 0, TAR, Some(short), at)?;
    let write = write.map(|value| value << lane);
    Ok(access_port(board, 0, DRW, write, at)? >> lane)
}

/// The largest aligned transfer that `left` bytes from `address` allow.
fn size_at(address: u64, left: usize) -> u8 {
    match (address % 4, left) {
        (0, 4..) => 4,
        (0 | 2, 2..) => 2,
        _ => 1,
    }
}

pub fn read(board: &mut Board, address: u64, buffer: &mut [u8]) -> HostResult<()> {
    let mut done = 0;
    while done < buffer.len() {
        let at = address.wrapping_add(done as u64);
        let size = usize::from(size_at(at, buffer.len() - done));
        let word = transfer(board, at, size as u8, None)?.to_le_bytes();
        buffer[done..done + size].copy_from_slice(&word[..size]);
        done += size;
    }
    Ok(())
}

pub fn write(board: &mut Board, address: u64, data: &[u8]) -> HostResult<()> {
    let mut done = 0;
    while done < data.len() {
        let at = address.wrapping_add(done as u64);
        let size = usize::from(size_at(at, data.len() - done));
        let mut word = [0; 4];
        word[..size].copy_from_slice(&data[done..done + size]);
        transfer(board, at, size as u8, Some(u32::from_le_bytes(word)))?;
        done += size;
    }
    Ok(())
}

pub fn read_word(board: &mut Board, address: u64) -> HostResult<u32> {
    transfer(board, address, 4, None)
}

pub fn write_word(board: &mut Board, address: u64, value: u32) -> HostResult<()> {
    transfer(board, address, 4, Some(value)).map(|_| ())
}
