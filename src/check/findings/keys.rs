//! Keys that a mapping has twice.

use super::Scene;
use crate::check::finding::Finding;
use crate::check::kinds::DUPLICATE_KEY;
use crate::plan::Location;
use crate::syntax::DuplicateKey;

pub(super) fn find(scene: Scene<'_>) -> Vec<Finding> {
    let doc = scene.resolver.doc;
    let finding = |duplicate: &DuplicateKey| {
        let line = doc.source().position(duplicate.first.start).line;
        let message = format!("key `{}` is already on line {line}; the last one counts", duplicate.key);
        let finding = scene.finding(&DUPLICATE_KEY, duplicate.map, &[&duplicate.key], message);
        let location = Location { span: duplicate.last, ..finding.location };
        Finding { location, ..finding }
    };
    doc.duplicates().iter().map(finding).collect()
}
