//! What the wire and the way to it cost, in virtual time.
//!
//! The price follows the CMSIS-DAP driver of probe-rs 0.32: single accesses queue until a read, a flush or a full
//! packet sends them; a block of words first sends the queue and then goes in packets of its own; one packet is in
//! flight at a time. A transfer of SWD is 46 bits and 8 idle ones. A packet has one transfer more than was asked for:
//! the read of RDBUFF that brings the last value, or tells whether the last write went well. Half of the latency
//! passes before the first bit, half after the last.

use crate::{die::PS_PER_NS, error::TwinError, limits};
use serde::{Deserialize, Serialize};

/// Bits of one transfer: request 8, turn-around and acknowledge 5, data and parity 33, idle 8.
pub const TRANSFER_BITS: u64 = 54;

/// Bytes of a packet of single transfers that are not transfers: command, index, count.
const TRANSFER_HEADER_LEN: usize = 3;
/// Bytes of one single transfer: request and value.
const TRANSFER_LEN: usize = 5;
/// Bytes of a packet of a block that are not values, as probe-rs counts them.
const BLOCK_HEADER_LEN: usize = 6;

/// The way from the host to the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Time from a packet to its answer beside the wire, in nanoseconds.
    pub latency_ns: u64,
    /// Bytes of a packet, 64 to 1024.
    pub packet_len: usize,
}

impl Link {
    /// USB high speed: 0.19 ms, the median of measured CMSIS-DAP v2 probes, and packets of 512 bytes.
    pub const fn high_speed() -> Link {
        Link {
            latency_ns: 190_000,
            packet_len: 512,
        }
    }

    /// USB full speed: one frame of 1 ms, and packets of 64 bytes.
    pub const fn full_speed() -> Link {
        Link {
            latency_ns: 1_000_000,
            packet_len: 64,
        }
    }

    /// Single transfers that go in one packet.
    pub fn queue_len(&self) -> usize {
        (self.packet_len - TRANSFER_HEADER_LEN) / TRANSFER_LEN
    }

    /// Words of a block that go in one packet.
    pub fn block_len(&self) -> usize {
        (self.packet_len - BLOCK_HEADER_LEN) / 4
    }

    pub(crate) fn half_latency_ps(&self) -> u64 {
        self.latency_ns * PS_PER_NS / 2
    }

    pub(crate) fn check(&self) -> Result<(), TwinError> {
        let allowed = limits::PACKET_LEN_MIN..=limits::PACKET_LEN_MAX;
        if !allowed.contains(&self.packet_len) {
            return Err(TwinError::Link {
                field: "packet_len",
                expected: format!("{} to {}", allowed.start(), allowed.end()),
                found: self.packet_len as u64,
            });
        }
        if self.latency_ns > limits::LATENCY_NS_MAX {
            return Err(TwinError::Link {
                field: "latency_ns",
                expected: format!("at most {}", limits::LATENCY_NS_MAX),
                found: self.latency_ns,
            });
        }
        Ok(())
    }
}

impl Default for Link {
    fn default() -> Link {
        Link::high_speed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_a_packet() {
        for (link, queue_len, block_len) in
            [(Link::high_speed(), 101, 126), (Link::full_speed(), 12, 14)]
        {
            assert_eq!((link.queue_len(), link.block_len()), (queue_len, block_len));
            assert!(link.check().is_ok());
        }
    }

    #[test]
    fn links_that_no_probe_has() {
        for link in [
            Link {
                latency_ns: 0,
                packet_len: 63,
            },
            Link {
                latency_ns: 0,
                packet_len: 1025,
            },
            Link {
                latency_ns: u64::MAX,
                packet_len: 64,
            },
        ] {
            assert_eq!(link.check().unwrap_err().code(), "IMP-7009");
        }
    }
}
