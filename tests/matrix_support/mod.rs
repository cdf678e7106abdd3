//! Templates with one connector, made for every profile of a catalogue: what stands at its ends, how the connector is written,
//! and in which notation. Knows nothing about plans.

// Each part is for some of the tests.
#![allow(dead_code, unused_imports)]

mod notation;
mod scene;
pub(crate) mod written;

pub(crate) use notation::Notation;
pub(crate) use scene::{Place, Scene, Shape, arn, profiles_with_categories, spellings, value};
