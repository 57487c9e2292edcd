//! Exceptions: which are enabled, pending and active, and their priorities (ARMv7-M ARM, B1.5 and B3.4).
//!
//! Interrupts of the NVIC and exceptions of the system are kept alike, by exception number: 2 NMI, 3 HardFault,
//! 4 MemManage, 5 BusFault, 6 UsageFault, 11 SVCall, 14 PendSV, 15 SysTick, 16 and up the lines of the NVIC.

use crate::limits;

pub(crate) const NMI: u32 = 2;
pub(crate) const HARD_FAULT: u32 = 3;
pub(crate) const MEM_MANAGE: u32 = 4;
pub(crate) const BUS_FAULT: u32 = 5;
pub(crate) const USAGE_FAULT: u32 = 6;
pub(crate) const SV_CALL: u32 = 11;
pub(crate) const PEND_SV: u32 = 14;
pub(crate) const SYS_TICK: u32 = 15;
/// The exception of interrupt line 0.
pub(crate) const EXTERNAL: u32 = 16;

/// Priority of a thread that nothing raises: below all others.
pub(crate) const THREAD_PRIORITY: i32 = 256;

const EXCEPTION_COUNT: usize = (EXTERNAL + limits::INTERRUPT_COUNT_MAX) as usize;

/// A set of exceptions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ExceptionSet([u64; EXCEPTION_COUNT / 64]);

impl ExceptionSet {
    pub fn contains(&self, exception: u32) -> bool {
        self.0[exception as usize / 64] >> (exception % 64) & 1 != 0
    }

    pub fn set(&mut self, exception: u32, present: bool) {
        let bit = 1 << (exception % 64);
        let word = &mut self.0[exception as usize / 64];
        *word = if present { *word | bit } else { *word & !bit };
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The exceptions in it, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0
            .into_iter()
            .enumerate()
            .flat_map(|(index, mut word)| {
                std::iter::from_fn(move || {
                    let bit = word.trailing_zeros();
                    word &= word.wrapping_sub(1);
                    (bit < 64).then(|| index as u32 * 64 + bit)
                })
            })
    }

    /// 32 interrupt lines as the registers of the NVIC show them.
    fn lines(&self, first: u32) -> u32 {
        (0..32).fold(0, |word, bit| {
            let exception = EXTERNAL + first + bit;
            let present = (exception as usize) < EXCEPTION_COUNT && self.contains(exception);
            word | u32::from(present) << bit
        })
    }
}

/// State of all exceptions.
pub(crate) struct Nvic {
    pub enabled: ExceptionSet,
    pub pending: ExceptionSet,
    pub active: ExceptionSet,
    level: ExceptionSet,
    priority: [u8; EXCEPTION_COUNT],
    interrupt_count: u32,
    priority_bits: u32,
    /// AIRCR.PRIGROUP.
    pub group: u32,
}

impl Nvic {
    /// `priority_bits` of each priority exist, 2 to 8.
    pub fn new(interrupt_count: u32, priority_bits: u32) -> Nvic {
        let mut nvic = Nvic {
            enabled: ExceptionSet::default(),
            pending: ExceptionSet::default(),
            active: ExceptionSet::default(),
            level: ExceptionSet::default(),
            priority: [0; EXCEPTION_COUNT],
            interrupt_count,
            priority_bits,
            group: 0,
        };
        nvic.reset();
        nvic
    }

    /// All off, except what cannot be.
    pub fn reset(&mut self) {
        self.enabled = ExceptionSet::default();
        for exception in [NMI, HARD_FAULT, SV_CALL, PEND_SV, SYS_TICK] {
            self.enabled.set(exception, true);
        }
        self.pending = ExceptionSet::default();
        self.active = ExceptionSet::default();
        self.level = ExceptionSet::default();
        self.priority = [0; EXCEPTION_COUNT];
        self.group = 0;
    }

    /// The bits of a priority that exist.
    pub fn priority_mask(&self) -> u32 {
        0xFF << (8 - self.priority_bits) & 0xFF
    }

    /// Priority of an exception, without the sub-priority: smaller goes first.
    pub fn group_priority(&self, exception: u32) -> i32 {
        match exception {
            NMI => -2,
            HARD_FAULT => -1,
            _ => i32::from(self.priority[exception as usize] & self.group_mask()),
        }
    }

    fn full_priority(&self, exception: u32) -> i32 {
        match exception {
            NMI => -2,
            HARD_FAULT => -1,
            _ => i32::from(self.priority[exception as usize]),
        }
    }

    fn group_mask(&self) -> u8 {
        (0xFFu32 << (self.group + 1)) as u8
    }

    /// A threshold as BASEPRI gives it, without the sub-priority.
    pub fn group_of(&self, priority: u32) -> i32 {
        i32::from(priority as u8 & self.group_mask())
    }

    /// The enabled pending exception that goes first; `masked` ones do not count.
    pub fn first_pending(&self, masked: impl Fn(u32) -> bool) -> Option<u32> {
        self.pending
            .iter()
            .filter(|exception| self.enabled.contains(*exception) && !masked(*exception))
            .min_by_key(|exception| (self.full_priority(*exception), *exception))
    }

