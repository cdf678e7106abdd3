//! `bulk` as it is used: many repositories below a directory, planned, written into work trees and onto branches, stopped and
//! gone on with, dealt out in shares, whatever the config files of the repositories say.

#[cfg(unix)]
mod git_support;
mod place_support;

use place_support::{Done, Place, TEMPLATE, git};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A template with nothing to rewrite.
const QUIET: &str = "Transform: AWS::Serverless-2016-10-31\nResources: {}\n";

/// Repositories below `src`, and what is committed in each.
struct Many {
    place: Place,
}

impl Many {
    fn of(repositories: &[(&str, &[(&str, &str)])]) -> Self {
        let place = Place::empty();
        for (name, files) in repositories {
            for (file, text) in *files {
                place.write(&format!("src/{name}/{file}"), text);
            }
            let folder = place.at(&format!("src/{name}"));
            fs::create_dir_all(&folder).expect("the folder is ours");
            git(&folder, &["init", "-q", "-b", "main"]);
            commit(&folder);
        }
        Self { place }
    }

    /// Three repositories, two of which have something to rewrite.
    fn three() -> Self {
        let (orders, users, quiet) =
            ([("template.yaml", TEMPLATE)], [("a/template.yaml", TEMPLATE)], [("template.yaml", QUIET)]);
        Self::of(&[("acme/orders", &orders), ("acme/users", &users), ("tools", &quiet)])
    }

    fn bulk(&self, args: &[&str]) -> Done {
        let mut command = self.place.command(".", &[]);
        command.arg("bulk").args(args);
        for (name, value) in [("NAME", "A"), ("EMAIL", "a@example.com")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        command.output().expect("the program runs").into()
    }

    fn folder(&self, name: &str) -> std::path::PathBuf {
        self.place.at(&format!("src/{name}"))
    }

    /// The rows of a run by their keys.
    fn rows(&self, out: &str) -> BTreeMap<String, Value> {
        let text = self.place.read(&format!("{out}/results.jsonl"));
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row is JSON"));
        rows.map(|row| (row["key"].as_str().expect("a row has a key").to_owned(), row)).collect()
    }

    fn statuses(&self, out: &str) -> BTreeMap<String, String> {
        let status = |row: &Value| row["status"].as_str().expect("a row has a status").to_owned();
        self.rows(out).iter().map(|(key, row)| (key.clone(), status(row))).collect()
    }

    fn report(&self, out: &str, key: &str) -> Value {
        serde_json::from_str(&self.place.read(&format!("{out}/{key}.json"))).expect("a report is JSON")
    }
}

fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "t"]);
}

fn ask(folder: &Path, args: &[&str]) -> String {
    let done = Command::new("git").args(args).current_dir(folder).output().expect("git is there");
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("output is UTF-8")
}

