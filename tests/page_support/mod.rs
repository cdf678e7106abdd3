//! Merged reports to look at: what the program says of the fixtures, under the names of many repositories, friendly and hostile
//! ones. Knows nothing of browsers.

use crate::place_support::Place;
use samwire::report::merged::{Merged, RepoStatus, RepositoryRecord, Row, RunRecord, write_merged_html};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Names that would be something else if the page took them as they are.
pub(crate) const HOSTILE: [&str; 10] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<!--<script>",
    "a\u{202e}txt.exe\u{2066}",
    "two\nlines\tand\ttabs",
    "\u{1}\u{8}\u{1b}[31m\u{7f}\u{85}\u{2028}\u{2029}",
    "'; alert(1); //{{7*7}}${7*7}`",
    "__proto__",
    "größe 漢字 🦀 &lt;&amp;#x3c;",
    "]]>\\u003c%3Cb%3E#status=failed&q=x",
];

/// A page in a folder of its own.
pub(crate) struct Written {
    _folder: tempfile::TempDir,
    pub(crate) page: PathBuf,
    pub(crate) merged: Merged,
}

/// What the program says of each folder of fixtures that has templates.
pub(crate) fn fixtures() -> Vec<RunRecord> {
    let place = Place::empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    folders.sort();
    let run = |folder: &PathBuf| {
        let done = place.samwire(&["diff", "--no-config", "--format", "json", &folder.display().to_string()]);
        serde_json::from_str::<RunRecord>(&done.out).expect("a run report")
    };
    let mut runs: Vec<RunRecord> = folders.iter().map(run).filter(|run| !run.files.is_empty()).collect();
    for file in runs.iter_mut().flat_map(|run| &mut run.files) {
        // The place of the fixtures on this machine has no part in it.
        let above = format!("{}/", root.display());
        file.path = file.path.replace(&above, "");
        file.message = file.message.as_ref().map(|message| message.replace(&above, ""));
    }
    runs
}

/// The run under the name of a repository.
fn named(run: &RunRecord, key: &str, status: RepoStatus, message: Option<&str>) -> RunRecord {
    let told = RepositoryRecord {
        key: key.to_owned(),
        path: key.to_owned(),
        status,
        reason: message.map(|_| "syntax".to_owned()),
        message: message.map(str::to_owned),
        base: Some("3f2c9a1b7d5e4f60812233445566778899aabbcc".to_owned()),
        dirty: false,
        shallow: false,
        branch: None,
        commit: None,
        passed_over: Vec::new(),
        submodules: Vec::new(),
    };
    RunRecord { repo: key.to_owned(), repository: Some(told), ..run.clone() }
}

/// Writes the page on these runs.
pub(crate) fn page(runs: &[RunRecord]) -> Written {
    let merged = Merged::of(runs.iter().map(Row::of).collect());
    let by_key: BTreeMap<String, &RunRecord> = runs.iter().map(|run| (Row::of(run).key, run)).collect();
    written(merged, &|row| by_key.get(&row.key).map(|run| (*run).clone()))
}

/// Writes the page on these rows, with the details that there are.
pub(crate) fn written(merged: Merged, details: &dyn Fn(&Row) -> Option<RunRecord>) -> Written {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let page = folder.path().join("report.html");
    let mut file = std::io::BufWriter::new(fs::File::create(&page).expect("the folder is ours"));
    write_merged_html(&mut file, &merged, "0.0.0", &mut |row| details(row)).expect("the page is written");
    drop(file);
    Written { _folder: folder, page, merged }
}

/// Teams and services from which names of repositories are made.
const TEAMS: [&str; 6] = ["checkout", "identity", "inventory", "logistics", "media", "payments"];
const SERVICES: [&str; 9] =
    ["alerts", "api", "audit", "billing", "exports", "ingest", "orders", "search", "webhooks"];

/// A run over many repositories as a company could have it.
pub(crate) fn company() -> Vec<RunRecord> {
    let fixtures = fixtures();
    let names = TEAMS.iter().flat_map(|team| SERVICES.iter().map(move |service| format!("{team}/{service}")));
    let mut runs: Vec<RunRecord> = names
        .zip(fixtures.iter().cycle())
        .map(|(name, run)| {
            let status = match Row::of(&RunRecord { repository: None, ..run.clone() }).status {
                // The fixtures are broken more often than real templates.
                RepoStatus::Failed | RepoStatus::Partial => RepoStatus::WouldChange,
                other => other,
            };
            named(run, &name, status, None)
        })
        .collect();
    let nothing = RunRecord {
        files: Vec::new(),
        deployer_actions: Default::default(),
        summary: Default::default(),
        ..fixtures[0].clone()
    };
    let unborn = "HEAD is unborn: there is nothing to read";
    runs.push(named(&nothing, "media/thumbnails", RepoStatus::Failed, Some(unborn)));
    let broken = "template.yaml: line 12: mapping values are not allowed here";
    runs.push(named(&fixtures[0], "payments/ledger", RepoStatus::Partial, Some(broken)));
    for name in ["identity/docs", "logistics/wiki", "payments/runbooks"] {
        runs.push(named(&nothing, name, RepoStatus::NoTemplates, None));
    }
    runs
}

/// A run in which everything that has a name has a hostile one, and one with names that never end.
pub(crate) fn hostile() -> Vec<RunRecord> {
    let fixtures = fixtures();
    let model = fixtures.iter().find(|run| {
        let files = || run.files.iter();
        files().any(|file| !file.left_alone.is_empty()) && files().any(|file| file.taken().next().is_some())
    });
    let model = model.expect("a fixture with something of everything");
    let long = "x".repeat(300);
    let names = HOSTILE.iter().copied().chain([long.as_str()]);
    names
        .map(|name| {
            let mut run = named(model, name, RepoStatus::Partial, Some(name));
            run.deployer_actions = [name.to_owned()].into();
            for file in &mut run.files {
                file.path = name.to_owned();
                file.message = Some(name.to_owned());
                file.diff = Some(format!("--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{name}\n+{name}\n"));
                for rewrite in &mut file.rewrites {
                    for text in [&mut rewrite.id, &mut rewrite.source, &mut rewrite.destination] {
                        *text = name.to_owned();
                    }
                    rewrite.permissions = vec![name.to_owned()];
                    let lists = [&mut rewrite.added, &mut rewrite.removed, &mut rewrite.kept];
                    for permission in lists.into_iter().flatten() {
                        permission.action = name.to_owned();
                        permission.resource = name.to_owned();
                        permission.condition = Some(name.to_owned());
                    }
                    for hazard in &mut rewrite.hazards {
                        (hazard.id, hazard.message) = (name.to_owned(), name.to_owned());
                    }
                }
                for left in &mut file.left_alone {
                    for text in [&mut left.id, &mut left.owner, &mut left.message] {
                        *text = name.to_owned();
                    }
                }
                for role in &mut file.roles {
                    role.role = name.to_owned();
                }
            }
            run
        })
        .collect()
}
