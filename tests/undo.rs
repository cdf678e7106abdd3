//! The way back: what `fix` may write over, what it records, and what `undo` restores and refuses to restore.

mod place_support;

use place_support::{Done, Place, TEMPLATE, git};
use std::fs;

/// The command that writes.
const FIX: &[&str] = &["fix", "--yes"];

#[track_caller]
fn fixed(place: &Place, args: &[&str]) -> Done {
    let done = place.samwire(&[FIX, args].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    done
}

/// Whether an error tells what happened to `path`, why that stops us, and what to do.
#[track_caller]
fn has_three_parts(err: &str, path: &str, what: &str) {
    let start = format!("error: {path}: {what}");
    let at = err.find(&start).unwrap_or_else(|| panic!("no `{start}` in {err}"));
    let lines: Vec<&str> = err[at..].lines().take(3).collect();
    assert!(lines[1].starts_with("  why:  ") && lines[2].starts_with("  help: "), "{lines:?}");
}

#[test]
fn undo_goes_back_run_by_run_and_shows_what_it_restores() {
    let place = Place::repository(&[("a.yaml", TEMPLATE), ("b/t.yaml", &TEMPLATE.replace('\n', "\r\n"))]);
    let before = [place.read("a.yaml"), place.read("b/t.yaml")];
    let fix = fixed(&place, &["--only", "function-to-function"]);
    assert!(fix.err.ends_with("`samwire undo` takes this back\n"), "{}", fix.err);
    let between = [place.read("a.yaml"), place.read("b/t.yaml")];
    fixed(&place, &[]);
    assert_ne!(place.read("a.yaml"), between[0], "a second run needs no commit in between");

    // From any folder of the work tree.
    let undo = place.samwire_in("b", &["undo"], "");
    assert_eq!((undo.code, undo.err.as_str()), (0, "run 2: 2 files restored\n"));
    assert!(undo.out.contains("--- a/t.yaml\n+++ b/t.yaml\n@@ "), "{}", undo.out);
    assert_eq!([place.read("a.yaml"), place.read("b/t.yaml")], between);

    let undo = place.samwire(&["undo"]);
    assert_eq!(undo.code, 0, "{}", undo.err);
    assert_eq!([place.read("a.yaml"), place.read("b/t.yaml")], before);
    let reversed = undo.out;
    place.write("the.patch", &reversed);
    place.git(&["apply", "--check", "--reverse", "the.patch"]);

    let list = place.samwire(&["undo", "--list"]);
    let lines: Vec<&str> = list.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", list.out);
    assert!(lines[0].starts_with("   2        just now     2 files  taken back"), "{}", list.out);
    assert!(lines[1].ends_with("samwire fix --yes --only function-to-function"), "{}", list.out);
    let nothing = place.samwire(&["undo"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.starts_with("error: every run that is recorded here was taken back\n  why:  "));
    assert_eq!(place.names("."), [".git", "a.yaml", "b", "the.patch"], "nothing lies among the templates");
}

#[test]
fn without_a_run_there_is_nothing_to_take_back() {
    let place = Place::repository(&[("a.yaml", TEMPLATE)]);
    for (args, what) in
        [(&["undo"][..], "no run is recorded here"), (&["undo", "3"], "no run 3 is recorded here")]
    {
        let done = place.samwire(args);
        assert_eq!(done.code, 2);
        assert!(done.err.starts_with(&format!("error: {what}\n  why:  ")), "{}", done.err);
    }
    assert_eq!(place.samwire(&["undo", "--list"]).out, "no run is recorded here\n");
    assert!(!place.at(".git/samwire").exists(), "to look makes nothing");
    // A run that has nothing to write is no run.
    assert_eq!(place.samwire(&["fix", "--yes", "--only", "topic-to-queue"]).code, 0);
    assert!(!place.at(".git/samwire").exists());
}

#[test]
fn only_committed_content_is_written_over() {
    let dirty = TEMPLATE.replace("reads and writes", "READS AND WRITES");
    let modify = |place: &Place| place.write("t.yaml", &dirty);
    let stage = |place: &Place| {
        modify(place);
        place.git(&["add", "t.yaml"]);
    };
    let stage_and_modify = |place: &Place| {
        stage(place);
        place.write("t.yaml", &dirty.replace("READS", "Reads"));
    };
    let untrack = |place: &Place| place.git(&["rm", "-q", "--cached", "t.yaml"]);
    let ignore = |place: &Place| {
        untrack(place);
        place.write(".gitignore", "t.yaml\n");
        place.commit();
    };
    let unversion = |place: &Place| fs::remove_dir_all(place.at(".git")).expect("it is ours");
    /// How the file comes to hold what is not committed, what is said of it, the flag that lets `fix` go ahead, and flags
    /// that do not.
    type Case<'a> = (&'a dyn Fn(&Place), &'a str, &'a str, &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        (&modify, "has changes that are not committed", "--allow-dirty", &["--allow-staged"]),
        (&stage, "has staged changes", "--allow-staged", &["--allow-no-vcs"]),
        (&stage_and_modify, "has changes that are not committed", "--allow-dirty", &["--allow-staged"]),
        (&untrack, "is not known to git", "--allow-dirty", &["--allow-staged"]),
        (&ignore, "is ignored by git", "--allow-dirty", &["--allow-staged"]),
        (&unversion, "is in no git work tree", "--allow-no-vcs", &["--allow-dirty", "--allow-staged"]),
    ];
    for (prepare, fault, flag, useless) in cases {
        let place = Place::repository(&[("t.yaml", TEMPLATE), ("other.txt", "")]);
        prepare(&place);
        let before = place.read("t.yaml");
        let args = [FIX, useless, &["t.yaml"]].concat();
        let refused = place.samwire(&args);
        assert_eq!(refused.code, 2, "{fault}: {}", refused.err);
        let first = "error: nothing was written: git has no copy of a file that would be\n";
        let told = format!("{first}  t.yaml: {fault}\n  why:  ");
        assert!(refused.err.contains(&told), "{}", refused.err);
        assert!(refused.err.ends_with(&format!("go ahead with {flag}\n")), "{}", refused.err);
        assert!(refused.out.starts_with("--- a/t.yaml\n"), "the diff is shown: {}", refused.out);
        assert_eq!(place.read("t.yaml"), before);
        fixed(&place, &[flag, "t.yaml"]);
        assert_ne!(place.read("t.yaml"), before, "{fault}");
    }
}

#[test]
fn only_files_that_would_be_written_count() {
    let place = Place::repository(&[("a.yaml", TEMPLATE), ("b.yaml", "Resources: {}\n"), ("c.txt", "")]);
    place.write("b.yaml", "Resources: {} # changed\n");
    place.write("c.txt", "changed");
    place.write("d.yaml", "Resources: {}\n");
    fixed(&place, &[]);
}

#[test]
fn files_of_several_repositories_are_each_asked_about_in_their_own() {
    let place =
        Place::with(&[("one/t.yaml", TEMPLATE), ("two/t.yaml", TEMPLATE), ("loose/t.yaml", TEMPLATE)]);
    for folder in ["one", "two"] {
        git(&place.at(folder), &["init", "-q"]);
        git(&place.at(folder), &["add", "t.yaml"]);
    }
    let commit = ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "t"];
    git(&place.at("one"), &commit);
    let refused = place.samwire(FIX);
    assert_eq!(refused.code, 2);
    let list = "  loose/t.yaml: is in no git work tree\n  two/t.yaml: has staged changes\n  why:";
    assert!(refused.err.contains(list), "{}", refused.err);
    assert!(refused.err.ends_with("go ahead with --allow-staged --allow-no-vcs\n"), "{}", refused.err);
    fixed(&place, &["--allow-staged", "--allow-no-vcs"]);
    assert_eq!(place.samwire(&["undo"]).code, 0);
    assert_eq!(place.read("one/t.yaml"), TEMPLATE);
}

