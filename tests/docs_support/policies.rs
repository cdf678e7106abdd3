//! `docs/policies-and-connectors.md`: what becomes of each policy template that a connector can stand in for. Asks the
//! planner about a template of two resources, so that the page says what the program does.

use samwire::catalog::{Catalog, Meaning, ParameterKind, PolicyTemplate};
use samwire::iam::Permission;
use samwire::plan::{Consent, Options, Rewrite, plan};
use samwire::text::Source;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const FUNCTION: &str = "AWS::Serverless::Function";

const HEAD: &str = "\
# Policy templates and connectors

Generated from the definitions by asking the planner; `tests/docs.rs` says when this page is stale. Each row is a function
whose only policy is the template, with its parameter naming a resource of the same template that has no name or index
of its own.

- **Connector**: the closest one, with the fewest access categories that cover what a connector can cover.
- **New power**: permissions that the connector adds and that nothing held before implies. They need consent.
- **Implied**: permissions that it adds and that are no new power. `samwire explain NAME` shows what implies them.
- **Kept**: permissions of the template that the connector does not give. They stay as a statement.

| policy template | connector | effect | new power | implied | kept |
|---|---|---|---|---|---|
";

const TAIL: &str = "
## Those that stay

A connector leads to the resource that these name, but takes none of their place. [Reasons](reasons.md) says more.

| policy template | reason |
|---|---|
";

const END: &str = "
All other policy templates stay because no connector leads to what they name. `samwire list` shows them all.
";

/// The page.
pub(crate) fn page() -> String {
    let mut out = HEAD.to_owned();
    let mut stay = String::new();
    for template in Catalog::builtin().templates() {
        match converted(template) {
            Some(Ok(rewrite)) => row(&mut out, template, &rewrite),
            Some(Err(reasons)) => {
                let _ = writeln!(stay, "| `{}` | {reasons} |", template.name);
            }
            None => {}
        }
    }
    out + TAIL + &stay + END
}

fn row(out: &mut String, template: &PolicyTemplate, rewrite: &Rewrite) {
    let live = |list: &[Permission], implied: bool| -> Vec<Permission> {
        let wanted = |p: &&Permission| !p.inert && p.implied_by.is_empty() != implied;
        list.iter().filter(wanted).cloned().collect()
    };
    let _ = writeln!(
        out,
        "| `{}` | `{}` {} | {} | {} | {} | {} |",
        template.name,
        rewrite.profile,
        rewrite.permissions.join(", "),
        rewrite.effect.as_str(),
        words(&live(&rewrite.added, false)),
        words(&live(&rewrite.added, true)),
        words(&rewrite.kept),
    );
}

/// Actions without their resources, service by service: `dynamodb:GetItem, Query`.
fn words(permissions: &[Permission]) -> String {
    let mut seen = BTreeSet::new();
    let mut out = String::new();
    let mut last = "";
    for permission in permissions.iter().filter(|p| seen.insert(p.action.to_lowercase())) {
        let (service, name) = permission.action.split_once(':').unwrap_or(("", &permission.action));
        let shown = if service == last { name } else { &permission.action };
        let _ = write!(out, "{}{shown}", if out.is_empty() { "" } else { ", " });
        last = service;
    }
    if out.is_empty() { "–".into() } else { out }
}

/// The rewrite of a function with this policy template, or the reasons why there is none; `None` where no connector leads
/// from a function to what the template names.
fn converted(template: &PolicyTemplate) -> Option<Result<Rewrite, String>> {
    let catalog = Catalog::builtin();
    let mut parameters = String::new();
    let mut target = None;
    for (name, kind) in &template.parameters {
        let value = match kind {
            ParameterKind::Plain => "x".to_owned(),
            ParameterKind::Name(of) => reference(of, &Meaning::Name)?,
            ParameterKind::Arn(of) => reference(of, &Meaning::Arn)?,
        };
        if let ParameterKind::Name(of) | ParameterKind::Arn(of) = kind {
            target = Some(of);
        }
        let _ = write!(parameters, "\n            {name}: {value}");
    }
    let target = target.filter(|of| catalog.profile(FUNCTION, of).is_some())?;
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: {FUNCTION}
    Properties:
      Policies:
        - {}:{parameters}
  Target:
    Type: {}
",
        template.name, target
    );
    let source = Source::new("template.yaml", text.into_bytes()).expect("the text is UTF-8");
    let options = Options { consent: Consent { any: true, ..Consent::default() }, ..Options::default() };
    let plan = plan(source, catalog, &options).expect("the text is a template");
    let chosen = plan.taken();
    plan.outcome(&chosen).expect("the planner does what it says");
    let reasons: BTreeSet<&str> = plan.left_alone().iter().map(|left| left.reason.id()).collect();
    let reasons: Vec<String> = reasons.iter().map(|id| format!("`{id}`")).collect();
    Some(plan.rewrites().first().cloned().ok_or_else(|| reasons.join(", ")))
}

/// How the name or the ARN of `Target` is written, if it is of this type.
fn reference(of: &str, meaning: &Meaning) -> Option<String> {
    let kind = Catalog::builtin().resource_type(of)?;
    if kind.reference == *meaning {
        return Some("!Ref Target".into());
    }
    let (attribute, _) = kind.attributes.iter().find(|(_, found)| *found == meaning)?;
    Some(format!("!GetAtt Target.{attribute}"))
}
