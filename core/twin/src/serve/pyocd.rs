//! pyOCD's remote probe, as pyOCD 0.46 speaks it: a line of JSON a request, a line of JSON an answer.
//!
//! `{"id", "request", "arguments"}` is answered with `{"id", "status", "result" or "error"}`. A request that this probe
//! does not have is an answer like any other; a line that is no request ends the session. Reads of an access port come
//! with their own value: the probe fetches it, and looks whether a write went well, before it answers.

use super::{Flow, ServeError, line};
use crate::{
    board::Board,
    debug_port::{Port, Request as Transfer, WireFault},
    limits,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json, value::RawValue};

/// Version of the protocol.
const VERSION: u64 = 1;
/// How long a reset is held, in nanoseconds: pyOCD's own default.
const RESET_NS: u64 = 100_000_000;
/// Register RDBUFF of the debug port.
const RDBUFF: u8 = 0xC;
/// Longest sequence on the data line, in bits, as in CMSIS-DAP: pyOCD's longest, which wakes a dormant port, has 136.
const SEQUENCE_LEN_MAX: u64 = 256;

/// Kinds of failure, as the protocol numbers them.
mod status {
    pub const GENERAL: u32 = 1;
    pub const PROBE: u32 = 3;
    pub const TRANSFER: u32 = 10;
    pub const TIMEOUT: u32 = 11;
    pub const FAULT: u32 = 12;
}

/// One client.
#[derive(Default)]
pub(super) struct Pyocd {
    /// The beginning of a line.
    line: Vec<u8>,
}

#[derive(Deserialize)]
struct Request<'a> {
    id: i64,
    #[serde(borrow)]
    request: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    arguments: Vec<&'a RawValue>,
}

#[derive(Serialize)]
struct Answer {
    id: i64,
    status: u32,
    #[serde(skip_serializing_if = "Value::is_null")]
    result: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

/// Why a request was not done.
struct Refused {
    status: u32,
    message: String,
}

impl Refused {
    fn new(status: u32, message: impl Into<String>) -> Refused {
        Refused {
            status,
            message: message.into(),
        }
    }
}

impl From<WireFault> for Refused {
    fn from(fault: WireFault) -> Refused {
        match fault {
            WireFault::NoAnswer => Refused::new(status::TRANSFER, "no answer from the target"),
            WireFault::Wait => Refused::new(status::TIMEOUT, "WAIT from the target"),
            WireFault::Fault => Refused::new(status::FAULT, "FAULT from the target"),
        }
    }
}

impl Pyocd {
    pub fn receive(
        &mut self,
        board: &mut Board,
        bytes: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<Flow, ServeError> {
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                answer_line(board, &line, answer)?;
            } else if self.line.len() == limits::SERVE_MESSAGE_LEN_MAX {
                return Err(ServeError::message_len());
            } else {
                self.line.push(byte);
            }
        }
        Ok(Flow::Continue)
    }
}

fn answer_line(board: &mut Board, line: &[u8], answer: &mut Vec<u8>) -> Result<(), ServeError> {
    let request: Request = serde_json::from_slice(line).map_err(|error| ServeError::Request {
        message: error.to_string(),
    })?;
    let (id, done) = (request.id, serve(board, &request));
    let said = match done {
        Ok(result) => Answer {
            id,
            status: 0,
            result,
            error: String::new(),
        },
        Err(Refused { status, message }) => Answer {
            id,
            status,
            result: Value::Null,
            error: message,
        },
    };
    // Numbers and texts, into memory: neither fails.
    let _ = serde_json::to_writer(&mut *answer, &said);
    answer.push(b'\n');
    Ok(())
}

fn serve(board: &mut Board, request: &Request) -> Result<Value, Refused> {
    let at = |index| argument::<u64>(request, index);
    let register = || at(0).map(|address| address as u8 & 0xC);
    match &*request.request {
        "hello" if at(0)? != VERSION => {
            let message = format!("expected version {VERSION} of the protocol");
            Err(Refused::new(status::GENERAL, message))
        }
        "hello" | "open" | "close" | "lock" | "unlock" | "disconnect" | "flush" => Ok(Value::Null),
        "readprop" => property(&argument::<String>(request, 0)?),
        "connect" => match argument::<String>(request, 0)?.as_str() {
            "DEFAULT" | "SWD" => Ok(Value::Null),
            other => Err(Refused::new(
                status::PROBE,
                format!("no wire protocol {other}"),
            )),
        },
        "set_clock" => {
            let clock_khz = argument::<f64>(request, 0)? / 1000.0;
            // A conversion that saturates; the board bounds it.
            board.set_clock_khz((clock_khz as u32).max(limits::SERVE_CLOCK_KHZ_MIN));
            Ok(Value::Null)
        }
        "swj_sequence" => sequence(board, at(0)?, argument(request, 1)?),
        "reset" => {
            line::set_reset(board, true);
            board.pass_ns(RESET_NS);
            line::set_reset(board, false);
            Ok(Value::Null)
        }
        "assert_reset" => {
            line::set_reset(board, argument(request, 0)?);
            Ok(Value::Null)
        }
        "is_reset_asserted" => Ok(line::is_reset(board).into()),
        "read_dp" => Ok(read(board, Port::Debug, register()?)?.into()),
        "write_dp" => Ok(write(
            board,
            Port::Debug,
            register()?,
            [argument(request, 1)?],
        )?),
        "read_ap" => Ok(read(board, Port::Access, register()?)?.into()),
        "write_ap" => Ok(write(
            board,
            Port::Access,
            register()?,
            [argument(request, 1)?],
        )?),
        "read_ap_multiple" => read_block(board, register()?, at(1)?),
        "write_ap_multiple" => {
            let values: Vec<Word> = argument(request, 1)?;
            Ok(write(board, Port::Access, register()?, values)?)
        }
        // Whoever asks goes by the access port's registers instead.
        "get_memory_interface_for_ap" => Ok(Value::Null),
        other => Err(Refused::new(
            status::GENERAL,
            format!("no request `{other}`"),
        )),
    }
}

