//! The target `serve` of `imprint-inputs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs::target("serve").run(bytes));
