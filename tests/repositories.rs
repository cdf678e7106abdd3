//! Repositories in every state, opened, read and committed to as a run over many of them does: what is right is done,
//! what is not is refused by name, and nothing that a repository brings along is run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod place_support;
mod repository_cases;
