//! How records lie in a file: frames, each chained to the one before.
//!
//! ```text
//! 0    4   length of the body, 1 byte to 1 MiB     little-endian
//! 4    8   sequence number                         first frame 1, then one more each
//! 12   32  hash of the frame before                zero before the first
//! 44   32  SHA-256 of `imprint-journal-v1`, a zero byte, bytes 0 to 43 and the body
//! 76       body
//! ```
//!
//! A frame is written and made durable before the next one is begun, so a crash can spoil the last frame and no other:
//! such a torn tail is cut off, and what it would have said has not happened. A spoilt frame with a whole one anywhere
//! behind it is damage, and damage is never repaired by forgetting what follows: the file is refused. For this a frame
//! carries the hash before it, and can be known as whole without its predecessor.

use crate::{
    Damage,
    limits::{FRAME_BODY_LEN_MAX, TAIL_HASHED_LEN_MAX},
};
use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"imprint-journal-v1\0";

/// Bytes of a frame before its body.
pub const HEADER_LEN: usize = 76;

/// The end of a journal: what the next frame is chained to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// Sequence number of the last frame, 0 before the first.
    pub sequence: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Head {
    /// Before the first frame.
    pub const START: Head = Head {
        sequence: 0,
        hash: [0; 32],
    };

    /// The bytes of the next frame, and the head after it.
    ///
    /// # Errors
    /// A body that is empty or longer than [`FRAME_BODY_LEN_MAX`].
    pub fn frame(&self, body: &[u8]) -> Result<(Vec<u8>, Head), Damage> {
        if !(1..=FRAME_BODY_LEN_MAX).contains(&body.len()) {
            return Err(Damage::Record {
                message: format!("a frame's body cannot have {} bytes", body.len()),
            });
        }
        let sequence = self.sequence + 1;
        let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(sequence.to_le_bytes());
        bytes.extend(self.hash);
        let hash = hash(&bytes, body);
        bytes.extend(hash);
        bytes.extend(body);
        Ok((bytes, Head { sequence, hash }))
    }
}

/// How a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// With its last frame.
    Clean,
    /// With part of a frame whose writing was cut: cut the file to [`Frames::good_len`] before appending.
    Torn,
}

/// What a journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames<'a> {
    /// The bodies, in order.
    pub bodies: Vec<&'a [u8]>,
    /// Bytes up to the end of the last whole frame.
    pub good_len: usize,
    /// How it ends.
    pub tail: Tail,
    /// What the next frame is chained to.
    pub head: Head,
}

impl Frames<'_> {
    /// Reads a journal that begins after `head`: [`Head::START`], or the head of the snapshot it goes with.
    ///
    /// # Errors
    /// [`Damage::Frame`] if a frame is not whole, or does not follow the one before, and a whole one lies behind it.
    pub fn read(head: Head, bytes: &[u8]) -> Result<Frames<'_>, Damage> {
        let mut frames = Frames {
            bodies: Vec::new(),
            good_len: 0,
            tail: Tail::Clean,
            head,
        };
        while frames.good_len < bytes.len() {
            let rest = &bytes[frames.good_len..];
            let Some(frame) = Frame::at(rest) else {
                frames.tail = Tail::Torn;
                return match is_torn(rest, frames.head.sequence) {
                    true => Ok(frames),
                    false => Err(damage(frames.good_len)),
                };
            };
            let follows =
                frame.sequence == frames.head.sequence + 1 && frame.previous == frames.head.hash;
            if !follows {
                return Err(damage(frames.good_len));
            }
            frames.head = Head {
                sequence: frame.sequence,
                hash: frame.hash,
            };
            frames.bodies.push(frame.body);
            frames.good_len += HEADER_LEN + frame.body.len();
        }
        Ok(frames)
    }
}

/// Whether what is left can be one frame whose writing was cut: it is short, and no later frame lies in it.
fn is_torn(rest: &[u8], sequence: u64) -> bool {
    let is_short = rest.len() <= HEADER_LEN + FRAME_BODY_LEN_MAX;
    // Asked first, because hashing at every offset takes long.
    let is_later = |offset: &usize| {
        let found = rest[*offset..].get(4..12).and_then(|it| it.try_into().ok());
        found.is_some_and(|found| {
            let ahead = u64::from_le_bytes(found).wrapping_sub(sequence);
            (1..=rest.len() as u64).contains(&ahead)
        })
    };
    let mut later = (1..rest.len()).filter(is_later);
    let mut hashed_len = 0;
    is_short
        && later.all(|offset| {
            let rest = &rest[offset..];
            hashed_len += body_at(rest).map_or(0, <[u8]>::len);
            hashed_len <= TAIL_HASHED_LEN_MAX && Frame::at(rest).is_none()
        })
}

fn damage(offset: usize) -> Damage {
    Damage::Frame {
        offset: offset as u64,
    }
}

/// A whole frame.
struct Frame<'a> {
    sequence: u64,
    previous: [u8; 32],
    hash: [u8; 32],
    body: &'a [u8],
}

impl Frame<'_> {
    /// The frame at the front of `bytes`, if there is a whole one.
    fn at(bytes: &[u8]) -> Option<Frame<'_>> {
        let body = body_at(bytes)?;
        let (sequence, rest) = bytes.get(4..)?.split_first_chunk::<8>()?;
        let (previous, rest) = rest.split_first_chunk::<32>()?;
        let (found, _) = rest.split_first_chunk::<32>()?;
        let sequence = u64::from_le_bytes(*sequence);
        // A frame has a successor, so its number is never the last one there is.
        let is_whole = sequence < u64::MAX && hash(&bytes[..44], body) == *found;
        is_whole.then_some(Frame {
            sequence,
            previous: *previous,
            hash: *found,
            body,
        })
    }
}

/// The body of the frame at the front of `bytes`, if its length is possible and it is all there. It need not be whole.
fn body_at(bytes: &[u8]) -> Option<&[u8]> {
    let (len, _) = bytes.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len) as usize;
    let is_possible = (1..=FRAME_BODY_LEN_MAX).contains(&len);
    let rest = bytes.get(HEADER_LEN..).filter(|_| is_possible)?;
    rest.get(..len)
}

fn hash(header: &[u8], body: &[u8]) -> [u8; 32] {
    let digest = Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(header)
        .chain_update(body);
    digest.finalize().into()
}
