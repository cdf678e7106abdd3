//! A run whose calls fail one by one, always from the same beginning, and what has to hold behind each of them.

use super::{Fault, Site, Trace, trace, traced};
use crate::place_support::{Done, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What lies below some directories: files with mode and bytes, directories with none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot(pub(crate) BTreeMap<PathBuf, Option<(u32, Vec<u8>)>>);

impl Snapshot {
    fn of(roots: &[&Path]) -> Self {
        let mut found = BTreeMap::new();
        let mut open: Vec<PathBuf> = roots.iter().map(|root| root.to_path_buf()).collect();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("the folder is ours") {
                let path = entry.expect("the folder is ours").path();
                let there = path.symlink_metadata().expect("it is there");
                if there.is_dir() {
                    found.insert(path.clone(), None);
                    open.push(path);
                } else {
                    let bytes = fs::read(&path).expect("it is ours");
                    found.insert(path, Some((there.permissions().mode(), bytes)));
                }
            }
        }
        Self(found)
    }

    /// Makes everything as it was. Files that are as they were are not touched, so that git believes its index.
    fn restore(&self, roots: &[&Path]) {
        let now = Self::of(roots);
        for (path, what) in now.0.iter().rev().filter(|(path, _)| !self.0.contains_key(*path)) {
            match what {
                None => fs::remove_dir(path).expect("it is ours"),
                Some(_) => fs::remove_file(path).expect("it is ours"),
            }
        }
        for (path, what) in &self.0 {
            if now.0.get(path) == Some(what) {
                continue;
            }
            match what {
                None => fs::create_dir(path).expect("it is ours"),
                Some((mode, bytes)) => {
                    let _ = fs::remove_file(path);
                    fs::write(path, bytes).expect("it is ours");
                    fs::set_permissions(path, fs::Permissions::from_mode(*mode)).expect("it is ours");
                }
            }
        }
    }
}

/// What has to hold behind a run, besides that every file is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// `undo` gives every file its old bytes again.
    Undo,
    /// `undo` finishes what was to be taken back.
    UndoAgain,
    /// The same run again does the rest.
    Again,
    /// Nothing was to be written.
    None,
}

/// A run, and the directory in which it starts.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    place: Place,
    args: &'static [&'static str],
    stdin: String,
    marker: &'static str,
    back: Back,
    before: Snapshot,
    after: Snapshot,
    undisturbed: Done,
    sites: Vec<Site>,
    log: tempfile::TempDir,
}

