//! One chip with its debug port and the wire to it: what a probe sees.

use crate::{
    bus::Bus,
    cpu::Cpu,
    debug_port::{DebugPort, Port, Request, WireFault},
    die::{Die, PS_PER_NS},
    error::TwinError,
    fault::{self, Answer, Fault},
    limits,
    link::{Link, TRANSFER_BITS},
    peripherals::{BusFault, Chip, Peripherals, ResetKind},
};
use imprint_device::Device;

/// Supply of a board, in millivolts.
const SUPPLY_MV: u32 = 3300;
/// CMSIS-DAP pin bits (DAP_SWJ_Pins): the reset line.
const PIN_RESET: u32 = 1 << 7;
/// DP ABORT: abort the transaction; clear the sticky error.
const DAPABORT: u32 = 1;
const STKERRCLR: u32 = 1 << 2;

/// What a board is made with, beside its device.
#[derive(Clone, Debug, Default)]
pub struct BoardOptions {
    /// The unique identifier, as many bytes as the device documents.
    pub uid: Vec<u8>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The way to the probe.
    pub link: Link,
}

/// What happened on a board since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Transfers that the host asked for: registers, and words of blocks.
    pub transfers: u64,
    /// Packets to the probe and back.
    pub round_trips: u64,
    /// Instructions of the core.
    pub instructions: u64,
    /// Programming and erase operations of the flash.
    pub flash_operations: u64,
    /// Time that the flash was busy, in nanoseconds: no programming can be faster.
    pub flash_busy_ns: u64,
    /// Time on the wire, in nanoseconds.
    pub wire_ns: u64,
    /// Latency of the link, in nanoseconds.
    pub latency_ns: u64,
}

/// One chip with its debug port.
pub struct Board {
    pub(crate) cpu: Cpu,
    pub(crate) port: DebugPort,
    pub(crate) device: Device,
    pub(crate) uid: Vec<u8>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) link: Link,
    queue: Vec<Request>,
    bit_ps: u64,
    /// Virtual time of the host and the wire.
    now_ps: u64,
    /// Transfers that faults have counted; a restored board counts on.
    pub(crate) transfer_count: u64,
    transfers: u64,
    round_trips: u64,
    wire_ps: u64,
    latency_ps: u64,
}

impl Board {
    /// A new chip, as it leaves the factory, with power on. `make` builds its peripherals and writes the factory's
    /// data, the identifier among it; it is called once.
    pub fn power_on(
        device: &Device,
        options: BoardOptions,
        make: impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String>,
    ) -> Result<Board, TwinError> {
        let mut board = Board::without_power(device, options, make)?;
        board.switch_on();
        Ok(board)
    }

    /// The same before power is switched on.
    pub(crate) fn without_power(
        device: &Device,
        options: BoardOptions,
        make: impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String>,
    ) -> Result<Board, TwinError> {
        check_device(device)?;
        check_options(device, &options)?;
        let mut bus = Bus::new(Die::new(device, &options.faults)?);
        let peripherals =
            make(&mut bus.die, &options.uid).map_err(|message| TwinError::Peripherals {
                family: device.family.clone(),
                message,
            })?;
        bus.connect(peripherals);
        let twin = &device.twin;
        let mut board = Board {
            cpu: Cpu::new(device.core, twin, bus),
            port: DebugPort::new(twin.dpidr, twin.ap_idr, twin.rom_table.address as u32),
            device: device.clone(),
            uid: options.uid,
            faults: options.faults,
            link: options.link,
            queue: Vec::new(),
            bit_ps: 0,
            now_ps: 0,
            transfer_count: 0,
            transfers: 0,
            round_trips: 0,
            wire_ps: 0,
            latency_ps: 0,
        };
        board.set_clock_khz(device.swd.clock_khz);
        Ok(board)
    }

    pub(crate) fn switch_on(&mut self) {
        self.now_ps = self.cpu.bus.die.now_ps;
        self.cpu.reset(ResetKind::PowerOn);
        self.cpu.power_cycled = false;
        self.settle();
    }

