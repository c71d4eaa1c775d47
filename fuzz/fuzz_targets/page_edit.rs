#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| postern::fuzzing::page_edit(input));
