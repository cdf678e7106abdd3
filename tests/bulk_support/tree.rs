//! Many repositories of many kinds below one directory: most of them as teams have them, some broken, some hostile. Around them
//! lies what nobody may touch, and where programs would leave traces that nobody may run.

use super::kinds::KINDS;
use super::random::Random;
use super::templates::{self, Text};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A template with two rewrites within consent.
pub(crate) const TEMPLATE: &str = include_str!("../cli/orders.in/template.yaml");

/// The branch that runs make.
pub(crate) const BRANCH: &str = "samwire/connectors";

/// Names of directories that are hard to print, to quote, or to take for a name.
const ODD_NAMES: [&[u8]; 8] = [
    b"</script><b>x",
    b"-rf",
    b"new\nline",
    b"\xff\xfe",
    b".hidden",
    b"a b'\"$(touch x)",
    "\u{fc}".as_bytes(),
    b"%41.json",
];

/// What shall become of a repository of a kind: status and reason, empty where it depends on its content.
pub(crate) struct Expected {
    /// The key of its row.
    pub(crate) key: String,
    /// With a branch.
    pub(crate) on_branch: &'static str,
    /// In the work tree.
    pub(crate) in_place: &'static str,
}

/// Where a repository is being made.
pub(crate) struct Ground<'a> {
    /// The directory of the repository.
    pub(crate) folder: PathBuf,
    /// What lies outside of all repositories.
    pub(crate) outside: PathBuf,
    pub(crate) texts: &'a [Text],
    pub(crate) random: &'a mut Random,
}

/// Makes `count` repositories below `lab/src` and what lies outside below `lab/outside`. Gives what shall become of those for
/// which it is known.
pub(crate) fn make(lab: &Path, count: usize) -> Vec<Expected> {
    let (mut random, texts) = (Random::seeded(), templates::all());
    let outside = lab.join("outside");
    fs::create_dir_all(outside.join("folder")).expect("the folder is ours");
    for name in ["template.yaml", "folder/template.yaml"] {
        fs::write(outside.join(name), TEMPLATE).expect("the folder is ours");
    }
    let mut expected = Vec::new();
    for number in 0..count {
        let kind = if number < KINDS.len() {
            Some(number)
        } else {
            (random.below(5) == 0).then(|| random.below(KINDS.len()))
        };
        let name = match (kind, number % 9) {
            (Some(kind), _) => format!("kinds/{}-{number:03}", KINDS[kind].name).into_bytes(),
            (None, 0) => [b"odd/", *random.one_of(&ODD_NAMES), format!("{number}").as_bytes()].concat(),
            (None, group) => format!("team-{group}/service-{number:03}").into_bytes(),
        };
        let folder = lab.join("src").join(OsStr::from_bytes(&name));
        fs::create_dir_all(&folder).expect("the folder is ours");
        let mut ground = Ground { folder, outside: outside.clone(), texts: &texts, random: &mut random };
        let Some(kind) = kind else {
            ground.plain();
            continue;
        };
        let kind = &KINDS[kind];
        (kind.make)(&mut ground);
        let key = String::from_utf8(name).expect("names of kinds are plain");
        expected.push(Expected { key, on_branch: kind.on_branch, in_place: kind.in_place });
    }
    expected
}

impl Ground<'_> {
    /// A repository as a team has it: some templates in folders, and some other files.
    fn plain(&mut self) {
        for number in 0..1 + self.random.below(4) {
            let text = templates::any(self.texts, self.random);
            let folder = *self.random.one_of(&["", "infra/", "services/a/", "services/b/deep/er/"]);
            self.write(format!("{folder}template-{number}.{}", text.extension), &text.bytes);
        }
        if self.random.below(3) == 0 {
            let (name, text) = *self.random.one_of(&templates::ODD);
            self.write(name, text.as_bytes());
        }
        self.write("README.md", b"# A service\n");
        self.commit();
    }

    /// A repository with one template that changes.
    pub(crate) fn one(&mut self) {
        self.write("template.yaml", TEMPLATE.as_bytes());
        self.commit();
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is ours");
        fs::write(path, bytes).expect("the folder is ours");
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(&self.folder, args)
    }

    /// Commits everything; makes the repository first if there is none.
    pub(crate) fn commit(&self) {
        if !self.at(".git").exists() {
            self.git(&["init", "-q", "-b", "main"]);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "t"]);
    }

    /// A program that leaves a trace.
    pub(crate) fn trap(&self, path: &Path) {
        let trace = self.outside.join("trace");
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is ours");
        let text = format!("#!/bin/sh\necho '{}' >> '{}'\n", path.display(), trace.display());
        fs::write(path, text).expect("the folder is ours");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }
}

/// Git without the settings of whoever runs the tests, always at the same time.
pub(crate) fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    calm(&mut command);
    command.args([
        "-c",
        "protocol.file.allow=always",
        "-c",
        "init.templateDir=",
        "-c",
        "core.fsmonitor=false",
    ]);
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"]);
    command.env("GIT_CEILING_DIRECTORIES", folder.parent().expect("a folder is below another one"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Takes from a command what the environment says of git, and tells it who commits, and when.
pub(crate) fn calm(command: &mut Command) {
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        command.env(format!("GIT_{who}_DATE"), "2024-02-29T12:00:00Z");
    }
}

/// What git prints.
pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let done = git_command(folder).args(args).output().expect("git is there");
    assert!(
        done.status.success(),
        "git {args:?} in {}: {}",
        folder.display(),
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
}
