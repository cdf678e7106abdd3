//! The command line where files change, or where streams matter: what is written, what is not, and the exit code.

mod place_support;

use place_support::{Place, TEMPLATE, git};
use serde_json::Value;
use std::fs;
use std::process::Stdio;

#[test]
fn fix_writes_what_the_diff_shows_whatever_the_bytes_and_the_name() {
    let spellings: [(&str, String); 5] = [
        ("template.yaml", TEMPLATE.to_owned()),
        ("my stack.yaml", TEMPLATE.replace('\n', "\r\n")),
        ("größe/t.yml", TEMPLATE.trim_end().to_owned()),
        ("with\ttab.yaml", format!("\u{feff}{TEMPLATE}")),
        ("quo\"te.template", TEMPLATE.replace("Encrypts orders", "Größe ñ \u{2028}")),
    ];
    let (patched, fixed) = (Place::empty(), Place::empty());
    git(patched.root(), &["init", "-q"]);
    for (name, text) in &spellings {
        patched.write(&format!("services/{name}"), text);
        fixed.write(&format!("services/{name}"), text);
    }
    let folder = patched.at("services");
    let diff = patched.samwire_in("services", &["diff"], "");
    assert_eq!(diff.code, 1, "{}", diff.err);
    patched.write("services/the.patch", &diff.out);
    git(&folder, &["apply", "the.patch"]);
    let fix = fixed.samwire_in("services", &["fix", "--yes", "--allow-no-vcs"], "");
    assert_eq!(fix.code, 0, "{}", fix.err);
    assert!(fix.out.contains("10 rewrites applied in 5 of 5 templates, 5 held back"), "{}", fix.out);
    for (name, text) in &spellings {
        let (one, other) =
            (patched.read(&format!("services/{name}")), fixed.read(&format!("services/{name}")));
        assert_eq!(one, other, "{name}");
        assert_ne!(&one, text, "{name}");
    }
    let again = fixed.samwire_in("services", &["--fix", "--yes", "--allow-no-vcs", "."], "");
    assert!(again.out.contains("nothing within consent"), "{}", again.out);
    let nothing = fixed.samwire_in("services", &[], "");
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
}

#[test]
fn fix_needs_a_word_before_it_writes_and_fails_on_what_remains_only_when_asked() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix"]).code, 2);
    assert_eq!(place.read("template.yaml"), TEMPLATE);
    assert_eq!(place.samwire(&["fix", "--yes", "--allow-no-vcs", "--fail-on", "held"]).code, 1);
    assert_ne!(place.read("template.yaml"), TEMPLATE);
}

#[test]
fn standard_input_is_read_once_and_its_result_printed() {
    let place = Place::empty();
    let fixed = place.samwire_in(".", &["fix", "-", "-"], TEMPLATE);
    assert_eq!(fixed.code, 0, "{}", fixed.err);
    assert!(fixed.out.starts_with("AWSTemplateFormatVersion") && fixed.out.matches("ToMailer:").count() == 1);
    assert!(fixed.err.contains("2 rewrites applied in 1 of 1 template"), "{}", fixed.err);
    let unchanged = place.samwire_in(".", &["fix", "-", "--strict", "-q"], TEMPLATE);
    assert_eq!((unchanged.code, unchanged.out.as_str(), unchanged.err.as_str()), (0, TEMPLATE, ""));
    let diff = place.samwire_in(".", &["diff", "-", "--stdin-filename", "./sub/t.yaml"], TEMPLATE);
    assert!(diff.code == 1 && diff.out.starts_with("--- a/sub/t.yaml\n+++ b/sub/t.yaml\n"), "{}", diff.out);
    let broken = place.samwire_in(".", &["fix", "-"], "Resources: [");
    assert_eq!((broken.code, broken.out.as_str()), (3, ""));
    assert!(broken.err.starts_with("error: stdin:"), "{}", broken.err);
}

#[test]
fn a_file_given_twice_is_done_once() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    let done = place.samwire(&["check", "template.yaml", ".", "./template.yaml"]);
    assert!(done.out.contains("in 1 of 1 template,"), "{}", done.out);
}

