//! What can go wrong while files are written: the program is killed, told to stop, or runs out of space. Whatever
//! happens, each file holds its old bytes or its new ones, and there is a way back. Needs signals, so Unix only.
#![cfg(unix)]

mod place_support;

use place_support::{Place, TEMPLATE};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Number of kills, of `fix` and `undo` together; more are worth the time after a change to writing.
const KILLS: &str = "SAMWIRE_KILLS";
/// Kills where the environment does not say.
const KILLS_BY_DEFAULT: usize = 40;
/// Files that each run writes.
const FILES: usize = 60;
/// Files of a run that is told to stop: enough for a signal to arrive before the last one.
const STOPPED_FILES: usize = 120;

/// Numbers that are spread evenly, the same in every run of the tests: splitmix64.
struct Spread(u64);

impl Spread {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}

/// A repository of many templates, each with a text of its own, and what `fix` makes of each.
struct Many {
    place: Place,
    names: Vec<String>,
    old: BTreeMap<String, String>,
    new: BTreeMap<String, String>,
}

impl Many {
    fn new(count: usize) -> Self {
        let names: Vec<String> = (0..count).map(|n| format!("service{:02}/t{n:03}.yaml", n % 7)).collect();
        let old: BTreeMap<String, String> =
            names.iter().map(|name| (name.clone(), format!("{TEMPLATE}# {name}\n"))).collect();
        let files: Vec<(&str, &str)> =
            old.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let place = Place::repository(&files);
        assert_eq!(place.samwire(&["fix", "--yes", "-q"]).code, 0);
        let new = names.iter().map(|name| (name.clone(), place.read(name))).collect();
        assert_eq!(place.samwire(&["undo"]).code, 0);
        Self { place, names, old, new }
    }

