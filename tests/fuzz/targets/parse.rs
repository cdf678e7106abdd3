//! Hands the bytes of the fuzzer to the promises about the reading of templates.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| samwire_fuzz::parse::run(data));
