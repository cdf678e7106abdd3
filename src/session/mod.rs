//! The interactive session: one rewrite at a time is shown and answered, answers can be changed, and nothing is written until
//! the whole has been shown and confirmed. Decisions of a person over a trait with a terminal and a scripted implementation;
//! refuses to know how edits are made and how files are written.

mod console;
mod desk;
mod ending;
mod key;
mod memory;
mod resource;
mod round;
mod screen;
mod talk;
#[cfg(test)]
mod tests;

pub use console::{Console, Edited, Ended, Size};
pub use desk::{Desk, Failure};
pub use ending::{Ending, Replacement};
pub use key::Key;
pub use memory::{desks, forgotten, records};
pub use talk::{Setting, converse};
