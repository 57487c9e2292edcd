//! The target `header` of `imprint-inputs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs::target("header").run(bytes));