#[test]
fn ignored_built_and_packaged_templates_are_passed_over() {
    let place = Place::with(&[
        (".gitignore", "build/\n"),
        ("build/template.yaml", TEMPLATE),
        (".aws-sam/build/template.yaml", TEMPLATE),
        ("packaged.yaml", TEMPLATE),
        ("notes.txt", TEMPLATE),
        ("package.json", "{}"),
    ]);
    let done = place.samwire(&[]);
    assert_eq!((done.code, done.err.as_str()), (0, "no SAM templates here\n"));
    assert_eq!(place.samwire(&["notes.txt"]).code, 1);
}

#[test]
fn a_read_only_file_is_left_and_the_others_are_done() {
    let place = Place::with(&[("a.yaml", TEMPLATE), ("b.yaml", TEMPLATE)]);
    let mut permissions = fs::metadata(place.at("a.yaml")).expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(place.at("a.yaml"), permissions).expect("the file is ours");
    let done = place.samwire(&["fix", "--yes", "--allow-no-vcs"]);
    assert_eq!(done.code, 3);
    assert!(done.err.contains("error: a.yaml: is read-only\n  why:  "), "{}", done.err);
    assert!(
        done.out
            .contains("\n2 rewrites applied in 1 of 1 template, 1 held back, 1 left alone, 1 file failed\n"),
        "{}",
        done.out
    );
    assert!(!done.out.contains("a.yaml"), "what was not written is not told as done: {}", done.out);
    assert_eq!(place.read("a.yaml"), TEMPLATE);
    assert_ne!(place.read("b.yaml"), TEMPLATE);
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_is_an_error_and_leaves_the_file_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&[("sealed/t.yaml", TEMPLATE)]);
    let seal = |mode| fs::set_permissions(place.at("sealed"), fs::Permissions::from_mode(mode));
    seal(0o555).expect("the folder is ours");
    // The superuser may write anywhere, so for that user there is no such directory.
    let sealed = fs::write(place.at("sealed/probe"), "").is_err();
    let done = place.samwire(&["fix", "--yes", "--allow-no-vcs"]);
    seal(0o755).expect("the folder is ours");
    if sealed {
        assert_eq!(done.code, 3, "{}", done.err);
        assert!(done.err.contains("error: sealed/t.yaml: cannot be written"), "{}", done.err);
        assert_eq!(place.read("sealed/t.yaml"), TEMPLATE);
        assert_eq!(fs::read_dir(place.at("sealed")).expect("readable").count(), 1, "no draft is left");
    } else {
        assert_eq!(done.code, 0, "{}", done.err);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_named_directories_only() {
    use std::os::unix::fs::symlink;
    let place = Place::with(&[("in/real.conf", TEMPLATE), ("out/t.yaml", TEMPLATE)]);
    symlink("real.conf", place.at("in/link.yaml")).expect("the folder is ours");
    symlink("../out/t.yaml", place.at("in/away.yaml")).expect("the folder is ours");
    let diff = place.samwire(&["diff", "in"]);
    assert!(diff.out.starts_with("--- a/in/real.conf\n"), "git does not patch links: {}", diff.out);
    let done = place.samwire(&["fix", "--yes", "--allow-no-vcs", "-v", "in"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("in/away.yaml  skipped  a link that leads out of the directories named"));
    assert!(place.at("in/link.yaml").is_symlink());
    assert_ne!(place.read("in/real.conf"), TEMPLATE);
    assert_eq!(place.read("out/t.yaml"), TEMPLATE);
    let named = place.samwire(&["fix", "--yes", "--allow-no-vcs", "in/away.yaml"]);
    assert_eq!(named.code, 0, "{}", named.err);
    assert!(place.at("in/away.yaml").is_symlink());
    assert_ne!(place.read("out/t.yaml"), TEMPLATE);
}

#[test]
fn a_diff_outside_the_current_directory_says_where_it_applies() {
    let place = Place::with(&[("repo/deep/t.yaml", TEMPLATE), ("here/x", "")]);
    git(&place.at("repo"), &["init", "-q"]);
    let diff = place.samwire_in("here", &["../repo/deep/t.yaml"], "");
    assert!(diff.out.starts_with("--- a/deep/t.yaml\n+++ b/deep/t.yaml\n"), "{}", diff.out);
    let root = place.at("repo").canonicalize().expect("it is there");
    let note = format!("note: the diff of files below {0} is relative to {0}\n", root.display());
    assert!(diff.err.contains(&note), "{}", diff.err);
    assert!(diff.err.contains("../repo/deep/t.yaml:13:11  "), "{}", diff.err);
}

#[test]
fn a_diff_of_a_directory_elsewhere_names_each_file_and_applies_in_one_go() {
    let place = Place::with(&[("work/a/t.yaml", TEMPLATE), ("work/b/t.yaml", TEMPLATE), ("here/x", "")]);
    let diff = place.samwire_in("here", &["../work"], "");
    for name in ["a", "b"] {
        assert!(diff.out.contains(&format!("--- a/{name}/t.yaml\n+++ b/{name}/t.yaml\n")), "{}", diff.out);
    }
    let root = place.at("work").canonicalize().expect("it is there");
    let note = format!("note: the diff of files below {0} is relative to {0}\n", root.display());
    assert!(diff.err.starts_with(&note), "{}", diff.err);
    place.write("all.patch", &diff.out);
    git(&place.at("work"), &["apply", "../all.patch"]);
    let again = place.samwire_in("here", &["../work"], "");
    assert_eq!((again.code, again.out.as_str()), (0, ""), "{}", again.err);
}

#[test]
fn the_reader_may_go_away() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    for args in [&["diff"][..], &["list"], &["--help"], &["check", "--format", "json"]] {
        let mut child = place
            .command(".", args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("the program ends");
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(matches!(done.status.code(), Some(0 | 1)), "{args:?}: {:?} {err}", done.status);
        assert!(!err.contains("error") && !err.contains("panic"), "{args:?}: {err}");
    }
}

#[test]
fn output_is_the_same_at_any_number_of_threads() {
    let names: Vec<String> = (0..20).map(|n| format!("service{n}/template.yaml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), TEMPLATE)).collect();
    let place = Place::with(&files);
    let run = |jobs: &str| {
        let done = place.samwire(&["diff", "-v", "-j", jobs, "--format", "diff", "--format", "text"]);
        (done.code, done.out, done.err)
    };
    assert_eq!(run("1"), run("7"));
    assert_eq!(run("1").1.matches("+++ b/").count(), 20);
}

#[test]
fn json_carries_the_run_and_edits_that_make_the_result() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    let done = place.samwire(&["--only", "function-to-function", "--format", "json"]);
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    let value: Value = serde_json::from_str(&done.out).expect("JSON");
    assert_eq!(value["schema"], 1);
    assert_eq!(value["repo"], "acme/orders");
    assert_eq!((&value["phase"], &value["exit"]), (&"both".into(), &1.into()));
    let file = &value["files"][0];
    assert_eq!((&file["path"], &file["status"]), (&"template.yaml".into(), &"would-change".into()));
    let taken = file["rewrites"].as_array().expect("a list").iter().find(|r| r["decision"] == "taken");
    let rewrite = taken.expect("one is taken");
    assert_eq!(rewrite["connector"], "OrdersToMailer");
    let mut text = TEMPLATE.to_owned();
    for edit in rewrite["edits"].as_array().expect("a list").iter().rev() {
        let at = |key: &str| edit[key].as_u64().expect("an offset") as usize;
        text.replace_range(at("start")..at("end"), edit["text"].as_str().expect("text"));
    }
    let fixed = place.samwire(&[
        "fix",
        "--yes",
        "--allow-no-vcs",
        "--only",
        "function-to-function",
        "--format",
        "json=r.json",
    ]);
    assert_eq!((fixed.code, fixed.out.as_str(), fixed.err.as_str()), (0, "", ""));
    assert_eq!(place.read("template.yaml"), text);
    let value: Value = serde_json::from_str(&place.read("r.json")).expect("JSON");
    assert_eq!(value["files"][0]["status"], "changed");
    assert_eq!(value["files"][0]["sha256"]["before"], file["sha256"]["before"]);
    let named = place.samwire(&["--format", "json", "--repo", "acme/other"]);
    assert_eq!(serde_json::from_str::<Value>(&named.out).expect("JSON")["repo"], "acme/other");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    let done = place.samwire(&["check", "-q", "--format", "json=no/such/folder/r.json"]);
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.contains("error: no/such/folder/r.json: "), "{}", done.err);
}

#[test]
fn a_report_never_takes_the_place_of_a_template_or_a_config_file() {
    let place = Place::with(&[("template.yaml", TEMPLATE), (".samwire.yaml", "fail-on: held\n")]);
    for (verb, target) in [("check", "template.yaml"), ("fix", "./template.yaml"), ("diff", ".samwire.yaml")]
    {
        let sarif = format!("sarif={target}");
        let yes = if verb == "fix" { &["--yes", "--allow-no-vcs"] as &[&str] } else { &[] };
        let run = place.samwire(&[&[verb, "--format", &sarif, "template.yaml"], yes].concat());
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains(target) && run.err.contains("give it another name"), "{}", run.err);
    }
    assert_eq!(place.read("template.yaml"), TEMPLATE);
    assert_eq!(place.read(".samwire.yaml"), "fail-on: held\n");
    // A report of an earlier run is nothing that is lost.
    for _ in 0..2 {
        assert_eq!(place.samwire(&["check", "--format", "json=report.json", "."]).code, 1);
    }
}

#[test]
fn colours_come_when_asked_for_and_a_patch_keeps_its_bytes() {
    let hostile = TEMPLATE.replace("      Handler: index", "      # \u{9b}31m\n      Handler: index");
    let place = Place::with(&[("template.yaml", &hostile)]);
    let plain = place.samwire(&[]);
    assert!(!plain.err.contains('\u{1b}') && plain.out.contains("# \u{9b}31m\n"), "{:?}", plain.out);
    let coloured = place.samwire(&["--color", "always"]);
    assert!(coloured.out.contains("\u{1b}[32m+    Connectors:\u{1b}[0m\n"), "{:?}", coloured.out);
}

#[test]
fn own_definitions_come_before_the_built_in_ones() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    let profile = "id: function-to-function\ntitle: Ours\nsource: AWS::Lambda::Function\n\
                   destination: AWS::Lambda::Function\ngrants: managed-policy\nholder: source\n\
                   combinations: [[Write]]\npermissions:\n  Write:\n    - actions: [lambda:InvokeFunction]\n      \
                   resources: [\"${Destination.Arn}\"]\n";
    place.write("own/profiles/function-to-function.yaml", profile);
    let run = |args: &[&str]| place.samwire(args).out;
    let ours = run(&[
        "check",
        "--transforms",
        "own",
        "--strict",
        "--only",
        "function-to-function",
        "--format",
        "json",
    ]);
    let theirs = run(&["check", "--strict", "--only", "function-to-function", "--format", "json"]);
    let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(parsed(&ours)["summary"]["rewrites"], 1, "without InvokeAsync nothing is added");
    assert_eq!(parsed(&theirs)["summary"]["rewrites"], 0);
    assert_ne!(parsed(&ours)["config_digest"], parsed(&theirs)["config_digest"]);
    assert!(run(&["explain", "function-to-function", "--transforms", "own"]).contains("\nOurs\n"));
}

#[test]
fn what_the_deployer_needs_for_other_connectors_already_is_not_told() {
    let told = |text: &str| {
        let place = Place::with(&[("template.yaml", text)]);
        place.samwire(&["diff", "--accept", "any"]).err.contains("whoever deploys this also needs iam:")
    };
    assert!(told(TEMPLATE));
    let other = "Resources:\n  Audited:\n    Type: AWS::Serverless::Function\n    Connectors:\n      ToLog:\n        Properties:\n          \
                 Destination:\n            Id: Log\n          Permissions:\n            - Write\n    Properties:\n      \
                 Runtime: python3.13\n      Handler: a.b\n      CodeUri: src/\n  Log:\n    \
                 Type: AWS::Serverless::SimpleTable\n";
    assert!(!told(&TEMPLATE.replacen("Resources:\n", other, 1)));
}
