//! The log of a station: a Merkle tree over what happened there, after RFC 6962 section 2.
//!
//! Appending costs a few hashes and keeps at most one hash a level. Whoever saw an earlier root can be shown that nothing
//! before it was changed ([`verify_consistency`]), and that an entry is among the leaves ([`verify_inclusion`]), with a
//! number of hashes that grows with the logarithm of the log.

mod frontier;
mod proof;

pub use frontier::{Frontier, Hash, leaf_hash, root};
pub use proof::{consistency, inclusion, verify_consistency, verify_inclusion};
