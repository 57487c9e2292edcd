//! imprint-tests
