//! One line: a time, what was done, what came of it.

use std::fmt;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time on the link's clock when it was over, in nanoseconds.
    pub time_ns: u64,
    /// What was done.
    pub action: Action,
}

/// Which half of the debug interface a transfer goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The debug port.
    Debug,
    /// The access port that DP SELECT names.
    Access,
}

/// How a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No acknowledge.
    NoAnswer,
    /// WAIT, for as long as the probe repeats.
    Wait,
    /// FAULT.
    Fault,
}

/// Why nothing went over the wire from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody cancelled.
    Cancelled,
    /// The time of the unit was over.
    OutOfTime,
    /// The time of one step was over; the next one goes on.
    StepOver,
}

/// What was done, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A register was read.
    Read {
        /// Where.
        port: Port,
        /// 0x0, 0x4, 0x8 or 0xC.
        register: u8,
        /// Its value.
        answer: Result<u32, Fault>,
    },
    /// A register was written.
    Write {
        /// Where.
        port: Port,
        /// 0x0, 0x4, 0x8 or 0xC.
        register: u8,
        /// With what.
        value: u32,
        /// How it failed, if it did.
        fault: Option<Fault>,
    },
    /// A register was read `count` times.
    ReadBlock {
        /// Where.
        port: Port,
        /// 0x0, 0x4, 0x8 or 0xC.
        register: u8,
        /// How often.
        count: usize,
        /// The values.
        answer: Result<Vec<u32>, Fault>,
    },
    /// A register was written once for each value.
    WriteBlock {
        /// Where.
        port: Port,
        /// 0x0, 0x4, 0x8 or 0xC.
        register: u8,
        /// With what.
        values: Vec<u32>,
        /// How it failed, if it did.
        fault: Option<Fault>,
    },
    /// What was queued was sent.
    Flush {
        /// How it failed, if it did.
        fault: Option<Fault>,
    },
    /// The line was driven, lowest bit first.
    Line {
        /// How many bits.
        bit_count: u8,
        /// Which.
        bits: u64,
    },
    /// Pins were set, numbered as in CMSIS-DAP's `DAP_SWJ_Pins`.
    Pins {
        /// The levels.
        output: u32,
        /// Which pins.
        select: u32,
        /// All pins afterwards, where somebody looked.
        read: Option<u32>,
    },
    /// The clock of the wire was set.
    Clock {
        /// To what, in kHz.
        khz: u32,
        /// To what it is then, in kHz.
        set_khz: u32,
    },
    /// The supply of the target was measured.
    Voltage {
        /// In millivolts; none where nothing measures it.
        millivolts: Option<u32>,
    },
    /// Time passed without a transfer.
    Pass {
        /// How much, in nanoseconds.
        ns: u64,
    },
    /// A probe that shows no transfers did this.
    Chip {
        /// What, for people.
        what: String,
        /// How it failed, if it did.
        fault: Option<Fault>,
    },
    /// Nothing more was let through.
    Stop(Stop),
    /// The gate granted the unit: the permit as JSON.
    Permit(String),
    /// The gate refused the unit: the failure as JSON.
    Refuse(String),
    /// The unit ended: `pass`, `cancelled`, or `fail CODE`. What follows was asked for after it.
    End(String),
}

impl Action {
    /// What was done, without what came of it.
    pub fn request(&self) -> String {
        struct Request<'a>(&'a Action);
        impl fmt::Display for Request<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write_request(f)
            }
        }
        Request(self).to_string()
    }

    /// Whether it was done on the wire, or to its clock.
    pub fn is_of_wire(&self) -> bool {
        !matches!(
            self,
            Self::Stop(_) | Self::Permit(_) | Self::Refuse(_) | Self::End(_)
        )
    }

    fn write_request(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { port, register, .. } => write!(f, "{}.read {register:#x}", word(*port)),
            Self::Write {
                port,
                register,
                value,
                ..
            } => write!(f, "{}.write {register:#x} = {value:#010x}", word(*port)),
            Self::ReadBlock {
                port,
                register,
                count,
                ..
            } => write!(f, "{}.read {register:#x} x{count}", word(*port)),
            Self::WriteBlock {
                port,
                register,
                values,
                ..
            } => {
                let count = values.len();
                write!(f, "{}.write {register:#x} x{count} =", word(*port))?;
                write_words(f, values)
            }
            Self::Flush { .. } => f.write_str("flush"),
            Self::Line { bit_count, bits } => write!(f, "line {bit_count} bits {bits:#x}"),
            Self::Pins { output, select, .. } => write!(f, "pins {output:#04x} of {select:#04x}"),
            Self::Clock { khz, .. } => write!(f, "clock {khz}"),
            Self::Voltage { .. } => f.write_str("voltage"),
            Self::Pass { ns } => write!(f, "pass {ns}"),
            Self::Chip { what, .. } => write!(f, "chip.{what}"),
            Self::Stop(stop) => write!(f, "stop {}", stop_word(*stop)),
            Self::Permit(json) => write!(f, "permit {json}"),
            Self::Refuse(json) => write!(f, "refuse {json}"),
            Self::End(how) => write!(f, "end {how}"),
        }
    }

    fn write_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { answer, .. } => match answer {
                Ok(value) => write!(f, " = {value:#010x}"),
                Err(fault) => write!(f, " ! {fault:?}"),
            },
            Self::ReadBlock { answer, .. } => match answer {
                Ok(values) => {
                    f.write_str(" =")?;
                    write_words(f, values)
                }
                Err(fault) => write!(f, " ! {fault:?}"),
            },
            Self::Write { fault, .. }
            | Self::WriteBlock { fault, .. }
            | Self::Flush { fault }
            | Self::Chip { fault, .. } => match fault {
                Some(fault) => write!(f, " ! {fault:?}"),
                None => Ok(()),
            },
            Self::Pins {
                read: Some(read), ..
            } => write!(f, " = {read:#04x}"),
            Self::Clock { set_khz, .. } => write!(f, " = {set_khz}"),
            Self::Voltage { millivolts } => match millivolts {
                Some(millivolts) => write!(f, " = {millivolts}"),
                None => f.write_str(" = none"),
            },
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_request(f)?;
        self.write_answer(f)
    }
}

/// Microseconds with three digits, then the action.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Time(self.time_ns).to_string();
        write!(f, "{time:>14} {}", self.action)
    }
}

/// A time as transcripts have it: microseconds, exact to the nanosecond.
pub(crate) struct Time(pub u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

fn word(port: Port) -> &'static str {
    match port {
        Port::Debug => "dp",
        Port::Access => "ap",
    }
}

pub(crate) fn stop_word(stop: Stop) -> &'static str {
    match stop {
        Stop::Cancelled => "cancelled",
        Stop::OutOfTime => "out-of-time",
        Stop::StepOver => "step-over",
    }
}

fn write_words(f: &mut fmt::Formatter<'_>, values: &[u32]) -> fmt::Result {
    values
        .iter()
        .try_for_each(|value| write!(f, " {value:08x}"))
}