impl Scene {
    /// A run with `args` in `place` as it is now. The calls that count come from the first one on that names `marker`.
    pub(crate) fn new(
        name: &'static str,
        place: Place,
        args: &'static [&'static str],
        stdin: &str,
        marker: &'static str,
        back: Back,
    ) -> Self {
        let log = tempfile::tempdir().expect("a temporary directory");
        let before = Snapshot::of(&[place.root(), place.state()]);
        let mut scene = Self {
            name,
            place,
            args,
            stdin: stdin.to_owned(),
            marker,
            back,
            after: before.clone(),
            before,
            undisturbed: Done { code: 0, out: String::new(), err: String::new() },
            sites: Vec::new(),
            log,
        };
        let (done, seen) = scene.run(None);
        scene.sites = seen.sites_from(marker);
        assert!(!scene.sites.is_empty(), "{name}: no call names {marker}: {}", done.err);
        scene.after = scene.now();
        scene.undisturbed = done;
        scene
    }

    /// Every fault that can be tried.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.sites.iter().flat_map(Site::faults).collect()
    }

    fn now(&self) -> Snapshot {
        Snapshot::of(&[self.place.root(), self.place.state()])
    }

    fn run(&self, fault: Option<&Fault>) -> (Done, Trace) {
        let log = self.log.path().join("trace");
        let mut command = self.place.command(".", self.args);
        command.env("TMPDIR", self.log.path()).env("RUST_BACKTRACE", "0");
        let mut child = traced(&command, &log, fault).stdin(Stdio::piped()).spawn().expect("strace is there");
        // A run that fails need not read its input.
        let _ = child.stdin.take().expect("it is piped").write_all(self.stdin.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let code = output.status.code().or(output.status.signal().map(|signal| -signal));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let done = Done { code: code.unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        (done, trace(&log))
    }

    /// Lets `fault` happen. Gives what is wrong behind it, or `None` where it could not be brought about.
    pub(crate) fn tried(&self, fault: &Fault) -> Option<Vec<String>> {
        self.before.restore(&[self.place.root(), self.place.state()]);
        let (done, seen) = self.run(Some(fault));
        if !seen.failed_only_from(self.marker) {
            return None;
        }
        // The Rust runtime ends the program itself where its own pipe to a program that it starts fails.
        if done.err.contains("the CLOEXEC pipe failed") {
            return None;
        }
        let mut wrong = Vec::new();
        self.judge_end(fault, &done, &mut wrong);
        self.judge_files(fault, &done, &mut wrong);
        self.judge_way_back(&done, &mut wrong);
        if std::env::var_os("SAMWIRE_FAULTS_SHOWN").is_some() {
            let first = done.err.lines().next().unwrap_or_default();
            let line = format!("{}: {} {}: {} {first}", self.name, fault.error, fault.site.text, done.code);
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        let told = |what: String| {
            format!("{}: {} of {}: {what}\n{}", self.name, fault.error, seen.injected(), done.err)
        };
        Some(wrong.into_iter().map(told).collect())
    }

    fn judge_end(&self, fault: &Fault, done: &Done, wrong: &mut Vec<String>) {
        if !(0..=3).contains(&done.code) {
            wrong.push(format!("ends with {}", done.code));
        }
        if fault.error == "EINTR" && done.code != self.undisturbed.code {
            wrong.push(format!("an interruption is no failure: {}", done.code));
        }
        let mute = fault.site.text.starts_with("write(2");
        if done.code != self.undisturbed.code && !mute {
            // A run over many repositories has one line for each.
            let in_a_row = self.args.contains(&"bulk") && done.err.contains(" (");
            let in_full = done.err.contains("error: ") && done.err.contains("\n  help: ");
            if !in_full && !in_a_row {
                wrong.push("does not say what, why and what to do".to_owned());
            }
        } else if done.code == self.undisturbed.code && !mute && done.out != self.undisturbed.out {
            wrong.push("ends as if all were well, but with another output".to_owned());
        }
        if done.err.contains("panicked") {
            wrong.push("panics".to_owned());
        }
    }

    fn judge_files(&self, fault: &Fault, done: &Done, wrong: &mut Vec<String>) {
        let now = self.now();
        let removing = ["unlink", "unlinkat", "rmdir"].contains(&fault.site.call.as_str());
        let names: BTreeSet<&PathBuf> =
            now.0.keys().chain(self.before.0.keys()).chain(self.after.0.keys()).collect();
        for path in names {
            let is = |snapshot: &Snapshot| snapshot.0.get(path) == now.0.get(path);
            let roots = [self.place.root(), self.place.state()];
            let below = roots.iter().find_map(|root| path.strip_prefix(root).ok()).expect("it is below one");
            let text = below.to_string_lossy();
            let draft =
                |part: &str| part.ends_with(".tmp") || part.starts_with(".new-") || part.starts_with(".tmp");
            let drafts = below.components().any(|part| draft(&part.as_os_str().to_string_lossy()));
            if drafts && !removing && now.0.contains_key(path) {
                wrong.push(format!("leaves {text}"));
            }
            // What git and the records hold differs from run to run.
            if drafts || text.contains(".git/") || path.starts_with(self.place.state()) {
                continue;
            }
            let whole = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).is_ok();
            let bytes = now.0.get(path).and_then(Option::as_ref).map(|(_, bytes)| bytes.as_slice());
            if text.ends_with(".samwire-run") {
                continue;
            }
            let report = ["json", "jsonl", "md", "html", "patch", "sarif"]
                .iter()
                .any(|ending| path.extension().is_some_and(|own| own == *ending));
            let torn = match bytes {
                Some(bytes) if path.extension().is_some_and(|own| own == "json" || own == "sarif") => {
                    !whole(bytes)
                }
                Some(bytes) if report => bytes.last().is_some_and(|last| *last != b'\n'),
                _ => !is(&self.before) && !is(&self.after),
            };
            if torn {
                wrong.push(format!("{text} is torn: {:?}", bytes.map(String::from_utf8_lossy)));
            }
            // A tracked file that is not there when it is opened, as in a sparse checkout, has nothing to be rewritten.
            let opening = fault.error == "ENOENT" && fault.site.call == "openat";
            let gone = opening && self.args.contains(&"bulk") && is(&self.before);
            if done.code == self.undisturbed.code && !report && !gone && !is(&self.after) {
                wrong.push(format!("{text} is not as promised"));
            }
        }
    }

    fn judge_way_back(&self, done: &Done, wrong: &mut Vec<String>) {
        let again: &[&str] = match self.back {
            Back::None => return,
            Back::Again if done.code == self.undisturbed.code => return,
            Back::Undo | Back::UndoAgain => &["undo"],
            Back::Again => self.args,
        };
        let was = self.now();
        // What cannot be told is done all the same.
        if self.back == Back::Again && was == self.after {
            return;
        }
        let written = self.templates(&was) != self.templates(&self.before);
        let finished = self.templates(&was) == self.templates(&self.after);
        if self.back == Back::Undo && !written || self.back == Back::UndoAgain && finished {
            return;
        }
        let undo = self.place.samwire(again);
        let now = self.now();
        let wanted = if self.back == Back::Undo { &self.before } else { &self.after };
        if undo.code != 0 || self.templates(&now) != self.templates(wanted) {
            wrong.push(format!(
                "behind code {} there is no way {:?}: {}: {}",
                done.code, self.back, undo.code, undo.err
            ));
        }
    }

    fn templates<'a>(&self, snapshot: &'a Snapshot) -> Vec<(&'a PathBuf, &'a [u8])> {
        let is_template = |path: &Path| path.extension().is_some_and(|own| own == "yaml");
        let files = snapshot.0.iter().filter(|(path, _)| is_template(path));
        files.filter_map(|(path, what)| Some((path, what.as_ref()?.1.as_slice()))).collect()
    }
}

/// A repository without the samples that git puts into new ones.
pub(crate) fn small_repository(files: &[(&str, &str)]) -> Place {
    let place = Place::repository(files);
    slim(&place.at(".git"));
    place
}

pub(crate) fn slim(git_dir: &Path) {
    for name in ["hooks", "info"] {
        let _ = fs::remove_dir_all(git_dir.join(name));
    }
}
