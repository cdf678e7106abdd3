//! The baseline file: reading it before a run, and writing into it what a run found.

use super::exit::{Exit, exit_of};
use super::run::{Fatal, Looked};
use super::terminal::Terminal;
use crate::config::{Baseline, Verb};
use crate::io;
use crate::plan::Decision;
use crate::report::{Problem, Status};
use std::path::{Path, PathBuf};

/// Reads the baseline at `path`.
pub(super) fn read(path: &Path) -> Result<Baseline, Fatal> {
    let help = "give a file that --write-baseline wrote; nothing was done";
    let fail = |what: String| Fatal {
        problem: Box::new(
            Problem::new("usage", what, help).because("without it all that is known would be told as new"),
        ),
        path: Some(path.to_owned()),
    };
    let bytes = io::read(path).map_err(|error| fail(format!("the baseline {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("the baseline is no UTF-8 text".to_owned()))?;
    let root = root(path).ok_or_else(|| fail("the baseline has no directory".to_owned()))?;
    Baseline::read(root, &text).map_err(|error| fail(format!("this is no baseline: {error}")))
}

/// Writes everything that there is to tell into the baseline at `path`. What could not be looked at keeps its exit code.
pub(super) fn write(path: &Path, looked: &Looked, terminal: Terminal) -> Result<Exit, Fatal> {
    let problem = |what: String| Problem::new("usage", what, "check the place that --baseline names");
    let root = root(path).ok_or_else(|| Fatal {
        problem: Box::new(problem("its directory is not there".to_owned())),
        path: Some(path.to_owned()),
    })?;
    let mut baseline = Baseline::new(root);
    for file in &looked.files {
        let (Some(real), Some(planned)) = (&file.real, &file.planned) else { continue };
        for rewrite in planned.rewrites.iter().filter(|rewrite| rewrite.decision != Decision::Skipped) {
            baseline.add(real, &rewrite.fingerprint, &rewrite.profile);
        }
        for left in &planned.left_alone {
            baseline.add(real, &left.fingerprint(), left.reason.id());
        }
        for finding in &planned.findings {
            baseline.add(real, &finding.fingerprint, finding.kind.id);
        }
    }
    if let Err(error) = io::write_report(path, baseline.to_text().as_bytes()) {
        terminal.problem(&problem(error.to_string()), Some(path));
        return Ok(Exit::Failed);
    }
    for file in looked.files.iter().filter(|file| file.status == Status::Failed) {
        if let Some(problem) = &file.problem {
            terminal.problem(problem, Some(&file.path));
        }
    }
    let told = match baseline.len() {
        1 => "1 entry is in the baseline\n".to_owned(),
        count => format!("{count} entries are in the baseline\n"),
    };
    terminal.err(told.as_bytes());
    let exit = exit_of(Verb::Fix, &looked.files, looked.unsearched, None);
    Ok(exit)
}

/// The directory of a baseline, links resolved.
fn root(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().ok()
}
