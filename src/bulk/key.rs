//! The key of a repository: where it lies, as the run was told, in characters that are a file name everywhere. Reports of a
//! repository are filed under it, shards are made by it, and a run that goes on knows by it what is done.

use crate::report::sha256_hex;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::path::{Component, Path, PathBuf};

/// The key of a repository, such as `acme/orders`. Invariant: at least one component; each is made of ASCII letters, digits,
/// `.`, `_`, `-` and `%`, begins with none of `.` and `-`, ends in no `.` and is not too long for a file system; so a path that it
/// is appended to is not left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key of what lies at `path`. Parts that lead up or to a root have no say.
    fn of(path: &Path) -> Self {
        let mut key = String::new();
        let whole = || sha256_hex(path.as_os_str().as_encoded_bytes());
        for component in path.components() {
            let Component::Normal(part) = component else { continue };
            if !key.is_empty() {
                key.push('/');
            }
            // What is left out still tells it from others.
            if key.len() + LONGEST > DEEPEST {
                key.push_str("%h");
                key.push_str(&whole()[..16]);
                break;
            }
            encode(part.as_encoded_bytes(), &mut key);
        }
        if key.is_empty() { Self("repository".to_owned()) } else { Self(key) }
    }

    /// The key as text, with `/` between components.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of the file with this ending that belongs to the repository, relative to where reports are filed.
    pub fn file(&self, ending: &str) -> String {
        format!("{}.{ending}", self.0)
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest component, which leaves room for an ending where a name may have 255 bytes.
const LONGEST: usize = 160;

/// The longest key, which leaves room for the directory before it where a path may have 4,096 bytes.
const DEEPEST: usize = 1_200;

/// Endings of the files of a run: a folder of such a name would be in the way of one of them.
const ENDINGS: [&str; 5] = [".json", ".patch", ".jsonl", ".html", ".md"];

/// Percent-encodes what is not safe in a file name of any system.
fn encode(part: &[u8], out: &mut String) {
    let start = out.len();
    for (index, byte) in part.iter().enumerate() {
        let edge = index == 0 && matches!(byte, b'.' | b'-') || index + 1 == part.len() && *byte == b'.';
        if (byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) && !edge {
            out.push(char::from(*byte));
        } else {
            write!(out, "%{byte:02X}").expect("impossible: writing to a String does not fail");
        }
    }
    if let Some(ending) = ENDINGS.iter().find(|ending| out[start..].to_ascii_lowercase().ends_with(*ending)) {
        out.replace_range(out.len() - ending.len()..=out.len() - ending.len(), "%2E");
    }
    if out.len() - start > LONGEST {
        // What is cut off still tells it from others.
        let digest = sha256_hex(part);
        out.truncate(start + LONGEST - 18);
        out.push_str("%h");
        out.push_str(&digest[..16]);
    }
}

/// A repository of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// By what it is known.
    pub key: Key,
    /// Where it is.
    pub path: PathBuf,
}

/// Gives each repository its key: the key of its name, such as its path below the directory that was searched; where several
/// places have one name, that of the whole path. The result is in the order of the keys, each place once. `found` are names with
/// places.
pub fn keyed(found: Vec<(PathBuf, PathBuf)>) -> Vec<Listed> {
    let mut by_key: BTreeMap<Key, Vec<PathBuf>> = BTreeMap::new();
    for (name, path) in found {
        let paths = by_key.entry(Key::of(&name)).or_default();
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut listed: Vec<Listed> = Vec::new();
    for (key, paths) in by_key {
        match <[PathBuf; 1]>::try_from(paths) {
            Ok([path]) => listed.push(Listed { key, path }),
            Err(paths) => {
                listed.extend(paths.into_iter().map(|path| Listed { key: Key::of(&path), path }));
            }
        }
    }
    listed.sort_by(|a, b| (&a.key, &a.path).cmp(&(&b.key, &b.path)));
    number(&mut listed);
    listed
}

/// Tells apart by a number what is one file name somewhere, such as `a`, `../a`, and `A` where case has no say.
fn number(listed: &mut [Listed]) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for one in listed {
        let count = taken.entry(one.key.as_str().to_ascii_lowercase()).or_insert(0);
        *count += 1;
        if *count > 1 {
            // No component is encoded to something with `%` before a letter that is no digit of a hexadecimal number.
            one.key = Key(format!("{}%n{count}", one.key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> String {
        Key::of(Path::new(path)).to_string()
    }

    #[test]
    fn a_key_is_a_safe_path_below_wherever_it_is_put() {
        for (path, expected) in [
            ("acme/orders", "acme/orders"),
            ("./a", "a"),
            ("/srv/git/orders.git", "srv/git/orders.git"),
            ("../../etc/passwd", "etc/passwd"),
            (".hidden/-rf", "%2Ehidden/%2Drf"),
            ("a b/ü\n", "a%20b/%C3%BC%0A"),
            ("50%/x.", "50%25/x%2E"),
            ("..", "repository"),
            ("a.json/b.patch", "a%2Ejson/b%2Epatch"),
            ("results.jsonl/report.HTML", "results%2Ejsonl/report%2EHTML"),
        ] {
            assert_eq!(key(path), expected);
        }
    }

    #[test]
    fn each_repository_has_a_key_of_its_own() {
        let found = |list: &[(&str, &str)]| {
            let list = list.iter().map(|(name, path)| (PathBuf::from(name), PathBuf::from(path)));
            keyed(list.collect()).into_iter().map(|one| one.key.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found(&[("b", "r/b"), ("a/c", "r/a/c"), ("b", "r/b")]), ["a/c", "b"]);
        assert_eq!(found(&[("a", "r/a"), ("a", "s/a"), ("b", "s/b")]), ["b", "r/a", "s/a"]);
        assert_eq!(found(&[("a", "a"), ("a", "../a"), ("A", "A")]), ["A", "a%n2", "a%n3"]);
        let long = |end: &str| format!("{}{end}", "x".repeat(300));
        let keys = found(&[(&long("1"), "1"), (&long("2"), "2")]);
        assert!(keys.len() == 2 && keys[0] != keys[1] && keys.iter().all(|key| key.len() == LONGEST));
        let deep = |end: &str| format!("{}{end}", format!("{}/", "é".repeat(50)).repeat(30));
        let keys = found(&[(&deep("1"), "1"), (&deep("2"), "2")]);
        assert!(keys.len() == 2 && keys[0] != keys[1] && keys.iter().all(|key| key.len() < DEEPEST));
    }
}
