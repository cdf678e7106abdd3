//! The house rules of this repository as tests: who may import whom, what the core may not name, where an external
//! crate is at home, and what every file says about itself. Each rule is also tried on text that breaks it.

mod tidy_support;

use tidy_support::code::Code;
use tidy_support::{File, files};

/// The modules of `src/` in steps; each may import those of earlier steps and nothing else of ours.
const LAYERS: &[&[&str]] = &[
    &["text"],
    &["syntax", "iam"],
    &["template", "catalog"],
    &["analysis"],
    &["plan"],
    &["check"],
    &["report"],
    &["io"],
    &["config"],
    &["session", "bulk"],
    &["cli"],
];

/// Where a path may stand: its first parts, and the modules that may use it.
const HOMES: &[(&[&str], &[&str])] = &[
    (&["yaml_rust2"], &["syntax"]),
    (&["similar"], &["report"]),
    (&["sha2"], &["plan", "report"]),
    (&["ignore"], &["io"]),
    (&["tempfile"], &["io"]),
    (&["signal_hook"], &["io"]),
    (&["std", "fs"], &["io"]),
    (&["std", "process"], &["io"]),
    (&["std", "process", "ExitCode"], &["io", "cli", "main"]),
    (&["std", "env"], &["io", "cli"]),
    (&["std", "net"], &[]),
    (&["clap"], &["cli"]),
    (&["clap_complete"], &["cli"]),
    (&["clap_mangen"], &["cli"]),
    (&["anyhow"], &["cli", "main"]),
    (&["anstream"], &["cli"]),
    (&["rayon"], &["bulk", "cli"]),
];

/// What of CloudFormation `src/` may name: pseudo parameters, macros, the prefix of SAM types, and the connector.
const NAMES_ALLOWED: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
    "AWS::Include",
    "AWS::LanguageExtensions",
    "AWS::Serverless-2016-10-31",
    "AWS::Serverless",
    "AWS::Serverless::Connector",
];

/// Actions that a message may show as examples of a notation: they decide nothing.
const EXAMPLES: &[(&str, &str)] =
    &[("src/iam/consent.rs", "dynamodb:PartiQL*"), ("src/iam/consent.rs", "dynamodb:DescribeTable")];

/// Lines after which a file is two files.
const MAX_LINES: usize = 500;

#[test]
fn modules_import_only_what_comes_before_them() {
    check(&sources(), imports);
}

#[test]
fn the_program_names_no_action_and_no_resource_type() {
    check(&sources(), names);
}

#[test]
fn every_external_crate_has_one_home() {
    check(&sources(), homes);
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    check(&sources(), unwraps);
}

#[test]
fn every_file_says_what_it_owns() {
    check(&files(&["src", "tests", "examples", "benches"], "rs"), head);
}

#[test]
fn no_file_is_too_long() {
    check(&files(&["src", "tests", "examples", "benches"], "rs"), length);
}

#[test]
fn each_rule_sees_what_breaks_it() {
    let broken = |rule: fn(&File) -> Vec<String>, path: &str, text: &str| {
        let found = rule(&File { path: path.into(), text: text.into() });
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
    };
    broken(imports, "src/syntax/tree.rs", "use crate::iam::Grant;");
    broken(imports, "src/text/mod.rs", "fn f() -> crate::plan::Plan {}");
    broken(imports, "src/iam/grant.rs", "use crate::{iam::Grant, syntax};");
    broken(imports, "src/iam/mod.rs", "use super::syntax;");
    broken(imports, "src/iam/grant.rs", "use super::super::syntax;");
    broken(imports, "src/helpers/mod.rs", "");
    broken(names, "src/plan/edge.rs", "fn f() { is(\"dynamodb:GetItem\") }");
    broken(names, "src/plan/edge.rs", "fn f() { is(\"lambda:*\") }");
    broken(names, "src/plan/edge.rs", "fn f() { is(r\"give it s3:Get*\") }");
    broken(names, "src/plan/edge.rs", "fn f() { is(\"AWS::Lambda::Function\") }");
    broken(homes, "src/plan/edge.rs", "use std::{collections::BTreeMap, fs};");
    broken(homes, "src/plan/edge.rs", "fn f() { yaml_rust2::load() }");
    broken(homes, "src/report/text.rs", "use std::process::Command;");
    broken(unwraps, "src/plan/edge.rs", "fn f() { x.unwrap() }");
    broken(head, "src/plan/edge.rs", "use std::fmt;\n");
    broken(head, "src/plan/edge.rs", "//! No sentence\n");
    broken(length, "src/plan/edge.rs", &"\n".repeat(MAX_LINES + 1));
}

#[test]
fn the_rules_see_past_comments_and_tests() {
    let text = "//! `dynamodb:GetItem`.\n/// `AWS::Lambda::Function`, `x.unwrap()`\nfn f() {}\n#[cfg(test)]\nmod tests { use crate::cli; fn f() { std::fs::read(\"s3:Get*\").unwrap() } }";
    let file = File { path: "src/plan/edge.rs".into(), text: text.into() };
    for rule in [imports, names, homes, unwraps, head] {
        assert_eq!(rule(&file), Vec::<String>::new());
    }
}