fn of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn without_write_nothing_changes_and_each_patch_applies() {
    let many = Many::three();
    let done = many.bulk(&["src", "--out", "out"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let expected =
        of(&[("acme/orders", "would-change"), ("acme/users", "would-change"), ("tools", "nothing")]);
    assert_eq!(many.statuses("out"), expected);
    assert!(done.out.contains("3 repositories: 2 would change, 1 with nothing to change"), "{}", done.out);
    assert!(done.err.contains("[3/3] "), "{}", done.err);
    for name in ["acme/orders", "acme/users"] {
        let folder = many.folder(name);
        assert_eq!(ask(&folder, &["status", "--porcelain"]), "", "nothing was written");
        let patch = many.place.at(&format!("out/{name}.patch"));
        git(&folder, &["apply", "--check", patch.to_str().expect("a plain path")]);
        let report = many.report("out", name);
        assert_eq!(report["repository"]["base"], ask(&folder, &["rev-parse", "HEAD"]).trim());
        assert_eq!(report["files"][0]["status"], "would-change");
    }
    assert!(!many.place.at("out/tools.patch").exists());
    for report in ["report.html", "report.md"] {
        assert!(many.place.read(&format!("out/{report}")).contains("acme/orders"), "{report}");
    }
}

#[test]
fn written_into_work_trees_it_can_be_taken_back_and_a_second_run_has_nothing_to_do() {
    let many = Many::three();
    assert_eq!(many.bulk(&["src", "--write", "--out", "one", "-q"]).code, 0);
    assert_eq!(many.statuses("one")["acme/orders"], "changed");
    assert_eq!(ask(&many.folder("acme/orders"), &["status", "--porcelain"]), " M template.yaml\n");
    commit(&many.folder("acme/orders"));
    many.bulk(&["src", "--write", "--out", "two", "-q"]);
    assert_eq!(many.statuses("two")["acme/orders"], "nothing");
    let undone = many.place.samwire_in("src/acme/users", &["undo"], "");
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!(ask(&many.folder("acme/users"), &["status", "--porcelain"]), "");
}

#[test]
fn on_a_branch_it_leaves_work_tree_index_and_head_as_they_are() {
    let many = Many::three();
    many.place.write("message", "chore({repo}): {rewrites} rewrites\n\n{summary}\n");
    let folder = many.folder("acme/orders");
    let before = ask(&folder, &["rev-parse", "HEAD"]);
    let done = many.bulk(&[
        "src",
        "--write",
        "--branch",
        "deps/samwire",
        "--message",
        "message",
        "--out",
        "out",
        "-q",
    ]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(ask(&folder, &["rev-parse", "HEAD"]), before);
    assert_eq!(ask(&folder, &["status", "--porcelain"]), "");
    assert_eq!(ask(&folder, &["rev-parse", "deps/samwire~1"]), before);
    let row = &many.rows("out")["acme/orders"];
    assert_eq!(row["branch"], "deps/samwire");
    assert_eq!(row["commit"], ask(&folder, &["rev-parse", "deps/samwire"]).trim());
    let message = ask(&folder, &["log", "-1", "--format=%B", "deps/samwire"]);
    assert!(message.starts_with("chore(acme/orders): 2 rewrites\n\nIn template.yaml:"), "{message}");
    // The commit holds what the patch says.
    let patch = many.place.at("out/acme/orders.patch");
    git(&folder, &["apply", "--index", patch.to_str().expect("a plain path")]);
    let tree = ask(&folder, &["write-tree"]);
    assert_eq!(ask(&folder, &["rev-parse", "deps/samwire^{tree}"]), tree);
    git(&folder, &["fsck", "--strict"]);
    assert!(!many.folder("tools").join(".git/refs/heads/deps").exists());
}

#[test]
fn one_bad_repository_stops_no_other() {
    let many = Many::three();
    let broken = "Transform: AWS::Serverless-2016-10-31\na: [";
    many.place.write("src/acme/users/broken.yaml", broken);
    commit(&many.folder("acme/users"));
    many.place.write("src/acme/orders/template.yaml", &format!("{TEMPLATE}# mine\n"));
    many.place.write("src/gone/.git", "gitdir: nowhere\n");
    git(&many.place.at("src"), &["init", "-q", "empty"]);
    let done = many.bulk(&["src", "--write", "--out", "out"]);
    assert_eq!(done.code, 3, "{}", done.err);
    let expected = [
        ("acme/orders", "failed"),
        ("acme/users", "partial"),
        ("empty", "skipped"),
        ("gone", "failed"),
        ("tools", "nothing"),
    ];
    assert_eq!(many.statuses("out"), of(&expected));
    let rows = many.rows("out");
    assert_eq!(rows["acme/orders"]["reason"], "uncommitted");
    assert_eq!(rows["acme/users"]["reason"], "syntax");
    assert_eq!(rows["empty"]["reason"], "no-commit");
    assert!(many.place.read("src/acme/orders/template.yaml").ends_with("# mine\n"));
    assert!(many.place.read("src/acme/users/a/template.yaml").contains("Connectors:"), "the rest was done");
    let names = many.place.samwire(&["report", "out", "--status", "failed,partial", "--names"]);
    assert_eq!(names.out, "src/acme/orders\nsrc/gone\nsrc/acme/users\n", "what --repos reads");
    assert_eq!(many.bulk(&["src", "--out", "never", "--fail-on", "never"]).code, 0);
    assert_eq!(many.bulk(&["src/tools", "--out", "a", "--fail-on", "finding"]).code, 0);
    assert_eq!(many.bulk(&["src/acme/orders", "--out", "b", "--fail-on", "finding"]).code, 1);
}

#[test]
fn a_config_file_of_a_repository_narrows_and_widens_nothing() {
    let wide = "accept: any\ndrop-rest: true\nexternal: true\nmax-managed-policies: 99\njobs: 1\n";
    let narrow = "strict: true\npartition: any\nmax-managed-policies: 3\n";
    let ignoring = "ignore:\n- file: template.yaml\n  id: '*'\n";
    let files = |config| [("template.yaml", TEMPLATE), (".samwire.yaml", config)];
    let many = Many::of(&[
        ("plain", &[("template.yaml", TEMPLATE)]),
        ("wide", &files(wide)),
        ("narrow", &files(narrow)),
        ("ignoring", &files(ignoring)),
        ("broken", &files("stric: true\n")),
        ("mute", &files("baseline: known.json\n")),
    ]);
    for (out, args) in [("tree", &[][..]), ("branch", &["--branch", "b"])] {
        many.bulk(&[&["src", "--out", out], args].concat());
        let (plain, wide) = (many.report(out, "plain"), many.report(out, "wide"));
        assert_eq!(plain["files"], wide["files"], "what a repository accepts has no say");
        let passed = serde_json::json!(["accept", "drop-rest", "external", "max-managed-policies"]);
        assert_eq!(wide["repository"]["passed_over"], passed);
        let narrow = many.report(out, "narrow");
        assert_eq!(narrow["repository"]["passed_over"], serde_json::json!([]));
        assert!(narrow["summary"]["rewrites"].as_u64() < plain["summary"]["rewrites"].as_u64());
        assert_eq!(many.report(out, "ignoring")["summary"]["rewrites"], 0);
        let rows = many.rows(out);
        assert_eq!(
            (&rows["broken"]["status"], &rows["broken"]["reason"]),
            (&"failed".into(), &"config".into())
        );
        let message = rows["broken"]["message"].as_str().expect("it is told");
        assert!(message.contains(".samwire.yaml: 1:1: `stric` is no option"), "{message}");
        assert_eq!(rows["mute"]["reason"], "config", "what may narrow is not passed over for being gone");
    }
    let trusted = many.bulk(&["src/wide", "--trust-repo-config", "--out", "trusted"]);
    assert_eq!(trusted.code, 0, "{}", trusted.err);
    let report = many.report("trusted", "wide");
    assert_eq!(report["repository"]["passed_over"], serde_json::json!([]));
    assert_eq!(report["summary"]["held"], 0, "what it accepts is not held back");
    // What a person says counts more than both.
    many.bulk(&["src/narrow", "--accept", "any", "--drop-rest", "--out", "said"]);
    assert_eq!(many.report("said", "narrow")["summary"]["held"], 0);
    many.bulk(&["src/broken", "--no-config", "--out", "without"]);
    assert_eq!(many.statuses("without")["broken"], "would-change");
}

#[test]
fn a_baseline_of_a_repository_is_heeded_as_it_is_committed() {
    let many =
        Many::of(&[("a", &[("template.yaml", TEMPLATE), (".samwire.yaml", "baseline: known.json\n")])]);
    let args = ["check", "--baseline", "known.json", "--write-baseline"];
    assert_eq!(many.place.samwire_in("src/a", &args, "").code, 0);
    commit(&many.folder("a"));
    for (out, args) in [("tree", &[][..]), ("branch", &["--branch", "b"])] {
        let done = many.bulk(&[&["src", "--out", out], args].concat());
        assert_eq!(done.code, 0, "{}", done.err);
        let report = many.report(out, "a");
        assert_eq!(report["summary"]["rewrites"], 0);
        assert!(report["summary"]["ignored"].as_u64() > Some(0));
    }
}

#[test]
fn the_config_file_of_whoever_runs_it_counts_unless_it_lies_in_a_work_tree() {
    let many = Many::three();
    many.place
        .write(".samwire.yaml", "strict: true\nignore:\n- file: src/acme/users/a/template.yaml\n  id: '*'\n");
    many.bulk(&["src", "--out", "out"]);
    let rewrites = |out: &str, key: &str| many.report(out, key)["summary"]["rewrites"].as_u64();
    assert_eq!(rewrites("out", "acme/users"), Some(0));
    many.place.write("src/acme/orders/.samwire.yaml", "accept: any\ndrop-rest: true\n");
    let inside = many.place.samwire_in("src/acme/orders", &["bulk", ".", "--out", "../../../inside"], "");
    assert_eq!(inside.code, 0, "{}", inside.err);
    assert!(many.report("inside", "orders")["summary"]["held"].as_u64() > Some(0));
}

#[test]
fn a_run_goes_on_where_it_stopped_and_only_if_it_is_the_same() {
    let many = Many::three();
    many.bulk(&["src", "--write", "--branch", "b", "--out", "out", "-j", "1"]);
    let whole = many.place.read("out/results.jsonl");
    let again = many.bulk(&["src", "--write", "--branch", "b", "--out", "out"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("holds a run already") && again.err.contains("--resume"), "{}", again.err);
    let other = many.bulk(&["src", "--write", "--branch", "c", "--out", "out", "--resume"]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("it was begun with other options"), "{}", other.err);
    // As a kill leaves it: a line that is torn, and a repository that is written and not noted.
    let lines: Vec<&str> = whole.lines().collect();
    fs::write(many.place.at("out/results.jsonl"), format!("{}\n{}", lines[0], &lines[1][..20])).unwrap();
    let done = many.bulk(&["src", "--write", "--branch", "b", "--out", "out", "--resume", "-j", "1"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.starts_with("[2/3] "), "{}", done.err);
    assert_eq!(many.place.read("out/results.jsonl"), whole, "as if nothing had happened");
    let nothing = many.bulk(&["src", "--write", "--branch", "b", "--out", "out", "--resume"]);
    assert!(nothing.code == 0 && !nothing.err.contains('['), "{}", nothing.err);
    assert!(nothing.out.contains("3 repositories"), "the table is there all the same: {}", nothing.out);
}

#[test]
fn a_run_that_only_looked_gives_way_and_one_that_wrote_does_not() {
    let many = Many::three();
    let looked = many.bulk(&["src", "--out", "out"]);
    assert!(looked.out.contains("the same command writes with `--write`"), "{}", looked.out);
    assert!(many.place.at("out/acme/orders.json").exists(), "{}", looked.err);
    assert_eq!(many.bulk(&["src/tools", "--out", "out"]).code, 0);
    assert_eq!(many.rows("out").len(), 1, "rows of what is not part of it any more are gone");
    assert!(!many.place.at("out/acme/orders.json").exists(), "and so are their reports");
    let written = many.bulk(&["src", "--write", "--branch", "b", "--out", "out", "--resume"]);
    assert_eq!(written.code, 0, "{}", written.err);
    let rows = many.place.read("out/results.jsonl");
    assert_eq!(rows.lines().count(), 3, "{rows}");
    for args in [&[][..], &["--write", "--branch", "c"]] {
        let refused = many.bulk(&[&["src", "--out", "out"], args].concat());
        assert_eq!(refused.code, 2, "{}", refused.out);
    }
    assert_eq!(many.place.read("out/results.jsonl"), rows, "what was written keeps its record");
}

#[test]
fn a_branch_with_something_else_on_it_is_left_alone() {
    let many = Many::three();
    git(&many.folder("acme/orders"), &["branch", "b"]);
    let done = many.bulk(&["src", "--write", "--branch", "b", "--out", "out"]);
    assert_eq!(done.code, 3);
    assert_eq!(many.rows("out")["acme/orders"]["reason"], "branch-exists");
    assert_eq!(many.statuses("out")["acme/users"], "changed");
}

#[test]
fn a_further_work_tree_gets_no_branch_of_its_own() {
    let many = Many::three();
    git(&many.folder("tools"), &["worktree", "add", "-q", "-b", "other", "../linked"]);
    for (out, args, expected) in [("tree", &[][..], "nothing"), ("branch", &["--branch", "b"], "skipped")] {
        let done = many.bulk(&[&["src", "--out", out], args].concat());
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(many.statuses(out)["linked"], expected);
    }
}

#[test]
fn what_failed_can_be_done_again_in_the_same_run() {
    let many = Many::three();
    many.place.write("src/acme/orders/template.yaml", &format!("{TEMPLATE}# mine\n"));
    assert_eq!(many.bulk(&["src", "--write", "--out", "out"]).code, 3);
    commit(&many.folder("acme/orders"));
    assert_eq!(many.bulk(&["src", "--write", "--out", "out", "--resume"]).code, 3, "it is finished");
    let done = many.bulk(&["src", "--write", "--out", "out", "--resume", "--retry-failed"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let expected = of(&[("acme/orders", "changed"), ("acme/users", "changed"), ("tools", "nothing")]);
    assert_eq!(many.statuses("out"), expected);
    assert!(done.out.contains("3 repositories: 2 changed"), "{}", done.out);
    let report = many.place.samwire(&["report", "out"]);
    assert!(report.out.contains("3 repositories: 2 changed"), "{}", report.out);
}

#[test]
fn another_repository_of_the_same_name_is_not_taken_for_one_that_is_finished() {
    let many = Many::three();
    many.place.write("list", "src/tools\n");
    many.bulk(&["--repos", "list", "--out", "out"]);
    fs::rename(many.folder("tools"), many.place.at("src/more")).expect("the folder is ours");
    many.place.write("list", "src/more/../more\n");
    let text = many.place.read("out/results.jsonl").replace("src/tools", "src/more/more");
    many.place.write("out/results.jsonl", &text);
    many.place.write("out/results.jsonl", &text.replace("\"path\":\"src/more/more\"", "\"path\":\"src/x\""));
    let done = many.bulk(&["--repos", "list", "--out", "out", "--resume"]);
    assert!(done.code == 2 && done.err.contains("was another repository there: src/x"), "{}", done.err);
}

#[test]
fn names_of_repositories_stand_in_the_way_of_no_other() {
    let deep = format!("{}/x", vec!["é".repeat(50); 15].join("/"));
    let files = [("template.yaml", TEMPLATE)];
    let many =
        Many::of(&[("results.jsonl/x", &files), ("report.html/x", &files), (&deep, &files), ("zzz", &files)]);
    let done = many.bulk(&["src", "--out", "out"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(many.rows("out").len(), 4);
    assert!(many.statuses("out").values().all(|status| status == "would-change"));
}

#[test]
fn names_that_a_list_cannot_hold_are_told_and_left_out() {
    let files = [("template.yaml", TEMPLATE)];
    let many = Many::of(&[("a\nb", &files), ("c", &files)]);
    many.bulk(&["src", "--out", "out"]);
    let lines = many.place.samwire(&["report", "out", "--names"]);
    assert_eq!((lines.code, lines.out.as_str()), (3, "src/c\n"));
    assert!(lines.err.contains("one repository is left out") && lines.err.contains("-z"), "{}", lines.err);
    let ended = many.place.samwire(&["report", "out", "--names", "-z"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "src/a\nb\0src/c\0"));
}

#[cfg(unix)]
#[test]
fn reports_go_into_no_repository_by_a_link_either() {
    let many = Many::three();
    std::os::unix::fs::symlink(many.folder("tools"), many.place.at("link")).expect("the folder is ours");
    let done = many.bulk(&["src", "--out", "link/out", "--shard", "1/2"]);
    assert!(done.code == 2 && done.err.contains("which is one of the repositories"), "{}", done.err);
}

#[test]
fn shares_are_the_whole_and_have_nothing_in_common() {
    let many = Many::three();
    many.bulk(&["src", "--out", "whole"]);
    let mut seen = BTreeSet::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = format!("shards/{}", &shard[..1]);
        assert_eq!(many.bulk(&["src", "--out", &out, "--shard", shard]).code, 0);
        for key in many.rows(&out).into_keys() {
            assert_eq!(many.report(&out, &key), many.report("whole", &key));
            assert!(seen.insert(key));
        }
    }
    assert_eq!(seen.len(), 3);
    let [merged, whole] =
        ["shards", "whole"].map(|from| many.place.samwire(&["report", from, "--format", "csv"]).out);
    // Only where the details lie is different.
    let merged = ["shards/1/", "shards/2/", "shards/3/"]
        .iter()
        .fold(merged, |text, shard| text.replace(shard, "whole/"));
    assert_eq!(merged, whole);
}

#[test]
fn any_number_of_workers_says_the_same() {
    let many = Many::three();
    for (out, jobs) in [("one", "1"), ("four", "4")] {
        many.bulk(&["src", "--out", out, "-j", jobs]);
    }
    assert_eq!(many.rows("one"), many.rows("four"));
    for file in ["report.md", "report.html", "acme/orders.json", "acme/users.patch"] {
        assert_eq!(many.place.read(&format!("one/{file}")), many.place.read(&format!("four/{file}")));
    }
}

#[test]
fn repositories_can_be_listed_and_are_named_by_where_they_are() {
    let many = Many::three();
    many.place.write("list", "src/tools\nsrc/acme/../acme/orders\n./src/tools\nsrc/acme/orders\n");
    many.bulk(&["--repos", "list", "--out", "out"]);
    let keys: Vec<String> = many.rows("out").into_keys().collect();
    assert_eq!(keys, ["src/acme/acme/orders", "src/tools"], "each place once, as it was named first");
    many.bulk(&["src", "--repos", "list", "--out", "both"]);
    assert_eq!(many.rows("both").len(), 3);
    git(&many.place.root().join("src"), &["clone", "-q", "--bare", "tools", "bare.git"]);
    many.bulk(&["src/bare.git", "src/tools", "--out", "two"]);
    assert_eq!(many.statuses("two"), of(&[("bare.git", "nothing"), ("tools", "nothing")]));
}

#[test]
fn wrong_usage_is_told_before_anything_is_done() {
    let many = Many::three();
    many.place.write("bad", "{sumary}");
    many.place.write("full/file", "");
    for (args, told) in [
        (&[][..], "<ROOT>"),
        (&["nowhere"], "error: nowhere: no such directory"),
        (&["src", "--shard", "3/2"], "expected INDEX/COUNT"),
        (&["src", "--branch", "a..b"], "`a..b` is no name of a branch"),
        (&["src", "--branch", "b", "--message", "bad"], "did you mean `{summary}`?"),
        (&["src", "--message", "bad"], "--branch"),
        (&["src", "--out", "src/tools/out"], "which is one of the repositories"),
        (&["src", "--out", "full"], "holds something, and no run"),
        (&["--repos", "gone"], "cannot be read"),
        (&["src", "--accept", "any", "--strict"], "cannot be used with"),
        (&["src", "--only", "function-to-tabel"], "did you mean `function-to-table`?"),
    ] {
        let done = many.bulk(args);
        assert!(done.code == 2 && done.err.contains(told), "{args:?}: {} {}", done.code, done.err);
        assert!(!many.place.at("samwire-bulk").exists(), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_ends_behind_the_repositories_at_hand() {
    let names: Vec<String> = (0..5).map(|n| format!("r{n}")).collect();
    let files: &[(&str, &str)] = &[("template.yaml", TEMPLATE)];
    let list: Vec<(&str, &[(&str, &str)])> = names.iter().map(|name| (name.as_str(), files)).collect();
    let many = Many::of(&list);
    let git = git_support::FalseGit::new();
    git.at("wait", "/src/r2");
    let mut child = many.place.command(".", &["bulk", "src", "--write", "--out", "out", "-j", "1"]);
    let child = git.put_before(&mut child).stdout(std::process::Stdio::null());
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !git.is_sprung() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()));
    git.go();
    let mut told = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{told}");
    assert!(told.contains("stopped by SIGINT") && told.contains("--resume"), "{told}");
    assert_eq!(many.rows("out").len(), 3, "the one at hand was the last");
    let written = |name: &String| many.place.read(&format!("src/{name}/template.yaml")) != TEMPLATE;
    assert_eq!(names.iter().filter(|name| written(name)).count(), 3, "none is written and not noted");
    assert_eq!(many.bulk(&["src", "--write", "--out", "out", "--resume", "-q"]).code, 0);
    assert!(many.statuses("out").values().all(|status| status == "changed"));
}
