//! A plan in the compact form in which it is reviewed and kept in `plan.json`: one line per permission, nothing that is
//! empty, no spans (the bytes are compared elsewhere).

use samwire::check::{Finding, judge};
use samwire::iam::Permission;
use samwire::plan::{Decision, Direction, Hazard, LeftAlone, Plan, Rewrite, RoleQuota};
use serde::Serialize;

/// What a plan says.
#[derive(Debug, Serialize)]
pub struct Expectation {
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rewrites: Vec<Rewritten>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_alone: Vec<Left>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Rewritten {
    profile: String,
    source: String,
    destination: String,
    permissions: String,
    form: &'static str,
    connector: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    existing: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared_with: Vec<String>,
    places: Vec<String>,
    effect: &'static str,
    decision: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hazards: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Step {
    effect: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Left {
    reason: &'static str,
    owner: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refers_to: Vec<String>,
    route: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Expectation {
    /// The expectation that a plan fulfils.
    pub fn of(plan: &Plan<'_>) -> Self {
        Self {
            skipped: plan.skipped().map(|skipped| skipped.id),
            rewrites: plan.rewrites().iter().map(rewritten).collect(),
            left_alone: plan.left_alone().iter().map(|found| left(found, plan.options().direction)).collect(),
            roles: plan.roles().iter().map(quota).collect(),
            findings: judge(plan).findings.iter().map(found).collect(),
        }
    }

    /// The text of `plan.json`.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain values");
        text.push('\n');
        text
    }
}

fn rewritten(rewrite: &Rewrite) -> Rewritten {
    Rewritten {
        profile: rewrite.profile.clone(),
        source: rewrite.source.clone(),
        destination: rewrite.destination.clone(),
        permissions: rewrite.permissions.join("+"),
        form: rewrite.form.as_str(),
        connector: rewrite.connector.clone(),
        existing: rewrite.existing,
        shared_with: rewrite.shared_with.clone(),
        places: rewrite.places.iter().map(|place| place.route.clone()).collect(),
        effect: rewrite.effect.as_str(),
        decision: match rewrite.decision {
            Decision::Taken => "taken".into(),
            Decision::Held(by) => format!("held by {}", by.as_str()),
            Decision::Skipped => "skipped".into(),
        },
        added: permission_lines(&rewrite.added),
        removed: permission_lines(&rewrite.removed),
        kept: permission_lines(&rewrite.kept),
        step: rewrite.step.as_ref().map(|step| Step {
            effect: step.effect.as_str(),
            added: permission_lines(&step.added),
            removed: permission_lines(&step.removed),
        }),
        hazards: rewrite.hazards.iter().map(|Hazard { id, .. }| *id).collect(),
    }
}

fn left(left: &LeftAlone, direction: Direction) -> Left {
    Left {
        reason: left.reason.id(),
        owner: left.owner.clone(),
        grants: permission_lines(&left.grants),
        refers_to: left.refers_to.clone(),
        route: left.location.route.clone(),
        // Of a policy with grants the message only repeats them; of a connector it says why it stays.
        message: (left.grants.is_empty() || direction == Direction::Policies).then(|| left.message.clone()),
    }
}

fn quota(role: &RoleQuota) -> String {
    format!("{}: {} to {} of {}", role.role, role.before, role.after, role.quota)
}

fn found(finding: &Finding) -> String {
    format!("{} at {}: {}", finding.kind.id, finding.location.route, finding.message)
}

/// Permissions as lines: actions that share all the rest stand on one.
pub fn permission_lines(permissions: &[Permission]) -> Vec<String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for permission in permissions {
        let mut rest = permission.resource.clone();
        if let Some(on) = &permission.on {
            rest.push_str(&format!(" [{} on {on}]", permission.principal));
        }
        if let Some(condition) = &permission.condition {
            rest.push_str(&format!(" [{condition}]"));
        }
        if let Some(when) = &permission.when {
            rest.push_str(&format!(" [when {when}]"));
        }
        if !permission.implied_by.is_empty() {
            rest.push_str(&format!(" [implied by {}]", permission.implied_by.join(" + ")));
        }
        if let Some(because) = &permission.because {
            rest.push_str(&format!(" [no new power: {because}]"));
        }
        if permission.inert {
            rest.push_str(" [inert]");
        }
        match lines.last_mut().filter(|(_, last)| *last == rest) {
            Some((actions, _)) => {
                actions.push_str(", ");
                actions.push_str(&permission.action);
            }
            None => lines.push((permission.action.clone(), rest)),
        }
    }
    lines.into_iter().map(|(actions, rest)| format!("{actions} @ {rest}")).collect()
}
