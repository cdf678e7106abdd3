//! One repository from its place to its row: opened, read, planned, written where that is asked for, and reported. Whatever goes
//! wrong ends in its row and stops no other.

use super::consent::{self, InRepository, OfRun};
use super::directory;
use super::writing::{self, Wrote};
use crate::bulk::{Listed, Message, Said};
use crate::catalog::Catalog;
use crate::cli::engine;
use crate::cli::exit::{Exit, TOOL_BUG, exit_of, fails_to};
use crate::cli::process::{Job, Refusal, failed};
use crate::config::{CONFIG_NAME, FailOn, Verb};
use crate::io::{Contents, DiffName, FileMode, Repository, RepositoryError, Surroundings};
use crate::report::merged::{RepoStatus, Row, RunRecord, write_commit};
use crate::report::{
    FileReport, Problem, RepositoryFacts, RunFacts, Status, Unified, Whereabouts, write_json,
};
use crate::text::MAX_BYTES;
use std::path::{Path, PathBuf};

/// The most that all templates of one repository may hold: what is planned at a time has to fit into memory.
const MOST_BYTES: usize = 8 * MAX_BYTES;

/// What all repositories of a run have in common.
pub(super) struct Run {
    pub(super) of_run: OfRun,
    pub(super) surroundings: Surroundings,
    /// The directory of the run.
    pub(super) out: PathBuf,
    pub(super) write: bool,
    pub(super) branch: Option<String>,
    pub(super) message: Message,
    pub(super) context: usize,
    pub(super) fail_on: Option<FailOn>,
    /// By what the run is known in the records of repositories.
    pub(super) id: String,
    /// Whether an earlier run of the same id was at work.
    pub(super) resumed: bool,
}

/// What was found in a repository, and what became of it.
#[derive(Default)]
struct Found {
    name: Option<String>,
    base: Option<String>,
    shallow: bool,
    dirty: bool,
    submodules: Vec<String>,
    passed_over: Vec<String>,
    files: Vec<FileReport>,
    /// What git keeps beside each file.
    modes: Vec<FileMode>,
    wrote: Option<Wrote>,
    problem: Option<Problem>,
    /// Whether the problem is that there is nothing to look into, or that it is not looked into from here.
    passed: bool,
    within: Option<InRepository>,
}

impl Run {
    /// Does everything that there is to do about a repository. An error tells that its report could not be written.
    pub(super) fn finish(&self, listed: &Listed) -> Result<Row, Problem> {
        let mut found = Found::default();
        let worked = engine::guarded(&listed.path, || {
            self.work(listed, &mut found).map_err(|problem| Refusal::Failed(*problem))
        });
        if let Err(Refusal::Failed(problem) | Refusal::Skipped(problem)) = worked {
            found.problem = Some(problem);
        }
        let reported = engine::guarded(&listed.path, || Ok(self.report(listed, &found)));
        reported.unwrap_or_else(|(Refusal::Failed(problem) | Refusal::Skipped(problem))| Err(problem))
    }

