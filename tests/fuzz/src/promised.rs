//! The promises that the tests of the parent state, taken from there as they are.

#![allow(unused_imports, clippy::unwrap_used, reason = "shared with tests that each use a part of it")]

#[path = "../../fixture_support/case.rs"]
mod case;
#[path = "../../fixture_support/choices.rs"]
mod choices;
#[path = "../../fixture_support/phases.rs"]
pub mod phases;
#[path = "../../fixture_support/promise.rs"]
pub mod promise;
#[path = "../../syntax_support/mod.rs"]
pub mod syntax;

pub use case::{Case, Kind};
pub use choices::Choices;
