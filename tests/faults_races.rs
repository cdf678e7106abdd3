//! Somebody else at work on the same files at the same time: another run, an editor, links and directories that take the
//! place of what was read. The run is halted at a known system call, so nothing depends on luck. Needs `strace`, so Linux
//! only.
#![cfg(target_os = "linux")]

mod fault_support;
mod place_support;

use fault_support::{possible, under};
use place_support::{Done, Place, TEMPLATE};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const FIX: &[&str] = &["fix", "--yes", "-q", "-j1"];

/// A run that was halted, and goes on when it is told to.
struct Halted {
    strace: Child,
    program: u32,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Halted {
    /// Starts a run and waits until it has made its `nth` call of the name `call`, behind which it stands still.
    #[allow(clippy::zombie_processes, reason = "it is waited for in `finish`, or before the panic")]
    fn behind(place: &Place, args: &[&str], call: &str, nth: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let log = folder.path().join("trace");
        let command = place.command(".", args);
        let mut strace = under(&log, &command);
        strace.args([
            "-e",
            "signal=STOP",
            "-e",
            &format!("trace={call}"),
            "-e",
            &format!("inject={call}:signal=SIGSTOP:when={nth}"),
        ]);
        let mut strace = strace.arg(command.get_program()).args(args).spawn().expect("strace is there");
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let text = fs::read_to_string(&log).unwrap_or_default();
            if let Some(line) = text.lines().find(|line| line.contains("stopped by SIGSTOP")) {
                let program = line.split_once(' ').and_then(|(number, _)| number.parse().ok());
                return Self {
                    strace,
                    program: program.expect("a line begins with a number"),
                    log,
                    _folder: folder,
                };
            }
            if Instant::now() >= patience {
                let _ = strace.kill();
                let ended = strace.wait();
                panic!("it never stops: {ended:?}: {text}");
            }
            sleep(Duration::from_millis(2));
        }
    }

    /// Lets it go on to its end.
    fn finish(self) -> Done {
        let go_on = Command::new("kill").args(["-s", "CONT", &self.program.to_string()]).status();
        assert!(go_on.expect("kill is there").success(), "{}", self.log.display());
        self.strace.wait_with_output().expect("it ends").into()
    }
}

fn three() -> Place {
    Place::repository(&[("t1.yaml", TEMPLATE), ("t2.yaml", TEMPLATE), ("t3.yaml", TEMPLATE)])
}

/// What `fix` makes of the template.
fn fixed() -> String {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(FIX).code, 0);
    place.read("t.yaml")
}

fn all(place: &Place) -> [String; 3] {
    ["t1.yaml", "t2.yaml", "t3.yaml"].map(|name| place.read(name))
}

#[track_caller]
fn no_strays(place: &Place) {
    assert_eq!(place.names("."), [".git", "t1.yaml", "t2.yaml", "t3.yaml"]);
}

/// The calls of `fsync` before the files: of the bytes before, of the record, of its folder, of that of all records.
const SYNCED_BEFORE_FILES: usize = 4;

#[test]
fn what_an_editor_saves_while_the_file_is_written_is_kept() {
    if !possible() {
        return;
    }
    let place = three();
    // The draft of the second file is complete.
    let halted = Halted::behind(&place, FIX, "fsync", SYNCED_BEFORE_FILES + 2);
    let edited = format!("{TEMPLATE}# edited\n");
    place.write("t2.yaml", &edited);
    let done = halted.finish();
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.starts_with("error: t2.yaml: changed since it was read\n"), "{}", done.err);
    assert_eq!(all(&place), [fixed(), edited.clone(), fixed()]);
    no_strays(&place);
    assert_eq!(place.samwire(&["undo"]).code, 0);
    assert_eq!(all(&place), [TEMPLATE.to_owned(), edited, TEMPLATE.to_owned()]);
}

