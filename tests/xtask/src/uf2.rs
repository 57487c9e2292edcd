//! UF2, the file format of USB mass-storage boot loaders: blocks of 512 bytes, each with its own address
//! (<https://github.com/microsoft/uf2>).
//!
//! Block, little-endian: two magic words, flags, address, length, number, count, family id, 476 bytes of data, a magic
//! word.

const MAGIC_START: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const MAGIC_END: u32 = 0x0AB1_6F30;
const FLAG_FAMILY: u32 = 0x2000;
const DATA_LEN: usize = 476;
/// What a block carries; boot loaders expect a power of two that divides a flash page.
const PAYLOAD_LEN: usize = 256;

/// `data` at `address` as a UF2 file. The last block is as short as the data, so that a reader sees no padding.
pub fn encode(address: u32, data: &[u8], family: Option<u32>) -> Vec<u8> {
    let count = data.len().div_ceil(PAYLOAD_LEN) as u32;
    let payloads = data.chunks(PAYLOAD_LEN).zip(0..);
    payloads
        .flat_map(|(payload, number)| {
            let address = address + number * PAYLOAD_LEN as u32;
            block(address, payload, number, count, family)
        })
        .collect()
}

fn block(address: u32, payload: &[u8], number: u32, count: u32, family: Option<u32>) -> Vec<u8> {
    let flags = if family.is_some() { FLAG_FAMILY } else { 0 };
    let head = [
        MAGIC_START[0],
        MAGIC_START[1],
        flags,
        address,
        payload.len() as u32,
        number,
        count,
        family.unwrap_or(0),
    ];
    let mut block: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    block.extend_from_slice(payload);
    block.resize(head.len() * 4 + DATA_LEN, 0);
    block.extend_from_slice(&MAGIC_END.to_le_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_says_where_its_bytes_belong() {
        let data: Vec<u8> = (0..600u32).map(|i| i as u8).collect();
        let file = encode(0x0800_0000, &data, Some(0x5EE2_1072));
        assert_eq!(file.len(), 3 * 512);
        let word = |block: usize, index: usize| {
            let bytes = &file[block * 512 + index * 4..][..4];
            bytes
                .iter()
                .rev()
                .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
        };
        for (block, len) in [(0, 256), (1, 256), (2, 88)] {
            let start = block * PAYLOAD_LEN;
            assert_eq!(word(block, 0), MAGIC_START[0]);
            assert_eq!(word(block, 3), 0x0800_0000 + start as u32);
            assert_eq!(word(block, 4), len as u32);
            assert_eq!(word(block, 5), block as u32);
            assert_eq!(word(block, 6), 3);
            assert_eq!(word(block, 7), 0x5EE2_1072);
            assert_eq!(file[block * 512 + 32..][..len], data[start..][..len]);
            assert_eq!(word(block, 127), MAGIC_END);
        }
    }
}
