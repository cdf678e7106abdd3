//! The command line: grammar, commands, streams and exit codes. The only part that prints.

mod apply;
mod args;
mod baseline;
mod bulk;
mod choices;
mod compare;
mod completions;
mod config;
mod definitions;
mod engine;
mod exit;
mod gather;
mod grants;
mod guard;
mod init;
mod inputs;
mod lookup;
mod manual;
mod meanwhile;
mod merging;
mod person;
mod preflight;
mod process;
mod report;
mod reports;
mod run;
mod session;
mod terminal;
mod undo;
mod values;
mod versions;
mod words;

use crate::catalog::Catalog;
use crate::config::Verb;
use crate::report::Problem;
use args::{COMMANDS, Cli, Command};
use config::{Laid, Stop};
use exit::Exit;
use std::process::ExitCode;
use std::sync::LazyLock;
use terminal::Terminal;
use values::ColourWhen;
use words::Words;

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    let exit = match config::parse(std::env::args_os().collect()) {
        Ok(Laid { shown: Some(shown), .. }) => print(shown.as_bytes()),
        Ok(Laid { cli, words, .. }) => dispatch(cli, words),
        Err(Stop::Wrong(fatal)) => fatal.tell(Terminal::observe(ColourWhen::Auto)),
        Err(Stop::Told(error)) => {
            // Help and version are no errors: they go to standard output. A closed pipe is none either.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Clean }
        }
    };
    ExitCode::from(exit as u8)
}

/// Writes to standard output.
fn print(bytes: &[u8]) -> Exit {
    let terminal = Terminal::observe(ColourWhen::Auto);
    match terminal.out(bytes) {
        Ok(()) => Exit::Clean,
        Err(error) => {
            let problem = Problem::new("unwritable", error.to_string(), "check where standard output goes");
            terminal.problem(&problem, None);
            Exit::Failed
        }
    }
}

fn dispatch(cli: Cli, words: Words) -> Exit {
    match cli.command {
        Some(Command::Diff(args)) => run::run(Verb::Diff, args, false),
        Some(Command::Check(args)) => run::run(Verb::Check, args, false),
        Some(Command::Fix { yes, run }) => run::run(Verb::Fix, run, yes),
        Some(Command::Bulk(args)) => bulk::run(&args, words),
        Some(Command::Undo(args)) => undo::run(&args),
        Some(Command::Preflight(args)) => preflight::run(&args),
        Some(Command::Grants(args)) => grants::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::List(args)) => lookup::list(&args),
        Some(Command::Explain(args)) => lookup::explain(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => manual::run(&args),
        None => {
            let word =
                cli.run.paths.iter().find_map(|path| COMMANDS.iter().find(|word| path.as_os_str() == **word));
            if let Some(word) = word {
                let help = format!(
                    "write `samwire {word} [OPTIONS] [PATH]…`, or `./{word}` for a path of that name"
                );
                let problem = Problem::new("usage", format!("`{word}` is a command and goes first"), help);
                Terminal::observe(cli.run.colour.color).problem(&problem, None);
                return Exit::Usage;
            }
            run::run(if cli.fix { Verb::Fix } else { Verb::Diff }, cli.run, cli.yes)
        }
    }
}

/// The version of the tool.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version with that of the definitions, which decide what a connector grants.
fn version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{VERSION} ({})", Catalog::version()));
    &TEXT
}