/// An argument by its place.
fn argument<'a, T: Deserialize<'a>>(request: &Request<'a>, index: usize) -> Result<T, Refused> {
    let text = request.arguments.get(index).ok_or_else(|| {
        let message = format!("`{}` without argument {}", request.request, index + 1);
        Refused::new(status::GENERAL, message)
    })?;
    serde_json::from_str(text.get()).map_err(|error| {
        let message = format!("`{}`, argument {}: {error}", request.request, index + 1);
        Refused::new(status::GENERAL, message)
    })
}

fn property(name: &str) -> Result<Value, Refused> {
    Ok(match name {
        "vendor_name" => "Imprint".into(),
        "product_name" => "twin".into(),
        "supported_wire_protocols" => json!(["DEFAULT", "SWD"]),
        "wire_protocol" => "SWD".into(),
        "capabilities" => json!(["SWJ_SEQUENCE", "BANKED_DP_REGISTERS"]),
        _ => {
            let message = format!("no property `{name}`");
            return Err(Refused::new(status::GENERAL, message));
        }
    })
}

/// A value for a register. pyOCD leaves it to its drivers to cut what it computed to 32 bits.
struct Word(u32);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        Ok(Word(i64::deserialize(deserializer)? as u32))
    }
}

/// Bits for the data line: a number of up to 256 bits, the lowest word first.
struct Bits([u64; 4]);

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        Bits::parse(text).ok_or_else(|| {
            serde::de::Error::custom(format!("expected a number of 256 bits, found {text}"))
        })
    }
}

impl Bits {
    fn parse(text: &str) -> Option<Bits> {
        text.bytes()
            .try_fold(Bits([0; 4]), |Bits(mut words), byte| {
                let mut carry = u128::from(char::from(byte).to_digit(10)?);
                for word in &mut words {
                    let value = u128::from(*word) * 10 + carry;
                    (*word, carry) = (value as u64, value >> 64);
                }
                (carry == 0).then_some(Bits(words))
            })
    }
}

fn sequence(board: &mut Board, bit_count: u64, Bits(words): Bits) -> Result<Value, Refused> {
    if bit_count > SEQUENCE_LEN_MAX {
        let message = format!("a sequence of {bit_count} bits, at most {SEQUENCE_LEN_MAX}");
        return Err(Refused::new(status::GENERAL, message));
    }
    for (word, start) in words.into_iter().zip((0..bit_count).step_by(64)) {
        board.line_sequence((bit_count - start).min(64) as u8, word);
    }
    Ok(Value::Null)
}

fn read(board: &mut Board, port: Port, register: u8) -> Result<u32, WireFault> {
    let value = line::transfer(board, transfer_of(port, register, None))?;
    match port {
        Port::Debug => Ok(value),
        Port::Access => read(board, Port::Debug, RDBUFF),
    }
}

fn write(
    board: &mut Board,
    port: Port,
    register: u8,
    values: impl IntoIterator<Item = Word>,
) -> Result<Value, WireFault> {
    for Word(value) in values {
        line::transfer(board, transfer_of(port, register, Some(value)))?;
    }
    if port == Port::Access {
        read(board, Port::Debug, RDBUFF)?;
    }
    Ok(Value::Null)
}

fn read_block(board: &mut Board, register: u8, count: u64) -> Result<Value, Refused> {
    if count > limits::SERVE_BLOCK_LEN_MAX as u64 {
        let limit = limits::SERVE_BLOCK_LEN_MAX;
        let message = format!("a block of {count} words, at most {limit}");
        return Err(Refused::new(status::GENERAL, message));
    }
    let values: Result<Vec<u32>, WireFault> = (0..count)
        .map(|_| read(board, Port::Access, register))
        .collect();
    Ok(json!(values?))
}

fn transfer_of(port: Port, register: u8, write: Option<u32>) -> Transfer {
    Transfer {
        port,
        register,
        write,
    }
}
