//! What lies below a directory, entry by entry, so that two moments can be compared. Follows no link.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Every entry by its path below the directory: the kind, the permissions, and a digest of what it holds.
pub(crate) type Snapshot = BTreeMap<PathBuf, (char, u32, u64)>;

/// Looks at everything below `root` but what `passed_over` names, by its path below `root`.
pub(crate) fn snapshot(root: &Path, passed_over: impl Fn(&Path) -> bool) -> Snapshot {
    let mut found = Snapshot::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            let below = path.strip_prefix(root).expect("it lies below").to_owned();
            if passed_over(&below) {
                continue;
            }
            let metadata = path.symlink_metadata().expect("it is there");
            let (kind, bytes) = if metadata.is_symlink() {
                ('l', fs::read_link(&path).expect("a link").into_os_string())
            } else if metadata.is_dir() {
                folders.push(path);
                ('d', OsString::new())
            } else {
                let bytes = fs::read(&path).expect("a readable file");
                ('f', std::os::unix::ffi::OsStringExt::from_vec(bytes))
            };
            let mut digest = DefaultHasher::new();
            bytes.hash(&mut digest);
            found.insert(below, (kind, metadata.permissions().mode(), digest.finish()));
        }
    }
    found
}

/// The paths that are in one only, or are something else in the other.
pub(crate) fn differences(one: &Snapshot, other: &Snapshot) -> Vec<PathBuf> {
    let mut differences: Vec<PathBuf> = one
        .iter()
        .filter(|(path, what)| other.get(*path) != Some(*what))
        .map(|(path, _)| path.clone())
        .collect();
    differences.extend(other.keys().filter(|path| !one.contains_key(*path)).cloned());
    differences
}
