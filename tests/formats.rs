//! The reports as their readers see them: every format is read by a program that other people wrote, on every fixture and on
//! a template in which everything that has a name tries to be structure.

mod place_support;
#[path = "reading_support/mod.rs"]
mod reading;

use place_support::{Done, Place};
use reading::{COMMENT, HOSTILE, Reading, TAGS};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

/// Formats that a reader in Python judges.
const READ: [&str; 5] = ["sarif", "json", "jsonl", "junit", "markdown"];

#[test]
fn readers_take_the_reports_on_all_fixtures() {
    let place = Place::empty();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").display().to_string();
    let Some(readings) = read(|format| place.samwire(&["check", "-v", "--format", format, &fixtures])) else {
        return;
    };
    for (format, text, reading) in &readings {
        assert!(reading.errors.is_empty(), "{format}: {:#?}", reading.errors);
        match *format {
            "sarif" => assert!(reading.seen.as_u64().is_some_and(|results| results > 100)),
            "markdown" => {
                judge_markdown(text, &reading.seen);
                assert!(
                    text.contains("> Cut to fit into a comment"),
                    "the fixtures are more than a comment holds"
                );
            }
            _ => {}
        }
    }
}

#[test]
fn a_hostile_name_stays_a_name_in_every_format() {
    let place = Place::empty();
    let mut folders: Vec<String> = Vec::new();
    for (number, name) in HOSTILE.iter().enumerate() {
        // What no file system takes is left to the names inside.
        let folder = format!("{number}{}", name.replace(['/', '\u{fffe}', '\u{ffff}'], "_"));
        place.write(&format!("{folder}/template.yaml"), &hostile_template(name));
        folders.push(format!("{folder}/template.yaml"));
    }
    place.write("17,a:b%0A/template.yaml", &hostile_template(&"very long ".repeat(100)));
    folders.push("17,a:b%0A/template.yaml".into());
    let told: Value = serde_json::from_str(&place.samwire(&["check", "--format", "json"]).out).expect("JSON");
    let rewrites = told["summary"]["rewrites"].as_u64().expect("a number");
    assert!(rewrites >= HOSTILE.len() as u64, "the names are in rewrites: {}", told["summary"]);

    let github = place.samwire(&["check", "--format", "github"]).out;
    let annotations: Vec<Annotation> = github.lines().map(annotation).collect();
    let named = annotations.iter().filter_map(|annotation| annotation.get("file"));
    assert!(named.clone().count() > 10, "{github}");
    let known: BTreeSet<String> = folders.iter().map(|folder| spelled(folder)).collect();
    for file in named {
        assert!(known.contains(file), "{file:?}");
    }

    let gitlab = place.samwire(&["check", "--format", "gitlab"]).out;
    judge_gitlab(&gitlab, &folders);

    let Some(readings) = read(|format| place.samwire(&["check", "--format", format])) else { return };
    for (format, text, reading) in &readings {
        assert!(reading.errors.is_empty(), "{format}: {:#?}", reading.errors);
        match *format {
            "markdown" => judge_markdown(text, &reading.seen),
            "sarif" => judge_sarif(text, folders.len()),
            "junit" => assert_eq!(reading.seen.as_array().map(Vec::len), Some(folders.len())),
            _ => {}
        }
        let steers = |c: &char| matches!(c, '\u{1b}' | '\u{202e}' | '\u{2066}');
        // JSON escapes controls in a notation of its own, and programs want names as they are.
        let raw = text.chars().find(|c| steers(c) && !(format.starts_with("json") || *format == "sarif"));
        assert_eq!(raw, None, "{format}");
    }
}

