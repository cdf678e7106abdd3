//! The command line: grammar, commands, streams and exit codes. The only part that prints.

mod apply;
mod args;
mod compare;
mod definitions;
mod engine;
mod exit;
mod gather;
mod grants;
mod guard;
mod lookup;
mod person;
mod preflight;
mod process;
mod reports;
mod run;
mod session;
mod terminal;
mod undo;
mod versions;

use crate::catalog::Catalog;
use crate::config::Verb;
use crate::report::Problem;
use args::{COMMANDS, Cli, Command};
use clap::Parser;
use exit::Exit;
use std::process::ExitCode;
use std::sync::LazyLock;
use terminal::Terminal;

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => dispatch(cli),
        Err(error) => {
            // Help and version are no errors: they go to standard output. A closed pipe is none either.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Clean }
        }
    };
    ExitCode::from(exit as u8)
}

fn dispatch(cli: Cli) -> Exit {
    match cli.command {
        Some(Command::Diff(args)) => run::run(Verb::Diff, args, false),
        Some(Command::Check(args)) => run::run(Verb::Check, args, false),
        Some(Command::Fix { yes, run }) => run::run(Verb::Fix, run, yes),
        Some(Command::Undo(args)) => undo::run(&args),
        Some(Command::Preflight(args)) => preflight::run(&args),
        Some(Command::Grants(args)) => grants::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
        Some(Command::List(args)) => lookup::list(&args),
        Some(Command::Explain(args)) => lookup::explain(&args),
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
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{VERSION} ({})", Catalog::builtin().version()));
    &TEXT
}
