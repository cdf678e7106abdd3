//! `completions`: the grammar as a script for a shell. The script is made from the grammar alone, so it knows the values of
//! options, but no template and no definition.

use super::args::{Cli, CompletionsArgs};
use super::exit::Exit;
use super::lookup;
use super::terminal::Terminal;
use super::values::ColourWhen;
use clap::CommandFactory;

/// Runs `completions`.
pub(super) fn run(args: &CompletionsArgs) -> Exit {
    let mut command = Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "samwire", &mut script);
    lookup::print(Terminal::observe(ColourWhen::Auto), Ok(script))
}