    /// The identifier of this chip.
    pub fn uid(&self) -> &[u8] {
        &self.uid
    }

    /// The device that this chip is.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Sets the clock of the wire, in kHz, within 1 and 50 000.
    pub fn set_clock_khz(&mut self, khz: u32) {
        let khz = khz.clamp(limits::CLOCK_KHZ_MIN, limits::CLOCK_KHZ_MAX);
        self.bit_ps = 1_000_000_000 / u64::from(khz);
    }

    /// Reads a register at once. Writes that wait go first, and their fault is the answer.
    pub fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        self.queue.push(Request {
            port,
            register: register & 0xC,
            write: None,
        });
        self.send_queue()
    }

    /// Writes a register, now or when the next packet goes.
    pub fn write_register(
        &mut self,
        port: Port,
        register: u8,
        value: u32,
    ) -> Result<(), WireFault> {
        self.queue.push(Request {
            port,
            register: register & 0xC,
            write: Some(value),
        });
        if self.queue.len() >= self.link.queue_len() {
            self.send_queue()?;
        }
        Ok(())
    }

    /// Reads a register again and again.
    pub fn read_block(
        &mut self,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), WireFault> {
        let request = Request {
            port,
            register: register & 0xC,
            write: None,
        };
        self.send_queue()?;
        for chunk in values.chunks_mut(self.link.block_len()) {
            self.packet(|board| {
                for value in chunk {
                    *value = board.transfer(request)?;
                }
                Ok(0)
            })?;
        }
        Ok(())
    }

    /// Writes a register again and again.
    pub fn write_block(
        &mut self,
        port: Port,
        register: u8,
        values: &[u32],
    ) -> Result<(), WireFault> {
        self.send_queue()?;
        for chunk in values.chunks(self.link.block_len()) {
            self.packet(|board| {
                for &value in chunk {
                    let write = Some(value);
                    board.transfer(Request {
                        port,
                        register: register & 0xC,
                        write,
                    })?;
                }
                Ok(0)
            })?;
        }
        Ok(())
    }

    /// Sends the writes that wait.
    pub fn flush(&mut self) -> Result<(), WireFault> {
        self.send_queue().map(|_| ())
    }

    /// Shifts bits out on the data line, the lowest first; at most 64. A fault of writes that waited is lost: what
    /// follows a sequence finds the line as it is.
    pub fn line_sequence(&mut self, bit_count: u8, bits: u64) {
        let _ = self.send_queue();
        self.round_trip(|board| {
            let bit_count = bit_count.min(64);
            for index in 0..bit_count {
                if !board.is_gone() {
                    board.port.shift(bits >> index & 1 != 0);
                }
            }
            board.pass_on_wire(u64::from(bit_count));
        });
    }

    /// Sets pins (bits as in DAP_SWJ_Pins; only the reset line, bit 7, has an effect) and reads them.
    pub fn pins(&mut self, output: u32, select: u32) -> u32 {
        let _ = self.send_queue();
        self.round_trip(|board| {
            if select & PIN_RESET != 0 && !board.is_gone() {
                board.cpu.set_reset_line(output & PIN_RESET != 0);
                board.settle();
            }
        });
        if self.cpu.held_in_reset { 0 } else { PIN_RESET }
    }

    /// Supply voltage at the target, in millivolts; 0 where no target is.
    pub fn voltage_mv(&mut self) -> u32 {
        if self.is_gone() { 0 } else { SUPPLY_MV }
    }

    /// Virtual time since the board was made, in nanoseconds.
    pub fn now_ns(&self) -> u64 {
        self.now_ps / PS_PER_NS
    }

    /// The host waits; the chip goes on.
    pub fn pass_ns(&mut self, ns: u64) {
        self.pass(ns * PS_PER_NS);
    }

    /// Reads cells or RAM behind the scenes: no time, no protection.
    pub fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault> {
        self.cpu.bus.die.peek(address, buffer)
    }

    /// What happened so far.
    pub fn statistics(&self) -> Statistics {
        let die = &self.cpu.bus.die;
        Statistics {
            transfers: self.transfers,
            round_trips: self.round_trips,
            instructions: self.cpu.instruction_count,
            flash_operations: die.flash_operations(),
            flash_busy_ns: die.count.busy_ps / PS_PER_NS,
            wire_ns: self.wire_ps / PS_PER_NS,
            latency_ns: self.latency_ps / PS_PER_NS,
        }
    }

    /// Sends what waits in one packet. The answer is that of the last request.
    fn send_queue(&mut self) -> Result<u32, WireFault> {
        if self.queue.is_empty() {
            return Ok(0);
        }
        let queue = std::mem::take(&mut self.queue);
        self.packet(|board| {
            queue
                .into_iter()
                .try_fold(0, |_, request| board.transfer(request))
        })
    }

    /// A packet of transfers, and what the probe's driver does when one of them fails.
    fn packet(
        &mut self,
        transfers: impl FnOnce(&mut Board) -> Result<u32, WireFault>,
    ) -> Result<u32, WireFault> {
        let answer = self.round_trip(|board| {
            let answer = transfers(board);
            if answer.is_ok() {
                board.pass_on_wire(TRANSFER_BITS);
            }
            answer
        });
        match answer {
            // Reads CTRL/STAT, then clears the error.
            Err(WireFault::Fault) => {
                self.round_trip(|board| board.pass_on_wire(TRANSFER_BITS));
                self.abort(STKERRCLR);
            }
            Err(WireFault::Wait) => self.abort(DAPABORT),
            _ => {}
        }
        answer
    }

    fn abort(&mut self, value: u32) {
        self.round_trip(|board| {
            board.pass_on_wire(TRANSFER_BITS);
            let request = Request {
                port: Port::Debug,
                register: 0,
                write: Some(value),
            };
            // A port that is gone has nothing to abort.
            let _ = board.port.transfer(&mut board.cpu, request);
        });
    }

    fn round_trip<T>(&mut self, action: impl FnOnce(&mut Board) -> T) -> T {
        let half_ps = self.link.half_latency_ps();
        self.round_trips += 1;
        self.latency_ps += 2 * half_ps;
        self.pass(half_ps);
        let answer = action(self);
        self.pass(half_ps);
        answer
    }

    /// One transfer on the wire.
    pub(crate) fn transfer(&mut self, request: Request) -> Result<u32, WireFault> {
        self.pass_on_wire(TRANSFER_BITS);
        self.count_transfer()?;
        self.wait_for_flash(request)?;
        let answer = self.port.transfer(&mut self.cpu, request);
        self.settle();
        answer
    }

    /// Counts a transfer, and answers it where a fault of this board does.
    pub(crate) fn count_transfer(&mut self) -> Result<(), WireFault> {
        self.transfers += 1;
        self.transfer_count += 1;
        match fault::answer(&self.faults, self.transfer_count) {
            None => {}
            Some(Answer::None) => return Err(WireFault::NoAnswer),
            Some(Answer::Fault) => {
                self.port.set_sticky_error();
                return Err(WireFault::Fault);
            }
            Some(Answer::Wait { count }) => {
                self.pass_on_wire(count.min(limits::WAIT_RETRY_COUNT) * TRANSFER_BITS);
                if count > limits::WAIT_RETRY_COUNT {
                    return Err(WireFault::Wait);
                }
            }
        }
        Ok(())
    }

    /// The bus does not answer for a flash that is busy: the port says WAIT, and the probe repeats the transfer.
    fn wait_for_flash(&mut self, request: Request) -> Result<(), WireFault> {
        let mut retry_count = 0;
        // A port that listens to JTAG answers nobody else.
        while !self.port.is_jtag() && self.is_busy_for(request) {
            let transfer_ps = TRANSFER_BITS * self.bit_ps;
            let busy_ps = self.cpu.bus.die.busy_until_ps - self.now_ps;
            let left = limits::WAIT_RETRY_COUNT - retry_count;
            let retries = busy_ps.div_ceil(transfer_ps).min(left);
            if retries == 0 {
                return Err(WireFault::Wait);
            }
            retry_count += retries;
            self.pass_on_wire(retries * TRANSFER_BITS);
        }
        Ok(())
    }

    /// The flash that the request reads or writes is at work.
    pub(crate) fn is_busy_for(&self, request: Request) -> bool {
        let address = self.port.memory_address(request);
        self.cpu.bus.die.busy() && address.is_some_and(|address| self.cpu.bus.is_flash(address))
    }

    /// Nothing is on the wire, or not any more.
    pub(crate) fn is_gone(&self) -> bool {
        fault::answer(&self.faults, self.transfer_count + 1) == Some(Answer::None)
    }

    pub(crate) fn pass_on_wire(&mut self, bits: u64) {
        self.wire_ps += bits * self.bit_ps;
        self.pass(bits * self.bit_ps);
    }

    fn pass(&mut self, ps: u64) {
        self.now_ps += ps;
        self.cpu.run(self.now_ps);
        self.notice_power();
    }

    /// After the debugger did something: resets it asked for, and the time back to the wire's.
    pub(crate) fn settle(&mut self) {
        self.cpu.settle(self.now_ps);
        self.notice_power();
    }

    fn notice_power(&mut self) {
        if std::mem::take(&mut self.cpu.power_cycled) {
            self.port.reset();
        }
    }
}

