//! Reports that are read back and merged: nothing is lost on the way, every format is taken by a reader that other people wrote,
//! and whatever an input holds is told by its line and never leads anywhere.

mod place_support;
#[path = "reading_support/mod.rs"]
mod reading;

use place_support::Place;
use reading::{COMMENT, HOSTILE, TAGS, readings};
use samwire::report::merged::{FlawKind, Reader, RepoStatus, Row, RunRecord, Told};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A report on a template with two rewrites.
fn report(place: &Place, repo: &str) -> String {
    place.write("work/template.yaml", place_support::TEMPLATE);
    place.samwire_in("work", &["check", "--format", "json", "--repo", repo], "").out
}

/// A row with this key and a message.
fn row(key: &str, status: RepoStatus, message: &str) -> Row {
    Row { message: Some(message.into()), config_digest: "sha256:00".into(), ..Row::bare(key, status) }
}

fn lines(rows: &[Row]) -> String {
    rows.iter().map(|row| serde_json::to_string(row).expect("a row is JSON") + "\n").collect()
}

/// The value without what is not read back.
fn without_edits(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove("edits");
            fields.values_mut().for_each(without_edits);
        }
        Value::Array(items) => items.iter_mut().for_each(without_edits),
        _ => {}
    }
}

#[test]
fn whatever_is_written_is_read_back() {
    let place = Place::empty();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").display().to_string();
    for options in
        [&["--to", "connectors"][..], &["--to", "policies"], &["--phase", "add"], &["--mend", "all"]]
    {
        let written = |format: &str| {
            let arguments = [&["check", "-v", "--format", format], options, &[&fixtures]].concat();
            place.samwire(&arguments).out
        };
        let text = written("json");
        let mut expected: Value = serde_json::from_str(&text).expect("JSON");
        without_edits(&mut expected);
        let read = |text: &str| -> RunRecord {
            let mut found: Vec<_> = Reader::new(text.as_bytes()).collect();
            assert_eq!(found.len(), 1);
            match found.remove(0).expect("it can be read").told {
                Told::Run(run) => *run,
                Told::Row(row) => panic!("{row:?}"),
            }
        };
        let run = read(&text);
        assert_eq!(serde_json::to_value(&run).expect("JSON"), expected, "{options:?}");
        assert_eq!(read(&written("jsonl")), run, "{options:?}");
        let row = Row::of(&run);
        assert_eq!(row.figures.effects.values().sum::<u64>(), row.figures.rewrites, "{options:?}");
        assert_eq!(row.figures.held_by.values().sum::<u64>(), row.figures.held, "{options:?}");
        assert_eq!(row.figures.reasons.values().sum::<u64>(), row.figures.left_alone, "{options:?}");
        assert_eq!(row.status, RepoStatus::Partial, "some fixtures are broken on purpose");
    }
}

