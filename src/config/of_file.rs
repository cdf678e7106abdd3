//! What a run is told about single files: which places of each are ignored, and what of it is known already.

use super::baseline::Baseline;
use super::file::IgnoreRule;
use crate::plan::{Answer, Answers, Ignored, Options, Variant};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is told about all files.
#[derive(Debug, Clone, Default)]
pub struct OfFiles {
    /// What is ignored, with absolute paths without links.
    ignores: Vec<(PathBuf, Ignored)>,
    /// What is known already.
    baseline: Option<Baseline>,
}

/// What is told about one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfFile {
    /// What is ignored.
    pub ignored: Vec<Ignored>,
    /// The fingerprints of what is known already.
    pub known: BTreeSet<String>,
}

impl OfFiles {
    /// `resolve` tells the absolute path without links of a file that a rule names, if the file is there.
    pub fn new(
        rules: &[IgnoreRule],
        baseline: Option<Baseline>,
        resolve: impl Fn(&Path) -> Option<PathBuf>,
    ) -> Self {
        let ignored = |rule: &IgnoreRule| {
            let ignored = Ignored { id: rule.id.clone(), route: rule.route.clone() };
            Some((resolve(&rule.file)?, ignored))
        };
        Self { ignores: rules.iter().filter_map(ignored).collect(), baseline }
    }

    /// What is told about the file at `real`, an absolute path without links; nothing about what is no file.
    pub fn of(&self, real: Option<&Path>) -> OfFile {
        let Some(real) = real else { return OfFile::default() };
        let ignored =
            self.ignores.iter().filter(|(file, _)| file == real).map(|(_, ignored)| ignored.clone());
        let known = self.baseline.iter().flat_map(|baseline| baseline.of(real));
        OfFile {
            ignored: ignored.collect(),
            known: known.map(|(fingerprint, _)| fingerprint.to_owned()).collect(),
        }
    }
}

impl OfFile {
    /// The options for the file. What is known already is passed over, unless an answer says otherwise.
    pub fn options(&self, options: &Options) -> Options {
        let mut answers = Answers::default();
        for fingerprint in &self.known {
            answers.set(fingerprint, Answer { take: Some(false), variant: Variant::default() });
        }
        for (fingerprint, answer) in options.answers.iter() {
            answers.set(fingerprint, answer);
        }
        let mut options = Options { answers, ..options.clone() };
        options.select.ignored.extend(self.ignored.iter().cloned());
        options
    }
}