fn check_options(device: &Device, options: &BoardOptions) -> Result<(), TwinError> {
    options.link.check()?;
    if options.faults.len() > limits::FAULT_COUNT_MAX {
        return Err(TwinError::FaultCount {
            found: options.faults.len(),
        });
    }
    let found = options.uid.len();
    let expected = match &device.uid {
        Some(uid) if uid.len as usize != found => uid.len,
        None if found > limits::UID_LEN_MAX => limits::UID_LEN_MAX as u32,
        _ => return Ok(()),
    };
    Err(TwinError::UidLen {
        device: device.name.clone(),
        expected,
        found,
    })
}

fn check_device(device: &Device) -> Result<(), TwinError> {
    let twin = &device.twin;
    let checks = [
        (
            "core_clock_khz",
            u64::from(twin.core_clock_khz),
            1,
            1_000_000,
        ),
        (
            "flash_wait_states",
            u64::from(twin.flash_wait_states),
            0,
            15,
        ),
        (
            "breakpoint_count",
            u64::from(twin.breakpoint_count),
            0,
            u64::from(limits::BREAKPOINT_COUNT_MAX),
        ),
        (
            "interrupt_count",
            u64::from(twin.interrupt_count),
            0,
            u64::from(limits::INTERRUPT_COUNT_MAX),
        ),
        ("rom_table.address", twin.rom_table.address, 0, 0xFFFF_F000),
    ];
    let jtag = twin.jtag.iter().flat_map(|jtag| &jtag.others);
    let instruction_lens = jtag.clone().map(|tap| u64::from(tap.instruction_len));
    let jtag_checks = [(
        "count of jtag.others",
        jtag.count() as u64,
        0,
        limits::TEST_ACCESS_PORT_COUNT_MAX as u64,
    )];
    let len_max = u64::from(limits::INSTRUCTION_LEN_MAX);
    let len_checks = instruction_lens.map(|len| ("jtag.others.instruction_len", len, 2, len_max));
    let checks = checks.into_iter().chain(jtag_checks).chain(len_checks);
    for (field, found, min, max) in checks {
        if !(min..=max).contains(&found) {
            return Err(TwinError::TwinData {
                device: device.name.clone(),
                field,
                expected: format!("{min} to {max}"),
                found,
            });
        }
    }
    Ok(())
}
