//! GitLab's code quality report: one entry a notice, shown beside the code of a merge request.

use super::facts::RunFacts;
use super::model::FileReport;
use super::notice::{Level, Notice, Standing, remarks};
use crate::plan::fingerprint;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes one JSON array.
pub fn write_gitlab(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let notices = remarks(files, &facts);
    let mut seen = BTreeMap::new();
    let entries: Vec<Entry<'_>> = notices.iter().map(|notice| entry(notice, &facts, &mut seen)).collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

/// `seen` counts the notices that are alike but for their place, since GitLab tells entries apart by fingerprint alone.
fn entry<'a>(
    notice: &'a Notice<'_>,
    facts: &RunFacts<'_>,
    seen: &mut BTreeMap<(String, String, String), usize>,
) -> Entry<'a> {
    let path = facts.whereabouts.name(notice.file);
    let check_name = notice.subject.id();
    let number = seen.entry((path.clone(), check_name.to_owned(), notice.fingerprint.clone())).or_default();
    let unique = fingerprint(&[&path, check_name, &notice.fingerprint, &number.to_string()]);
    *number += 1;
    let mut description = notice.message.clone();
    for detail in &notice.details {
        // Messages of findings are whole sentences, those of rewrites are none.
        description.push_str(if description.ends_with('.') { " " } else { "; " });
        description.push_str(detail.trim_end_matches('.'));
    }
    // A file without a place is shown at its first line: an entry without a line is dropped.
    let (begin, end) = notice.region.map_or((1, 1), |region| (region.start.line, region.end.line));
    Entry {
        description,
        check_name,
        fingerprint: unique,
        severity: severity(notice),
        location: Location { path, lines: Lines { begin, end } },
    }
}

fn severity(notice: &Notice<'_>) -> &'static str {
    match (notice.level, notice.standing) {
        (_, Standing::Failure) => "critical",
        (Level::Error, _) => "major",
        (Level::Warning, _) => "minor",
        (Level::Note, _) => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Decision;
    use crate::report::model::samples::{facts, file, rewrite};
    use crate::report::{Problem, Status};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn written(files: &[FileReport]) -> Value {
        let mut out = Vec::new();
        write_gitlab(&mut out, files, facts()).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn an_entry_has_what_gitlab_asks_for() {
        let problem = Problem::new("syntax", "broken", "mend it");
        let failed = FileReport::without_plan("x.yaml".into(), Status::Failed, problem);
        let value = written(&[file(vec![rewrite(Decision::Taken)]), failed]);
        let of = |number: usize, key: &str| value[number][key].clone();
        assert_eq!(of(0, "location"), json!({"path": "t.yaml", "lines": {"begin": 2, "end": 2}}));
        assert_eq!((of(0, "check_name"), of(0, "severity")), (json!("function-to-table"), json!("info")));
        assert_eq!(of(1, "location"), json!({"path": "x.yaml", "lines": {"begin": 1, "end": 1}}));
        assert_eq!(
            (of(1, "severity"), of(1, "description")),
            (json!("critical"), json!("broken; help: mend it"))
        );
    }

    #[test]
    fn no_two_entries_share_a_fingerprint_and_all_are_stable() {
        let same = || file(vec![rewrite(Decision::Taken), rewrite(Decision::Taken)]);
        let mut other = same();
        other.diff_path = "other.yaml".into();
        let files = [same(), other];
        let value = written(&files);
        let all: BTreeSet<&str> =
            value.as_array().unwrap().iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(value, written(&files));
    }
}
