//! Which files are read, from where, and what of them is not committed.

use super::{SAM, git, open, repository};
use crate::place_support::Place;
use samwire::io::{Contents, FileMode};
use std::fs;
use std::path::{Path, PathBuf};

/// Paths with their bytes, or with the reason why there are none.
fn read(contents: Contents<'_>) -> Vec<(String, Result<Vec<u8>, &'static str>)> {
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    contents.map(|file| (shown(&file.path), file.bytes.map_err(|error| error.id()))).collect()
}

fn names(contents: Contents<'_>) -> Vec<String> {
    read(contents).into_iter().map(|(name, bytes)| bytes.map(|_| name).unwrap()).collect()
}

#[test]
fn only_possible_templates_that_mention_sam_are_read() {
    let big = "#".repeat(17 * 1024 * 1024) + SAM;
    let place = repository(&[
        ("template.yaml", SAM),
        ("deep/er/t.JSON", SAM),
        ("notes.md", SAM),
        ("other.yaml", "a: 1\n"),
        (".aws-sam/build/template.yaml", SAM),
        ("packaged.yaml", SAM),
        ("big.yaml", &big),
        ("empty.yaml", ""),
    ]);
    place.write("untracked.yaml", SAM);
    let opened = open(place.root());
    let expected = ["deep/er/t.JSON", "template.yaml"];
    assert_eq!(names(opened.committed(&[]).unwrap()), expected);
    assert_eq!(names(opened.checked_out(&[]).unwrap()), expected);
}

#[test]
fn what_is_committed_and_what_lies_in_the_work_tree_are_told_apart() {
    let place = repository(&[("t.yaml", SAM), ("gone.yaml", SAM), (".samwire.yaml", "a: 1\n")]);
    let edited = format!("{SAM}# edited\n");
    place.write("t.yaml", &edited);
    place.write(".samwire.yaml", "a: 2\n");
    fs::remove_file(place.at("gone.yaml")).unwrap();
    let opened = open(place.root());
    let mut committed = opened.committed(&[".samwire.yaml", ".none"]).unwrap();
    assert_eq!(committed.file(".samwire.yaml").unwrap().unwrap(), b"a: 1\n");
    assert!(committed.file(".none").unwrap().is_none() && committed.file("t.yaml").unwrap().is_none());
    let bytes = |text: &str| Ok(text.as_bytes().to_vec());
    assert_eq!(read(committed), [("gone.yaml".to_owned(), bytes(SAM)), ("t.yaml".to_owned(), bytes(SAM))]);
    let mut checked_out = opened.checked_out(&[".samwire.yaml"]).unwrap();
    assert_eq!(checked_out.file(".samwire.yaml").unwrap().unwrap(), b"a: 2\n");
    assert_eq!(read(checked_out), [("t.yaml".to_owned(), bytes(&edited))]);
}

#[cfg(unix)]
#[test]
fn file_names_are_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let names: [&[u8]; 8] = [
        b"-rf.yaml",
        b"--output=x.yaml",
        b"a\nb.yaml",
        b"q\"uo'te.yaml",
        b"back\\slash.yaml",
        b"latin-\xe9.yaml",
        b":(top)x.yaml",
        b" tab\t.yaml",
    ];
    let place = Place::repository(&[]);
    let path = |name: &[u8]| PathBuf::from(std::ffi::OsStr::from_bytes(name));
    for name in names {
        fs::write(place.root().join(path(name)), SAM).unwrap();
    }
    place.commit();
    super::identify(&place);
    let opened = open(place.root());
    let mut expected: Vec<PathBuf> = names.iter().map(|name| path(name)).collect();
    expected.sort();
    for contents in [opened.committed(&[]).unwrap(), opened.checked_out(&[]).unwrap()] {
        let mut found: Vec<PathBuf> = contents.map(|file| file.bytes.map(|_| file.path).unwrap()).collect();
        found.sort();
        assert_eq!(found, expected);
    }
    let all: Vec<&Path> = expected.iter().map(PathBuf::as_path).collect();
    assert!(opened.uncommitted(&all).unwrap().is_empty());
    let changes: Vec<_> = all
        .iter()
        .map(|path| samwire::io::NewContent { path, mode: FileMode::Plain, bytes: b"new" })
        .collect();
    let branch = samwire::io::Branch { name: "b", message: "m\n", changes: &changes };
    opened.commit_on_branch(&branch).unwrap();
    let changed = git(place.root(), &["diff", "--name-only", "-z", "HEAD..b"]);
    assert_eq!(changed.split('\0').filter(|name| !name.is_empty()).count(), names.len());
    assert_eq!(git(place.root(), &["ls-tree", "-r", "--name-only", "b"]).lines().count(), names.len());
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    use std::os::unix::fs::symlink;
    let place = repository(&[("r.yaml", SAM), ("a/t.yaml", SAM), ("b/t.yaml", SAM)]);
    let outside = Place::with(&[("t.yaml", "secret AWS::Serverless\n")]);
    // Committed as a link.
    symlink(outside.at("t.yaml"), place.at("link.yaml")).unwrap();
    symlink(outside.at("t.yaml"), place.at(".samwire.yaml")).unwrap();
    place.commit();
    // Made into one later.
    fs::remove_file(place.at("r.yaml")).unwrap();
    symlink(outside.at("t.yaml"), place.at("r.yaml")).unwrap();
    fs::remove_dir_all(place.at("a")).unwrap();
    symlink(outside.root(), place.at("a")).unwrap();
    let opened = open(place.root());
    let mut committed = opened.committed(&[".samwire.yaml"]).unwrap();
    assert!(committed.file(".samwire.yaml").unwrap().is_none());
    assert_eq!(names(committed), ["a/t.yaml", "b/t.yaml", "r.yaml"]);
    let found = read(opened.checked_out(&[".samwire.yaml"]).unwrap());
    let reasons: Vec<_> =
        found.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref().err().copied())).collect();
    assert_eq!(
        reasons,
        [("a/t.yaml", Some("linked-file")), ("b/t.yaml", None), ("r.yaml", Some("linked-file"))]
    );
    let asked = ["a/t.yaml", "b/t.yaml", "r.yaml"].map(Path::new);
    assert_eq!(opened.uncommitted(&asked).unwrap(), [asked[0], asked[2]]);
}

