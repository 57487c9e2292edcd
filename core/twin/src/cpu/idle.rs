//! Jumping over loops that only wait.
//!
//! A flash algorithm polls "busy" for milliseconds, a driver polls a word in RAM for the host: millions of instructions
//! that change nothing. If one turn of a loop of a few instructions leaves all registers as they were, stored
//! nothing and read nothing that can change by itself, every further turn is the same, and as many whole turns as fit
//! are taken at once. Time and instruction count come out exactly as if they had been executed.
//!
//! What can change by itself: SysTick (the run ends there), the core's own peripherals (a loop that reads them is not
//! jumped), and the chip's. The latter may be read while the flash is busy, which is what such loops wait for; the jump
//! ends where busy ends. So a peripheral that changes without a store must not do it while the flash is busy.

use super::Cpu;
use crate::limits;

impl Cpu {
    /// Executes at most `IDLE_LOOP_LEN_MAX` instructions and jumps if they are such a loop. False if the next thing to
    /// do may be another than the next instruction.
    pub(super) fn skip_waiting_loop(&mut self, limit_ps: u64) -> bool {
        let before = self.state.clone();
        let start_ps = self.bus.die.now_ps;
        let was_busy = self.bus.die.busy();
        let (stores, reads) = (self.bus.store_count, self.bus.peripheral_read_count);
        let private_reads = self.private_read_count;
        for turn_len in 1..=limits::IDLE_LOOP_LEN_MAX {
            if self.bus.die.now_ps >= limit_ps || !self.step() {
                return false;
            }
            if self.state.r[15] != before.r[15] {
                continue;
            }
            let is_waiting = self.state == before
                && self.bus.store_count == stores
                && self.private_read_count == private_reads;
            if !is_waiting {
                return true;
            }
            let end_ps = if self.bus.peripheral_read_count == reads {
                limit_ps
            } else if was_busy {
                limit_ps.min(self.bus.die.busy_until_ps)
            } else {
                return true;
            };
            self.repeat(turn_len, start_ps, end_ps);
            return true;
        }
        true
    }

    /// Repeats the turn of that many instructions that began then, as long as it ends in time.
    fn repeat(&mut self, turn_len: u64, start_ps: u64, end_ps: u64) {
        let now_ps = self.bus.die.now_ps;
        let turn_count = end_ps.saturating_sub(now_ps) / (now_ps - start_ps);
        self.bus.die.now_ps += turn_count * (now_ps - start_ps);
        self.instruction_count += turn_count * turn_len;
    }
}
