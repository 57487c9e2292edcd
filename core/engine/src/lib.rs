//! imprint
