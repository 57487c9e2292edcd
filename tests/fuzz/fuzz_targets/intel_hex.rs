//! The target `intel_hex` of `imprint-inputs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs::target("intel_hex").run(bytes));