#[test]
fn several_reports_in_one_run_say_the_same() {
    let place = Place::repository(&[("services/template.yaml", place_support::TEMPLATE)]);
    let done = place.samwire_in(
        "services",
        &[
            "check",
            "--format",
            "github",
            "--format",
            "sarif=out.sarif",
            "--format",
            "markdown=sum.md",
            "--format",
            "json=r.json",
        ],
        "",
    );
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    let annotations: Vec<Annotation> = done.out.lines().map(annotation).collect();
    let json: Value = serde_json::from_str(&place.read("services/r.json")).expect("JSON");
    let sarif: Value = serde_json::from_str(&place.read("services/out.sarif")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let rewrites = json["files"][0]["rewrites"].as_array().expect("rewrites");
    assert_eq!((annotations.len(), results.len(), rewrites.len()), (3, 3, 3));
    for (result, rewrite) in results.iter().zip(rewrites) {
        assert_eq!(result["partialFingerprints"]["samwire/v1"], rewrite["fingerprint"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "services/template.yaml");
        assert_eq!(place["region"]["startLine"], rewrite["places"][0]["start"]["line"]);
    }
    // From the root of the work tree, wherever the tool was started.
    assert!(annotations.iter().all(|annotation| annotation.get("file") == Some("services/template.yaml")));
    assert!(place.read("services/sum.md").contains("`services/template.yaml:13`"));
}

#[test]
fn the_fixes_of_sarif_make_what_fix_makes() {
    let place = Place::with(&[("template.yaml", place_support::TEMPLATE)]);
    let arguments = ["check", "--only", "function-to-table", "--format", "sarif"];
    let log: Value = serde_json::from_str(&place.samwire(&arguments).out).expect("JSON");
    let fix = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"];
    let lines: Vec<&str> = place_support::TEMPLATE.split_inclusive('\n').collect();
    let offset = |line: &Value, column: &Value| {
        let number = |value: &Value| value.as_u64().expect("a number") as usize;
        let before: usize = lines[..number(line) - 1].iter().map(|line| line.len()).sum();
        let inside = lines
            .get(number(line) - 1)
            .map_or(0, |line| line.chars().take(number(column) - 1).map(char::len_utf8).sum::<usize>());
        before + inside
    };
    let mut text = place_support::TEMPLATE.to_owned();
    for replacement in fix.as_array().expect("replacements").iter().rev() {
        let region = &replacement["deletedRegion"];
        let start = offset(&region["startLine"], &region["startColumn"]);
        let end = offset(&region["endLine"], &region["endColumn"]);
        assert_eq!(json!([start, end - start]), json!([region["byteOffset"], region["byteLength"]]));
        text.replace_range(start..end, replacement["insertedContent"]["text"].as_str().unwrap_or_default());
    }
    place.samwire(&["fix", "--yes", "--allow-no-vcs", "--only", "function-to-table"]);
    assert_eq!(place.read("template.yaml"), text);
}

/// A template that says one name wherever a name can stand.
fn hostile_template(name: &str) -> String {
    let quoted = serde_json::to_string(name).expect("text is JSON");
    // YAML reads the escapes of JSON, and takes the two characters that are none only as escapes.
    let quoted = quoted.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff");
    let quoted: String =
        quoted
            .chars()
            .map(|c| {
                if c.is_control() || c == '\u{2028}' { format!("\\u{:04x}", c as u32) } else { c.to_string() }
            })
            .collect();
    let comment: String =
        name.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}'..='\u{ffff}')).collect();
    format!(
        "\
Transform: AWS::Serverless-2016-10-31
Resources:
  {quoted}:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      Policies:
        - Statement:
            # {comment}
            - Effect: Allow
              Action: sqs:SendMessage
              Resource: {{Fn::GetAtt: [Queue, Arn]}}
            - Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt Other.Arn
            - Effect: Allow
              Action: {quoted}
              Resource: {quoted}
        - {quoted}: {{}}
  Sender:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      Policies:
        - Statement:
            # {comment}
            - Effect: Allow
              Action: [lambda:InvokeFunction, {quoted}]
              Resource: !GetAtt Other.Arn
  Queue: {{Type: AWS::SQS::Queue}}
  Other:
    Type: AWS::Serverless::Function
    Properties: {{Handler: i.h, {quoted}: 1, {quoted}: 2}}
"
    )
}

/// A path as an annotation names it: what would steer a terminal is spelled out, but for line ends, which are escaped in a way
/// that the runner undoes.
fn spelled(path: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{2066}');
    let spelled = |c: char| match c {
        '\n' | '\r' => c.to_string(),
        c if steers(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    path.chars().map(spelled).collect()
}

/// An annotation as the runner understands it.
#[derive(Debug)]
struct Annotation {
    properties: Vec<(String, String)>,
}

impl Annotation {
    fn get(&self, key: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

/// Reads one line by the grammar of workflow commands: `::NAME KEY=VALUE,…::MESSAGE`.
#[track_caller]
fn annotation(line: &str) -> Annotation {
    let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("no command: {line}"));
    let (command, _) = rest.split_once("::").unwrap_or_else(|| panic!("no message: {line}"));
    let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
    assert!(["error", "warning", "notice"].contains(&name), "{line}");
    let undone = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let properties: Vec<(String, String)> = properties
        .split(',')
        .map(|pair| pair.split_once('=').unwrap_or_else(|| panic!("no property: {pair} in {line}")))
        .map(|(key, value)| (key.to_owned(), undone(value)))
        .collect();
    let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
    let known = ["file", "line", "endLine", "col", "endColumn", "title"];
    assert!(keys.iter().all(|key| known.contains(key)), "{line}");
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{line}");
    Annotation { properties }
}

#[track_caller]
fn judge_gitlab(text: &str, paths: &[String]) {
    let entries: Vec<Value> = serde_json::from_str(text).expect("an array");
    let mut fingerprints = BTreeSet::new();
    for entry in &entries {
        assert!(fingerprints.insert(entry["fingerprint"].to_string()), "twice: {entry}");
        let path = entry["location"]["path"].as_str().expect("a path");
        assert!(paths.iter().any(|known| known == path), "{path:?}");
        assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{entry}");
        let severity = entry["severity"].as_str().expect("a severity");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{entry}");
        assert!(entry["description"].is_string() && entry["check_name"].is_string(), "{entry}");
    }
}

#[track_caller]
fn judge_sarif(text: &str, files: usize) {
    let log: Value = serde_json::from_str(text).expect("JSON");
    let run = &log["runs"][0];
    let uri = |value: &Value| value.as_str().expect("a URI").to_owned();
    let mut uris = BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        uris.insert(uri(&place["uri"]));
        let rule = result["ruleIndex"].as_u64().expect("a rule") as usize;
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().expect("text").contains("[link]("), "{result}");
    }
    assert_eq!(uris.len(), files);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    assert!(uris.iter().all(|uri| uri.chars().all(plain)), "{uris:?}");
}

#[track_caller]
fn judge_markdown(text: &str, seen: &Value) {
    assert!(text.len() < COMMENT, "{} bytes", text.len());
    for tag in seen["tags"].as_array().expect("tags") {
        assert!(TAGS.contains(&tag.as_str().expect("a tag")), "{tag}: {text}");
    }
    for row in seen["rows"].as_array().expect("rows") {
        let cells: Vec<&str> = row.as_array().expect("cells").iter().filter_map(Value::as_str).collect();
        // A bar in a name would push the cells behind it to the right.
        let effects = ["Effect", "same", "equivalent", "wider", "narrower", "mixed", "unknown"];
        if cells.len() > 4 || cells.get(1).is_some_and(|cell| cell.contains('→')) && cells.len() == 4 {
            assert!(effects.contains(&cells[2]), "{cells:?}");
        }
    }
}

/// What the readers make of every format that they know; `None` where this machine cannot run them.
fn read(report: impl Fn(&str) -> Done) -> Option<Vec<(&'static str, String, Reading)>> {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json"));
    let schema: Value = serde_json::from_str(&schema.expect("the schema is there")).expect("JSON");
    let texts: Vec<String> = READ.iter().map(|format| report(format).out).collect();
    let requests: Vec<Value> = READ
        .iter()
        .zip(&texts)
        .map(|(format, text)| json!({ "format": format, "text": text, "schema": schema }))
        .collect();
    let readings: Vec<Reading> = reading::readings(&requests)?;
    Some(
        READ.into_iter()
            .zip(texts)
            .zip(readings)
            .map(|((format, text), reading)| (format, text, reading))
            .collect(),
    )
}
