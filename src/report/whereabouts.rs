//! Under which name a file stands in reports that a code host reads: relative to the root of the work tree, wherever the
//! tool was started. Asks no file system.

use super::escape::portable;
use super::model::FileReport;
use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

/// Where a run takes place. Both paths are absolute and free of links.
#[derive(Debug, Clone, Copy)]
pub struct Whereabouts<'a> {
    /// The current directory.
    pub current: &'a Path,
    /// The root of its work tree, or the current directory where there is none.
    pub root: &'a Path,
}

impl Whereabouts<'_> {
    /// The path of a file below the root, without `.` and `..`; the absolute path of one outside of it.
    pub(super) fn path(&self, file: &FileReport) -> PathBuf {
        let base = file.diff_base.as_deref().unwrap_or(self.current);
        let absolute = lexical(&base.join(&file.diff_path));
        absolute.strip_prefix(self.root).map(Path::to_owned).unwrap_or(absolute)
    }

    /// The same for people and programs that know no bytes, with `/` between its parts.
    pub(super) fn name(&self, file: &FileReport) -> String {
        portable(&self.path(file)).into_owned()
    }
}

/// The path without `.` and `..`, by its words alone: no file is looked at.
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

/// A path as a URI: relative to a base if the path is relative, with the scheme `file` if it is absolute.
pub(super) fn uri(path: &Path) -> String {
    let mut out = String::new();
    if path.is_absolute() {
        out.push_str(if cfg!(windows) { "file:///" } else { "file://" });
    }
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char);
            }
            b'\\' if cfg!(windows) => out.push('/'),
            _ => write!(out, "%{byte:02X}").expect("impossible: writing to a String does not fail"),
        }
    }
    out
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::report::model::samples::file;

    #[test]
    fn names_are_relative_to_the_root_wherever_the_tool_was_started() {
        let at = Whereabouts { current: Path::new("/repo/services"), root: Path::new("/repo") };
        for (path, base, expected) in [
            ("t.yaml", None, "services/t.yaml"),
            ("./a/../t.yaml", None, "services/t.yaml"),
            ("../t.yaml", None, "t.yaml"),
            ("/repo/x/t.yaml", None, "x/t.yaml"),
            ("x/t.yaml", Some("/repo"), "x/t.yaml"),
            ("t.yaml", Some("/other"), "/other/t.yaml"),
        ] {
            let mut report = file(Vec::new());
            report.diff_path = path.into();
            report.diff_base = base.map(PathBuf::from);
            assert_eq!(at.name(&report), expected, "{path}");
        }
    }

    #[test]
    fn whatever_a_name_holds_is_one_path_of_a_uri() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        for (name, expected) in [
            (&b"a b/t.yaml"[..], "a%20b/t.yaml"),
            (b"a:b%0A?#[x].yaml", "a%3Ab%250A%3F%23%5Bx%5D.yaml"),
            ("größe\n.yaml".as_bytes(), "gr%C3%B6%C3%9Fe%0A.yaml"),
            (b"\xff\\.yaml", "%FF%5C.yaml"),
            (b"/x/t.yaml", "file:///x/t.yaml"),
        ] {
            assert_eq!(uri(Path::new(OsStr::from_bytes(name))), expected);
        }
    }
}
