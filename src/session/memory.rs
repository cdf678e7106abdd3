//! Answers that outlive a session: what was answered, as records to be kept, and desks that begin with what was kept. Refuses
//! to know where records are kept.

use super::desk::{Desk, Failure};
use crate::catalog::Catalog;
use crate::config::{AnswerRecord, AnswersFile, Draft, OfFile};
use crate::plan::{Answers, Options, Rewrite};
use crate::report::sha256_hex;
use crate::text::Source;
use std::collections::{BTreeMap, BTreeSet};

/// What was answered on some desks, by the names under which their files are known. Without `of_files` the records hold for
/// every file; answers that differ between files are left out then.
pub fn records(
    desks: &[Desk],
    names: &[String],
    of_files: bool,
    (catalog, options): (&Catalog, &Options),
) -> Result<AnswersFile, Failure> {
    let mut out = AnswersFile::default();
    for (desk, name) in desks.iter().zip(names) {
        let about: BTreeMap<String, String> = desk
            .questions(catalog, options)?
            .iter()
            .map(|rewrite| (rewrite.fingerprint.clone(), in_words(rewrite)))
            .collect();
        out.answers.extend(desk.answers().iter().map(|(fingerprint, answer)| AnswerRecord {
            file: of_files.then(|| name.clone()),
            fingerprint: fingerprint.to_owned(),
            about: about.get(fingerprint).cloned().unwrap_or_default(),
            answer,
        }));
        out.drafts.extend(desk.draft().filter(|_| of_files).map(|(text, edited)| Draft {
            file: name.clone(),
            sha256: sha256_hex(desk.original().text().as_bytes()),
            edited,
            text: text.to_owned(),
        }));
    }
    if !of_files {
        let all = std::mem::take(&mut out.answers);
        let agreed = |record: &AnswerRecord| {
            let mut same = all.iter().filter(|other| other.fingerprint == record.fingerprint);
            same.all(|other| other.answer == record.answer)
        };
        let mut seen = BTreeSet::new();
        out.answers =
            all.iter().filter(|r| agreed(r) && seen.insert(r.fingerprint.clone())).cloned().collect();
    }
    Ok(out)
}

/// Desks for some files under their names, with what was kept of them: answers for the file, else for every file; and a text
/// changed by hand, if the file is still the one that it was made from.
pub fn desks(files: Vec<(String, Source, OfFile)>, kept: &AnswersFile) -> Vec<Desk> {
    let desk = |(name, source, of_file): (String, Source, OfFile)| {
        let mut answers = Answers::default();
        let for_all = kept.answers.iter().filter(|record| record.file.is_none());
        let for_this = kept.answers.iter().filter(|record| record.file.as_ref() == Some(&name));
        for record in for_all.chain(for_this) {
            answers.set(&record.fingerprint, record.answer);
        }
        let digest = sha256_hex(source.text().as_bytes());
        let draft = kept.drafts.iter().find(|draft| draft.file == name && draft.sha256 == digest);
        Desk::new(source, answers, of_file).with_draft(draft.map(|draft| (draft.text.clone(), draft.edited)))
    };
    files.into_iter().map(desk).collect()
}

/// What was kept of these files and means nothing any more: the rewrites are not there now, or the file was changed since
/// somebody edited it by hand.
pub fn forgotten(
    desks: &[Desk],
    names: &[String],
    kept: &AnswersFile,
    (catalog, options): (&Catalog, &Options),
) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    for (desk, name) in desks.iter().zip(names) {
        let known: BTreeSet<String> =
            desk.questions(catalog, options)?.into_iter().map(|rewrite| rewrite.fingerprint).collect();
        let of_file = kept.answers.iter().filter(|record| record.file.as_ref() == Some(name));
        let stale = of_file.filter(|record| !known.contains(&record.fingerprint) && !record.about.is_empty());
        out.extend(stale.map(|record| format!("{name}: {}", record.about)));
        if desk.draft().is_none() && kept.drafts.iter().any(|draft| draft.file == *name) {
            out.push(format!("{name}: a text edited by hand, since the file has changed"));
        }
    }
    Ok(out)
}

fn in_words(rewrite: &Rewrite) -> String {
    format!("{} {} → {}", rewrite.profile, rewrite.source, rewrite.destination)
}
