//! Hands the bytes of the fuzzer to the promises about the changing of documents.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| samwire_fuzz::edits::run(data));
