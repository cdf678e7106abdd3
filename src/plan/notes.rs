//! What is worth knowing about a file whatever is rewritten in it, with a place.

use super::model::{Location, Note};
use super::reason::Reason;
use super::shown::location;
use super::side::{is_sole, writers};
use crate::analysis::{Analysis, Resolver};
use crate::template::Malformed;

/// Everything worth knowing, in template order.
pub(super) fn notes(resolver: &Resolver<'_>, analysis: &Analysis) -> Vec<Note> {
    let doc = resolver.doc;
    let mut out = Vec::new();
    for duplicate in doc.duplicates() {
        let (first, last) = (duplicate.first, duplicate.last);
        let line = doc.source().position(first.start).line;
        out.push(Note {
            id: "duplicate-key",
            message: format!("key `{}` is already on line {line}; the last one counts", duplicate.key),
            location: Location { route: doc.route(duplicate.map).to_string(), span: last },
        });
    }
    for view in &analysis.connectors {
        if let Some(Malformed { complaint, node }) = &view.complaint {
            let refuses = if complaint.is_refusal() { "SAM refuses connector" } else { "connector" };
            out.push(Note {
                id: "connector-malformed",
                message: format!("{refuses} `{}`: {complaint} {}", view.connector.id, complaint.mend()),
                location: location(doc, *node),
            });
        }
    }
    for Malformed { complaint, node } in resolver.template.connector_maps(doc) {
        out.push(Note {
            id: "connector-malformed",
            message: format!("SAM refuses the template: {complaint} {}", complaint.mend()),
            location: location(doc, node),
        });
    }
    out.extend(overwritten(resolver, analysis));
    out.sort_by_key(|note| note.location.span);
    out
}

/// Queues and topics whose one policy several resources write.
fn overwritten(resolver: &Resolver<'_>, analysis: &Analysis) -> Vec<Note> {
    let mut out = Vec::new();
    for (position, resource) in resolver.template.resources().iter().enumerate() {
        let Some(kind) = resolver.type_of(resource) else { continue };
        let mut profiles = resolver.catalog.profiles();
        let profile = profiles.find(|p| p.destination == kind.canonical && is_sole(p.kind));
        let Some(profile) = profile else { continue };
        let writers = writers(resolver, analysis, profile.kind, position);
        let both = writers.iter().enumerate().find_map(|(at, second)| {
            let first = writers[..at].iter().find(|first| first.may_meet(second))?;
            Some((first, second))
        });
        if let Some((first, second)) = both {
            out.push(Note {
                id: Reason::SecondResourcePolicy.id(),
                message: format!(
                    "`{}` and `{}` both write the one policy of `{}`, and the last one written undoes the other",
                    first.id, second.id, resource.id
                ),
                location: location(resolver.doc, second.node),
            });
        }
    }
    out
}
