//! The part of a run report that the page shows when a repository is opened: the same fields by the same names, without what
//! only programs need, and with the option that would release what is held back.

use super::advice::Release;
use crate::iam::{Effect, Permission};
use crate::report::merged::{
    FileRecord, FindingRecord, LeftAloneRecord, MendedRecord, NoteRecord, PlaceRecord, PointRecord,
    RepositoryRecord, RewriteRecord, RoleRecord, RunRecord,
};
use serde::Serialize;

/// One repository.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    repository: Option<&'a RepositoryRecord>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    status: &'a str,
    message: Option<&'a str>,
    diff: Option<&'a str>,
    rewrites: Vec<Rewrite<'a>>,
    left_alone: Vec<Note<'a>>,
    findings: Vec<Note<'a>>,
    mended: Option<&'a MendedRecord>,
    roles: &'a [RoleRecord],
}

#[derive(Serialize)]
struct Rewrite<'a> {
    id: &'a str,
    source: &'a str,
    destination: &'a str,
    permissions: &'a [String],
    places: Vec<Place>,
    effect: Effect,
    decision: &'a str,
    held_by: Option<&'a str>,
    release: Option<String>,
    added: &'a [Permission],
    removed: &'a [Permission],
    kept: &'a [Permission],
    hazards: &'a [NoteRecord],
}

#[derive(Serialize)]
struct Place {
    start: PointRecord,
}

/// Something left alone, or a finding.
#[derive(Serialize)]
struct Note<'a> {
    id: &'a str,
    owner: Option<&'a str>,
    start: PointRecord,
    message: &'a str,
}

impl<'a> Detail<'a> {
    pub(super) fn of(run: &'a RunRecord) -> Self {
        Self { repository: run.repository.as_ref(), files: run.files.iter().map(File::of).collect() }
    }
}

impl<'a> File<'a> {
    fn of(file: &'a FileRecord) -> Self {
        let finding = |found: &'a FindingRecord| Note {
            id: &found.id,
            owner: None,
            start: found.place.start,
            message: &found.message,
        };
        let left_alone = |left: &'a LeftAloneRecord| Note {
            id: &left.id,
            owner: Some(left.owner.as_str()).filter(|owner| !owner.is_empty()),
            start: left.place.start,
            message: &left.message,
        };
        Self {
            path: &file.path,
            status: &file.status,
            message: file.message.as_deref(),
            diff: file.diff.as_deref(),
            rewrites: file.rewrites.iter().map(Rewrite::of).collect(),
            left_alone: file.left_alone.iter().map(left_alone).collect(),
            findings: file.findings.iter().map(finding).collect(),
            mended: file.mended.as_ref(),
            roles: &file.roles,
        }
    }
}

impl<'a> Rewrite<'a> {
    fn of(rewrite: &'a RewriteRecord) -> Self {
        Self {
            id: &rewrite.id,
            source: &rewrite.source,
            destination: &rewrite.destination,
            permissions: &rewrite.permissions,
            places: rewrite.places.iter().map(|place: &PlaceRecord| Place { start: place.start }).collect(),
            effect: rewrite.effect,
            decision: &rewrite.decision,
            held_by: rewrite.held_by.as_deref(),
            release: Release::of(rewrite).map(|release| release.flags()),
            added: &rewrite.added,
            removed: &rewrite.removed,
            kept: &rewrite.kept,
            hazards: &rewrite.hazards,
        }
    }
}