#[test]
fn rows_keep_their_fields_and_need_few() {
    let row = row("acme/orders", RepoStatus::Changed, "m");
    let text = serde_json::to_string(&row).expect("JSON");
    assert_eq!(serde_json::from_str::<Row>(&text).expect("a row"), row);
    let least: Row = serde_json::from_str(r#"{"key":"a","status":"nothing","new":[1]}"#).expect("a row");
    assert_eq!((least.key.as_str(), least.status, least.figures.files), ("a", RepoStatus::Nothing, 0));
    let value = serde_json::to_value(&row).expect("JSON");
    for field in
        ["schema", "key", "status", "config_digest", "report", "files", "effects", "deployer_actions"]
    {
        assert!(value.get(field).is_some(), "{field}");
    }
}

#[test]
fn what_cannot_be_read_is_told_by_its_line() {
    let told = |text: &str| -> Vec<(u64, &'static str)> {
        let kind = |what: &FlawKind| match what {
            FlawKind::Malformed(_) => "malformed",
            FlawKind::Foreign => "foreign",
            FlawKind::Newer { .. } => "newer",
            FlawKind::TooLarge => "large",
            FlawKind::Torn => "torn",
            FlawKind::CutOff => "cut off",
            FlawKind::Io(_) => "io",
        };
        let found = Reader::new(text.as_bytes());
        found.map(|found| found.map_or_else(|flaw| (flaw.line, kind(&flaw.what)), |_| (0, "good"))).collect()
    };
    let good = lines(&[Row::bare("a", RepoStatus::Nothing)]);
    let (head, file) = (
        r#"{"record":"run","schema":1,"tool":{},"config_digest":""}"#,
        r#"{"record":"file","path":"t","status":"skipped"}"#,
    );
    let tail = r#"{"record":"summary","summary":{},"exit":0}"#;
    for (text, expected) in [
        (String::new(), vec![]),
        (format!("{good}\n{good}"), vec![(0, "good"), (0, "good")]),
        (format!("\u{feff}{good}"), vec![(0, "good")]),
        (format!("{good}{{\"key\":"), vec![(0, "good"), (2, "torn")]),
        (
            format!("{good}x\ny\n{good}z\n"),
            vec![(0, "good"), (2, "malformed"), (0, "good"), (5, "malformed")],
        ),
        (format!("{good}{{\"key\":\n{good}"), vec![(0, "good"), (2, "malformed"), (0, "good")]),
        (good.replace("\"schema\":1", "\"schema\":2") + &good, vec![(1, "newer"), (0, "good")]),
        (good.replace("nothing", "novel") + &good, vec![(1, "malformed"), (0, "good")]),
        ("{}\n".to_owned(), vec![(1, "foreign")]),
        ("{\n  \"name\": 1\n}\n".to_owned(), vec![(1, "foreign")]),
        ("{\n  \"name\": x\n}\n".to_owned(), vec![(2, "malformed")]),
        ("{\n  \"files\": [".to_owned(), vec![(2, "malformed")]),
        (format!("{head}\n{file}\n{tail}\n{good}"), vec![(0, "good"), (0, "good")]),
        (format!("{head}\n{file}\n{head}\n{tail}\n"), vec![(1, "cut off"), (0, "good")]),
        (format!("{head}\n{file}\n"), vec![(1, "cut off")]),
        (format!("{head}\n{file}\n{{\"rec"), vec![(1, "cut off")]),
        (format!("{file}\n{tail}\n"), vec![(1, "foreign"), (2, "foreign")]),
        (format!("{}1{}\n", "[".repeat(500), "]".repeat(500)), vec![(1, "malformed")]),
    ] {
        assert_eq!(told(&text), expected, "{text}");
    }
    let torn: Vec<_> = Reader::of_lines(&b"{\"key\":"[..]).collect();
    assert!(matches!(&torn[..], [Err(flaw)] if flaw.is_torn()));
}

#[test]
fn a_document_that_never_ends_is_not_kept() {
    let endless = std::io::BufReader::new(std::io::repeat(b'['));
    let mut found = Reader::new(endless);
    assert!(matches!(found.next(), Some(Err(flaw)) if matches!(flaw.what, FlawKind::TooLarge)));
    assert!(found.next().is_none());
}

#[test]
fn inputs_of_every_kind_come_to_the_same() {
    let place = Place::empty();
    let text = report(&place, "acme/orders");
    place.write("out/results.jsonl", "");
    place.write("one/report.json", &text);
    place.write("one/package.json", "{\"name\": \"x\"}");
    let mut row = Row::of(&serde_json::from_str(&text).expect("a report"));
    row.report = Some("acme/orders.json".into());
    place.write("rows/results.jsonl", &lines(&[row]));
    place.write("rows/acme/orders.json", &text);
    let lines = place.samwire_in("work", &["check", "--format", "jsonl", "--repo", "acme/orders"], "").out;
    place.write("run.jsonl", &lines);
    let told = |arguments: &[&str], stdin: &str| {
        let done = place.samwire_in(".", &[&["report"], arguments].concat(), stdin);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        (done.out, done.err)
    };
    let message = told(&["one/report.json", "--format", "commit"], "").0;
    assert!(message.starts_with("Replace policies by SAM connectors in template.yaml\n\nIn "), "{message}");
    for (input, stdin) in [("run.jsonl", ""), ("one", ""), ("rows", ""), ("-", &*text), ("-", &lines)] {
        let (again, err) = told(&[input, "--format", "commit"], stdin);
        assert_eq!(again, message, "{input}");
        assert_eq!(err.contains("1 JSON file is no run report and passed over"), input == "one", "{err}");
    }
    assert_eq!(told(&["out", "--format", "csv"], "").0.lines().count(), 1);
    let (names, err) = told(&["rows", "one/report.json", "--names", "-z"], "");
    assert_eq!(names, "acme/orders\0");
    assert_eq!(err, "note: told of more than once, of which the last counts: acme/orders\n");
}

#[test]
fn a_row_leads_to_no_file_outside() {
    let place = Place::empty();
    let text = report(&place, "acme/secret");
    place.write("secret.json", &text);
    place.write("in/good.json", &text);
    let absolute = place.at("secret.json").display().to_string();
    for (name, said) in [
        ("../secret.json", "leads out of"),
        (&*absolute, "leads out of"),
        ("x/../../secret.json", "leads out of"),
        ("link.json", "is a link"),
        ("folder/secret.json", "is a link"),
        ("gone.json", "cannot be read"),
        (".", "leads out of"),
    ] {
        let mut row = Row::bare("acme/secret", RepoStatus::WouldChange);
        row.report = Some(name.into());
        place.write("in/results.jsonl", &lines(&[row]));
        #[cfg(unix)]
        {
            let _ = std::os::unix::fs::symlink("../secret.json", place.at("in/link.json"));
            let _ = std::os::unix::fs::symlink("..", place.at("in/folder"));
        }
        let done = place.samwire(&["report", "in", "--format", "markdown"]);
        assert_eq!(done.code, 3, "{name}: {}", done.err);
        assert!(done.err.contains(said), "{name}: {}", done.err);
        assert!(
            !done.out.contains("OrdersTable") && done.out.contains("acme/secret"),
            "{name}: {}",
            done.out
        );
    }
}

#[test]
fn different_options_are_not_added_up_in_silence() {
    let place = Place::empty();
    let mut rows = vec![row("a", RepoStatus::Nothing, "m"), row("b", RepoStatus::Nothing, "m")];
    place.write("same.jsonl", &lines(&rows));
    rows[1].config_digest = "sha256:11".into();
    place.write("results.jsonl", &lines(&rows));
    for format in ["table", "markdown"] {
        let said = "these sums add up what is not alike: the reports come from 2 sets of options";
        let told = |file: &str| place.samwire(&["report", file, "--format", format]).out;
        assert!(
            told("results.jsonl").contains(said) && told("results.jsonl").contains("sha256:11"),
            "{format}"
        );
        assert!(!told("same.jsonl").contains(said), "{format}");
    }
    let json: Value =
        serde_json::from_str(&place.samwire(&["report", "results.jsonl", "--format", "json"]).out)
            .expect("JSON");
    assert_eq!((&json["mixed"], json["by_choices"].as_array().map(Vec::len)), (&json!(true), Some(2)));
}

#[test]
fn hostile_names_are_names_in_every_format() {
    let place = Place::empty();
    let text = report(&place, "acme/orders");
    let mut rows = Vec::new();
    for (number, name) in
        HOSTILE.iter().chain(&["=1+1", "@SUM(A1)", "-x", "", "# x", &"long ".repeat(300)]).enumerate()
    {
        let mut run: RunRecord = serde_json::from_str(&text).expect("a report");
        run.repo = format!("{number}{name}");
        run.files[0].path = (*name).to_string();
        run.files[0].message = Some((*name).to_string());
        for rewrite in &mut run.files[0].rewrites {
            rewrite.source = (*name).to_string();
            rewrite.id = (*name).to_string();
            rewrite.permissions = vec![(*name).to_string()];
            rewrite.added.iter_mut().for_each(|added| added.resource = (*name).to_string());
            rewrite.hazards.iter_mut().for_each(|hazard| hazard.message = (*name).to_string());
        }
        if number % 2 == 0 {
            run.files[0].status = "error".into();
            run.files[0].reason = Some((*name).to_string());
        } else {
            run.deployer_actions.insert((*name).to_string());
        }
        place.write(&format!("r/{number}.json"), &serde_json::to_string(&run).expect("JSON"));
        rows.push(Row::of(&run));
    }
    let told = |format: &str| place.samwire(&["report", "r", "-v", "--format", format]).out;
    let steers =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\r')) || matches!(c, '\u{202e}' | '\u{2066}');
    let (table, csv, markdown) = (told("table"), told("csv"), told("markdown"));
    for text in [&table, &csv, &markdown] {
        assert_eq!(text.chars().find(|c| steers(*c)), None);
    }
    let json: Value = serde_json::from_str(&told("json")).expect("JSON");
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(rows.len()));
    let names = place.samwire(&["report", "r", "--names"]);
    let plain = rows.iter().filter(|row| samwire::report::escaped(&row.key) == row.key);
    assert_eq!((names.code, names.out.lines().count()), (3, plain.count()), "others are told and left out");
    assert_eq!(names.out.chars().find(|c| steers(*c)), None);
    for number in 0..rows.len() {
        let message = place.samwire(&["report", &format!("r/{number}.json"), "--format", "commit"]).out;
        assert_eq!(kept_by_git(&place, &message), message);
    }
    let request = |format: &str, text: &str| json!({ "format": format, "text": text });
    let Some(seen) = readings(&[request("csv", &csv), request("markdown", &markdown)]) else { return };
    for reading in &seen {
        assert!(reading.errors.is_empty(), "{:#?}", reading.errors);
    }
    let cells = seen[0].seen.as_array().expect("lines");
    assert_eq!(cells.len(), rows.len() + 1);
    for cell in cells.iter().flat_map(|line| line.as_array().expect("fields")) {
        let cell = cell.as_str().expect("text");
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell:?}");
    }
    judge_markdown(&markdown, &seen[1].seen);
}

