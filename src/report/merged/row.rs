//! A row: what became of one repository, in figures. It is a line of `results.jsonl`, so its fields are added and never
//! moved.

use super::figures::{Figures, count};
use super::record::{FileRecord, RunRecord};
use super::status::RepoStatus;
use crate::iam::Permission;
use serde::{Deserialize, Serialize};

/// Version of the format of rows.
pub(super) const SCHEMA: u32 = 1;

/// What became of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// Version of this format. It is raised on any change that breaks a reader; fields are added without.
    #[serde(default = "first_schema")]
    pub schema: u32,
    /// Path of the repository below the root of the run, made safe for file names; without one the name of the repository.
    pub key: String,
    /// Where it was; empty where the report does not tell.
    #[serde(default)]
    pub path: String,
    /// Name of the repository.
    #[serde(default)]
    pub repo: String,
    /// What became of it.
    pub status: RepoStatus,
    /// Stable id of why it, or the first of its files that did, failed or was skipped.
    #[serde(default)]
    pub reason: Option<String>,
    /// The same in words.
    #[serde(default)]
    pub message: Option<String>,
    /// The commit that was looked at.
    #[serde(default)]
    pub base: Option<String>,
    /// The branch that was made.
    #[serde(default)]
    pub branch: Option<String>,
    /// The commit that was made.
    #[serde(default)]
    pub commit: Option<String>,
    /// To what was rewritten: `connectors` or `policies`.
    #[serde(default)]
    pub direction: String,
    /// The step of a migration: `both`, `add` or `remove`.
    #[serde(default)]
    pub phase: String,
    /// Version of the program.
    #[serde(default)]
    pub version: String,
    /// What its definitions describe.
    #[serde(default)]
    pub transforms: String,
    /// Digest of all choices that can change a plan.
    #[serde(default)]
    pub config_digest: String,
    /// The exit code of the run over this repository.
    #[serde(default)]
    pub exit: u8,
    /// The run report with all details, relative to the file that holds this row.
    #[serde(default)]
    pub report: Option<String>,
    /// The patch, likewise.
    #[serde(default)]
    pub patch: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The version of rows that do not tell one.
fn first_schema() -> u32 {
    1
}

impl Row {
    /// The row of a repository for which there is no run report.
    pub fn bare(key: impl Into<String>, status: RepoStatus) -> Self {
        let key = key.into();
        Self {
            schema: SCHEMA,
            path: String::new(),
            repo: key.clone(),
            key,
            status,
            reason: None,
            message: None,
            base: None,
            branch: None,
            commit: None,
            direction: String::new(),
            phase: String::new(),
            version: String::new(),
            transforms: String::new(),
            config_digest: String::new(),
            exit: 0,
            report: None,
            patch: None,
            figures: Figures::default(),
        }
    }

    /// The row of a run report. Where the report tells no status of a repository, it follows from its files.
    pub fn of(run: &RunRecord) -> Self {
        let told = run.repository.as_ref();
        let key = told.map_or(&run.repo, |told| &told.key);
        let status = told.map_or_else(|| status_of(&run.files), |told| told.status);
        let mut row = Self::bare(key.clone(), status);
        row.repo.clone_from(&run.repo);
        row.direction.clone_from(&run.direction);
        row.phase.clone_from(&run.phase);
        row.version.clone_from(&run.tool.version);
        row.transforms.clone_from(&run.tool.transforms);
        row.config_digest.clone_from(&run.config_digest);
        row.exit = run.exit;
        row.figures = Figures::of(run);
        if let Some(told) = told {
            row.path.clone_from(&told.path);
            row.reason.clone_from(&told.reason);
            row.message.clone_from(&told.message);
            row.base.clone_from(&told.base);
            row.branch.clone_from(&told.branch);
            row.commit.clone_from(&told.commit);
        }
        if let (None, Some(file)) = (&row.reason, run.files.iter().find(|file| file.has_failed())) {
            row.reason.clone_from(&file.reason);
            row.message = file.message.as_ref().map(|message| format!("{}: {message}", file.path));
        }
        row
    }
}

/// What became of a repository whose report does not say.
fn status_of(files: &[FileRecord]) -> RepoStatus {
    let any = |status: &str| files.iter().any(|file| file.status == status);
    if files.iter().any(FileRecord::has_failed) {
        let all = files.iter().all(|file| file.has_failed() || file.status == "skipped");
        if all { RepoStatus::Failed } else { RepoStatus::Partial }
    } else if any("changed") {
        RepoStatus::Changed
    } else if any("would-change") {
        RepoStatus::WouldChange
    } else if any("unchanged") {
        RepoStatus::Nothing
    } else {
        RepoStatus::NoTemplates
    }
}

impl Figures {
    /// The figures of a run report.
    pub fn of(run: &RunRecord) -> Self {
        let summary = run.summary;
        let mut figures = Self {
            files: summary.files,
            changed: summary.changed,
            skipped: summary.skipped,
            failed: summary.failed,
            rewrites: summary.rewrites,
            held: summary.held,
            left_alone: summary.left_alone,
            errors: summary.errors,
            warnings: summary.warnings,
            mended: summary.mended,
            ignored: summary.ignored,
            deployer_actions: run.deployer_actions.clone(),
            ..Self::default()
        };
        for file in run.files.iter().filter(|file| !file.has_failed()) {
            figures.add_file(file);
        }
        figures
    }

    fn add_file(&mut self, file: &FileRecord) {
        for rewrite in file.taken() {
            count(&mut self.effects, rewrite.effect.as_str(), 1);
            count(&mut self.profiles, &rewrite.id, 1);
            for hazard in &rewrite.hazards {
                count(&mut self.hazards, &hazard.id, 1);
            }
            let live = |list: &[Permission]| list.iter().filter(|p| !p.inert).count() as u64;
            let new = rewrite.added.iter().filter(|p| !p.inert && !p.is_implied());
            self.added += live(&rewrite.added);
            self.new_power += new.count() as u64;
            self.removed += live(&rewrite.removed);
            self.kept += rewrite.kept.len() as u64;
        }
        for rewrite in file.rewrites.iter().filter(|rewrite| rewrite.is_held()) {
            count(&mut self.held_by, rewrite.held_by.as_deref().unwrap_or("unknown"), 1);
        }
        for left in &file.left_alone {
            count(&mut self.reasons, &left.id, 1);
        }
        for finding in &file.findings {
            count(&mut self.findings, &finding.id, 1);
        }
        let over = |role: &&super::RoleRecord| role.managed_policies.after > role.managed_policies.quota;
        self.over_quota += file.roles.iter().filter(over).count() as u64;
    }
}
