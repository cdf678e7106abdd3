//! `man`: the grammar as manual pages, one of samwire and one of each command. The words are those of `--help`; this file
//! knows how a page is laid out.

use super::args::{Cli, ManArgs};
use super::exit::Exit;
use super::lookup;
use super::terminal::Terminal;
use super::values::ColourWhen;
use crate::io as files;
use crate::report::Problem;
use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Programs that people start are in section 1 of the manual.
const SECTION: &str = "1";

/// What makes a straight quote in any formatter, as every rendered section brings it.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Runs `man`.
pub(super) fn run(args: &ManArgs) -> Exit {
    let terminal = Terminal::observe(ColourWhen::Auto);
    let grammar = grammar();
    let wanted = match &args.command {
        Some(name) => grammar.find_subcommand(name).unwrap_or(&grammar),
        None => &grammar,
    };
    let Some(folder) = &args.out else {
        return lookup::print(terminal, page(&grammar, wanted).map(String::into_bytes));
    };
    match write_all(&grammar, folder) {
        Ok(()) => Exit::Clean,
        Err((path, error)) => {
            let problem = Problem::new("unwritable", error.to_string(), "check the place it goes to");
            terminal.problem(&problem, Some(&path));
            Exit::Failed
        }
    }
}

/// The grammar as the pages tell it: with all options, also those that `-h` leaves to `--help`.
fn grammar() -> Command {
    let mut grammar = Cli::command().mut_args(shown).mut_subcommands(|command| command.mut_args(shown));
    grammar.build();
    grammar
}

/// An option with its help in any case, and its values in one line: as a list they would be longer than all the rest.
fn shown(arg: Arg) -> Arg {
    let values = if arg.get_action().takes_values() { arg.get_possible_values() } else { Vec::new() };
    let arg = arg.hide_short_help(false);
    let told = arg.get_long_help().or(arg.get_help()).map(ToString::to_string);
    match told {
        Some(help) if !values.is_empty() && !arg.is_hide_possible_values_set() => {
            let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            arg.hide_possible_values(true)
                .long_help(format!("{help} [possible values: {}]", names.join(", ")))
        }
        _ => arg,
    }
}

fn write_all(grammar: &Command, folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    files::make_folder(folder).map_err(at(folder))?;
    for command in [grammar].into_iter().chain(grammar.get_subcommands()) {
        let path = folder.join(format!("{}.{SECTION}", title(command)));
        let page = page(grammar, command).map_err(at(&path))?;
        files::write_report(&path, page.as_bytes())
            .map_err(|error| (path.clone(), io::Error::other(error.to_string())))?;
    }
    Ok(())
}

/// The name that a page goes by: `samwire` or `samwire-diff`.
fn title(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// One page, in the language of `man`.
fn page(grammar: &Command, command: &Command) -> io::Result<String> {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let is_root = title(command) == title(grammar);
    let man = Man::new(command.clone().override_usage(usage));
    let mut out = Vec::new();
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    if is_root {
        man.render_subcommands_section(&mut out)?;
    }
    man.render_options_section(&mut out)?;
    let after = grammar.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in after.split("\n\n").filter(|paragraph| is_root || !paragraph.starts_with("Examples")) {
        verbatim(&mut out, paragraph)?;
    }
    writeln!(out, ".SH SEE ALSO")?;
    let others = [grammar].into_iter().chain(grammar.get_subcommands()).map(title);
    let others: Vec<String> = others
        .filter(|other| *other != title(command))
        .map(|other| format!("\\fB{}\\fR({SECTION})", escaped(other)))
        .collect();
    writeln!(out, "{}", others.join(",\n"))?;
    let sections = String::from_utf8(out).map_err(io::Error::other)?;
    // Each section brings the preamble, which is needed once; and an empty line is a paragraph only by an old habit of the
    // formatters, of which some warn.
    let sections = sections.replace(PREAMBLE, "").replace("\n\n", "\n.sp\n");
    // Without a date, so that the same program always prints the same page.
    let heading = format!(
        ".TH {} {SECTION} \"\" \"samwire {}\" samwire\n",
        escaped(&title(command).to_uppercase()),
        super::VERSION
    );
    Ok([PREAMBLE, &heading, &sections].concat())
}

/// A paragraph `Title: text` of the help as a section whose lines stay as they are, without their common indentation.
fn verbatim(out: &mut Vec<u8>, paragraph: &str) -> io::Result<()> {
    let (title, text) = paragraph.split_once(':').unwrap_or(("Notes", paragraph));
    writeln!(out, ".SH {}\n.nf", title.to_uppercase())?;
    for line in text.trim_matches('\n').lines() {
        let line = line.strip_prefix("  ").unwrap_or(line.trim_start());
        // A line that begins with a point or a quote would be taken for a request.
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        writeln!(out, "{guard}{}", escaped(line))?;
    }
    writeln!(out, ".fi")
}

/// Text in which nothing is taken for the language of the formatter.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