#[test]
fn the_last_ten_runs_are_kept() {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    for _ in 0..12 {
        fixed(&place, &["-q"]);
        assert_eq!(place.samwire(&["undo"]).code, 0);
    }
    let list = place.samwire(&["undo", "--list"]).out;
    let numbers: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(numbers, ["12", "11", "10", "9", "8", "7", "6", "5", "4", "3"]);
}

#[test]
fn linked_work_trees_keep_their_own_records_and_a_moved_one_keeps_them() {
    let place = Place::repository(&[("main/t.yaml", TEMPLATE)]);
    place.git(&["worktree", "add", "-q", "linked"]);
    assert_eq!(place.samwire_in("linked", FIX, "").code, 0);
    assert_eq!(place.samwire_in("main", &["undo"], "").code, 2);
    place.git(&["worktree", "move", "linked", "moved"]);
    let undo = place.samwire_in("moved", &["undo"], "");
    assert_eq!(undo.code, 0, "{}", undo.err);
    assert_eq!(place.read("moved/main/t.yaml"), TEMPLATE);
    assert!(place.at(".git/worktrees/linked/samwire/runs/1").exists());
}

#[test]
fn what_git_cannot_tell_is_not_taken_for_clean() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    fs::create_dir(place.at(".git")).expect("the folder is ours");
    let refused = place.samwire(FIX);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(
        refused.err.contains("whether the files are committed is not known: git says: "),
        "{}",
        refused.err
    );
    assert_eq!(place.read("t.yaml"), TEMPLATE);
    fixed(&place, &["--allow-dirty"]);
}

