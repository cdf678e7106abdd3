//! Many repositories made from a seed, and runs over them that are killed, dealt out, and compared.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

pub(crate) mod checks;
mod kinds;
pub(crate) mod lab;
pub(crate) mod random;
pub(crate) mod snapshot;
mod templates;
pub(crate) mod tree;
pub(crate) mod verdicts;
