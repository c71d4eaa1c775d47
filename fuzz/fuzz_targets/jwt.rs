#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| context::fuzzing::jwt(input));
