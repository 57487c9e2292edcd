//! SysTick, the 24-bit timer of the core (ARMv7-M ARM, B3.3).
//!
//! The counter is not counted down step by step: its value follows from the time at which it was last known.

/// CTRL: counter on.
const ENABLE: u32 = 1;
/// CTRL: pend the exception when the counter reaches 0.
const TICKINT: u32 = 1 << 1;
/// CTRL: the core's clock. There is no other one here.
const CLKSOURCE: u32 = 1 << 2;
/// CTRL: the counter reached 0 since the last read.
const COUNTFLAG: u32 = 1 << 16;

/// The timer.
#[derive(Default)]
pub(crate) struct SysTick {
    control: u32,
    reload: u32,
    current: u32,
    count_flag: bool,
    /// When `current` was right.
    at_ps: u64,
}

impl SysTick {
    /// Brings the counter up to now. True if the exception is to be pended.
    #[must_use]
    pub fn advance(&mut self, now_ps: u64, cycle_ps: u64) -> bool {
        let cycles = now_ps.saturating_sub(self.at_ps) / cycle_ps;
        self.at_ps += cycles * cycle_ps;
        if self.control & ENABLE == 0 || cycles == 0 {
            return false;
        }
        let (until_zero, period) = (self.cycles_to_zero(), u64::from(self.reload) + 1);
        let Some(until_zero) = until_zero else {
            self.current = 0;
            return false;
        };
        if cycles < until_zero {
            self.current = (until_zero - cycles) as u32;
            return false;
        }
        let into_period = (cycles - until_zero) % period;
        self.current = if into_period == 0 {
            0
        } else {
            (period - into_period) as u32
        };
        self.count_flag = true;
        self.control & TICKINT != 0
    }

    /// The counter stands still while a debugger holds the core.
    pub fn hold(&mut self, now_ps: u64) {
        self.at_ps = self.at_ps.max(now_ps);
    }

    /// Cycles until the counter becomes 0; never if it is 0 and would be reloaded with 0.
    fn cycles_to_zero(&self) -> Option<u64> {
        match (self.current, self.reload) {
            (0, 0) => None,
            // One cycle to reload, then down to 0.
            (0, reload) => Some(u64::from(reload) + 1),
            (current, _) => Some(u64::from(current)),
        }
    }

    /// When the exception is next pended.
    pub fn next_ps(&self, cycle_ps: u64) -> Option<u64> {
        if self.control & (ENABLE | TICKINT) != ENABLE | TICKINT {
            return None;
        }
        Some(self.at_ps + self.cycles_to_zero()? * cycle_ps)
    }

    /// A register by its offset from 0xE000_E000; the counter is up to date. A debugger does not clear the flag.
    pub fn read(&mut self, offset: u32, is_debugger: bool) -> u32 {
        match offset {
            0x10 => {
                let value = self.control | if self.count_flag { COUNTFLAG } else { 0 };
                self.count_flag &= is_debugger;
                value
            }
            0x14 => self.reload,
            0x18 => self.current,
            // No calibration value, no reference clock.
            0x1C => 1 << 31,
            _ => 0,
        }
    }

    /// Writes it; the counter is up to date.
    pub fn write(&mut self, offset: u32, value: u32) {
        match offset {
            0x10 => self.control = value & (ENABLE | TICKINT) | CLKSOURCE,
            0x14 => self.reload = value & 0x00FF_FFFF,
            0x18 => {
                self.current = 0;
                self.count_flag = false;
            }
            _ => {}
        }
    }

    /// Off.
    pub fn reset(&mut self, now_ps: u64) {
        *self = SysTick {
            at_ps: now_ps,
            ..SysTick::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A timer that was started at 0 with this reload, at 1000 ps a cycle.
    fn started(reload: u32) -> SysTick {
        let mut timer = SysTick::default();
        timer.write(0x14, reload);
        timer.write(0x18, 1);
        timer.write(0x10, 7);
        timer
    }

    #[test]
    fn counts_down_and_reloads() {
        for (cycles, value) in [(1, 9), (2, 8), (9, 1), (10, 0), (11, 9), (20, 0), (25, 5)] {
            let mut timer = started(9);
            let pends = timer.advance(cycles * 1000, 1000);
            assert_eq!(timer.read(0x18, false), value, "after {cycles} cycles");
            assert_eq!(pends, cycles >= 10, "after {cycles} cycles");
        }
    }

    #[test]
    fn small_steps_make_the_same_count() {
        let mut timer = started(9);
        let pends = (1..=100)
            .filter(|step| timer.advance(step * 333, 1000))
            .count();
        assert_eq!(pends, 3);
        assert_eq!(timer.next_ps(1000), Some(40_000));
    }

    #[test]
    fn the_flag_is_cleared_by_the_program_only() {
        let mut timer = started(4);
        assert!(timer.advance(6000, 1000));
        assert_eq!(timer.read(0x10, true), 0x1_0007);
        assert_eq!(timer.read(0x10, false), 0x1_0007);
        assert_eq!(timer.read(0x10, false), 7);
    }

    #[test]
    fn a_reload_of_zero_stops_it() {
        let mut timer = started(0);
        assert!(!timer.advance(100_000, 1000));
        assert_eq!(timer.next_ps(1000), None);
    }
}