#[test]
fn conflicts_and_modes_are_told() {
    let place = repository(&[("t.yaml", SAM), ("x.yaml", SAM)]);
    place.git(&["config", "core.fileMode", "false"]);
    place.git(&["update-index", "--chmod=+x", "x.yaml"]);
    place.git(&["commit", "-q", "-m", "x"]);
    place.git(&["checkout", "-q", "-b", "other"]);
    for (branch, text) in [("other", "1\n"), ("mine", "2\n")] {
        if branch == "mine" {
            place.git(&["checkout", "-q", "-b", "mine", "HEAD~1"]);
        }
        place.write("t.yaml", &format!("{SAM}# {text}"));
        place.git(&["commit", "-q", "-a", "-m", text]);
    }
    let _ =
        std::process::Command::new("git").args(["merge", "-q", "other"]).current_dir(place.root()).output();
    let opened = open(place.root());
    let found: Vec<_> = opened
        .checked_out(&[])
        .unwrap()
        .map(|file| (file.path.display().to_string(), file.mode, file.bytes.err().map(|error| error.id())))
        .collect();
    let expected = [
        ("t.yaml".to_owned(), FileMode::Plain, Some("conflict")),
        ("x.yaml".to_owned(), FileMode::Executable, None),
    ];
    assert_eq!(found, expected);
    let asked = ["t.yaml", "x.yaml"].map(Path::new);
    assert_eq!(opened.uncommitted(&asked).unwrap(), [asked[0]]);
}

#[test]
fn submodules_are_named() {
    let place = repository(&[("t.yaml", SAM)]);
    git(place.root(), &["clone", "-q", ".", "libs/sub"]);
    place.git(&["-c", "advice.addEmbeddedRepo=false", "add", "libs/sub"]);
    place.commit();
    let opened = open(place.root());
    for contents in [opened.committed(&[]).unwrap(), opened.checked_out(&[]).unwrap()] {
        assert_eq!(contents.submodules, [PathBuf::from("libs/sub")]);
        assert_eq!(names(contents), ["t.yaml"]);
    }
}

#[test]
fn files_of_a_repository_inside_are_its_own() {
    let place = repository(&[("t.yaml", SAM), ("inner/t.yaml", SAM), ("inner/deep/t.yaml", SAM)]);
    git(place.root(), &["init", "-q", "inner"]);
    let opened = open(place.root());
    assert_eq!(names(opened.checked_out(&[]).unwrap()), ["t.yaml"]);
    assert_eq!(names(opened.committed(&[]).unwrap()), ["inner/deep/t.yaml", "inner/t.yaml", "t.yaml"]);
}

#[test]
fn a_tree_that_repeats_itself_without_end_is_refused() {
    let place = repository(&[("t.yaml", SAM)]);
    let mut hash = git(place.root(), &["rev-parse", "HEAD:t.yaml"]);
    for kind in ["100644 blob", "40000 tree", "40000 tree", "40000 tree", "40000 tree"] {
        let names = (0..100).map(|number| format!("{kind} {hash}\t{number:03}.yaml\n"));
        fs::write(place.at("tree"), names.collect::<String>()).unwrap();
        let listed = std::process::Command::new("git")
            .arg("mktree")
            .current_dir(place.root())
            .stdin(fs::File::open(place.at("tree")).unwrap())
            .output()
            .unwrap();
        hash = String::from_utf8(listed.stdout).unwrap().trim().to_owned();
    }
    let commit = git(place.root(), &["commit-tree", &hash, "-m", "bomb"]);
    place.git(&["update-ref", "HEAD", &commit]);
    let opened = open(place.root());
    assert_eq!(opened.committed(&[]).unwrap_err().id(), "too-large");
    // What is asked about by name is found, however much there is beside it, and a directory is no file.
    let asked = ["t.yaml", "000.yaml", "000.yaml/001.yaml"].map(Path::new);
    assert_eq!(opened.uncommitted(&asked).unwrap(), [asked[1], asked[2], asked[0]]);
}

