//! Jumping over loops that only wait.
//!
//! A flash algorithm polls "busy" for milliseconds, a driver polls a word in RAM for the host: millions of instructions
//! that change nothing. If one turn of a loop of a few instructions leaves all registers as they were, stored
//! nothing and read nothing that can change by itself, every further turn is the same, and as many whole turns as fit
//! are taken at once. Time and instruction count come out exactly as if they had been executed.
//!
//! What can change by itself: SysTick (the run ends there), the core's own peripherals (a loop that uses them is not
//! jumped), and the chip's. The latter may be read while the flash is busy, which is what such loops wait for; the jump
//! ends where busy ends. So a peripheral that changes without a store must not do it while the flash is busy.
//!
//! Algorithms also feed a watchdog while they wait. So while the flash is busy a turn may store one thing, if the turn
//! after it stores the same at the same place: the board hears of it twice and not a million times.

use super::{Cpu, registers::State};
use crate::{limits, peripherals::Access};

/// What one turn of a loop took and did.
#[derive(PartialEq, Eq)]
struct Turn {
    len: u64,
    ps: u64,
    stores: Option<(Access, u32)>,
    reads_peripherals: bool,
}

/// How looking for a turn ended.
enum Found {
    Turn(Turn),
    /// These instructions are no loop that only waits.
    Nothing,
    /// The next thing to do may be another than the next instruction.
    Stop,
}

impl Cpu {
    /// Executes at most two turns of `IDLE_LOOP_LEN_MAX` instructions and jumps if they are such a loop. False if the next
    /// thing to do may be another than the next instruction.
    pub(super) fn skip_waiting_loop(&mut self, limit_ps: u64) -> bool {
        let before = self.state.clone();
        let was_busy = self.bus.die.busy();
        let turn = match self.take_turn(&before, limit_ps) {
            Found::Turn(turn) => turn,
            Found::Nothing => return true,
            Found::Stop => return false,
        };
        let end_ps = if turn.stores.is_none() && !turn.reads_peripherals {
            limit_ps
        } else if was_busy {
            limit_ps.min(self.bus.die.busy_until_ps)
        } else {
            return true;
        };
        if turn.stores.is_some() {
            match self.take_turn(&before, limit_ps) {
                Found::Turn(second) if second == turn => {}
                Found::Stop => return false,
                _ => return true,
            }
        }
        self.repeat(&turn, end_ps);
        true
    }

    /// Executes instructions until the state is that of `before` again.
    fn take_turn(&mut self, before: &State, limit_ps: u64) -> Found {
        let start_ps = self.bus.die.now_ps;
        let (stores, reads) = (self.bus.store_count, self.bus.peripheral_read_count);
        let private_accesses = self.private_access_count;
        for len in 1..=limits::IDLE_LOOP_LEN_MAX {
            if self.bus.die.now_ps >= limit_ps || !self.step() {
                return Found::Stop;
            }
            if self.state.r[15] != before.r[15] {
                continue;
            }
            let store_count = self.bus.store_count - stores;
            let is_waiting = self.state == *before
                && store_count <= 1
                && self.private_access_count == private_accesses;
            if !is_waiting {
                return Found::Nothing;
            }
            return Found::Turn(Turn {
                len,
                ps: self.bus.die.now_ps - start_ps,
                stores: (store_count == 1).then_some((self.bus.last_store, self.bus.last_stored)),
                reads_peripherals: self.bus.peripheral_read_count != reads,
            });
        }
        Found::Nothing
    }

    /// Repeats a turn as long as it ends in time.
    fn repeat(&mut self, turn: &Turn, end_ps: u64) {
        let now_ps = self.bus.die.now_ps;
        let turn_count = end_ps.saturating_sub(now_ps) / turn.ps;
        self.bus.die.now_ps += turn_count * turn.ps;
        self.instruction_count += turn_count * turn.len;
    }
}
