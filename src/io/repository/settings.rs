//! What of a repository's configuration matters here: a few values, and the hooks that it names, so that each of them can
//! be switched off by its name.

use super::RepositoryError;
use super::layout::Layout;
use crate::io::git_call::{answer_soon, configure, path_of};
use std::collections::BTreeSet;
use std::process::Command;

/// Values that are asked for later on.
const WANTED: [&str; 2] = ["remote.origin.url", "core.worktree"];

/// The part of the configuration that is kept, of all files that git reads for this repository.
#[derive(Debug, Default)]
pub(super) struct Settings {
    values: Vec<(&'static str, String)>,
    /// Names of configured hooks, which git 2.54 and later start for the events that they choose.
    hooks: BTreeSet<Vec<u8>>,
}

impl Settings {
    /// Asks git for the configuration.
    pub(super) fn ask(layout: &Layout) -> Result<Self, RepositoryError> {
        Ok(Self::of(&answer_soon(layout.git().args(["config", "--list", "-z"]))?))
    }

    fn of(listed: &[u8]) -> Self {
        let mut settings = Self::default();
        for entry in listed.split(|byte| *byte == 0) {
            let end = memchr::memchr(b'\n', entry).unwrap_or(entry.len());
            let (key, value) = entry.split_at(end);
            if let Some(wanted) = WANTED.into_iter().find(|wanted| wanted.as_bytes() == key) {
                let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default()).into_owned();
                settings.values.push((wanted, value));
            }
            let name = key.strip_prefix(b"hook.").and_then(|rest| {
                let dot = memchr::memrchr(b'.', rest)?;
                rest.get(..dot)
            });
            settings.hooks.extend(name.map(<[u8]>::to_vec));
        }
        settings
    }

    /// The value that counts where there are several.
    pub(super) fn last(&self, key: &str) -> Option<String> {
        self.values.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    /// Switches the configured hooks off for a call.
    pub(super) fn silence(&self, command: &mut Command) {
        let key =
            |name: &Vec<u8>| path_of(&[b"hook.", name.as_slice(), b".enabled"].concat()).into_os_string();
        configure(command, self.hooks.iter().map(|name| (key(name), "false".into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_every_configured_hook_is_switched_off() {
        let listed = b"remote.origin.url\na/b\0core.bare\0hook.a=b.c.command\ntouch x\0hook.a=b.c.event\npre-commit\0hook.jobs\n2\0remote.origin.url\nc/d\ne\0";
        let settings = Settings::of(listed);
        assert_eq!(settings.last("remote.origin.url").as_deref(), Some("c/d\ne"));
        assert_eq!(settings.last("core.worktree"), None);
        let mut command = Command::new("git");
        settings.silence(&mut command);
        let told: Vec<_> = command.get_envs().map(|(key, value)| (key, value.unwrap())).collect();
        let expected = [
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "hook.a=b.c.enabled"),
            ("GIT_CONFIG_VALUE_0", "false"),
        ];
        assert_eq!(told, expected.map(|(key, value)| (key.as_ref(), value.as_ref())));
    }
}
