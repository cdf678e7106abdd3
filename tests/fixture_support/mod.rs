//! What the tests on `fixtures/` share: finding the cases, reading their options, and the compact form in which a plan
//! is reviewed. Refuses to judge; that is done by the tests.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code, unreachable_pub, unused_imports)]

mod case;
mod choices;
mod expectation;
mod mutation;
pub mod phases;
pub mod promise;

pub use case::{Case, Kind, cases, demo_templates, odd_texts, root};
pub use choices::Choices;
pub use expectation::{Expectation, permission_lines};
pub use mutation::{Mutation, mutations};