    /// A device moves its line. A rising line pends, a line that stays high pends again when the handler returns.
    pub fn set_line(&mut self, line: u32, level: bool) {
        if line >= self.interrupt_count {
            return;
        }
        let exception = EXTERNAL + line;
        let was_high = self.level.contains(exception);
        self.level.set(exception, level);
        if level && !was_high {
            self.pending.set(exception, true);
        } else if !level && was_high && !self.active.contains(exception) {
            self.pending.set(exception, false);
        }
    }

    /// The handler begins.
    pub fn activate(&mut self, exception: u32) {
        self.pending.set(exception, false);
        self.active.set(exception, true);
    }

    /// The handler returned.
    pub fn deactivate(&mut self, exception: u32) {
        self.active.set(exception, false);
        if exception >= EXTERNAL && self.level.contains(exception) {
            self.pending.set(exception, true);
        }
    }

    /// Priority of a system exception or a line.
    pub fn priority(&self, exception: u32) -> u32 {
        self.priority
            .get(exception as usize)
            .map_or(0, |priority| u32::from(*priority))
    }

    /// Sets it.
    pub fn set_priority(&mut self, exception: u32, value: u32) {
        let value = value & self.priority_mask();
        if let Some(priority) = self.priority.get_mut(exception as usize) {
            *priority = value as u8;
        }
    }

    /// Number of words of 32 lines, less one: ICTR.
    pub fn line_words(&self) -> u32 {
        self.interrupt_count.div_ceil(32).saturating_sub(1)
    }

    /// A register from 0xE000_E100 to 0xE000_E5FF, by its offset from 0xE000_E000.
    pub fn read(&self, offset: u32) -> u32 {
        let first = (offset & 0x7F) * 8;
        match offset {
            0x100..=0x11F | 0x180..=0x19F => self.enabled.lines(first),
            0x200..=0x21F | 0x280..=0x29F => self.pending.lines(first),
            0x300..=0x31F => self.active.lines(first),
            0x400..=0x4EF => (0..4).fold(0, |word, byte| {
                word | self.priority(EXTERNAL + (offset & 0xFF) + byte) << (8 * byte)
            }),
            _ => 0,
        }
    }

    /// Writes it.
    pub fn write(&mut self, offset: u32, value: u32) {
        let first = (offset & 0x7F) * 8;
        let lines = (0..32)
            .filter(|bit| value >> bit & 1 != 0)
            .map(|bit| first + bit)
            .filter(|line| *line < self.interrupt_count)
            .map(|line| EXTERNAL + line);
        match offset {
            0x100..=0x11F => lines.for_each(|exception| self.enabled.set(exception, true)),
            0x180..=0x19F => lines.for_each(|exception| self.enabled.set(exception, false)),
            0x200..=0x21F => lines.for_each(|exception| self.pending.set(exception, true)),
            // A line that is high pends again at once.
            0x280..=0x29F => lines.for_each(|exception| {
                self.pending.set(exception, self.level.contains(exception));
            }),
            0x400..=0x4EF => {
                for byte in 0..4 {
                    let line = (offset & 0xFF) + byte;
                    if line < self.interrupt_count {
                        self.set_priority(EXTERNAL + line, value >> (8 * byte) & 0xFF);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_goes_first() {
        let mut nvic = Nvic::new(40, 4);
        nvic.write(0x100, 0xFFFF_FFFF);
        nvic.write(0x104, 0xFFFF_FFFF);
        assert_eq!(nvic.read(0x104), 0xFF, "lines above 39 do not exist");
        nvic.write(0x404, 0x40FF_8020);
        assert_eq!(
            nvic.read(0x404),
            0x40F0_8020,
            "four bits of a priority exist"
        );
        nvic.write(0x200, 0xF0);
        assert_eq!(nvic.first_pending(|_| false), Some(EXTERNAL + 4));
        assert_eq!(
            nvic.first_pending(|line| line == EXTERNAL + 4),
            Some(EXTERNAL + 7)
        );
        nvic.pending.set(HARD_FAULT, true);
        assert_eq!(nvic.first_pending(|_| false), Some(HARD_FAULT));
    }

    #[test]
    fn equal_priorities_go_by_number() {
        let mut nvic = Nvic::new(8, 2);
        nvic.write(0x100, 0xFF);
        nvic.write(0x200, 0x28);
        assert_eq!(nvic.first_pending(|_| false), Some(EXTERNAL + 3));
    }

    #[test]
    fn a_high_line_pends_again_when_its_handler_returns() {
        let mut nvic = Nvic::new(8, 4);
        nvic.write(0x100, 1);
        nvic.set_line(0, true);
        nvic.activate(EXTERNAL);
        assert_eq!(nvic.read(0x200), 0);
        assert_eq!(nvic.read(0x300), 1);
        nvic.deactivate(EXTERNAL);
        assert_eq!(nvic.read(0x200), 1);
        nvic.set_line(0, false);
        assert_eq!(nvic.read(0x200), 0);
        nvic.set_line(9, true);
        assert_eq!(nvic.read(0x200), 0, "line 9 does not exist");
    }

    #[test]
    fn groups_hide_the_sub_priority() {
        let mut nvic = Nvic::new(8, 4);
        nvic.set_priority(EXTERNAL, 0x70);
        assert_eq!(nvic.group_priority(EXTERNAL), 0x70);
        nvic.group = 5;
        assert_eq!(nvic.group_priority(EXTERNAL), 0x40);
    }
}