#[test]
fn what_the_last_fix_wrote_is_clean_until_it_is_edited_or_taken_back() {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    fixed(&place, &["--phase", "add"]);
    fixed(&place, &["--phase", "remove"]);
    let done = place.read("t.yaml");
    place.samwire(&["undo"]);
    place.write("t.yaml", &format!("{}# mine\n", place.read("t.yaml")));
    assert_eq!(place.samwire(&["fix", "--yes", "--phase", "remove"]).code, 2);
    // Taken back, the result of a run is a change like any other.
    place.write("t.yaml", &done);
    assert_eq!(place.samwire(&["fix", "--yes", "--accept", "any"]).code, 2);
}

#[test]
fn files_that_are_not_as_the_run_left_them_are_refused_by_name() {
    let names = ["edited", "gone", "fine", "rewritten", "already"].map(|name| format!("{name}.yaml"));
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), TEMPLATE)).collect();
    let place = Place::repository(&files);
    fixed(&place, &["--only", "function-to-function"]);
    fixed(&place, &["rewritten.yaml"]);
    let later = place.read("rewritten.yaml");
    let mine = format!("{}# mine\n", place.read("edited.yaml"));
    place.write("edited.yaml", &mine);
    place.write("already.yaml", TEMPLATE);
    fs::remove_file(place.at("gone.yaml")).expect("it is ours");

    let undo = place.samwire(&["undo", "1"]);
    assert_eq!(undo.code, 3);
    has_three_parts(&undo.err, "edited.yaml", "changed since that run wrote it\n");
    has_three_parts(&undo.err, "gone.yaml", "is not there any more\n");
    has_three_parts(&undo.err, "rewritten.yaml", "was written again by run 2\n");
    assert!(undo.err.contains("take back run 2 first: `samwire undo 2`"), "{}", undo.err);
    let end = "run 1: 1 file restored, 1 as before already, 3 left as found\n";
    assert!(undo.err.ends_with(end), "{}", undo.err);
    assert_eq!((place.read("edited.yaml"), place.read("rewritten.yaml")), (mine, later));
    assert_eq!(place.read("fine.yaml"), TEMPLATE);
    assert!(!place.at("gone.yaml").exists());
    // What could not be restored then can be once its reason is gone.
    assert_eq!(place.samwire(&["undo", "2"]).code, 0);
    assert_eq!(place.samwire(&["undo", "1"]).code, 3);
    assert_eq!(place.read("rewritten.yaml"), TEMPLATE);
}

#[cfg(unix)]
#[test]
fn links_protected_files_and_files_with_two_names_are_refused_by_fix_and_undo() {
    use std::os::unix::fs::symlink;
    let files = [("link.yaml", TEMPLATE), ("names.yaml", TEMPLATE), ("sealed.yaml", TEMPLATE)];
    let place = Place::repository(&files);
    let seal = |sealed: bool| {
        let mut permissions = fs::metadata(place.at("sealed.yaml")).expect("it is there").permissions();
        permissions.set_readonly(sealed);
        fs::set_permissions(place.at("sealed.yaml"), permissions).expect("it is ours");
    };
    let join = || fs::hard_link(place.at("names.yaml"), place.at("other.txt")).expect("the folder is ours");
    let what = |undo: &Done| {
        assert_eq!(undo.code, 3);
        has_three_parts(&undo.err, "names.yaml", "has 2 names (hard links)\n");
        has_three_parts(&undo.err, "sealed.yaml", "is read-only\n");
    };
    join();
    seal(true);
    what(&place.samwire(FIX));
    assert_eq!(place.read("names.yaml"), TEMPLATE);
    fs::remove_file(place.at("other.txt")).expect("it is ours");
    seal(false);
    fixed(&place, &["--allow-dirty"]);

    // The first run recorded only the file that it could write.
    let list = place.samwire(&["undo", "--list"]).out;
    assert!(list.contains("   1        just now      1 file  written"), "{list}");
    assert!(list.contains("   2        just now     2 files  written"), "{list}");
    let written = place.read("names.yaml");
    join();
    seal(true);
    what(&place.samwire(&["undo"]));
    assert_eq!(place.read("names.yaml"), written);
    assert_eq!(
        place.samwire(&["undo", "--list"]).out,
        list,
        "nothing was restored, so nothing is taken back"
    );

    fs::rename(place.at("link.yaml"), place.at("moved.txt")).expect("the folder is ours");
    symlink("moved.txt", place.at("link.yaml")).expect("the folder is ours");
    let undo = place.samwire(&["undo", "1"]);
    assert_eq!(undo.code, 3);
    has_three_parts(&undo.err, "link.yaml", "is a link now\n");
    assert_eq!(place.read("moved.txt"), written);
}