#[test]
fn a_second_run_waits_and_writes_nothing_over_the_first() {
    if !possible() {
        return;
    }
    let place = three();
    let halted = Halted::behind(&place, FIX, "fsync", SYNCED_BEFORE_FILES + 2);
    assert_eq!(all(&place), [fixed(), TEMPLATE.to_owned(), TEMPLATE.to_owned()]);
    // `git status` of the guard would see the first file changed, which it is by a run of ours.
    let mut second = place.command(".", FIX);
    let mut second =
        second.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // Long enough to come to the lock; that it has not ended then says that it waits.
    sleep(Duration::from_millis(500));
    assert!(second.try_wait().expect("it is ours").is_none(), "it did not wait");
    assert_eq!(halted.finish().code, 0);
    let second: Done = second.wait_with_output().expect("it ends").into();
    assert_eq!(second.code, 3, "{}", second.err);
    assert_eq!(second.err.matches("changed since it was read").count(), 2, "{}", second.err);
    assert_eq!(all(&place), [fixed(), fixed(), fixed()]);
    no_strays(&place);
    let undo = place.samwire(&["undo"]);
    assert!(undo.err.contains("run 1: 3 files restored"), "{}", undo.err);
    assert_eq!(all(&place), [TEMPLATE, TEMPLATE, TEMPLATE]);
}

#[test]
fn undo_of_a_run_that_still_writes_waits_and_takes_back_nothing_halfway() {
    if !possible() {
        return;
    }
    let place = three();
    let halted = Halted::behind(&place, FIX, "fsync", SYNCED_BEFORE_FILES + 2);
    let mut undo = place.command(".", &["undo"]);
    let undo =
        undo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    sleep(Duration::from_millis(500));
    assert_eq!(halted.finish().code, 0);
    let undo: Done = undo.wait_with_output().expect("it ends").into();
    assert_eq!(undo.code, 3, "{}", undo.err);
    assert!(undo.err.starts_with("error: nothing was restored: "), "{}", undo.err);
    assert!(undo.err.contains("run 1 has gone on meanwhile"), "{}", undo.err);
    assert_eq!(all(&place), [fixed(), fixed(), fixed()]);
    assert_eq!(place.samwire(&["undo"]).code, 0);
    assert_eq!(all(&place), [TEMPLATE, TEMPLATE, TEMPLATE]);
}

#[test]
fn a_link_or_a_directory_in_the_place_of_what_was_read_is_left_alone() {
    if !possible() {
        return;
    }
    let outside = Place::with(&[("theirs.yaml", TEMPLATE)]);
    let file = outside.at("theirs.yaml");
    let halted_then = |change: &dyn Fn(&Place)| {
        let place = Place::repository(&[("a/t.yaml", TEMPLATE)]);
        let halted = Halted::behind(&place, FIX, "fsync", SYNCED_BEFORE_FILES);
        change(&place);
        let done = halted.finish();
        assert_eq!(done.code, 3, "{}", done.err);
        assert!(done.err.starts_with("error: a/t.yaml: "), "{}", done.err);
        assert!(done.err.contains("\n  help: "), "{}", done.err);
        assert_eq!(outside.names("."), ["theirs.yaml"]);
        assert_eq!(outside.read("theirs.yaml"), TEMPLATE, "nothing lands outside");
        assert!(place.samwire(&["undo", "--list"]).out.contains("no run"), "nothing was written");
        (place, done)
    };
    let (place, done) = halted_then(&|place| {
        fs::remove_file(place.at("a/t.yaml")).expect("it is ours");
        symlink(&file, place.at("a/t.yaml")).expect("it is ours");
    });
    assert!(place.at("a/t.yaml").is_symlink() && done.err.contains("is a link now"), "{}", done.err);
    let (_, done) = halted_then(&|place| {
        fs::rename(place.at("a"), place.at("b")).expect("it is ours");
        fs::create_dir(outside.at("away"))
            .and_then(|()| fs::remove_dir(outside.at("away")))
            .expect("it is ours");
        symlink("b", place.at("a")).expect("it is ours");
    });
    assert!(done.err.contains("or lies behind one"), "{}", done.err);
    let (_, done) = halted_then(&|place| {
        fs::remove_file(place.at("a/t.yaml")).expect("it is ours");
        fs::create_dir(place.at("a/t.yaml")).expect("it is ours");
    });
    assert!(done.err.contains("is not a regular file"), "{}", done.err);
    let (_, done) = halted_then(&|place| {
        fs::remove_file(place.at("a/t.yaml")).expect("it is ours");
    });
    assert!(done.err.contains("cannot be written"), "{}", done.err);
}

