//! Comments and entries of the config file that ask to ignore something, and ignore nothing.

use super::Scene;
use crate::catalog::nearest;
use crate::check::finding::Finding;
use crate::check::kinds::{FINDINGS, UNUSED_SUPPRESSION};
use crate::plan::{Asks, HAZARDS, Location, Reason, Scope, Suppression, asks};
use crate::syntax::Comment;
use crate::text::{Edit, Span};
use std::collections::BTreeSet;

/// What is ignored and needs not be. `heeded` are the numbers of the suppressions, and of their ids, that have a use.
pub(super) fn find(
    scene: Scene<'_>,
    suppressions: &[Suppression],
    heeded: &BTreeSet<(usize, usize)>,
) -> Vec<Finding> {
    let doc = scene.resolver.doc;
    let mut out: Vec<Finding> = Vec::new();
    for (number, suppression) in suppressions.iter().enumerate() {
        let idle: Vec<usize> =
            (0..suppression.ids.len()).filter(|&id| !heeded.contains(&(number, id))).collect();
        if idle.is_empty() {
            continue;
        }
        let names: Vec<&str> = idle.iter().map(|&id| suppression.ids[id].as_str()).collect();
        let nothing = format!("`{}` is ignored, and there is none here", names.join("`, `"));
        let message = match names.iter().find_map(|name| unknown(scene, name)) {
            Some(unknown) => format!("{nothing}; {unknown}"),
            None => nothing,
        };
        match &suppression.scope {
            Scope::File(comment) | Scope::Place(comment) => {
                let Some(comment) = doc.comments().get(*comment) else { continue };
                let keep = suppression.ids.len() > idle.len();
                let mend = if keep { without(scene, comment, &names) } else { vec![removal(scene, comment)] };
                out.push(at(scene, comment, message, mend));
            }
            Scope::Config(route) => {
                let about = route.as_deref().unwrap_or("the whole file");
                let message = format!("in the config file, for {about}: {message}");
                out.push(scene.finding(&UNUSED_SUPPRESSION, doc.root(), &names, message));
            }
        }
    }
    for comment in doc.comments() {
        if asks(doc.source().slice(comment.span)) == Asks::Unclear {
            let message =
                "the comment does not say what to ignore; write `samwire: ignore[ID] reason`".to_owned();
            out.push(at(scene, comment, message, Vec::new()));
        }
    }
    out
}

fn at(scene: Scene<'_>, comment: &Comment, message: String, mend: Vec<Edit>) -> Finding {
    let text = scene.resolver.doc.source().slice(comment.span);
    let found = scene.finding(&UNUSED_SUPPRESSION, scene.resolver.doc.root(), &[text], message);
    Finding { location: Location { span: comment.span, ..found.location }, mend, ..found }
}

/// What is near to an id that nothing has.
fn unknown(scene: Scene<'_>, name: &str) -> Option<String> {
    let catalog = scene.resolver.catalog;
    let profiles = catalog.profiles().map(|profile| profile.id.as_str());
    let others = FINDINGS.iter().map(|kind| kind.id).chain(Reason::ALL.iter().map(|reason| reason.id()));
    let known: Vec<&str> = profiles.chain(others).collect();
    if name == "*" || known.contains(&name) {
        return None;
    }
    if HAZARDS.iter().any(|kind| kind.id == name) {
        return Some(format!("`{name}` is a hazard of a rewrite, and goes with it"));
    }
    Some(match nearest(name, known) {
        Some(near) => format!("nothing has the id `{name}`, did you mean `{near}`?"),
        None => format!("nothing has the id `{name}`"),
    })
}

/// Takes a comment away: with its line if it has one for itself, else with the blanks before it.
fn removal(scene: Scene<'_>, comment: &Comment) -> Edit {
    let source = scene.resolver.doc.source();
    let line = source.line_at(comment.span.start);
    let lead = source.slice(Span::new(line.start, comment.span.start));
    let blanks = lead.len() - lead.trim_end_matches([' ', '\t']).len();
    let span = match blanks == lead.len() {
        true => line,
        false => Span::new(comment.span.start - blanks as u32, comment.span.end),
    };
    Edit { span, text: String::new() }
}

/// The same comment without some of its ids.
fn without(scene: Scene<'_>, comment: &Comment, names: &[&str]) -> Vec<Edit> {
    let text = scene.resolver.doc.source().slice(comment.span);
    let Some((open, close)) = text.find('[').zip(text.find(']')).filter(|(open, close)| open < close) else {
        return Vec::new();
    };
    let kept: Vec<&str> = text[open + 1..close]
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty() && !names.contains(id))
        .collect();
    let offset = |at: usize| comment.span.start + u32::try_from(at).unwrap_or_default();
    vec![Edit { span: Span::new(offset(open + 1), offset(close)), text: kept.join(", ") }]
}
