//! `FMT[=FILE]` for commands with formats of their own: which of them goes where. Knows no format; each command lists its
//! own.

use super::output::Sink;
use std::path::PathBuf;
use thiserror::Error;

/// The formats of one command.
pub trait FormatWord: Copy + Eq + 'static {
    /// Every format with its word, the default first.
    const WORDS: &'static [(Self, &'static str)];

    /// The word for it.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(format, _)| *format == self).map_or("", |(_, word)| word)
    }
}

/// A format and the file it goes to; without one it goes to standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<F> {
    /// What is written.
    pub format: F,
    /// Where to.
    pub file: Option<PathBuf>,
}

/// Why formats cannot be had as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlacedError {
    /// No such format.
    #[error("unknown format `{given}`: expected {known}, or one of them followed by =FILE")]
    Unknown {
        /// What was given.
        given: String,
        /// The formats that there are.
        known: String,
    },
    /// `FMT=` with nothing behind it.
    #[error("`{0}=` names no file: expected {0} or {0}=FILE")]
    NoFile(&'static str),
    /// Two reports want standard output.
    #[error(
        "both {0} and {1} would go to standard output: give one of them a file, such as --format {1}=FILE"
    )]
    TwoOnStdout(&'static str, &'static str),
}

impl<F: FormatWord> Placed<F> {
    /// Reads `FMT` or `FMT=FILE`.
    pub fn read(text: &str) -> Result<Self, PlacedError> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let Some((format, word)) = F::WORDS.iter().copied().find(|(_, word)| *word == name) else {
            let words: Vec<&str> = F::WORDS.iter().map(|(_, word)| *word).collect();
            return Err(PlacedError::Unknown { given: name.to_owned(), known: words.join(", ") });
        };
        if file == Some("") {
            return Err(PlacedError::NoFile(word));
        }
        Ok(Self { format, file: file.map(PathBuf::from) })
    }
}

/// Settles where each report goes: without any named, the default to standard output, of which there is one only.
pub fn place<F: FormatWord>(asked: &[Placed<F>]) -> Result<Vec<(F, Sink)>, PlacedError> {
    let default = F::WORDS.first().map(|(format, _)| Placed { format: *format, file: None });
    let asked: Vec<&Placed<F>> =
        if asked.is_empty() { default.iter().collect() } else { asked.iter().collect() };
    let mut on_stdout: Option<F> = None;
    let mut placed: Vec<(F, Sink)> = Vec::new();
    for output in asked {
        let sink = match (&output.file, on_stdout) {
            (Some(file), _) => Sink::File(file.clone()),
            (None, Some(other)) if other != output.format => {
                return Err(PlacedError::TwoOnStdout(other.word(), output.format.word()));
            }
            (None, _) => {
                on_stdout = Some(output.format);
                Sink::Stdout
            }
        };
        if !placed.contains(&(output.format, sink.clone())) {
            placed.push((output.format, sink));
        }
    }
    Ok(placed)
}

/// The formats of `grants`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantsFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A flow chart that Markdown can hold.
    Mermaid,
    /// A picture.
    Svg,
}

impl FormatWord for GrantsFormat {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Table, "table"),
        (Self::Json, "json"),
        (Self::Dot, "dot"),
        (Self::Mermaid, "mermaid"),
        (Self::Svg, "svg"),
    ];
}

/// The formats of `compare`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// A comment on a pull request.
    Markdown,
}

impl FormatWord for ComparisonFormat {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Text, "text"), (Self::Json, "json"), (Self::Markdown, "markdown")];
}

/// The formats of `report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergedFormat {
    /// For people.
    Table,
    /// For spreadsheets.
    Csv,
    /// For programs.
    Json,
    /// The summary of a job, or a page of a wiki.
    Markdown,
    /// For browsers.
    Html,
    /// The message of a commit.
    Commit,
}

impl FormatWord for MergedFormat {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Table, "table"),
        (Self::Csv, "csv"),
        (Self::Json, "json"),
        (Self::Markdown, "markdown"),
        (Self::Html, "html"),
        (Self::Commit, "commit"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(asked: &[&str]) -> Result<Vec<String>, PlacedError> {
        let asked: Vec<Placed<GrantsFormat>> =
            asked.iter().map(|text| Placed::read(text)).collect::<Result<_, _>>()?;
        let word = |(format, sink): (GrantsFormat, Sink)| match sink {
            Sink::File(file) => format!("{}>{}", format.word(), file.display()),
            _ => format.word().to_owned(),
        };
        Ok(place(&asked)?.into_iter().map(word).collect())
    }

    #[test]
    fn reports_go_where_they_are_asked_for() {
        assert_eq!(placed(&[]).unwrap(), ["table"]);
        assert_eq!(placed(&["svg=a=b.svg", "json", "json"]).unwrap(), ["svg>a=b.svg", "json"]);
        assert_eq!(placed(&["svg", "dot"]), Err(PlacedError::TwoOnStdout("svg", "dot")));
        assert_eq!(placed(&["dot="]), Err(PlacedError::NoFile("dot")));
        let unknown = placed(&["png"]).unwrap_err().to_string();
        assert!(
            unknown.starts_with("unknown format `png`: expected table, json, dot, mermaid, svg"),
            "{unknown}"
        );
    }
}
