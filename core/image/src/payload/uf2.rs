//! UF2: blocks of 512 bytes, each with its own address and number, in any order.
//!
//! Own reader: the published one drops blocks and joins what does not belong together. Layout and flags after the
//! specification (github.com/microsoft/uf2), all fields little-endian.

use super::{Contents, Fault, Place, Problem, segments::Pieces};

const BLOCK_LEN: usize = 512;
const DATA_OFFSET: usize = 32;
const DATA_LEN_MAX: usize = 476;
const MAGICS: [(usize, u32); 3] = [(0, 0x0A32_4655), (4, 0x9E5D_5157), (508, 0x0AB1_6F30)];

/// The block is a comment, not for the main flash.
const FLAG_NOT_MAIN_FLASH: u32 = 0x0000_0001;
/// The block is part of a file in a file system, and its address an offset there.
const FLAG_FILE_CONTAINER: u32 = 0x0000_1000;
/// The last header word is a family id.
const FLAG_FAMILY_ID: u32 = 0x0000_2000;

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Fault> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK_LEN>();
    if !rest.is_empty() {
        let place = Place::Offset((bytes.len() - rest.len()) as u64);
        let expected = format!("a whole block of {BLOCK_LEN} bytes");
        return Err((
            place,
            Problem::truncated(expected, format!("{} bytes", rest.len())),
        ));
    }
    let mut pieces = Pieces::default();
    let mut series: Option<Series> = None;
    for (index, block) in blocks.iter().enumerate() {
        let block = Block::new(index, block)?;
        series
            .get_or_insert_with(|| Series::new(&block, blocks.len()))
            .add(&block)?;
        if block.flags & FLAG_NOT_MAIN_FLASH == 0 {
            pieces.push(block.place(12), u64::from(block.address), block.data)?;
        }
    }
    series.as_ref().map_or(Ok(()), Series::check_complete)?;
    Ok(Contents {
        pieces,
        entry: None,
    })
}

struct Block<'a> {
    index: usize,
    flags: u32,
    address: u32,
    number: u32,
    count: u32,
    family: Option<u32>,
    data: &'a [u8],
}

impl<'a> Block<'a> {
    fn new(index: usize, bytes: &'a [u8; BLOCK_LEN]) -> Result<Self, Fault> {
        let at = |offset: usize| Place::Offset((index * BLOCK_LEN + offset) as u64);
        for (offset, magic) in MAGICS {
            let found = word(bytes, offset);
            if found != magic {
                let expected = format!("the mark {magic:#010x}");
                let problem = Problem::unexpected(expected, format!("{found:#010x}"));
                return Err((at(offset), problem));
            }
        }
        let flags = word(bytes, 8);
        if flags & FLAG_FILE_CONTAINER != 0 {
            let problem =
                Problem::unexpected("blocks for the flash", "a block of a file container");
            return Err((at(8), problem));
        }
        let data_len = word(bytes, 16) as usize;
        if data_len > DATA_LEN_MAX {
            let expected = format!("at most {DATA_LEN_MAX} bytes in a block");
            return Err((at(16), Problem::unexpected(expected, data_len)));
        }
        Ok(Block {
            index,
            flags,
            address: word(bytes, 12),
            number: word(bytes, 20),
            count: word(bytes, 24),
            family: (flags & FLAG_FAMILY_ID != 0).then(|| word(bytes, 28)),
            data: &bytes[DATA_OFFSET..DATA_OFFSET + data_len],
        })
    }

    fn place(&self, offset: usize) -> Place {
        Place::Offset((self.index * BLOCK_LEN + offset) as u64)
    }
}

/// What all blocks of a file must agree on, and which of them were seen.
struct Series {
    count: u32,
    family: Option<u32>,
    seen: Vec<bool>,
}

impl Series {
    fn new(first: &Block, block_count: usize) -> Self {
        Series {
            count: first.count,
            family: first.family,
            // As long as the file, not as the file says.
            seen: vec![false; block_count.min(first.count as usize)],
        }
    }

    fn add(&mut self, block: &Block) -> Result<(), Fault> {
        if block.count != self.count {
            let expected = format!("{} blocks as in the first", self.count);
            return Err((block.place(24), Problem::unexpected(expected, block.count)));
        }
        if block.family != self.family {
            let expected = format!("family {} as in the first", family(self.family));
            let problem = Problem::unexpected(expected, family(block.family));
            return Err((block.place(28), problem));
        }
        if block.number >= self.count {
            let expected = format!("a block number below {}", self.count);
            return Err((block.place(20), Problem::unexpected(expected, block.number)));
        }
        match self.seen.get_mut(block.number as usize) {
            Some(true) => {
                let found = format!("block {} again", block.number);
                Err((
                    block.place(20),
                    Problem::unexpected("each block once", found),
                ))
            }
            Some(seen) => {
                *seen = true;
                Ok(())
            }
            // The file has fewer blocks than it says; `check_complete` names the missing one.
            None => Ok(()),
        }
    }

    fn check_complete(&self) -> Result<(), Fault> {
        let missing = match self.seen.iter().position(|seen| !seen) {
            Some(missing) => missing,
            None if self.seen.len() < self.count as usize => self.seen.len(),
            None => return Ok(()),
        };
        let expected = format!("all {} blocks", self.count);
        let found = format!("{} without block {missing}", self.seen.len());
        Err((Place::File, Problem::truncated(expected, found)))
    }
}

fn family(id: Option<u32>) -> String {
    id.map_or_else(|| "none".into(), |id| format!("{id:#010x}"))
}

/// The word at `offset`, which is inside the block.
fn word(block: &[u8; BLOCK_LEN], offset: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&block[offset..offset + 4]);
    u32::from_le_bytes(bytes)
}
