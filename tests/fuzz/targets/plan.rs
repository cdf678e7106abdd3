//! Hands the bytes of the fuzzer to the promises about plans and their results.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| samwire_fuzz::plan::run(data));
