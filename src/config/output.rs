//! Which report goes where: the `FMT[=FILE]` of the command line, and who owns standard output.

use crate::catalog::nearest;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// What a run does with its plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Shows what would change.
    Diff,
    /// Lists what there is to say.
    Check,
    /// Writes.
    Fix,
}

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// Unified diff.
    Diff,
    /// For programs.
    Json,
    /// For programs, a line at a time.
    JsonLines,
    /// For code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// A comment on a pull request, or the summary of a job.
    Markdown,
    /// For servers that show tests.
    Junit,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Diff,
        Self::Json,
        Self::JsonLines,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
        Self::Junit,
    ];

    /// The words for all of them, in a row.
    fn words() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The word in options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Diff => "diff",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
        }
    }
}

/// A format and the file it goes to; without one it goes to standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What is written.
    pub format: Format,
    /// Where to.
    pub file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let Some(format) = Format::ALL.into_iter().find(|format| format.as_str() == name) else {
            let nearest = nearest(name, Format::ALL.iter().map(|format| format.as_str()));
            return Err(OutputError::Unknown { name: name.to_owned(), nearest });
        };
        if file == Some("") {
            return Err(OutputError::NoFile(format.as_str()));
        }
        Ok(Self { format, file: file.map(PathBuf::from) })
    }
}

/// Where one report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file.
    File(PathBuf),
}

/// The reports of a run with their destinations. Invariant: at most one of them goes to standard output.
pub type Sinks = Vec<(Format, Sink)>;

/// Why outputs cannot be had as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OutputError {
    /// No such format.
    #[error("unknown format `{name}`: {}", match .nearest {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of {}, or one of them followed by =FILE", Format::words()),
    })]
    Unknown {
        /// What was given.
        name: String,
        /// What may be meant.
        nearest: Option<&'static str>,
    },
    /// `FMT=` with nothing behind it.
    #[error("`{0}=` names no file: expected {0} or {0}=FILE")]
    NoFile(&'static str),
    /// Two reports want standard output.
    #[error(
        "both {0} and {1} would go to standard output: give one of them a file, such as --format {1}=FILE"
    )]
    TwoOnStdout(&'static str, &'static str),
    /// Standard output is the rewritten template.
    #[error(
        "`fix -` prints the template to standard output: give the report a file, such as --format {0}=FILE"
    )]
    StdoutIsTemplate(&'static str),
}

/// Settles where each report of a run goes. Without any named, `diff` prints the diff and tells the rest on standard
/// error; `check` and `fix` print the text. A text beside another report gives way to standard error. With
/// `stdout_taken` the template itself is on standard output.
pub fn assign(verb: Verb, asked: &[Output], stdout_taken: bool) -> Result<Sinks, OutputError> {
    let text_sink = if stdout_taken { Sink::Stderr } else { Sink::Stdout };
    if asked.is_empty() {
        return Ok(match verb {
            Verb::Diff => vec![(Format::Diff, Sink::Stdout), (Format::Text, Sink::Stderr)],
            Verb::Check | Verb::Fix => vec![(Format::Text, text_sink)],
        });
    }
    let mut on_stdout: Option<Format> = None;
    let unplaced = asked.iter().filter(|output| output.file.is_none() && output.format != Format::Text);
    for output in unplaced {
        if stdout_taken {
            return Err(OutputError::StdoutIsTemplate(output.format.as_str()));
        }
        match on_stdout {
            Some(other) if other != output.format => {
                return Err(OutputError::TwoOnStdout(other.as_str(), output.format.as_str()));
            }
            _ => on_stdout = Some(output.format),
        }
    }
    let text_sink = if on_stdout.is_some() { Sink::Stderr } else { text_sink };
    let mut sinks: Sinks = Vec::new();
    for output in asked {
        let sink = match &output.file {
            Some(file) => Sink::File(file.clone()),
            None if output.format == Format::Text => text_sink.clone(),
            None => Sink::Stdout,
        };
        if !sinks.contains(&(output.format, sink.clone())) {
            sinks.push((output.format, sink));
        }
    }
    Ok(sinks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(verb: Verb, asked: &[&str], stdout_taken: bool) -> Result<Vec<String>, OutputError> {
        let asked: Vec<Output> = asked.iter().map(|text| text.parse().unwrap()).collect();
        let word = |(format, sink): (Format, Sink)| {
            let sink = match sink {
                Sink::Stdout => "out".to_owned(),
                Sink::Stderr => "err".to_owned(),
                Sink::File(file) => file.display().to_string(),
            };
            format!("{}>{sink}", format.as_str())
        };
        Ok(assign(verb, &asked, stdout_taken)?.into_iter().map(word).collect())
    }

    #[test]
    fn reports_go_where_they_belong() {
        for (verb, asked, taken, expected) in [
            (Verb::Diff, vec![], false, vec!["diff>out", "text>err"]),
            (Verb::Check, vec![], false, vec!["text>out"]),
            (Verb::Fix, vec![], false, vec!["text>out"]),
            (Verb::Fix, vec![], true, vec!["text>err"]),
            (Verb::Diff, vec!["json"], false, vec!["json>out"]),
            (Verb::Diff, vec!["text"], false, vec!["text>out"]),
            (Verb::Diff, vec!["text", "diff"], false, vec!["text>err", "diff>out"]),
            (Verb::Check, vec!["json=r.json", "text"], false, vec!["json>r.json", "text>out"]),
            (Verb::Check, vec!["json", "json"], false, vec!["json>out"]),
            (Verb::Fix, vec!["json=a=b"], true, vec!["json>a=b"]),
        ] {
            assert_eq!(assigned(verb, &asked, taken).unwrap(), expected, "{asked:?}");
        }
    }

    #[test]
    fn standard_output_has_one_owner() {
        let error = assigned(Verb::Diff, &["diff", "json"], false).unwrap_err();
        assert_eq!(error, OutputError::TwoOnStdout("diff", "json"));
        let error = assigned(Verb::Fix, &["json"], true).unwrap_err();
        assert_eq!(error, OutputError::StdoutIsTemplate("json"));
    }

    #[test]
    fn what_is_no_format_is_refused() {
        let told = |text: &str| text.parse::<Output>().unwrap_err().to_string();
        assert_eq!(told("sarf=x"), "unknown format `sarf`: did you mean `sarif`?");
        let unlike = told("html");
        assert!(unlike.starts_with("unknown format `html`: expected one of text, diff, json"), "{unlike}");
        assert_eq!("json=".parse::<Output>(), Err(OutputError::NoFile("json")));
    }
}
