//! `undo`: takes back a recorded run, file by file where each still holds what the run wrote, shows that as a diff, and
//! names every file that has to stay as it is. With `--list` it tells the runs.

use super::apply::not_written;
use super::args::UndoArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::io::{
    self, Journal, Lookback, Pause, Refused, Run, RunState, Signal, StateDir, Surroundings, Undone, Way,
};
use crate::report::{Paint, Problem, Unified, escaped};
use std::fmt::Write;
use std::io::Error;
use std::time::{Duration, SystemTime};

/// Lines of context in the diff.
const CONTEXT: usize = 3;

/// Runs `undo`.
pub(super) fn run(args: &UndoArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    match try_run(args, terminal) {
        Ok(exit) => exit,
        Err((problem, exit)) => {
            terminal.problem(&problem, None);
            exit
        }
    }
}

fn try_run(args: &UndoArgs, terminal: Terminal) -> Result<Exit, (Box<Problem>, Exit)> {
    let surroundings = Surroundings::observe().map_err(|error| unreadable(&error))?;
    let state = StateDir::of(surroundings.current()).map_err(|error| unreadable(&error))?;
    let journal = Journal::new(state);
    let runs = journal.runs().map_err(|error| unreadable(&error))?;
    if args.list {
        let list = if runs.is_empty() {
            "no run is recorded here\n".to_owned()
        } else {
            listing(&runs, terminal.stdout)
        };
        return Ok(terminal.out(list.as_bytes()).map_or(Exit::Failed, |()| Exit::Clean));
    }
    let run = chosen(args.run, &runs).map_err(|problem| (Box::new(problem), Exit::Usage))?;
    let files = io::look_back(&runs, run);
    let undone = io::take_back(&journal, run.clone(), &files, Pause::BetweenFiles)
        .map_err(|error| unwritable(&error))?;
    Ok(tell(run, &files, &undone, &surroundings, terminal))
}

fn chosen(number: Option<u64>, runs: &[Run]) -> Result<&Run, Problem> {
    let found = match number {
        Some(number) => runs.iter().find(|run| run.number == number),
        None => runs.iter().find(|run| run.state != RunState::Undone),
    };
    found.ok_or_else(|| {
        let what = match number {
            Some(number) => format!("no run {number} is recorded here"),
            None if runs.is_empty() => "no run is recorded here".to_owned(),
            None => "every run that is recorded here was taken back".to_owned(),
        };
        Problem::new("no-run", what, "`samwire undo --list` shows the runs; change to where `fix` was run")
            .because("the last 10 runs are kept for each work tree, and outside of git for each directory")
    })
}

/// Shows what became of each file, and gives the exit code.
fn tell(run: &Run, files: &[Lookback], undone: &Undone, at: &Surroundings, terminal: Terminal) -> Exit {
    let form =
        Unified { context: CONTEXT, paint: terminal.stdout, for_terminal: terminal.stdout_is_terminal };
    let (mut diffs, mut restored, mut already, mut stayed) = (Vec::new(), 0, 0, Vec::new());
    let mut not_reached = Vec::new();
    for (file, outcome) in files.iter().zip(&undone.outcomes) {
        let name = at.diff_name(&file.path);
        let shown = if name.base.is_some() { &file.path } else { &name.path };
        match (&file.way, outcome) {
            (_, Err(error)) => stayed.push((shown.clone(), not_written(error))),
            (Way::Back { now, before }, Ok(true)) => {
                restored += 1;
                let text = |bytes| String::from_utf8_lossy(bytes);
                diffs.extend(form.diff(&text(now), &text(before), &name.path).into_bytes());
            }
            (Way::Back { .. }, Ok(false)) => not_reached.push(format!("{}: not restored", shown.display())),
            (Way::Already, Ok(_)) => already += 1,
            (Way::Stays(refused), Ok(_)) => stayed.push((shown.clone(), refusal(refused))),
        }
    }
    let mut exit = Exit::Clean;
    if let Err(error) = terminal.out(&diffs) {
        exit = Exit::Failed;
        let what = format!("the diff cannot be written: {error}");
        let help = "look at the files themselves, which are done, and check where the output goes";
        terminal.problem(&Problem::new("unwritable", what, help), None);
    }
    for (path, problem) in &stayed {
        exit = Exit::Failed;
        terminal.problem(problem, Some(path));
    }
    let mut parts = vec![format!("run {}: {} restored", run.number, counted(restored))];
    if already > 0 {
        parts.push(format!("{already} as before already"));
    }
    if !stayed.is_empty() {
        parts.push(format!("{} left as found", stayed.len()));
    }
    terminal.err(format!("{}\n", parts.join(", ")).as_bytes());
    if let Some(signal) = undone.stopped {
        exit = signal.into();
        terminal.problem(&stopped(signal, not_reached), None);
    }
    if let Some(error) = &undone.unmarked {
        exit = exit.max(Exit::Failed);
        let what = format!("the record of the run cannot be changed: {error}");
        let problem = Problem::new("unrecorded", what, "free space; the files themselves are done");
        terminal.problem(&problem.because("the run is listed as if it were still to be taken back"), None);
    }
    exit
}

