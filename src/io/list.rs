//! Lists of paths, as `git diff --name-only`, `find` and people write them.

use super::git_call::path_of;
use std::path::PathBuf;

/// The paths of a list: ended by NUL bytes if it holds any, else one on each line. Empty ones say nothing.
pub fn paths_in(list: &[u8]) -> Vec<PathBuf> {
    let ended_by_nul = memchr::memchr(0, list).is_some();
    let end = if ended_by_nul { 0 } else { b'\n' };
    let plain = |path: &[u8]| match path.strip_suffix(b"\r") {
        Some(path) if !ended_by_nul => path_of(path),
        _ => path_of(path),
    };
    list.split(|byte| *byte == end).map(plain).filter(|path| !path.as_os_str().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_or_nul_bytes_end_a_path() {
        let paths = |list: &[u8]| paths_in(list).iter().map(|p| p.display().to_string()).collect::<Vec<_>>();
        assert_eq!(paths(b"a.yaml\n\nb c.yaml\r\nd"), ["a.yaml", "b c.yaml", "d"]);
        assert_eq!(paths(b"a\nb.yaml\0c\r\0"), ["a\nb.yaml", "c\r"]);
        assert!(paths(b"").is_empty());
    }
}
