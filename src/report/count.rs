//! Numbers of things, in words. Knows nouns with a plural in `s` only.

/// The number with its noun, such as `1 template` and `2 templates`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
