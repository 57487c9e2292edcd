//! The target `script` of `imprint-inputs-script`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| imprint_inputs_script::SCRIPT.run(bytes));
