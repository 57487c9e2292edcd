//! Numbers by chance that are the same at every run: a function of a seed and a position, so that there is no state
//! to keep.

/// The number at `position` of the series `seed` (SplitMix64, Steele, Lea and Flood 2014).
pub(crate) fn at(seed: u64, position: u64) -> u64 {
    let mut z = seed.wrapping_add(position.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