    fn work(&self, listed: &Listed, found: &mut Found) -> Result<(), Box<Problem>> {
        let repository = Repository::open(&listed.path).map_err(|error| {
            found.passed = matches!(error, RepositoryError::Submodule | RepositoryError::NoCommit);
            Problem::new(error.id(), error.to_string(), error.help()).because(error.why())
        })?;
        found.name.clone_from(&repository.name);
        found.base = Some(repository.base.clone());
        found.shallow = repository.shallow;
        if self.branch.is_some() && repository.is_linked() {
            found.passed = true;
            let help = "run on that repository, or in this work tree without --branch";
            return Err(Problem::new(
                "linked-work-tree",
                "is a further work tree of another repository",
                help,
            )
            .because("the two share their branches, and which of them came first would be chance")
            .into());
        }
        if self.resumed && self.write && self.branch.is_none() {
            writing::take_back(&repository, &self.id)?;
        }
        let from_commit = self.branch.is_some() || repository.is_bare();
        let open = |also: &[&str]| {
            let contents =
                if from_commit { repository.committed(also) } else { repository.checked_out(also) };
            contents.map_err(|error| Problem::new(error.id(), error.to_string(), error.help()))
        };
        let contents = open(&[CONFIG_NAME])?;
        let name = |path: &PathBuf| path.to_string_lossy().into_owned();
        found.submodules = contents.submodules.iter().map(name).collect();
        let within = self.of_run.within(repository.root(), |name| {
            let bytes = open(&[name])?.file(name);
            bytes.map_err(|error| consent::unread(&error, error.help()))
        })?;
        found.passed_over.clone_from(&within.passed_over);
        let looked = self.plan(repository.root(), contents, &within);
        found.within = Some(within);
        (found.files, found.modes) = looked?.into_iter().unzip();
        let dirty = writing::dirty(&repository, &found.files)?;
        found.dirty = !dirty.is_empty();
        if self.write && found.any(Status::WouldChange) {
            let message = self.message(listed, found)?;
            let Found { files, modes, wrote, .. } = found;
            *wrote = Some(writing::write(self, &repository, files, modes, &dirty, &message)?);
        }
        Ok(())
    }

    /// The text of the commit of what is planned.
    fn message(&self, listed: &Listed, found: &Found) -> Result<String, Problem> {
        let record = record(&self.json(listed, found)?)?;
        let mut text = Vec::new();
        write_commit(&mut text, &record).map_err(|error| broken(&error))?;
        let text = String::from_utf8_lossy(&text);
        let (subject, summary) = text.split_once("\n\n").unwrap_or((&text, ""));
        Ok(self.message.about(&Said {
            subject: subject.trim(),
            summary: summary.trim(),
            repo: &record.repo,
            files: found.files.iter().filter(|file| file.status == Status::WouldChange).count(),
            rewrites: record.summary.rewrites as usize,
            version: super::VERSION,
        }))
    }

    /// Plans all templates of a repository.
    fn plan(
        &self,
        root: &Path,
        contents: Contents<'_>,
        within: &InRepository,
    ) -> Result<Vec<(FileReport, FileMode)>, Problem> {
        let job = Job {
            verb: Verb::Diff,
            choices: within.choices(&self.of_run),
            surroundings: &self.surroundings,
            definitions: within.definitions(&self.of_run),
        };
        let (mut looked, mut size) = (Vec::new(), 0);
        for file in contents {
            let report = match file.bytes {
                Ok(bytes) => {
                    size += bytes.len();
                    if size > MOST_BYTES {
                        let what = format!("its templates hold more than {} MiB", MOST_BYTES >> 20);
                        let help = "run `samwire fix` in it, directory by directory";
                        return Err(Problem::new("too-large", what, help)
                            .because("all of a repository is planned before any of it is written"));
                    }
                    let name = DiffName { path: file.path.clone(), base: None };
                    job.planned(file.path.clone(), name, bytes, Some(root.join(&file.path)), false)
                }
                Err(error) => failed(file.path, Problem::new(error.id(), error.to_string(), error.help())),
            };
            looked.push((report, file.mode));
        }
        looked.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        Ok(looked)
    }

    /// Writes patch and report of a repository, and makes its row from them.
    fn report(&self, listed: &Listed, found: &Found) -> Result<Row, Problem> {
        let place = |ending| self.out.join(listed.key.file(ending));
        let key = &listed.key;
        let json = self.json(listed, found)?;
        let patch: String = found.files.iter().map(|file| file.diff(Unified::patch(self.context))).collect();
        let mut row = Row::of(&record(&json)?);
        let written = directory::write(&place("json"), &json);
        let written = written.and_then(|()| match patch.as_bytes() {
            [] => directory::remove(&place("patch")),
            bytes => directory::write(&place("patch"), bytes),
        });
        match written {
            Ok(()) => {
                row.report = Some(key.file("json"));
                row.patch = (!patch.is_empty()).then(|| key.file("patch"));
            }
            Err(unwritten) if unwritten.alone => {
                let Problem { id, what, .. } = *unwritten.problem;
                let failed = Row { status: RepoStatus::Failed, exit: Exit::Failed as u8, ..row };
                row = Row { reason: Some(id.to_owned()), message: Some(what), ..failed };
            }
            Err(unwritten) => return Err(*unwritten.problem),
        }
        Ok(row)
    }