#[test]
fn names_that_are_patterns_or_options_elsewhere_are_asked_for_as_they_are() {
    let files = ["-z", "--", "*.yaml", ":(top)a.yaml", "a b.yaml", "a.yaml", "x/[a].yaml", "x/a.yaml"];
    let place = repository(&files.map(|name| (name, SAM)));
    place.write("a.yaml", "x\n");
    place.write("x/a.yaml", "x\n");
    let asked = files.map(Path::new);
    assert_eq!(open(place.root()).uncommitted(&asked).unwrap(), ["a.yaml", "x/a.yaml"].map(PathBuf::from));
}

#[test]
fn uncommitted_content_is_known_by_its_bytes() {
    let place = repository(&[
        ("same.yaml", SAM),
        ("edited.yaml", SAM),
        ("staged.yaml", SAM),
        ("gone.yaml", SAM),
        ("crlf.yaml", SAM),
        ("removed.yaml", SAM),
    ]);
    place.write("edited.yaml", "x\n");
    place.write("staged.yaml", "x\n");
    place.git(&["add", "staged.yaml"]);
    place.write("staged.yaml", SAM);
    place.write("crlf.yaml", &SAM.replace('\n', "\r\n"));
    place.git(&["rm", "-q", "--cached", "removed.yaml"]);
    fs::remove_file(place.at("gone.yaml")).unwrap();
    place.write("new.yaml", SAM);
    let asked =
        ["same.yaml", "edited.yaml", "staged.yaml", "gone.yaml", "crlf.yaml", "removed.yaml", "new.yaml"];
    let asked = asked.map(Path::new);
    let opened = open(place.root());
    let expected = ["edited.yaml", "gone.yaml", "new.yaml", "removed.yaml", "staged.yaml"].map(PathBuf::from);
    assert_eq!(opened.uncommitted(&asked).unwrap(), expected);
    assert!(opened.uncommitted(&[]).unwrap().is_empty());
}

#[test]
fn a_sparse_checkout_shows_what_is_there() {
    let place = repository(&[("a/t.yaml", SAM), ("b/t.yaml", SAM)]);
    place.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    place.git(&["sparse-checkout", "set", "a"]);
    let opened = open(place.root());
    assert_eq!(names(opened.committed(&[]).unwrap()), ["a/t.yaml", "b/t.yaml"]);
    assert_eq!(names(opened.checked_out(&[]).unwrap()), ["a/t.yaml"]);
    super::commit(&opened, "samwire", "b/t.yaml").unwrap();
    assert_eq!(git(place.root(), &["diff", "--name-only", "HEAD", "samwire"]), "b/t.yaml");
}

#[test]
fn damaged_and_missing_content_is_told_for_each_file_and_the_others_are_read() {
    let texts: Vec<String> = (0..4).map(|number| format!("{SAM}# {number}\n")).collect();
    let files = ["0.yaml", "1.yaml", "2.yaml", "3.yaml"];
    let files: Vec<(&str, &str)> = files.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let place = repository(&files);
    let object = |name: &str| {
        let hash = git(place.root(), &["rev-parse", &format!("HEAD:{name}")]);
        place.at(&format!(".git/objects/{}/{}", &hash[..2], &hash[2..]))
    };
    fs::remove_file(object("0.yaml")).unwrap();
    let damaged = object("2.yaml");
    fs::remove_file(&damaged).unwrap();
    fs::write(&damaged, b"no object").unwrap();
    let opened = open(place.root());
    let found = read(opened.committed(&[]).unwrap());
    let reasons: Vec<_> = found.iter().map(|(_, bytes)| bytes.as_ref().err().copied()).collect();
    assert_eq!(reasons, [Some("missing-object"), None, Some("missing-object"), None]);
    // A change of another file does not need them.
    super::commit(&opened, "samwire", "1.yaml").unwrap();
}

#[test]
fn a_list_that_holds_names_out_of_the_work_tree_leads_nowhere() {
    let place = repository(&[("t.yaml", SAM)]);
    let blob = git(place.root(), &["rev-parse", "HEAD:t.yaml"]);
    // Git makes no such tree by itself, and reads it nevertheless.
    let raw: Vec<u8> =
        (0..blob.len()).step_by(2).map(|at| u8::from_str_radix(&blob[at..at + 2], 16).unwrap()).collect();
    let tree = [b"100644 ../evil.yaml\0".to_vec(), raw].concat();
    fs::write(place.at("tree"), tree).unwrap();
    let tree = git(place.root(), &["hash-object", "-w", "-t", "tree", "--literally", "tree"]);
    let commit = git(place.root(), &["commit-tree", &tree, "-m", "evil"]);
    place.git(&["update-ref", "HEAD", &commit]);
    let opened = open(place.root());
    let found = read(opened.committed(&[]).unwrap());
    assert_eq!(found, [("../evil.yaml".to_owned(), Err("unsafe-name"))]);
    assert!(super::commit(&opened, "b", "../evil.yaml").is_err());
    assert_eq!(git(place.root(), &["branch", "--list", "b"]), "");
}