#[test]
fn what_is_to_be_committed_is_in_no_directory_that_others_may_look_into() {
    if !possible() {
        return;
    }
    let place = Place::empty();
    place.write("one/t.yaml", TEMPLATE);
    place_support::git(&place.at("one"), &["init", "-q"]);
    let who = ["-c", "user.name=t", "-c", "user.email=t@t"];
    place_support::git(&place.at("one"), &["add", "--all"]);
    place_support::git(&place.at("one"), &[&who[..], &["commit", "-q", "-m", "t"]].concat());
    let log = place.at("trace");
    let mut command = place.command(".", &["bulk", "one", "--write", "--branch", "b", "--out", "out", "-q"]);
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
        command.env(name, "t@t");
    }
    let mut strace = under(&log, &command);
    strace.args(["-e", "trace=mkdir"]).arg(command.get_program()).args(command.get_args());
    let done: Done = strace.output().expect("strace is there").into();
    assert_eq!(done.code, 0, "{}", done.err);
    let log = fs::read_to_string(log).expect("strace wrote its log");
    let made: Vec<&str> = log.lines().filter(|line| line.contains("/samwire-")).collect();
    assert!(!made.is_empty() && made.iter().all(|line| line.contains(", 0700")), "{log}");
}

/// Runs a script as root of a name space of its own, in which file systems can be mounted. `None` where that cannot be;
/// the reason has then been written to stderr.
fn mounted(place: &Place, script: &str) -> Option<Done> {
    let program = place.command(".", &[]);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script, "sh"]);
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec", "mount -t tmpfs tmpfs \"$1\"", "sh"])
        .arg(place.root())
        .output();
    if !tried.as_ref().is_ok_and(|done| done.status.success()) {
        // Containers often forbid it, so this is no failure in CI either; every error is tried by injection as well.
        // Not by the macro, whose text the harness keeps to itself when a test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: nothing can be mounted here: {tried:?}");
        return None;
    }
    command
        .arg(program.get_program())
        .envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(command.current_dir(place.root()).output().expect("unshare is there").into())
}

#[test]
fn a_disk_that_is_full_loses_nothing() {
    let place = Place::empty();
    place.write("t.yaml", TEMPLATE);
    fs::create_dir(place.at("disk")).expect("it is ours");
    let script = "mount -t tmpfs -o size=16k tmpfs disk; cp t.yaml disk/; cd disk
        dd if=/dev/zero of=filler bs=4096 count=100 2> /dev/null || true
        code=0; \"$1\" fix --yes --allow-no-vcs -q || code=$?
        cmp t.yaml ../t.yaml; ls -A; rm filler; \"$1\" fix --yes --allow-no-vcs -q; cat t.yaml; exit $code";
    if let Some(done) = mounted(&place, script) {
        assert_eq!(done.code, 3, "{}", done.err);
        assert!(
            done.err.starts_with("error: t.yaml: cannot be written: No space left on device"),
            "{}",
            done.err
        );
        assert_eq!(done.out, format!("filler\nt.yaml\n{}", fixed()));
    }
}

#[test]
fn a_disk_that_takes_no_writing_is_told_of() {
    let place = Place::empty();
    place.write("t.yaml", TEMPLATE);
    fs::create_dir(place.at("disk")).expect("it is ours");
    let script = "mount -t tmpfs tmpfs disk; cp t.yaml disk/; mount -o remount,ro disk; cd disk
        code=0; \"$1\" fix --yes --allow-no-vcs -q || code=$?; cmp t.yaml ../t.yaml; ls -A; exit $code";
    if let Some(done) = mounted(&place, script) {
        assert_eq!((done.code, done.out.as_str()), (3, "t.yaml\n"), "{}", done.err);
        assert!(
            done.err.starts_with("error: t.yaml: cannot be written: Read-only file system"),
            "{}",
            done.err
        );
    }
}

#[test]
fn drafts_lie_beside_the_file_so_that_no_rename_crosses_devices() {
    let place = Place::empty();
    place.write("t.yaml", TEMPLATE);
    for name in ["disk", "temporary"] {
        fs::create_dir(place.at(name)).expect("it is ours");
    }
    let script = "mount -t tmpfs tmpfs disk; mount -t tmpfs tmpfs temporary; cp t.yaml disk/
        export TMPDIR=$PWD/temporary; cd disk; \"$1\" fix --yes --allow-no-vcs -q; ls -A . ../temporary; cat t.yaml";
    if let Some(done) = mounted(&place, script) {
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(done.out, format!(".:\nt.yaml\n\n../temporary:\n{}", fixed()));
    }
}
