//! Repositories that would run a program of their own at every turn. Each such program leaves a trace, and none may. That
//! the traps work is shown by git itself, which steps into some of them.

use super::{SAM, commit, git, open, repository};
use crate::place_support::Place;
use samwire::io::{Repository, Since, changed, uncommitted};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Hooks that any command might run.
const HOOKS: [&str; 12] = [
    "reference-transaction",
    "post-index-change",
    "pre-commit",
    "commit-msg",
    "prepare-commit-msg",
    "post-commit",
    "post-checkout",
    "pre-auto-gc",
    "fsmonitor-watchman",
    "post-rewrite",
    "update",
    "query-watchman",
];

/// Settings whose value is a program.
const PROGRAMS: &[&str] = &[
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.x.textconv",
    "diff.x.command",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
    "gpg.program",
    "gpg.ssh.defaultKeyCommand",
    "interactive.diffFilter",
    "sequence.editor",
    "trailer.x.command",
    "uploadpack.packObjectsHook",
    "hook.evil.command",
    "hook.a=b.c.command",
    "remote.origin.uploadpack",
];

/// A repository full of traps, and the file that tells which of them were stepped into.
struct Trapped {
    place: Place,
    outside: tempfile::TempDir,
}

impl Trapped {
    fn new(hooks_path: bool) -> Self {
        let gone = format!("{SAM}# gone\n");
        let place = repository(&[("t.yaml", SAM), ("gone.yaml", &gone), ("u/t.yaml", SAM)]);
        let trapped = Self { place, outside: tempfile::tempdir().unwrap() };
        let (place, root) = (&trapped.place, trapped.place.root());
        let hash = git(root, &["rev-parse", "HEAD:gone.yaml"]);
        // Settings go into the file, so that git does not step into the traps while they are laid.
        let mut config = fs::read_to_string(place.at(".git/config")).unwrap();
        let mut add = |key: &str, value: &str| {
            let (section, name) = key.rsplit_once('.').unwrap();
            let section = match section.split_once('.') {
                Some((section, sub)) => format!("{section} \"{sub}\""),
                None => section.to_owned(),
            };
            config +=
                &format!("[{section}]\n{name} = \"{}\"\n", value.replace('\\', "\\\\").replace('"', "\\\""));
        };
        for key in PROGRAMS {
            add(key, &trapped.trap(key));
        }
        for command in ["rev-parse", "config", "ls-tree", "ls-files", "cat-file", "update-ref", "commit-tree"]
        {
            add(&format!("alias.{command}"), &format!("!{}", trapped.trap(&format!("alias-{command}"))));
        }
        for hook in ["hook.evil.event", "hook.a=b.c.event"] {
            add(hook, "reference-transaction");
            add(hook, "post-index-change");
        }
        for (key, value) in [
            ("commit.gpgSign", "true"),
            ("gc.auto", "1"),
            ("core.splitIndex", "true"),
            ("core.untrackedCache", "true"),
            ("filter.x.required", "true"),
            ("diff.trustExitCode", "true"),
            ("i18n.commitEncoding", "latin1"),
            ("protocol.allow", "always"),
            ("protocol.ext.allow", "always"),
            ("core.repositoryformatversion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ] {
            add(key, value);
        }
        let url = format!("ext::{} %S", trapped.trap("ext"));
        add("remote.origin.url", if hooks_path { &url } else { "ssh://nowhere.invalid/x" });
        if hooks_path {
            trapped.hooks(&place.at("evil-hooks"));
            add("core.hooksPath", &place.at("evil-hooks").display().to_string());
        }
        let included = trapped.outside.path().join("included");
        fs::write(&included, format!("[core]\nfsmonitor = {}\n", trapped.trap("included"))).unwrap();
        add("include.path", &included.display().to_string());
        trapped.hooks(&place.at(".git/hooks"));
        fs::write(place.at(".git/config"), config).unwrap();
        fs::create_dir_all(place.at(".git/info")).unwrap();
        fs::write(place.at(".git/info/attributes"), "* filter=x diff=x merge=x text=auto ident\n").unwrap();
        fs::write(place.at(".gitattributes"), "* filter=x diff=x merge=x\n").unwrap();
        fs::remove_file(place.at(&format!(".git/objects/{}/{}", &hash[..2], &hash[2..]))).unwrap();
        assert_eq!(trapped.stepped_into(), "");
        trapped
    }

    /// A program that leaves a trace.
    fn trap(&self, name: &str) -> String {
        let path = self.outside.path().join(format!("trap-{}", name.replace(['.', '='], "-")));
        self.write_trap(&path, name);
        path.display().to_string()
    }

    fn write_trap(&self, path: &Path, name: &str) {
        let script = format!("#!/bin/sh\necho '{name}' >> '{}'\n", self.traces().display());
        fs::write(path, script).unwrap();

        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn hooks(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for hook in HOOKS {
            self.write_trap(&folder.join(hook), hook);
        }
    }

    fn traces(&self) -> PathBuf {
        self.outside.path().join("traces")
    }

    fn stepped_into(&self) -> String {
        fs::read_to_string(self.traces()).unwrap_or_default()
    }
}

#[test]
fn nothing_that_a_repository_names_is_run() {
    for hooks_path in [true, false] {
        let trapped = Trapped::new(hooks_path);
        let root = trapped.place.root();
        let opened = open(root);
        let ids = |contents: samwire::io::Contents<'_>| -> Vec<Option<&str>> {
            contents.map(|file| file.bytes.err().map(|error| error.id())).collect()
        };
        // What the partial clone lacks is not fetched.
        assert_eq!(ids(opened.committed(&[]).unwrap()), [Some("missing-object"), None, None]);
        assert_eq!(ids(opened.checked_out(&[]).unwrap()), [None, None, None]);
        let asked = ["gone.yaml", "t.yaml", "u/t.yaml"].map(Path::new);
        assert_eq!(opened.uncommitted(&asked).unwrap(), [asked[0]]);
        assert!(opened.unwritable().is_none());
        let done = commit(&opened, "samwire", "t.yaml").unwrap();
        assert!(commit(&opened, "samwire", "t.yaml").unwrap().was_there);
        assert_eq!(trapped.stepped_into(), "", "hooks path: {hooks_path}");
        let names = trapped.place.names(".git");
        assert!(!names.iter().any(|name| name.starts_with("sharedindex")), "{names:?}");

        // The commit is plain: no signature, no other encoding.
        let raw =
            Command::new("git").args(["-C"]).arg(root).args(["cat-file", "commit", &done.commit]).output();
        let raw = String::from_utf8(raw.unwrap().stdout).unwrap();
        assert!(!raw.contains("gpgsig") && !raw.contains("encoding"), "{raw}");

        // Git itself steps into them. It asks a filter only about a file that looks changed.
        let file = root.join("t.yaml");
        fs::write(&file, fs::read(&file).unwrap()).unwrap();
        let plain =
            |args: &[&str]| Command::new("git").args(args).current_dir(root).stdin(Stdio::null()).output();
        plain(&["status"]).unwrap();
        plain(&["update-ref", "refs/heads/other", "HEAD"]).unwrap();
        plain(&["cat-file", "-p", "HEAD:gone.yaml"]).unwrap();
        let traces = trapped.stepped_into();
        let net = if hooks_path { "ext" } else { "core.sshCommand" };
        for name in ["included", "filter.x", "reference-transaction", net] {
            assert!(traces.contains(name), "{name}: {traces}");
        }
    }
}

#[test]
fn a_repository_around_another_is_asked_without_running_its_programs() {
    let trapped = Trapped::new(true);
    let inner = trapped.place.at("inner");
    Command::new("git").args(["init", "-q"]).arg(&inner).output().unwrap();
    fs::remove_file(trapped.traces()).ok();
    assert_eq!(Repository::open(&inner).unwrap_err().id(), "no-commit");
    assert_eq!(trapped.stepped_into(), "");
}

#[test]
fn a_persons_own_repository_is_asked_without_running_its_monitor_and_hooks() {
    let trapped = Trapped::new(true);
    let root = trapped.place.root().canonicalize().unwrap();
    // Filters are what git needs to say whether a file is changed; without them nothing else may run.
    fs::remove_file(root.join(".gitattributes")).unwrap();
    fs::remove_file(root.join(".git/info/attributes")).unwrap();
    uncommitted(&[&root.join("t.yaml")]).unwrap();
    changed(&root, &Since::Head).unwrap();
    assert_eq!(trapped.stepped_into(), "");
}

#[test]
fn a_submodule_of_a_persons_own_repository_runs_nothing() {
    let trapped = Trapped::new(false);
    let outer = repository(&[("t.yaml", SAM)]);
    let inner = outer.at("sub");
    fs::rename(trapped.place.root(), &inner).unwrap();
    let head = fs::read_to_string(inner.join(".git/refs/heads/main"))
        .or_else(|_| fs::read_to_string(inner.join(".git/refs/heads/master")))
        .unwrap();
    outer.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", head.trim())]);
    outer.git(&["commit", "-q", "-m", "sub"]);
    fs::remove_file(trapped.traces()).ok();
    let root = outer.root().canonicalize().unwrap();
    outer.write("t.yaml", "x\n");
    assert_eq!(uncommitted(&[&root.join("t.yaml")]).unwrap().len(), 1);
    assert!(changed(&root, &Since::Head).unwrap().contains(&root.join("t.yaml")));
    assert_eq!(trapped.stepped_into(), "");
    let plain = Command::new("git").args(["status"]).current_dir(&root).output().unwrap();
    assert!(trapped.stepped_into().contains("included"), "{plain:?}");
}
