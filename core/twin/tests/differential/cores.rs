//! The cores that are compared.

use crate::{encoding::Architecture, state::Features};
use imprint_device::Core;

/// A core of the twin and its model in the oracle.
pub struct TestCore {
    pub core: Core,
    pub model: u32,
    pub architecture: Architecture,
}

/// Cortex-M0.
pub const CORTEX_M0: TestCore = TestCore {
    core: Core::CortexM0,
    model: 0,
    architecture: Architecture::V6M,
};

/// Cortex-M3.
pub const CORTEX_M3: TestCore = TestCore {
    core: Core::CortexM3,
    model: 3,
    architecture: Architecture::V7M,
};

/// Cortex-M4.
pub const CORTEX_M4: TestCore = TestCore {
    core: Core::CortexM4,
    model: 4,
    architecture: Architecture::V7EM,
};

impl TestCore {
    /// What its special registers have.
    pub fn features(&self) -> Features {
        Features {
            is_v7m: self.architecture >= Architecture::V7M,
            has_dsp: self.architecture >= Architecture::V7EM,
            has_unprivileged: self.core != Core::CortexM0,
        }
    }
}
