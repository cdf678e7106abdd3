//! JUnit's XML, which every CI server shows: a suite for each file, a case for each thing to say. What makes the run fail
//! is a failure, and the rest is skipped.
//!
//! Five kinds of element without namespaces do not pay for a library, which would leave characters that XML forbids to us
//! all the same.

use super::facts::RunFacts;
use super::model::FileReport;
use super::notice::{Level, Notice, Standing, Subject, of_file};
use super::xml::xml;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Skipped,
    Failed,
    /// The file could not be done at all.
    Broken,
}

struct Case<'a> {
    notice: Notice<'a>,
    verdict: Verdict,
    /// What a server knows it by from run to run: without lines, and with a number where several are alike.
    name: String,
}

/// What an element says of the cases in it.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'c>(suites: impl IntoIterator<Item = &'c [Case<'c>]>) -> Self {
        let mut counts = Self::default();
        for cases in suites {
            let with = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
            // A file with nothing to say has one case that passed: a suite without any reads as one that did not run.
            counts.tests += cases.len().max(1);
            counts.failures += with(Verdict::Failed);
            counts.errors += with(Verdict::Broken);
            counts.skipped += with(Verdict::Skipped);
        }
        counts
    }
}

/// Writes one document. Times are 0: a report says the same whenever it is made.
pub fn write_junit(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let suites: Vec<Vec<Case<'_>>> = files.iter().map(|file| cases(file, &facts)).collect();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    // Skipped cases are counted in each suite only: the element around them has no attribute for it.
    let Counts { tests, failures, errors, .. } = Counts::of(suites.iter().map(Vec::as_slice));
    write!(out, r#"<testsuites name="samwire" tests="{tests}" "#)?;
    writeln!(out, r#"failures="{failures}" errors="{errors}" time="0">"#)?;
    for (file, cases) in files.iter().zip(&suites) {
        write_suite(out, &facts.whereabouts.name(file), cases)?;
    }
    writeln!(out, "</testsuites>")
}

fn cases<'a>(file: &'a FileReport, facts: &RunFacts<'_>) -> Vec<Case<'a>> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let case = |notice: Notice<'a>| {
        let counted = facts.fails_to.is_some_and(|limit| notice.standing <= limit);
        let verdict = match (notice.subject, notice.standing) {
            (Subject::Taken(_), Standing::Nothing) => Verdict::Passed,
            (_, Standing::Failure) => Verdict::Broken,
            _ if counted => Verdict::Failed,
            _ => Verdict::Skipped,
        };
        let name = format!("{}: {}", notice.subject.id(), notice.message);
        let alike = known.entry(name.clone()).or_default();
        *alike += 1;
        let name = if *alike > 1 { format!("{name} ({alike})") } else { name };
        Case { notice, verdict, name }
    };
    of_file(file, facts).into_iter().map(case).collect()
}

fn write_suite(out: &mut dyn Write, name: &str, cases: &[Case<'_>]) -> io::Result<()> {
    let name = xml(name);
    let Counts { tests, failures, errors, skipped } = Counts::of([cases]);
    write!(out, r#"  <testsuite name="{name}" tests="{tests}" failures="{failures}" "#)?;
    writeln!(out, r#"errors="{errors}" skipped="{skipped}" time="0">"#)?;
    if cases.is_empty() {
        writeln!(out, r#"    <testcase classname="{name}" name="nothing to say" time="0"/>"#)?;
    }
    for case in cases {
        write_case(out, &name, case)?;
    }
    writeln!(out, "  </testsuite>")
}

fn write_case(out: &mut dyn Write, suite: &str, case: &Case<'_>) -> io::Result<()> {
    let Case { notice, verdict, name } = case;
    write!(out, r#"    <testcase classname="{suite}" name="{}" time="0""#, xml(name))?;
    let element = match verdict {
        Verdict::Passed => return writeln!(out, "/>"),
        Verdict::Skipped => "skipped",
        Verdict::Failed => "failure",
        Verdict::Broken => "error",
    };
    writeln!(out, ">")?;
    write!(out, r#"      <{element}"#)?;
    if *verdict != Verdict::Skipped {
        write!(out, r#" type="{}""#, level(notice.level))?;
    }
    write!(out, r#" message="{}">"#, xml(&notice.title))?;
    // Already escaped, as is the name of the suite.
    let place = match notice.region {
        Some(region) => format!("{suite}:{}:{}", region.start.line, region.start.column),
        None => suite.to_owned(),
    };
    let lines = std::iter::once(&notice.message).chain(&notice.details).map(|line| xml(line));
    let lines: Vec<String> = std::iter::once(place).chain(lines).collect();
    writeln!(out, "{}</{element}>", lines.join("\n"))?;
    writeln!(out, "    </testcase>")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Decision, HeldBy, Reason};
    use crate::report::model::samples::{facts, file, left_alone, rewrite};
    use crate::report::{Problem, Status};

    fn written(files: &[FileReport], facts: RunFacts<'_>) -> String {
        let mut out = Vec::new();
        write_junit(&mut out, files, facts).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_file_with_nothing_to_say_passes() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"samwire\" tests=\"1\" failures=\"0\" errors=\"0\" time=\"0\">
  <testsuite name=\"t.yaml\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">
    <testcase classname=\"t.yaml\" name=\"nothing to say\" time=\"0\"/>
  </testsuite>
</testsuites>
";
        assert_eq!(written(&[file(Vec::new())], facts()), expected);
    }

    #[test]
    fn what_makes_the_run_fail_is_a_failure_and_the_rest_is_skipped() {
        let mut report = file(vec![rewrite(Decision::Taken), rewrite(Decision::Held(HeldBy::Consent))]);
        report.planned.as_mut().unwrap().left_alone = vec![left_alone(Reason::Deny, "x")];
        let problem = Problem::new("syntax", "broken", "mend it");
        let failed = FileReport::without_plan("x.yaml".into(), Status::Failed, problem);
        let files = [report, failed];
        let told = written(&files, facts());
        let name = "name=\"function-to-table: A → T: a connector with Read, Write instead of the policy; equivalent: \
                    only permissions are added that earlier ones imply";
        assert!(told.contains(&format!("{name}\"")) && told.contains(&format!("{name} (2)\"")), "{told}");
        assert!(told.contains(">t.yaml:2:1\nA → T"), "{told}");
        let limit = |fails_to: Option<Standing>| {
            let told = written(&files, RunFacts { fails_to, ..facts() });
            let line = told.lines().nth(1).unwrap().to_owned();
            line.trim_start_matches("<testsuites name=\"samwire\" tests=\"4\" ").to_owned()
        };
        assert_eq!(limit(Some(Standing::Finding)), "failures=\"1\" errors=\"1\" time=\"0\">");
        assert_eq!(limit(Some(Standing::Held)), "failures=\"2\" errors=\"1\" time=\"0\">");
        assert_eq!(limit(Some(Standing::Rest)), "failures=\"3\" errors=\"1\" time=\"0\">");
        assert_eq!(limit(None), "failures=\"0\" errors=\"1\" time=\"0\">");
        let fixed = written(&files, RunFacts { applied: true, fails_to: Some(Standing::Failure), ..facts() });
        assert!(fixed.contains("failures=\"0\" errors=\"0\" skipped=\"2\""), "{fixed}");
    }
}
