//! Hands the bytes of the fuzzer to the promises about the readers of everything that a user writes beside templates.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| samwire_fuzz::config::run(data));
