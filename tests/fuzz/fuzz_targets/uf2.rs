//! The target `uf2` of `imprint-inputs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs::target("uf2").run(bytes));
