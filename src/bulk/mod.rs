//! Many repositories: by which key each is known, which of them are this run's share, how far a run has come, and what a
//! commit says. Values and rules only; refuses to know how a repository is looked at and how anything is written.

mod key;
mod message;
mod progress;
mod shard;

pub use key::{Key, Listed, keyed};
pub use message::{Message, MessageError, Said};
pub use progress::{Head, HeadError};
pub use shard::{Shard, ShardError};
