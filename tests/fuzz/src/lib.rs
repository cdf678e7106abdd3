//! What the fuzzer tries: one module for each target, with a function that takes any bytes and panics where a promise is
//! broken. Knows nothing of the fuzzer, so that the tests of the parent can replay what it has found.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "no library; the parent includes it as a part of a test"
)]

pub mod config;
pub mod edits;
mod input;
mod markup;
pub mod parse;
pub mod plan;
mod promised;
pub mod report;
mod written;
