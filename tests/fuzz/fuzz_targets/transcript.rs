//! The target `transcript` of `imprint-inputs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs::target("transcript").run(bytes));
