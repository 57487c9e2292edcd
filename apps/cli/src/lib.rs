//! imprint-cli
