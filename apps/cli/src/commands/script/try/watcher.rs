//! What a person sees while a line runs: how far its steps are, and what it prints.

use crate::{output::Output, render::Bars};
use imprint::{Event, Observer};

/// Watches one line.
pub struct Watcher<'a> {
    output: &'a Output,
    bars: Bars,
    is_in_step: bool,
    /// Lines that wait for the end of a step, and with `--json` all of them.
    log: Vec<String>,
}

impl<'a> Watcher<'a> {
    /// Bars on a terminal, lines everywhere.
    pub fn new(output: &'a Output) -> Self {
        Self {
            output,
            bars: Bars::new(output.is_watched() && !output.is_json),
            is_in_step: false,
            log: Vec::new(),
        }
    }

    /// The line has ended; returns what it printed and nobody has seen.
    pub fn finish(mut self) -> Vec<String> {
        self.print();
        self.log
    }

    fn print(&mut self) {
        if self.output.is_json {
            return;
        }
        for line in self.log.drain(..) {
            // The console notices a closed output when it shows a value.
            let _ = self.output.data(&(), || line);
        }
    }
}

impl Observer for Watcher<'_> {
    fn event(&mut self, event: &Event) {
        self.bars.event(event);
        match event {
            Event::StepStarted { .. } => self.is_in_step = true,
            Event::StepFinished(_) => self.is_in_step = false,
            Event::Logged(line) => self.log.push(line.text.clone()),
            _ => {}
        }
        if !self.is_in_step {
            self.print();
        }
    }
}
