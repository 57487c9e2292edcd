//! A bar a step, while a person watches; the report says it all again afterwards.

use crate::{
    output,
    render::{units, visible},
};
use imprint::{Event, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// How often the spinner of a step without bytes turns.
const SPIN_PERIOD: Duration = Duration::from_millis(100);
/// Redraws a second, at most.
const REDRAW_HZ: u8 = 15;

/// The bars of one unit.
pub struct Bars {
    is_watched: bool,
    bar: ProgressBar,
}

impl Bars {
    /// Bars on standard error, or nothing if nobody watches.
    pub fn new(is_watched: bool) -> Self {
        Self {
            is_watched,
            bar: ProgressBar::hidden(),
        }
    }

    fn start(&mut self, name: &str, detail: &str, len: u64) {
        self.bar.finish_and_clear();
        if !self.is_watched {
            return;
        }
        let target = ProgressDrawTarget::stderr_with_hz(REDRAW_HZ);
        self.bar = ProgressBar::with_draw_target((len > 0).then_some(len), target)
            .with_style(style(len > 0))
            .with_prefix(format!("{:<12}", visible(name)))
            .with_message(visible(detail).into_owned());
        self.bar.enable_steady_tick(SPIN_PERIOD);
    }

    fn progress(&self, done: u64, total: u64, virtual_us: Option<u64>) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        if let Some(us) = virtual_us {
            let rate = units::rate(done, us).unwrap_or_default();
            self.bar
                .set_message(format!("{} virtual  {rate}", units::duration(us)));
        }
    }
}

impl Observer for Bars {
    fn event(&mut self, event: &Event) {
        match event {
            Event::StepStarted { name, detail, len } => self.start(name, detail, *len),
            Event::Progress {
                done,
                total,
                virtual_us,
            } => self.progress(*done, *total, *virtual_us),
            Event::StepFinished(_) => self.bar.finish_and_clear(),
            Event::UnsignedPlugin { path } => {
                self.bar.suspend(|| output::warn_of_unsigned(path));
            }
            Event::Changing(_) | Event::Recorded(_) | Event::Logged(_) => {}
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(has_len: bool) -> ProgressStyle {
    let template = match has_len {
        true => {
            "{prefix} [{bar:30}] {bytes:>10}/{total_bytes:<10} {binary_bytes_per_sec:>12}  {msg}"
        }
        false => "{prefix} {spinner} {elapsed}  {msg}",
    };
    // Both templates are right, so the fallback is never taken.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_right() {
        for has_len in [true, false] {
            let bar = ProgressBar::hidden()
                .with_style(style(has_len))
                .with_prefix("program");
            bar.set_position(1);
        }
        let template =
            "{prefix} [{bar:30}] {bytes:>10}/{total_bytes:<10} {binary_bytes_per_sec:>12}  {msg}";
        assert!(ProgressStyle::with_template(template).is_ok());
        assert!(ProgressStyle::with_template("{prefix} {spinner} {elapsed}  {msg}").is_ok());
    }

    #[test]
    fn every_event_is_taken_with_nobody_watching() {
        let mut bars = Bars::new(false);
        let (name, detail) = ("program".to_string(), "firmware".to_string());
        bars.event(&Event::StepStarted {
            name,
            detail,
            len: 10,
        });
        bars.event(&Event::Progress {
            done: 20,
            total: 10,
            virtual_us: Some(0),
        });
        assert!(bars.bar.is_hidden());
    }
}
