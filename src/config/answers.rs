//! The file in which answers about single rewrites are kept: JSON, one entry per fingerprint, with words for people beside
//! it. Knows neither where such files are nor who answered.

use crate::plan::{Answer, FormChoice, PolicyFormChoice, Rest, Variant};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version of the format that is written, and the only one that is read.
const SCHEMA: u32 = 1;

/// Why a text is no file of answers.
#[derive(Debug, Error)]
pub enum AnswersError {
    /// It is no JSON of this form.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// A newer version wrote it.
    #[error("its schema is {0}, and this version reads {SCHEMA}")]
    Schema(u32),
}

/// One answer with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRecord {
    /// The file that it was given for; `None` where it holds for every file.
    pub file: Option<String>,
    /// The rewrite.
    pub fingerprint: String,
    /// What the fingerprint stands for, for people.
    pub about: String,
    /// The answer.
    pub answer: Answer,
}

/// The text of a file that a person has begun to change by hand, without having written it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The file.
    pub file: String,
    /// SHA-256 of the file that the draft was made from.
    pub sha256: String,
    /// Rewrites that are part of the text.
    pub edited: usize,
    /// The text.
    pub text: String,
}

/// What a file of answers holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswersFile {
    /// The answers.
    pub answers: Vec<AnswerRecord>,
    /// Texts changed by hand.
    pub drafts: Vec<Draft>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    answers: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drafts: Vec<Draft>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    about: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    take: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rest: Option<RestWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<FormWord>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RestWord {
    Keep,
    Drop,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum FormWord {
    Embedded,
    Standalone,
    Inline,
    Resource,
}

/// The text of a file of answers.
pub fn write_answers(file: &AnswersFile) -> String {
    let entry = |record: &AnswerRecord| Entry {
        fingerprint: record.fingerprint.clone(),
        file: record.file.clone(),
        about: record.about.clone(),
        take: record.answer.take,
        rest: record.answer.variant.rest.map(|rest| match rest {
            Rest::Keep => RestWord::Keep,
            Rest::Drop => RestWord::Drop,
        }),
        form: form_word(record.answer.variant),
    };
    let answers = file.answers.iter().map(entry).collect();
    let file = File { schema: SCHEMA, answers, drafts: file.drafts.clone() };
    let mut text = serde_json::to_string_pretty(&file).expect("impossible: plain values are JSON");
    text.push('\n');
    text
}

/// Reads a file of answers.
pub fn read_answers(text: &str) -> Result<AnswersFile, AnswersError> {
    let file: File = serde_json::from_str(text)?;
    if file.schema != SCHEMA {
        return Err(AnswersError::Schema(file.schema));
    }
    let record = |entry: Entry| {
        let variant = Variant {
            rest: entry.rest.map(|word| match word {
                RestWord::Keep => Rest::Keep,
                RestWord::Drop => Rest::Drop,
            }),
            form: match entry.form {
                Some(FormWord::Embedded) => Some(FormChoice::Embedded),
                Some(FormWord::Standalone) => Some(FormChoice::Standalone),
                _ => None,
            },
            policy_form: match entry.form {
                Some(FormWord::Inline) => Some(PolicyFormChoice::Inline),
                Some(FormWord::Resource) => Some(PolicyFormChoice::Resource),
                _ => None,
            },
        };
        let answer = Answer { take: entry.take, variant };
        AnswerRecord { file: entry.file, fingerprint: entry.fingerprint, about: entry.about, answer }
    };
    Ok(AnswersFile { answers: file.answers.into_iter().map(record).collect(), drafts: file.drafts })
}

fn form_word(variant: Variant) -> Option<FormWord> {
    let connector = variant.form.and_then(|form| match form {
        FormChoice::Auto => None,
        FormChoice::Embedded => Some(FormWord::Embedded),
        FormChoice::Standalone => Some(FormWord::Standalone),
    });
    let policy = variant.policy_form.and_then(|form| match form {
        PolicyFormChoice::Auto => None,
        PolicyFormChoice::Inline => Some(FormWord::Inline),
        PolicyFormChoice::Resource => Some(FormWord::Resource),
    });
    connector.or(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fingerprint: &str, take: Option<bool>, variant: Variant) -> AnswerRecord {
        AnswerRecord {
            file: take.map(|_| "a/template.yaml".to_owned()),
            fingerprint: fingerprint.to_owned(),
            about: "Orders → Table".to_owned(),
            answer: Answer { take, variant },
        }
    }

    #[test]
    fn answers_come_back_as_they_were_written() {
        let drop =
            Variant { rest: Some(Rest::Drop), form: Some(FormChoice::Standalone), ..Variant::default() };
        let inline = Variant { policy_form: Some(PolicyFormChoice::Inline), ..Variant::default() };
        let draft = Draft { file: "t".into(), sha256: "00".into(), edited: 1, text: "a\n".into() };
        let answers =
            vec![record("a", Some(true), drop), record("b", Some(false), inline), record("c", None, drop)];
        let file = AnswersFile { answers, drafts: vec![draft] };
        assert_eq!(read_answers(&write_answers(&file)).unwrap(), file);
    }

    #[test]
    fn a_file_of_another_version_or_form_is_refused() {
        let schema = read_answers(r#"{"schema": 2, "answers": []}"#).unwrap_err();
        assert_eq!(schema.to_string(), "its schema is 2, and this version reads 1");
        for broken in ["", "[]", r#"{"schema": 1, "answers": [{"take": true}]}"#, r#"{"schema": 1}"#] {
            assert!(matches!(read_answers(broken), Err(AnswersError::Form(_))), "{broken}");
        }
    }
}
