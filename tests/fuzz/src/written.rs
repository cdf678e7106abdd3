//! Everything that the program writes of a template: the reports of a run, of grants, of a comparison and of a preflight, each
//! format checked as its readers read it.

use super::markup::{check_commands, check_json, check_lines, check_markdown, check_xml};
use samwire::analysis::analyse;
use samwire::catalog::Catalog;
use samwire::check::{AccessIndex, DeployerPolicy, compare_templates, grant_table, judge, mend, preflight};
use samwire::plan::{Consent, Options, Partition, Plan, plan};
use samwire::report::{
    ComparisonFacts, ComparisonReport, Detail, FileReport, GrantsFacts, GrantsReport, Paint, Planned,
    PreflightFacts, PreflightReport, RunFacts, Status, TextOptions, Unified, Whereabouts,
    write_comparison_json, write_comparison_markdown, write_comparison_text, write_diffs, write_github,
    write_gitlab, write_grants_dot, write_grants_json, write_grants_mermaid, write_grants_svg,
    write_grants_table, write_json, write_json_lines, write_junit, write_markdown, write_preflight,
    write_preflight_json, write_sarif, write_text,
};
use samwire::syntax::Document;
use samwire::text::Source;
use std::io;
use std::path::Path;

/// A name that would be something else in every format that took it as it is.
const NAME: &str = "a <script>&\"'`|\\.yaml";

/// What the deployer of the preflight holds.
const DEPLOYER: &str =
    r#"{"Statement": [{"Effect": "Allow", "Action": ["lambda:*", "iam:Get*"], "Resource": "*"}]}"#;

/// What one writer writes.
pub fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("memory can be written");
    String::from_utf8(out).expect("reports are text")
}

/// Everything about a text; gives the run report as a document and in lines. Nothing where it is no template.
pub fn all(text_: &str, options: &Options) -> Option<(String, String)> {
    let catalog = Catalog::builtin();
    let source = Source::new(NAME, text_.as_bytes().to_vec()).ok()?;
    let planned = plan(source.clone(), catalog, options).ok().filter(|plan| plan.skipped().is_none())?;
    let files = [report(&planned, catalog, options)];
    let after = files.iter().find_map(|file| file.planned.as_ref()?.after.clone());
    let after = after.and_then(|after| Source::new(NAME, after.into_bytes()).ok()).unwrap_or(source.clone());
    grants(&planned, catalog);
    compared(&source, &after, catalog);
    deployed(&source, &after, catalog);
    Some(run(&files, options))
}

/// The report of a file as a run makes it.
fn report(plan: &Plan<'_>, catalog: &Catalog, options: &Options) -> FileReport {
    let outcome = plan.outcome(&plan.taken()).unwrap_or_else(|bug| panic!("{bug}"));
    let changed = Source::new(NAME, outcome.text.clone().into_bytes()).expect("the result is text");
    let mended = mend(&changed, catalog, options, |_| true).unwrap_or_else(|error| panic!("{error:?}"));
    let after = mended.as_ref().map_or(outcome.text, |mended| mended.text.clone());
    let after = Some(after).filter(|after| after != plan.source().text());
    let judged = judge(plan);
    FileReport {
        path: NAME.into(),
        diff_path: NAME.into(),
        diff_base: None,
        real: None,
        from_stdin: false,
        status: if after.is_some() { Status::WouldChange } else { Status::Unchanged },
        problem: None,
        planned: Some(Planned {
            source: plan.source().clone(),
            rewrites: plan.rewrites().to_vec(),
            left_alone: plan.left_alone().to_vec(),
            roles: plan.roles().to_vec(),
            deployer_actions: plan.deployer_actions().to_vec(),
            findings: judged.findings,
            silenced: judged.ignored + plan.ignored(),
            unignorable: Vec::new(),
            mended,
            after,
            edits: (plan.rewrites().iter())
                .map(|rewrite| plan.edits_of(rewrite.id).cloned().collect())
                .collect(),
        }),
    }
}

