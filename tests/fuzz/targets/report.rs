//! Hands the bytes of the fuzzer to the promises about reports: what is written, and what is read back.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| samwire_fuzz::report::run(data));