#[test]
fn a_page_fits_and_says_what_is_missing() {
    let place = Place::empty();
    let rows: Vec<Row> =
        (0..3000).map(|number| row(&format!("acme/r{number}"), RepoStatus::Failed, "it broke")).collect();
    place.write("results.jsonl", &lines(&rows));
    let page = place.samwire(&["report", "results.jsonl", "--format", "markdown"]).out;
    let end = page.lines().last().unwrap_or_default();
    assert!(page.len() < COMMENT && end.starts_with("> Cut to fit into a comment: left out are "), "{end}");
    let shown = page.matches("| failed | `acme/r").count();
    assert!(shown > 100 && end.contains(&format!(" {} repositories;", 3000 - shown)), "{shown}: {end}");
}

#[test]
fn reports_go_to_files_and_rows_are_chosen_and_sorted() {
    let place = Place::empty();
    let mut rows = vec![
        row("c", RepoStatus::Failed, "m"),
        row("a", RepoStatus::Nothing, "m"),
        row("b", RepoStatus::Changed, "m"),
    ];
    rows[2].figures.rewrites = 3;
    place.write("results.jsonl", &lines(&rows));
    let names = |arguments: &[&str]| {
        place.samwire(&[&["report", "results.jsonl", "--names"], arguments].concat()).out.replace('\n', " ")
    };
    assert_eq!(names(&[]), "c b a ");
    assert_eq!(names(&["--sort", "name"]), "a b c ");
    assert_eq!(names(&["--sort", "rewrites"]), "b a c ");
    assert_eq!(names(&["--status", "failed,changed"]), "c b ");
    let done =
        place.samwire(&["report", "results.jsonl", "--format", "csv=a.csv", "--format", "json=a.json"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""));
    assert!(
        place.read("a.csv").starts_with("key,repo,status,") && place.read("a.json").contains("\"total\"")
    );
}

