//! The values that options take, and how the words for them are read. Knows no option.

use crate::config::{FailOn, Format, FormatWord, Output, Placed};
use crate::plan::{FormChoice, Partition, Phase, PolicyFormChoice};
use crate::report::merged::{Order, RepoStatus};
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser, ValueParserFactory};
use std::ffi::OsStr;
use std::num::NonZeroUsize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum To {
    #[default]
    Connectors,
    Policies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Accept {
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ColourWhen {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ListFormat {
    #[default]
    Text,
    Json,
}

/// Parses `FMT[=FILE]`, and tells completions the formats, which a plain function would not.
#[derive(Clone)]
struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let parse = |text: &str| text.parse::<Output>();
        parse.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::ALL.into_iter().map(|format| PossibleValue::new(format.as_str()))))
    }
}

impl ValueParserFactory for Output {
    type Parser = ValueParser;

    fn value_parser() -> Self::Parser {
        ValueParser::new(OutputParser)
    }
}

impl<F: FormatWord + Send + Sync> clap::builder::ValueParserFactory for Placed<F> {
    type Parser = clap::builder::ValueParser;

    fn value_parser() -> Self::Parser {
        clap::builder::ValueParser::new(|text: &str| Self::read(text))
    }
}

/// Reads a number of something of which there may be none.
pub(super) fn number(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "expected a whole number, 0 or more")
}

/// Reads a number of something of which there is one at least.
pub(super) fn positive(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "expected a whole number, 1 or more")
}

pub(super) fn form() -> impl TypedValueParser<Value = FormChoice> {
    PossibleValuesParser::new(["auto", "embedded", "standalone"]).map(|word| match word.as_str() {
        "embedded" => FormChoice::Embedded,
        "standalone" => FormChoice::Standalone,
        _ => FormChoice::Auto,
    })
}

pub(super) fn policy_form() -> impl TypedValueParser<Value = PolicyFormChoice> {
    PossibleValuesParser::new(["auto", "inline", "resource"]).map(|word| match word.as_str() {
        "inline" => PolicyFormChoice::Inline,
        "resource" => PolicyFormChoice::Resource,
        _ => PolicyFormChoice::Auto,
    })
}

pub(super) fn phase() -> impl TypedValueParser<Value = Phase> {
    PossibleValuesParser::new(["both", "add", "remove"]).map(|word| match word.as_str() {
        "add" => Phase::Add,
        "remove" => Phase::Remove,
        _ => Phase::Both,
    })
}

pub(super) fn partition() -> impl TypedValueParser<Value = Partition> {
    PossibleValuesParser::new(["aws", "any"])
        .map(|word| if word == "any" { Partition::Any } else { Partition::Aws })
}

pub(super) fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    PossibleValuesParser::new(FailOn::ALL.map(|(_, word)| word)).map(|word| {
        let level = FailOn::ALL.iter().find(|(_, known)| *known == word);
        level.map_or(FailOn::Finding, |(level, _)| *level)
    })
}

pub(super) fn status() -> impl TypedValueParser<Value = RepoStatus> {
    PossibleValuesParser::new(RepoStatus::ALL.map(RepoStatus::as_str)).map(|word| {
        let status = RepoStatus::ALL.into_iter().find(|status| status.as_str() == word);
        status.unwrap_or(RepoStatus::Failed)
    })
}

pub(super) fn order() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::WORDS.map(|(_, word)| word)).map(|word| {
        let order = Order::WORDS.into_iter().find(|(_, known)| *known == word);
        order.map_or(Order::Status, |(order, _)| order)
    })
}
