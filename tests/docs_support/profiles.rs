//! `docs/profiles.md`: every connector profile, from the definitions, with both spellings as `samwire explain` shows them.

use samwire::catalog::{Catalog, GrantKind, Holder, Profile, Waits};
use samwire::report::{Paint, Topic, write_explanation};
use std::fmt::Write as _;

const HEAD: &str = "\
# Connector profiles

Generated from the definitions; `tests/docs.rs` says when this page is stale. A profile is what a connector grants from one
type of resource to another. `samwire explain ID` shows the same for one, and two types in place of the id find the one
that joins them.

SAM types count as what they become: `AWS::Serverless::Function` as `AWS::Lambda::Function`, `AWS::Serverless::SimpleTable` as
`AWS::DynamoDB::Table`, and so on. A pair that is not here has no connector.

| profile | from | to | `Permissions` | makes |
|---|---|---|---|---|
";

/// The page.
pub(crate) fn page() -> String {
    let catalog = Catalog::builtin();
    let mut out = HEAD.to_owned();
    for profile in catalog.profiles() {
        let _ = writeln!(
            out,
            "| [{0}](#{0}) | {1} | {2} | {3} | {4} |",
            profile.id,
            short(&profile.source),
            short(&profile.destination),
            combinations(profile),
            made(profile.kind),
        );
    }
    for profile in catalog.profiles() {
        section(&mut out, profile, catalog);
    }
    out
}

/// `DynamoDB Table` of `AWS::DynamoDB::Table`.
fn short(kind: &str) -> String {
    kind.trim_start_matches("AWS::").replace("::", " ")
}

fn combinations(profile: &Profile) -> String {
    profile.combinations.iter().map(|names| names.join(" + ")).collect::<Vec<_>>().join(", ")
}

fn made(kind: GrantKind) -> &'static str {
    match kind {
        GrantKind::ManagedPolicy => "managed policy",
        GrantKind::LambdaPermission => "Lambda permission",
        GrantKind::QueuePolicy => "queue policy",
        GrantKind::TopicPolicy => "topic policy",
    }
}

fn section(out: &mut String, profile: &Profile, catalog: &Catalog) {
    let _ = writeln!(
        out,
        "\n## {}\n\n{}: `{}` → `{}`.",
        profile.id, profile.title, profile.source, profile.destination
    );
    let _ = writeln!(out, "\n{}\n", where_it_goes(profile));
    out.push_str("| category | actions | on |\n|---|---|---|\n");
    for (category, forms) in &profile.permissions {
        for form in forms {
            let resources: Vec<String> = form.resources.iter().map(|text| format!("`{text}`")).collect();
            let _ = writeln!(out, "| {category} | {} | {} |", form.actions.join(", "), resources.join(", "));
        }
    }
    let explained = explained(profile, catalog);
    for (heading, text) in explained.split("\n\n").skip(1).filter_map(|part| part.split_once('\n')) {
        match heading {
            "As a connector" | "As a policy" => {
                let _ = writeln!(out, "\n{heading}:\n\n```yaml\n{}\n```", unindented(text));
            }
            "Traps" => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let _ = writeln!(out, "\n{heading}: {}", words.join(" "));
            }
            _ => {}
        }
    }
}

/// What the connector makes, whom that lets in, and what it waits for.
fn where_it_goes(profile: &Profile) -> String {
    let mut text = match (profile.kind, profile.holder) {
        (GrantKind::ManagedPolicy, Holder::Source) => {
            "A managed policy on the role of the source.".to_owned()
        }
        (GrantKind::ManagedPolicy, Holder::Destination) => {
            "A managed policy on the role of the destination.".to_owned()
        }
        (kind, _) => format!("A {} on the destination.", made(kind)),
    };
    if let Some(side) = &profile.resource_side {
        let account = if side.source_account { ", in the account of the stack" } else { "" };
        let _ = write!(text, " It lets in `{}` on behalf of `{}`{account}.", side.principal, side.source_arn);
    }
    match profile.waits {
        Some(Waits::EventSourceMapping) => {
            text.push_str(" The event source mapping of the two waits for it.")
        }
        Some(Waits::SourceStateMachine) => {
            text.push_str(" The state machine that is the source waits for it.")
        }
        None => {}
    }
    text
}

fn explained(profile: &Profile, catalog: &Catalog) -> String {
    let mut bytes = Vec::new();
    write_explanation(&mut bytes, Topic::Profile(profile), catalog, Paint::PLAIN, None)
        .expect("a vector takes everything");
    String::from_utf8(bytes).expect("an explanation is text")
}

/// Without the two blanks that `explain` puts before each line.
fn unindented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    lines.join("\n")
}
