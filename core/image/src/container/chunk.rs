//! Chunks: the payload in pieces of 64 KiB, each encrypted on its own.
//!
//! From the content key, HKDF-SHA512 with the context `imprint-v1`, suite and deployment id makes a key, a base nonce and
//! a commitment to the key, which the manifest holds: a chunk cannot be made that opens under two keys. The nonce of a
//! chunk is the base nonce with its number added bit by bit. The last chunk is always short, perhaps empty, so that the
//! end is marked even without the lengths in the header. Construction after C2SP chunked-encryption with larger chunks.

use super::{ImageError, header::Suite};
use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

/// Plain bytes in every chunk but the last.
pub(super) const CHUNK_LEN: u64 = 64 << 10;

/// Bytes that encryption adds to a chunk: the tag of AES-GCM.
const TAG_LEN: u64 = 16;

/// How a payload is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunks {
    /// Bytes before encryption.
    pub plain_len: u64,
    overhead: u64,
}

impl Chunks {
    /// The chunks of `plain_len` bytes.
    pub fn of_plain(suite: Suite, plain_len: u64) -> Chunks {
        let overhead = overhead(suite);
        Chunks {
            plain_len,
            overhead,
        }
    }

    /// The chunks that are stored in `stored_len` bytes, if there are any such.
    pub fn of_stored(suite: Suite, stored_len: u64) -> Option<Chunks> {
        let overhead = overhead(suite);
        let full = CHUNK_LEN + overhead;
        let (count, last) = (stored_len / full + 1, stored_len % full);
        (last >= overhead).then(|| Chunks {
            plain_len: stored_len - count * overhead,
            overhead,
        })
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.plain_len / CHUNK_LEN + 1
    }

    /// Bytes of all as stored.
    pub fn stored_len(&self) -> u64 {
        self.plain_len + self.count() * self.overhead
    }

    /// Plain bytes in chunk `number`.
    pub fn len(&self, number: u64) -> usize {
        CHUNK_LEN.min(self.plain_len - number * CHUNK_LEN) as usize
    }

    /// Offset in the payload as stored, and length, of chunk `number`.
    pub fn stored(&self, number: u64) -> (u64, usize) {
        let offset = number * (CHUNK_LEN + self.overhead);
        (offset, self.len(number) + self.overhead as usize)
    }
}

fn overhead(suite: Suite) -> u64 {
    match suite {
        Suite::Encrypted => TAG_LEN,
        Suite::Plain => 0,
    }
}

/// A key of 32 bytes that nobody else may know: what chunks are encrypted with, or one of two halves of it.
pub(super) type ContentKey = Zeroizing<[u8; 32]>;

/// Encrypts and decrypts the chunks of one image; for a plain one, does nothing.
pub(super) enum ChunkCipher {
    Plain,
    Encrypted {
        cipher: Box<Aes256Gcm>,
        base_nonce: [u8; 12],
    },
}

impl ChunkCipher {
    /// The cipher for a content key, and the commitment to it.
    ///
    /// A content key and deployment id must **never** be used for a second payload: nonces would repeat.
    pub fn derive(content_key: &ContentKey, deployment_id: &[u8; 16]) -> (ChunkCipher, [u8; 32]) {
        let suite = Suite::Encrypted.number().to_le_bytes();
        let info: [&[u8]; 3] = [b"imprint-v1\0", &suite, deployment_id];
        let mut derived = Zeroizing::new([0; 32 + 12 + 32]);
        Hkdf::<Sha512>::new(None, &content_key[..])
            .expand_multi_info(&info, &mut derived[..])
            .expect("76 bytes are within the 255 * 64 of HKDF-SHA512");
        let (key, rest) = derived.split_at(32);
        let mut base_nonce = [0; 12];
        base_nonce.copy_from_slice(&rest[..12]);
        let mut commitment = [0; 32];
        commitment.copy_from_slice(&rest[12..]);
        let mut array = Zeroizing::new([0; 32]);
        array.copy_from_slice(key);
        let cipher = ChunkCipher::Encrypted {
            cipher: Box::new(Aes256Gcm::new((&*array).into())),
            base_nonce,
        };
        (cipher, commitment)
    }

    /// Encrypts a chunk in place and appends its tag.
    pub fn seal(&self, number: u64, chunk: &mut Vec<u8>) {
        if let ChunkCipher::Encrypted { cipher, base_nonce } = self {
            let nonce = nonce(base_nonce, number);
            let tag = cipher
                .encrypt_inout_detached(&nonce.into(), b"", chunk.as_mut_slice().into())
                .expect("a chunk is within the 64 GiB of AES-GCM");
            chunk.extend_from_slice(&tag);
        }
    }

    /// Decrypts a chunk in place and takes its tag off. If that fails nothing of it is left.
    pub fn open(&self, number: u64, chunk: &mut Vec<u8>) -> Option<()> {
        let ChunkCipher::Encrypted { cipher, base_nonce } = self else {
            return Some(());
        };
        let text_len = chunk.len().checked_sub(TAG_LEN as usize)?;
        let (text, tag) = chunk.split_at_mut(text_len);
        let tag: &[u8; TAG_LEN as usize] = (&*tag).try_into().ok()?;
        let nonce = nonce(base_nonce, number);
        let opened = cipher.decrypt_inout_detached(&nonce.into(), b"", text.into(), tag.into());
        if opened.is_err() {
            chunk.zeroize();
            return None;
        }
        chunk.truncate(text_len);
        Some(())
    }
}

fn nonce(base: &[u8; 12], number: u64) -> [u8; 12] {
    let mut nonce = *base;
    for (byte, count) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
        *byte ^= count;
    }
    nonce
}

/// The refusal of chunk `number`, stored at `offset` of the file.
pub(super) fn damaged(number: u64, offset: u64) -> ImageError {
    ImageError::Chunk { number, offset }
}