fn run(files: &[FileReport], options: &Options) -> (String, String) {
    let root = Path::new("/r");
    let facts = RunFacts {
        version: "0",
        transforms: Catalog::version(),
        repo: "acme/<b>|orders",
        direction: options.direction.as_str(),
        phase: options.phase.as_str(),
        config_digest: "0",
        repository: None,
        context: 3,
        exit: 0,
        fails_to: None,
        strict: options.consent.strict,
        applied: false,
        everything: true,
        whereabouts: Whereabouts { current: root, root },
    };
    for detail in [Detail::Grouped, Detail::Everything] {
        let plain =
            TextOptions { detail, paint: Paint::PLAIN, strict: false, applied: false, phase: options.phase };
        check_lines(&text(|out| write_text(out, files, plain)));
    }
    let form = Unified { context: 3, paint: Paint::PLAIN, for_terminal: true };
    // Tabs are part of what changes.
    check_lines(&text(|out| write_diffs(out, files, form)).replace('\t', " "));
    check_json(&text(|out| write_sarif(out, files, facts)), false);
    check_json(&text(|out| write_gitlab(out, files, facts)), false);
    check_xml(&text(|out| write_junit(out, files, facts)));
    check_markdown(&text(|out| write_markdown(out, files, facts)));
    check_commands(&text(|out| write_github(out, files, facts)));
    let document = text(|out| write_json(out, files, facts));
    let lines = text(|out| write_json_lines(out, files, facts));
    check_json(&document, false);
    check_json(&lines, true);
    (document, lines)
}

fn grants(plan: &Plan<'_>, catalog: &Catalog) {
    let resolver = plan.resolver();
    let table = grant_table(&resolver, &analyse(&resolver), &AccessIndex::of(catalog));
    let answer = Some((plan.source().clone(), table));
    let reports = [GrantsReport { path: NAME.into(), status: Status::Unchanged, problem: None, answer }];
    let facts = GrantsFacts { version: "0", transforms: Catalog::version(), filtered: false, exit: 0 };
    check_json(&text(|out| write_grants_json(out, &reports, facts)), false);
    check_xml(&text(|out| write_grants_svg(out, &reports)));
    check_lines(&text(|out| write_grants_table(out, &reports, Paint::PLAIN, true, false)));
    check_lines(&text(|out| write_grants_dot(out, &reports)));
    check_lines(&text(|out| write_grants_mermaid(out, &reports)));
}

fn document(source: &Source) -> Document {
    Document::parse(source.clone()).expect("it was planned, so it parses")
}

fn compared(before: &Source, after: &Source, catalog: &Catalog) {
    let (old, new) = (document(before), document(after));
    let consent = Consent::default();
    let answer = compare_templates(Some(&old), Some(&new), catalog, &consent, Partition::default());
    let reports = [ComparisonReport {
        path: NAME.into(),
        status: Status::Unchanged,
        problem: None,
        before: Some(before.clone()),
        after: Some(after.clone()),
        answer: Some(answer),
    }];
    let facts = ComparisonFacts { version: "0", transforms: Catalog::version(), old: "a", new: "b", exit: 0 };
    check_json(&text(|out| write_comparison_json(out, &reports, facts)), false);
    check_markdown(&text(|out| write_comparison_markdown(out, &reports)));
    check_lines(&text(|out| write_comparison_text(out, &reports, Paint::PLAIN, true)));
}

fn deployed(before: &Source, after: &Source, catalog: &Catalog) {
    let policy = Source::new("p.json", DEPLOYER.into()).expect("text");
    let policy = DeployerPolicy::read(policy).expect("a policy");
    let answer = Some(preflight(&document(before), Some(&document(after)), catalog, &policy));
    let reports = [PreflightReport { path: NAME.into(), status: Status::Unchanged, problem: None, answer }];
    let facts =
        PreflightFacts { version: "0", transforms: Catalog::version(), policy: Path::new("p.json"), exit: 0 };
    check_json(&text(|out| write_preflight_json(out, &reports, facts)), false);
    check_lines(&text(|out| write_preflight(out, &reports, Paint::PLAIN, true)));
}
