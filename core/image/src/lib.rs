//! imprint-image
