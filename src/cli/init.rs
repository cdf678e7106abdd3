//! `init`: the config file in which every option stands as a comment, and the JSON Schema of config files. Both are made from
//! the grammar of the command line, so they know every option that there is.

use super::args::{Cli, InitArgs};
use super::config::options;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::config::CONFIG_NAME;
use crate::io;
use crate::report::Problem;
use clap::{Arg, ArgAction, Command, CommandFactory};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

const HEAD: &str = "\
# What samwire does in this repository. Each option has the name that it has on the command line, where it can be said
# otherwise for one run; `samwire --show-config` tells what is in force. Paths start at the directory of this file.
";

const IGNORES: &str = "
# Places that are ignored although their file can hold no comment. In YAML write `# samwire: ignore[ID] reason` above
# the place instead.
# ignore:
#   - file: services/orders.json
#     id: function-to-table
#     route: Resources.Orders
#     reason: audited in March
";

/// Values of options that have no default and take any text.
const EXAMPLES: [(&str, &str); 11] = [
    ("actions", "used-actions.txt"),
    ("baseline", "samwire-baseline.json"),
    ("decisions", "decisions.json"),
    ("destination", "'*Table'"),
    ("format", "text, sarif=samwire.sarif"),
    ("jobs", "4"),
    ("only", "function-to-table"),
    ("repo", "acme/orders"),
    ("skip", "function-to-queue"),
    ("source", "'Orders*'"),
    ("transforms", "my-transforms"),
];

/// Columns of the text of comments.
const WIDTH: usize = 100;

/// Runs `init`.
pub(super) fn run(args: &InitArgs) -> Exit {
    let terminal = Terminal::observe(args.colour.color);
    if args.schema {
        return super::print(format!("{:#}\n", schema()).as_bytes());
    }
    let text = commented();
    if args.print {
        return super::print(text.as_bytes());
    }
    let path = Path::new(CONFIG_NAME);
    match io::create(path, text.as_bytes()) {
        Ok(()) => {
            let told = format!("{CONFIG_NAME} is written; every option stands in it as a comment\n");
            super::print(told.as_bytes())
        }
        Err(error) => {
            let help = "`samwire init --print` prints the file instead";
            if error.kind() == ErrorKind::AlreadyExists {
                let problem = Problem::new("usage", "is there already", help)
                    .because("what is set in it would be lost; nothing was written");
                terminal.problem(&problem, Some(path));
                return Exit::Usage;
            }
            let problem = Problem::new("usage", format!("cannot be written: {error}"), help)
                .because("the operating system refused");
            terminal.problem(&problem, Some(path));
            Exit::Failed
        }
    }
}

/// The config file with every option as a comment, with its default or an example.
fn commented() -> String {
    let command = Cli::command();
    let mut out = HEAD.to_owned();
    let mut heading = None;
    for arg in options(&command) {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            let _ = write!(out, "\n# ── {}\n", heading.unwrap_or("Options"));
        }
        for line in textwrap::wrap(&help(arg), WIDTH) {
            let _ = writeln!(out, "# {line}");
        }
        let key = arg.get_long().unwrap_or_default();
        let _ = match arg.get_action() {
            ArgAction::SetTrue => writeln!(out, "# {key}: true"),
            ArgAction::Append => writeln!(out, "# {key}: [{}]", example(arg)),
            _ => writeln!(out, "# {key}: {}", example(arg)),
        };
    }
    out.push_str(IGNORES);
    out
}

fn help(arg: &Arg) -> String {
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}

/// The default of an option, else an example, else the first value that it may have.
fn example(arg: &Arg) -> String {
    let default = arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
    let written = || {
        let written = EXAMPLES.iter().find(|(name, _)| arg.get_long() == Some(name));
        written.map(|(_, value)| (*value).to_owned())
    };
    let first = || arg.get_possible_values().first().map(|value| value.get_name().to_owned());
    // The help of a consent pattern ends with one.
    let help = help(arg);
    let in_help = || help.rsplit_once("such as ").map(|(_, pattern)| format!("'{pattern}'"));
    default.or_else(written).or_else(in_help).or_else(first).unwrap_or_default()
}

/// The JSON Schema of config files, made from the grammar of the command line.
fn schema() -> Value {
    let command: Command = Cli::command();
    let mut properties = Map::new();
    for arg in options(&command) {
        let value = match arg.get_possible_values().as_slice() {
            [] if is_number(arg) => json!({"type": "integer", "minimum": u8::from(!takes_zero(arg))}),
            [] => json!({"type": ["string", "number"]}),
            values => json!({"enum": values.iter().map(|value| value.get_name()).collect::<Vec<_>>()}),
        };
        let mut property = match arg.get_action() {
            ArgAction::SetTrue => json!({"type": "boolean"}),
            ArgAction::Append => json!({"anyOf": [value, {"type": "array", "items": value}]}),
            _ => value,
        };
        property["description"] = json!(help(arg));
        if let Some(default) =
            arg.get_default_values().first().filter(|_| !matches!(arg.get_action(), ArgAction::SetTrue))
        {
            let text = default.to_string_lossy();
            property["default"] = text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number));
        }
        properties.insert(arg.get_long().unwrap_or_default().to_owned(), property);
    }
    properties.insert(
        "ignore".to_owned(),
        json!({
            "type": "array",
            "description": "Places that are ignored although their file can hold no comment",
            "items": {
                "type": "object",
                "required": ["file", "id"],
                "additionalProperties": false,
                "properties": {
                    "file": {"type": "string", "description": "The template, from the directory of this file"},
                    "id": {"type": "string", "description": "Id of a profile, reason or finding; `*` for all"},
                    "route": {"type": "string", "description": "The node from which on, such as Resources.Orders; without one the whole file"},
                    "reason": {"type": "string", "description": "Why"},
                },
            },
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Config file of samwire",
        "description": "Each option under the name that it has on the command line",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn takes_zero(arg: &Arg) -> bool {
    let word = format!("--{}=0", arg.get_long().unwrap_or_default());
    Cli::command().try_get_matches_from(["samwire", &word]).is_ok()
}

fn is_number(arg: &Arg) -> bool {
    arg.get_default_values().first().is_some_and(|value| value.to_string_lossy().parse::<u64>().is_ok())
        || arg.get_value_names().is_some_and(|names| names.first().is_some_and(|name| name.as_str() == "N"))
}