    /// The report of what was found so far.
    fn json(&self, listed: &Listed, found: &Found) -> Result<Vec<u8>, Problem> {
        let status = found.status();
        let choices = found.within.as_ref().map_or(&self.of_run.choices, |own| own.choices(&self.of_run));
        let problem = found.problem.as_ref();
        let commit = found.wrote.as_ref().and_then(|wrote| wrote.commit.as_ref());
        let path = listed.path.to_string_lossy();
        let root = &listed.path;
        let facts = RunFacts {
            version: super::VERSION,
            transforms: Catalog::version(),
            repo: found.name.as_deref().unwrap_or(listed.key.as_str()),
            direction: choices.plan.direction.as_str(),
            phase: choices.plan.phase.as_str(),
            config_digest: &choices.digest,
            repository: Some(RepositoryFacts {
                key: listed.key.as_str(),
                path: &path,
                status,
                reason: problem.map(|problem| problem.id),
                message: problem.map(|problem| problem.what.as_str()),
                base: found.base.as_deref(),
                dirty: found.dirty,
                shallow: found.shallow,
                branch: commit.map(|(branch, _)| branch.as_str()),
                commit: commit.map(|(_, commit)| commit.as_str()),
                passed_over: &found.passed_over,
                submodules: &found.submodules,
            }),
            context: self.context,
            exit: self.exit(found, status) as u8,
            fails_to: fails_to(Verb::Fix, self.fail_on),
            strict: choices.plan.consent.strict,
            applied: self.write,
            everything: false,
            whereabouts: Whereabouts { current: root, root },
        };
        let mut json = Vec::new();
        write_json(&mut json, &found.files, facts).map_err(|error| broken(&error))?;
        Ok(json)
    }

    fn exit(&self, found: &Found, status: RepoStatus) -> Exit {
        let verb = if self.write || self.fail_on.is_none() { Verb::Fix } else { Verb::Diff };
        let files = exit_of(verb, &found.files, false, self.fail_on);
        let never = self.fail_on == Some(FailOn::Never);
        let own = match status {
            _ if found.problem.as_ref().is_some_and(|problem| problem.id == TOOL_BUG) => Exit::ToolBug,
            RepoStatus::Failed | RepoStatus::Partial if !never => Exit::Failed,
            RepoStatus::Skipped if self.fail_on == Some(FailOn::Skipped) => Exit::Reported,
            _ => Exit::Clean,
        };
        files.max(own)
    }
}

impl Found {
    fn any(&self, status: Status) -> bool {
        self.files.iter().any(|file| file.status == status)
    }

    /// What became of the repository.
    fn status(&self) -> RepoStatus {
        let planned = self.files.iter().any(|file| file.planned.is_some());
        if self.passed {
            RepoStatus::Skipped
        } else if self.problem.is_some() {
            RepoStatus::Failed
        } else if self.any(Status::Failed) {
            if planned { RepoStatus::Partial } else { RepoStatus::Failed }
        } else if self.any(Status::Changed) {
            RepoStatus::Changed
        } else if self.any(Status::WouldChange) {
            RepoStatus::WouldChange
        } else if planned {
            RepoStatus::Nothing
        } else {
            RepoStatus::NoTemplates
        }
    }
}

fn record(json: &[u8]) -> Result<RunRecord, Problem> {
    let bug = |error| engine::tool_bug(&format!("its own report cannot be read: {error}"));
    serde_json::from_slice(json).map_err(bug)
}

fn broken(error: &std::io::Error) -> Problem {
    engine::tool_bug(&format!("a report cannot be made: {error}"))
}