fn counted(files: usize) -> String {
    format!("{files} {}", if files == 1 { "file" } else { "files" })
}

fn stopped(signal: Signal, list: Vec<String>) -> Problem {
    let what = format!("stopped by {}: {} not restored", signal.name(), list.len());
    Problem { list, ..Problem::new("stopped", what, "`samwire undo` again does the rest") }
        .because("the file at hand was finished, so none is half written")
}

/// Why a file was left as found, as a problem.
fn refusal(refused: &Refused) -> Problem {
    let what = refused.to_string();
    let problem = |help: &str| Problem::new("not-restored", what.clone(), help);
    match refused {
        Refused::Vanished => problem("take it from version control, if you want it back").because(
            "somebody removed or moved it, and undo brings nothing back that was removed on purpose",
        ),
        Refused::Link => problem("put the file itself back in its place, then run again")
            .because("the bytes would land in a file that the run never wrote"),
        Refused::Changed => problem("edit it by hand, or take it from version control")
            .because("restoring it would lose what was changed since"),
        Refused::WrittenLater(number) => {
            problem(&format!("take back run {number} first: `samwire undo {number}`"))
                .because("restoring it would take back more than this run")
        }
        Refused::Unreadable(_) => problem("check its permissions, then run again")
            .because("only a file that still holds what the run wrote is restored"),
        Refused::Record(_) => problem("take the file from version control")
            .because("what it held before is not known for certain"),
        Refused::Unwritable(error) => not_written(error),
    }
}

fn unreadable(error: &Error) -> (Box<Problem>, Exit) {
    let what = format!("the records of runs cannot be read: {error}");
    let help = "check the permissions of the git directory; outside of git, those of the state directory";
    let problem = Problem::new("unreadable", what, help).because("they tell what files held before");
    (Box::new(problem), Exit::Failed)
}

fn unwritable(error: &Error) -> (Box<Problem>, Exit) {
    let what = format!("nothing was restored: the record of the run cannot be changed: {error}");
    let help = "run again; if that does not help, free space, and check the permissions of the git directory";
    let why = "if this were cut short, nothing would tell how far it came";
    (Box::new(Problem::new("unrecorded", what, help).because(why)), Exit::Failed)
}

fn listing(runs: &[Run], paint: Paint) -> String {
    let now = SystemTime::now();
    let mut out = String::new();
    for run in runs {
        let age = age(now.duration_since(run.time).unwrap_or_default());
        let state = match run.state {
            RunState::Writing => "cut short",
            RunState::Written => "written",
            RunState::TakingBack => "taken back in part",
            RunState::Undone => "taken back",
        };
        let number = paint.strong(format!("{:>4}", run.number));
        let files = counted(run.files.len());
        writeln!(out, "{number}  {age:>14}  {files:>10}  {state:<18}  {}", escaped(&run.command))
            .expect("impossible: writing to a String does not fail");
    }
    out
}

/// How long ago, in the largest unit that leaves a number above 0.
fn age(passed: Duration) -> String {
    const UNITS: [(u64, &str, &str); 3] =
        [(86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")];
    let seconds = passed.as_secs();
    match UNITS.iter().find(|(length, ..)| seconds >= *length) {
        Some((length, one, many)) => {
            let count = seconds / length;
            format!("{count} {} ago", if count == 1 { one } else { many })
        }
        None => "just now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        for (seconds, text) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (7_200, "2 hours ago"),
            (86_400 * 3, "3 days ago"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }
}
