//! imprint-plugin