    fn start(&self, args: &[&str]) -> Child {
        let mut command = self.place.command(".", args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    /// How many files hold their new bytes. Fails if one holds neither those nor its old ones.
    #[track_caller]
    fn written(&self) -> usize {
        let state = |name: &&String| {
            let text = self.place.read(name);
            assert!(text == self.old[*name] || text == self.new[*name], "{name} is torn: {text:?}");
            text == self.new[*name]
        };
        self.names.iter().filter(state).count()
    }

    /// Takes back run by run: what one that was killed has left, another may have finished.
    #[track_caller]
    fn take_all_back(&self) {
        while self.written() > 0 {
            let written = self.written();
            let undo = self.place.samwire(&["undo"]);
            assert_eq!(undo.code, 0, "{}", undo.err);
            assert_eq!(self.strays(), Vec::<String>::new());
            assert!(self.written() < written || undo.err.contains(": 0 files restored"), "{}", undo.err);
        }
    }

    /// Files among the templates that are none.
    fn strays(&self) -> Vec<String> {
        let folders = (0..7).map(|n| format!("service{n:02}"));
        let names = folders.flat_map(|folder| self.place.names(&folder));
        names.filter(|name| !name.ends_with(".yaml")).collect()
    }
}

#[test]
fn killed_at_any_moment_each_file_is_old_or_new_and_undo_goes_back() {
    let kills: usize = std::env::var(KILLS).map_or(KILLS_BY_DEFAULT, |n| n.parse().expect("a number"));
    let many = Many::new(FILES);
    let timed = |args: &[&str]| {
        let start = Instant::now();
        assert!(many.start(args).wait().expect("it ends").success(), "{args:?}");
        start.elapsed().as_micros().try_into().unwrap_or(u64::MAX)
    };
    let fix: &[&str] = &["fix", "--yes", "-q"];
    // The first run of all is slower than those that follow.
    let (_, _) = (timed(fix), timed(&["undo"]));
    let (fix_takes, undo_takes) = (timed(fix), timed(&["undo"]));
    let mut spread = Spread(kills as u64);
    let (mut torn_off, mut strays) = (0, 0);
    for kill in 0..kills {
        let before = many.written();
        let forth = before == 0 || before < FILES && spread.below(2) == 0;
        let (args, takes) = if forth { (fix, fix_takes) } else { (&["undo"][..], undo_takes) };
        let mut child = many.start(args);
        // Every other kill waits for the first file, so that it comes while files are written rather than read.
        if kill % 2 == 0 {
            while child.try_wait().expect("it is ours").is_none() && many.written() == before {
                sleep(Duration::from_micros(200));
            }
            sleep(Duration::from_micros(spread.below(takes / 4)));
        } else {
            sleep(Duration::from_micros(spread.below(takes + takes / 10)));
        }
        // SIGKILL. An error means that it has ended before.
        let _ = child.kill();
        let ended = child.wait().expect("it ends");
        let after = many.written();
        torn_off += usize::from(before != after && after != 0 && after != FILES);
        strays += many.strays().len();
        assert!(many.strays().len() <= 1, "kill {kill}: {:?}", many.strays());
        let list = many.place.samwire(&["undo", "--list"]);
        assert_eq!(list.code, 0, "kill {kill}, {ended}: {}", list.err);
        // Half of the time the next run goes on from there, else everything is taken back first.
        if spread.below(2) == 0 {
            many.take_all_back();
        }
    }
    eprintln!("{kills} kills, {torn_off} of them between two files, {strays} drafts left and swept");
    assert!(torn_off > 0, "none of {kills} kills came while files were written");
    many.take_all_back();
    assert_eq!(many.place.samwire(fix).code, 0);
    assert_eq!((many.written(), many.strays()), (FILES, Vec::new()));
    let kept = many.place.names(".git/samwire/runs");
    assert!(kept.iter().filter(|name| name.parse::<u64>().is_ok()).count() <= 10, "{kept:?}");
}

#[test]
fn told_to_stop_the_run_finishes_its_file_and_says_how_far_it_came() {
    for (signal, name, code) in [("INT", "SIGINT", 130), ("TERM", "SIGTERM", 143), ("HUP", "SIGHUP", 129)] {
        let many = Many::new(STOPPED_FILES);
        // A run can be over before the signal arrives; then there is nothing to see, and another one may be slower.
        let stopped = (0..20).find_map(|_| {
            let mut command = many.place.command(".", &["fix", "--yes", "-q"]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
            let child = command.spawn().expect("the program starts");
            let first = many.place.at(&many.names[0]);
            let patience = Instant::now() + Duration::from_secs(60);
            while fs::read_to_string(&first).expect("it is there") == many.old[&many.names[0]] {
                assert!(Instant::now() < patience, "nothing is written");
                sleep(Duration::from_micros(200));
            }
            let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
            assert!(kill.expect("kill is there").success());
            let output = child.wait_with_output().expect("it ends");
            let written = many.written();
            let undo = many.place.samwire(&["undo"]);
            assert_eq!((undo.code, many.written()), (0, 0), "{}", undo.err);
            assert!(undo.err.contains(&format!(": {written} file")), "{}", undo.err);
            (written < STOPPED_FILES).then_some((output, written))
        });
        let (output, written) = stopped.expect("one of 20 runs is slow enough");
        let err = String::from_utf8(output.stderr).expect("output is UTF-8");
        assert_eq!(output.status.code(), Some(code), "{err}");
        let told = format!(
            "error: stopped by {name}: {written} written, {} not\n  service",
            STOPPED_FILES - written
        );
        assert!(err.contains(&told), "{err}");
        assert_eq!(err.matches(": not written\n").count(), STOPPED_FILES - written);
        let help = format!("  help: `samwire undo` takes back the {written}; ");
        assert!(err.contains(&help), "{err}");
        assert_eq!(many.strays(), Vec::<String>::new());
    }
}

/// Runs the program where no file may grow beyond `blocks` of 512 bytes: a full disk that needs no disk.
fn with_little_space(place: &Place, blocks: usize, args: &[&str]) -> place_support::Done {
    let mut command = Command::new("sh");
    let program = place.command(".", args);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(program.get_program()).args(args);
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(place.root()).arg0("sh").output().expect("sh is there").into()
}

#[test]
fn without_space_for_the_record_nothing_is_written() {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    let done = with_little_space(&place, 1, &["fix", "--yes", "-q"]);
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.starts_with("error: nothing was written: the run cannot be recorded: "), "{}", done.err);
    assert!(done.out.starts_with("--- a/t.yaml\n"), "the diff is shown: {}", done.out);
    assert_eq!(place.read("t.yaml"), TEMPLATE);
    assert_eq!(place.names(".git/samwire/runs"), Vec::<String>::new());
    assert_eq!(place.samwire(&["fix", "--yes"]).code, 0);
}

#[test]
fn without_space_for_a_file_it_keeps_its_bytes_and_leaves_no_draft() {
    // The old text fits in exactly, and the new one is longer.
    let blocks = TEMPLATE.len() / 512 + 1;
    let fill = "#".repeat(blocks * 512 - TEMPLATE.len() - 1);
    let text = format!("{TEMPLATE}{fill}\n");
    let place = Place::repository(&[("t.yaml", &text)]);
    let done = with_little_space(&place, blocks, &["fix", "--yes", "-q"]);
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.starts_with("error: t.yaml: cannot be written: "), "{}", done.err);
    assert_eq!(place.read("t.yaml"), text);
    assert_eq!(place.names("."), [".git", "t.yaml"]);
    assert_eq!(place.samwire(&["undo", "--list"]).out, "no run is recorded here\n");
}

#[test]
fn a_damaged_record_restores_nothing_and_a_foreign_one_is_passed_over() {
    let place = Place::repository(&[("t.yaml", TEMPLATE)]);
    assert_eq!(place.samwire(&["fix", "--yes"]).code, 0);
    let written = place.read("t.yaml");
    place.write(".git/samwire/runs/1/before", &TEMPLATE.replace("Orders", "Ordres"));
    let undo = place.samwire(&["undo"]);
    assert_eq!(undo.code, 3);
    assert!(undo.err.starts_with("error: t.yaml: its record is damaged\n  why:  "), "{}", undo.err);
    assert_eq!(place.read("t.yaml"), written);
    place.write(".git/samwire/runs/2/run.json", "{\"schema\": 99");
    assert_eq!(place.samwire(&["undo", "--list"]).out.lines().count(), 1);
    place.git(&["checkout", "-q", "t.yaml"]);
    assert_eq!(place.samwire(&["fix", "--yes"]).code, 0);
    assert!(place.samwire(&["undo", "--list"]).out.starts_with("   3  "), "its number is not used again");
}
