//! imprint-target
