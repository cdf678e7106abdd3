//! The share of a run: repositories are dealt out by their keys alone, so that every machine of a cluster finds its own
//! without asking another, and a repository stays in its share when others come or go.

use super::key::Key;
use crate::report::sha256_hex;
use std::num::NonZeroU32;
use std::str::FromStr;
use thiserror::Error;

/// One share of several, such as `2/8`. Invariant: `1 <= index <= count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: NonZeroU32,
    count: NonZeroU32,
}

/// A text that names no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected INDEX/COUNT with an index from 1 to the count, such as 2/8")]
pub struct ShardError;

impl Shard {
    /// Whether the repository of this key belongs to the share.
    pub fn has(self, key: &Key) -> bool {
        let digest = sha256_hex(key.as_str().as_bytes());
        let head = digest.get(..16).and_then(|head| u64::from_str_radix(head, 16).ok());
        head.expect("impossible: a digest has 64 hexadecimal digits") % u64::from(self.count.get())
            == u64::from(self.index.get() - 1)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let number = |text: &str| text.trim().parse::<NonZeroU32>().map_err(|_| ShardError);
        let shard = Self { index: number(index)?, count: number(count)? };
        if shard.index <= shard.count { Ok(shard) } else { Err(ShardError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::keyed;
    use std::path::PathBuf;

    #[test]
    fn every_repository_is_in_exactly_one_share_of_about_the_same_size() {
        let listed =
            keyed((0..1000).map(|n| (PathBuf::from(format!("acme/r{n}")), PathBuf::new())).collect());
        let shards: Vec<Shard> = (1..=4).map(|n| format!("{n}/4").parse().unwrap()).collect();
        let sizes: Vec<usize> =
            shards.iter().map(|shard| listed.iter().filter(|one| shard.has(&one.key)).count()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 1000);
        assert!(sizes.iter().all(|size| (180..320).contains(size)), "{sizes:?}");
        for one in &listed {
            assert_eq!(shards.iter().filter(|shard| shard.has(&one.key)).count(), 1);
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "0/2", "3/2", "a/b", "1/0", "-1/2", "1/2/3"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
        assert!("2/2".parse::<Shard>().is_ok());
    }
}
