//! The payload as plain bytes, at any offset.
//!
//! Each chunk is checked and decrypted when it is first needed and used from that very buffer; one is held at a time. A
//! file that changes underneath is noticed as any other damage.

use super::{
    Image, ImageError,
    chunk::{CHUNK_LEN, ChunkCipher},
};
use std::io::{Read, Seek};
use zeroize::{Zeroize, Zeroizing};

/// An image and what opens its chunks.
pub(super) struct Plain<R> {
    pub image: Image<R>,
    pub cipher: ChunkCipher,
    /// Which chunk `chunk` holds, if any.
    held: Option<u64>,
    chunk: Zeroizing<Vec<u8>>,
}

impl<R: Read + Seek> Plain<R> {
    pub fn new(image: Image<R>, cipher: ChunkCipher) -> Self {
        // Room for the longest chunk as stored, so that the buffer never moves and leaves a copy.
        let (_, chunk_len) = image.chunks.stored(0);
        Plain {
            image,
            cipher,
            held: None,
            chunk: Zeroizing::new(Vec::with_capacity(chunk_len)),
        }
    }

    /// Reads `to.len()` bytes from `offset` of the payload.
    pub fn read_at(&mut self, offset: u64, to: &mut [u8]) -> Result<(), ImageError> {
        let payload_len = self.image.chunks.plain_len;
        let len = to.len() as u64;
        if offset.checked_add(len).is_none_or(|end| end > payload_len) {
            let within = format!("a payload of {payload_len} bytes");
            return Err(ImageError::Range {
                offset,
                len,
                within,
            });
        }
        let mut done = 0;
        while done < to.len() {
            let at = offset + done as u64;
            self.hold(at / CHUNK_LEN)?;
            let from = &self.chunk[(at % CHUNK_LEN) as usize..];
            let count = from.len().min(to.len() - done);
            to[done..done + count].copy_from_slice(&from[..count]);
            done += count;
        }
        Ok(())
    }

    fn hold(&mut self, number: u64) -> Result<(), ImageError> {
        if self.held == Some(number) {
            return Ok(());
        }
        self.held = None;
        let read = self.image.read_stored(number, &mut self.chunk);
        let opened = read.and_then(|()| {
            let opened = self.cipher.open(number, &mut self.chunk);
            opened.ok_or_else(|| self.image.damaged(number))
        });
        match opened {
            Ok(()) => self.held = Some(number),
            Err(_) => self.chunk.zeroize(),
        }
        opened
    }
}