/// Fails with everything that a rule finds, not only the first.
#[track_caller]
fn check(files: &[File], rule: impl Fn(&File) -> Vec<String>) {
    assert!(!files.is_empty());
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| rule(file).into_iter().map(|what| format!("{}: {what}", file.path)))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The files of `src/` that are part of the program.
fn sources() -> Vec<File> {
    let mut all = files(&["src"], "rs");
    let only_tests: Vec<String> = all
        .iter()
        .flat_map(|file| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let folder = match file.path.rsplit('/').next() {
                Some("mod.rs" | "lib.rs" | "main.rs") => folder.to_owned(),
                _ => file.path.trim_end_matches(".rs").to_owned(),
            };
            Code::test_modules(&file.text).into_iter().map(move |name| format!("{folder}/{name}"))
        })
        .collect();
    all.retain(|file| {
        !only_tests
            .iter()
            .any(|test| file.path == format!("{test}.rs") || file.path.starts_with(&format!("{test}/")))
    });
    all
}

/// The module that a file of `src/` belongs to: `plan` for `src/plan/edge.rs`, `main` for `src/main.rs`.
fn module(file: &File) -> &str {
    let below = file.path.strip_prefix("src/").unwrap_or(&file.path);
    below.split_once('/').map_or(below.trim_end_matches(".rs"), |(module, _)| module)
}

fn imports(file: &File) -> Vec<String> {
    let step = |name: &str| LAYERS.iter().position(|step| step.contains(&name));
    let own = module(file);
    let allowed: Box<dyn Fn(&str) -> bool> = match (own, step(own)) {
        ("lib", _) => Box::new(|_| true),
        ("main", _) => Box::new(|name| name == "cli"),
        (_, None) => return vec!["no layer: say in `LAYERS` where this module stands".into()],
        (_, Some(at)) => Box::new(move |name| name == own || step(name).is_some_and(|other| other < at)),
    };
    // `src/plan/edge.rs` is two modules below the root, `src/plan/mod.rs` one.
    let depth = file.path.trim_end_matches("/mod.rs").split('/').count() - 1;
    let mut found = Vec::new();
    for path in Code::of(&file.text).paths() {
        let up = path.iter().take_while(|part| *part == "super").count();
        if up > 0 && up >= depth {
            found.push(format!("`{}` leaves the module by `super`", path.join("::")));
        }
        if let ["crate" | "samwire", name, ..] = path.iter().map(String::as_str).collect::<Vec<_>>()[..]
            && !allowed(name)
        {
            found.push(format!("`{own}` may not import `{}`", path.join("::")));
        }
    }
    found
}

fn names(file: &File) -> Vec<String> {
    let code = Code::of(&file.text).with_strings;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == ':' || c == '*';
    let mut found = Vec::new();
    for word in code.split(|c| !is_part(c)) {
        let word = word.trim_end_matches([':', '-']);
        if word.starts_with("AWS::") {
            if !NAMES_ALLOWED.contains(&word) {
                found.push(format!("the type `{word}` belongs into transforms/"));
            }
        } else if is_action(word) && !EXAMPLES.contains(&(file.path.as_str(), word)) {
            found.push(format!("the action `{word}` belongs into transforms/"));
        }
    }
    found
}

/// Whether a word reads like an action or a pattern of actions. `aws:…` is a condition key, and `service:Action` stands
/// for any action.
fn is_action(word: &str) -> bool {
    let Some((service, action)) = word.split_once(':') else { return false };
    let prefix = service.starts_with(|c: char| c.is_ascii_lowercase())
        && service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let name = action.chars().all(|c| c.is_ascii_alphanumeric() || c == '*');
    let capital = action.starts_with(|c: char| c.is_ascii_uppercase());
    prefix
        && name
        && service != "aws"
        && word != "service:Action"
        && (action == "*" || capital && action.len() > 1)
}

fn homes(file: &File) -> Vec<String> {
    let own = module(file);
    let mut found = Vec::new();
    for path in Code::of(&file.text).paths() {
        let fits = |(prefix, _): &&(&[&str], &[&str])| {
            prefix.len() <= path.len() && prefix.iter().zip(&path).all(|(one, other)| one == other)
        };
        // The longest prefix decides.
        let rule = HOMES.iter().filter(fits).max_by_key(|(prefix, _)| prefix.len());
        if let Some((prefix, homes)) = rule
            && !homes.contains(&own)
        {
            found.push(format!("`{}` is at home in {homes:?}", prefix.join("::")));
        }
    }
    found.dedup();
    found
}

fn unwraps(file: &File) -> Vec<String> {
    let bare: String = Code::of(&file.text).bare.split_whitespace().collect();
    bare.matches(".unwrap()")
        .map(|_| "`unwrap()`: say why it cannot fail, or hand the error on".into())
        .collect()
}

fn head(file: &File) -> Vec<String> {
    let head: Vec<&str> = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
    let ends = head.last().is_some_and(|line| line.ends_with(['.', '`', ')']));
    match head.is_empty() {
        true => vec!["no `//!` head that says what the file owns".into()],
        false if !ends => vec!["the `//!` head is no sentence".into()],
        false => vec![],
    }
}

fn length(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > MAX_LINES { vec![format!("{lines} lines; the limit is {MAX_LINES}")] } else { vec![] }
}
