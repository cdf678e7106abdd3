//! What has to hold behind a run, whatever happened to it: of what it left beside the repositories, and of each repository.

use super::lab::{Lab, copy};
use super::snapshot::{differences, snapshot};
use super::tree::{BRANCH, git, git_command};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

/// The row of a repository.
pub(crate) struct Done {
    /// The repository, below `src`.
    pub(crate) folder: PathBuf,
    pub(crate) row: Value,
}

/// The rows of the run in `out` by their keys. Each repository has one.
pub(crate) fn rows(lab: &Lab, out: &str) -> BTreeMap<String, Value> {
    let rows = lab.rows(out);
    let row = |line: &String| serde_json::from_str::<Value>(line).expect("a row is JSON");
    let by_key: BTreeMap<String, Value> =
        rows.iter().map(row).map(|row| (row["key"].as_str().expect("a key").to_owned(), row)).collect();
    assert_eq!(by_key.len(), rows.len(), "a repository is noted twice");
    by_key
}

/// What becomes of a repository is what shall become of one of its kind. `of` chooses what was expected of this run.
pub(crate) fn as_expected(lab: &Lab, out: &str, of: fn(&super::tree::Expected) -> &'static str) {
    let rows = rows(lab, out);
    let mut wrong = Vec::new();
    for expected in lab.expected.iter().filter(|expected| !of(expected).is_empty()) {
        let row = rows.get(&expected.key).unwrap_or_else(|| panic!("{} has no row", expected.key));
        let told = [row["status"].as_str(), row["reason"].as_str()].map(Option::unwrap_or_default).join(" ");
        if told.trim_end() != of(expected) {
            wrong.push(format!("{}: {told}, not {}: {}", expected.key, of(expected), row["message"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two runs said the same, byte for byte, and left nothing else.
pub(crate) fn same_output(lab: &Lab, one: &str, other: &str) {
    let (rows, others) = (lab.rows(one), lab.rows(other));
    for (row, other) in rows.iter().zip(&others) {
        assert_eq!(row, other);
    }
    assert_eq!(rows.len(), others.len());
    let own = |path: &Path| path == Path::new("results.jsonl") || path == Path::new(".samwire-run");
    let [one, other] = [one, other].map(|out| snapshot(&lab.at(out), own));
    assert_eq!(differences(&one, &other), Vec::<PathBuf>::new());
}

/// Nothing outside of the repositories was touched, and no program of a repository has left a trace.
pub(crate) fn nothing_outside(lab: &Lab) {
    let trace = fs::read_to_string(lab.at("lab/outside/trace")).unwrap_or_default();
    assert_eq!(trace, "", "programs of repositories were run");
    let [before, after] = ["master/outside", "lab/outside"].map(|at| snapshot(&lab.at(at), |_| false));
    assert_eq!(differences(&before, &after), Vec::<PathBuf>::new());
    assert_eq!(
        fs::read_dir(lab.at("state")).expect("it is there").count(),
        0,
        "a record is outside of its repository"
    );
}

/// Does something about each repository of which a run says that it changed, on all processors.
pub(crate) fn each_changed(
    lab: &Lab,
    out: &str,
    check: impl Fn(&Done) -> Result<(), String> + Sync,
) -> usize {
    let changed = rows(lab, out)
        .into_values()
        .filter(|row| ["changed", "partial"].iter().any(|status| row["status"] == *status));
    let list: Vec<Done> = changed
        .filter(|row| row["patch"].is_string())
        .map(|row| {
            // A name that is no text is not told as it is.
            let key = row["key"].as_str().expect("a key");
            let report = fs::read_to_string(lab.at(out).join(format!("{key}.json"))).expect("a report");
            assert!(report.contains(row["repo"].as_str().expect("a name")));
            Done { folder: lab.at("lab/src").join(decoded(key)), row }
        })
        .collect();
    let (next, wrong) = (Mutex::new(list.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(done) = { next.lock().expect("no panic").next() } {
                    if let Err(what) = check(done) {
                        wrong.lock().expect("no panic").push(format!("{}: {what}", done.row["key"]));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    list.len()
}

/// The path that a key stands for, as far as keys of ours go.
fn decoded(key: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let (mut bytes, mut rest) = (Vec::new(), key);
    while let Some(at) = rest.find('%') {
        bytes.extend(rest[..at].bytes());
        bytes.push(u8::from_str_radix(&rest[at + 1..at + 3], 16).expect("two digits"));
        rest = &rest[at + 3..];
    }
    bytes.extend(rest.bytes());
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

fn patch(lab: &Lab, out: &str, done: &Done) -> String {
    lab.at(out).join(done.row["patch"].as_str().expect("a patch")).display().to_string()
}

/// The branch holds one commit on top of HEAD, which is HEAD's tree with the patch.
pub(crate) fn branch_is_patch(lab: &Lab, out: &str, done: &Done) -> Result<(), String> {
    let folder = &done.folder;
    let ask = |args: &[&str]| git(folder, args);
    let index = tempfile::tempdir_in(lab.at("tmp")).expect("the folder is ours");
    let with_index = |args: &[&str]| {
        let mut command = git_command(folder);
        command.env("GIT_INDEX_FILE", index.path().join("index")).env("GIT_NO_REPLACE_OBJECTS", "1");
        let done =
            command.args(["-c", "core.sparseCheckout=false"]).args(args).output().expect("git is there");
        if !done.status.success() {
            return Err(format!("git {args:?}: {}", String::from_utf8_lossy(&done.stderr)));
        }
        Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
    };
    let base = done.row["base"].as_str().ok_or("no base")?;
    with_index(&["read-tree", base])?;
    with_index(&["apply", "--cached", "--whitespace=nowarn", &patch(lab, out, done)])?;
    let told = with_index(&["write-tree", "--missing-ok"])?;
    let name = format!("refs/heads/{BRANCH}");
    let found = with_index(&["log", "-1", "--format=%H %P %T", &name])?;
    let expected = format!("{} {base} {told}", done.row["commit"].as_str().ok_or("no commit")?);
    let dirty = ask(&["rev-parse", "HEAD"]);
    if found != expected || dirty != base {
        return Err(format!("{found} is not {expected}, HEAD is {dirty}"));
    }
    Ok(())
}

/// With a branch nothing else appears in any repository, and nothing changes: only objects, and the branch with its log.
pub(crate) fn only_the_branch(lab: &Lab) {
    let objects = |path: &Path| path.components().any(|part| part.as_os_str() == "objects");
    let [before, after] = ["master/src", "lab/src"].map(|at| snapshot(&lab.at(at), objects));
    let branch = Path::new("refs/heads").join(BRANCH);
    let ours = |path: &PathBuf| {
        // The folders on the way to the branch are made, too.
        let text = path.to_string_lossy();
        let folder = branch.parent().expect("it lies in a folder");
        path.ends_with(&branch)
            || path.ends_with(folder)
            || text.contains("/logs/")
            || text.ends_with("/logs")
    };
    let other: Vec<PathBuf> = differences(&before, &after)
        .into_iter()
        .filter(|path| !ours(path) || before.get(path).is_some_and(|(kind, ..)| *kind != 'd'))
        .collect();
    assert_eq!(other, Vec::<PathBuf>::new());
}

/// `git fsck` says of each repository what it said before.
pub(crate) fn as_sound_as_before(lab: &Lab) {
    let said = |at: &str, folder: &Path| {
        let folder = lab.at(at).join("src").join(folder);
        let mut command = git_command(&folder);
        let done = command
            .args(["fsck", "--strict", "--no-dangling", "--no-progress"])
            .output()
            .expect("git is there");
        let mut lines: Vec<String> = String::from_utf8_lossy(&[done.stdout, done.stderr].concat())
            .replace(&lab.at(at).display().to_string(), "")
            .lines()
            // What a kill leaves that nothing names is no harm.
            .filter(|line| !line.starts_with("dangling ") && !line.starts_with("unreachable "))
            .map(str::to_owned)
            .collect();
        lines.sort();
        (done.status.code(), lines)
    };
    let keys: Vec<PathBuf> = rows(lab, "lab/out").keys().map(|key| decoded(key)).collect();
    let (next, wrong) = (Mutex::new(keys.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(folder) = { next.lock().expect("no panic").next() } {
                    let (before, after) = (said("master", folder), said("lab", folder));
                    if before != after {
                        wrong
                            .lock()
                            .expect("no panic")
                            .push(format!("{}: {before:?} {after:?}", folder.display()));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files of a repository but git's own are what they were with the patch applied.
pub(crate) fn files_are_patch(lab: &Lab, out: &str, done: &Done) -> Result<(), String> {
    let below = done.folder.strip_prefix(lab.at("lab")).expect("it lies there");
    let place = tempfile::tempdir_in(lab.at("tmp")).expect("the folder is ours");
    let tree = place.path().join("tree");
    copy(&lab.at("master").join(below), &tree);
    // Without a repository git applies a patch to the files that are there, whatever attributes say.
    let own = |path: &Path| path.components().any(|part| part.as_os_str() == ".git");
    let _ = fs::remove_dir_all(tree.join(".git")).or_else(|_| fs::remove_file(tree.join(".git")));
    let applied = git_command(&tree)
        .args(["apply", "--whitespace=nowarn", &patch(lab, out, done)])
        .output()
        .expect("git is there");
    if !applied.status.success() {
        return Err(String::from_utf8_lossy(&applied.stderr).into_owned());
    }
    // A repository inside of another one has a patch of its own.
    let own = |path: &Path| own(path) || done.folder.join(path).join(".git").exists();
    let differences = differences(&snapshot(&tree, own), &snapshot(&done.folder, own));
    // A patch has everything that was planned; what could not be written is none of the changes.
    let report = lab.at(out).join(done.row["report"].as_str().ok_or("no report")?);
    let report: Value = serde_json::from_slice(&fs::read(report).map_err(|error| error.to_string())?)
        .map_err(|error| error.to_string())?;
    let failed: Vec<&Value> =
        report["files"].as_array().into_iter().flatten().filter(|file| file["status"] == "error").collect();
    let told = |path: &PathBuf| failed.iter().any(|file| file["path"].as_str().map(Path::new) == Some(path));
    let other: Vec<&PathBuf> = differences.iter().filter(|path| !told(path)).collect();
    if other.is_empty() { Ok(()) } else { Err(format!("differ: {other:?}")) }
}

/// `samwire undo` gives every file its bytes again.
pub(crate) fn can_be_undone(lab: &Lab, done: &Done) -> Result<(), String> {
    let below = done.folder.strip_prefix(lab.at("lab")).expect("it lies there");
    let undone = lab.command(env!("CARGO_BIN_EXE_samwire")).arg("undo").current_dir(&done.folder).output();
    let undone = undone.expect("the program runs");
    if !undone.status.success() {
        return Err(String::from_utf8_lossy(&undone.stderr).into_owned());
    }
    let own = |path: &Path| {
        path.components().any(|part| part.as_os_str() == ".git")
            || !path.as_os_str().is_empty() && done.folder.join(path).join(".git").exists()
    };
    let [before, after] = [lab.at("master").join(below), done.folder.clone()].map(|at| snapshot(&at, own));
    let differences = differences(&before, &after);
    if differences.is_empty() { Ok(()) } else { Err(format!("not taken back: {differences:?}")) }
}

/// No draft of a file is left below a directory. What a kill leaves of a record in a git directory, later runs remove when it is
/// old, since another run may be recording at the same time.
pub(crate) fn no_drafts(folder: &Path) {
    let drafts: Vec<PathBuf> = snapshot(folder, |path| path.ends_with(".git/samwire/runs"))
        .into_keys()
        .filter(|path| {
            let name = path.file_name().expect("it has a name").to_string_lossy();
            name.starts_with(".samwire-") && name.ends_with(".tmp")
        })
        .collect();
    assert_eq!(drafts, Vec::<PathBuf>::new());
}
