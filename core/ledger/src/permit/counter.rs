//! A counter that cannot go back, such as a cell of a TPM.
//!
//! Such cells wear out after some hundred thousand writes, so it is advanced once a lease, and at each start, stop and close,
//! never once a unit.

/// A counter in hardware.
pub trait MonotonicCounter {
    /// Why it cannot be read or advanced.
    type Error;
    /// Its value.
    fn read(&mut self) -> Result<u64, Self::Error>;
    /// Advances it to `value`; returns after it is durable. It does nothing if the counter is there already.
    fn advance_to(&mut self, value: u64) -> Result<(), Self::Error>;
}