/// What git makes of a message as it is, and in an editor that is closed at once.
fn kept_by_git(place: &Place, message: &str) -> String {
    let root = place.at("repository");
    if !root.exists() {
        std::fs::create_dir(&root).expect("the folder is ours");
    }
    let git = |arguments: &[&str], input: &str| -> String {
        let mut child = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(&root)
            .env("GIT_EDITOR", "true")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("git reads");
        let output = child.wait_with_output().expect("git ends");
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).expect("the message is UTF-8")
    };
    git(&["init", "-q"], "");
    git(&["commit", "-q", "--allow-empty", "-F", "-"], message);
    let kept = git(&["log", "-1", "--format=%B"], "");
    // In an editor, lines that look like comments would go, too.
    git(&["commit", "-q", "--allow-empty", "--amend", "-e"], "");
    assert_eq!(git(&["log", "-1", "--format=%B"], ""), kept);
    assert_eq!(git(&["log", "-1", "--format=%(trailers)"], "").trim(), "");
    // `git log` ends what it shows by a line end of its own.
    kept.strip_suffix('\n').unwrap_or(&kept).to_owned()
}

#[track_caller]
fn judge_markdown(text: &str, seen: &Value) {
    assert!(text.len() < COMMENT, "{} bytes", text.len());
    for tag in seen["tags"].as_array().expect("tags") {
        let tag = tag.as_str().expect("a tag");
        assert!(TAGS.contains(&tag) || matches!(tag, "ul" | "li" | "strong"), "{tag}: {text}");
    }
    let statuses: Vec<&str> = RepoStatus::ALL.map(RepoStatus::as_str).to_vec();
    let mut repositories = 0;
    for row in seen["rows"].as_array().expect("rows") {
        let cells: Vec<&str> = row.as_array().expect("cells").iter().filter_map(Value::as_str).collect();
        // A bar in a name would push the cells behind it to the right, and add some.
        assert!(matches!(cells.len(), 4 | 9), "{cells:?}");
        if cells.len() == 9 && cells[0] != "Status" {
            repositories += 1;
            assert!(statuses.contains(&cells[0]) && cells[3].parse::<u64>().is_ok(), "{cells:?}");
        }
    }
    assert!(repositories > 10, "{repositories}");
}
