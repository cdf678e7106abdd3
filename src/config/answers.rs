//! The file in which answers about single rewrites are kept: JSON, one entry per fingerprint, with words for people beside
//! it. Knows neither where such files are nor who answered.

use crate::plan::{Answer, Answers, FormChoice, PolicyFormChoice, Rest, Variant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    answers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
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

/// The text of a file of answers; `about` tells people what each fingerprint stands for.
pub fn write_answers(answers: &Answers, about: &BTreeMap<String, String>) -> String {
    let entry = |(fingerprint, answer): (&str, Answer)| Entry {
        fingerprint: fingerprint.to_owned(),
        about: about.get(fingerprint).cloned().unwrap_or_default(),
        take: answer.take,
        rest: answer.variant.rest.map(|rest| match rest {
            Rest::Keep => RestWord::Keep,
            Rest::Drop => RestWord::Drop,
        }),
        form: form_word(answer.variant),
    };
    let file = File { schema: SCHEMA, answers: answers.iter().map(entry).collect() };
    let mut text = serde_json::to_string_pretty(&file).expect("impossible: plain values are JSON");
    text.push('\n');
    text
}

/// Reads a file of answers: the answers, and what each is about.
pub fn read_answers(text: &str) -> Result<(Answers, BTreeMap<String, String>), AnswersError> {
    let file: File = serde_json::from_str(text)?;
    if file.schema != SCHEMA {
        return Err(AnswersError::Schema(file.schema));
    }
    let (mut answers, mut about) = (Answers::default(), BTreeMap::new());
    for entry in file.answers {
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
        answers.set(&entry.fingerprint, Answer { take: entry.take, variant });
        about.insert(entry.fingerprint, entry.about);
    }
    Ok((answers, about))
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

    #[test]
    fn answers_come_back_as_they_were_written() {
        let mut answers = Answers::default();
        let variant =
            Variant { rest: Some(Rest::Drop), form: Some(FormChoice::Standalone), ..Variant::default() };
        answers.set("a", Answer { take: Some(true), variant });
        let inline = Variant { policy_form: Some(PolicyFormChoice::Inline), ..Variant::default() };
        answers.set("b", Answer { take: Some(false), variant: inline });
        answers.set("c", Answer::default());
        let about = BTreeMap::from([("a".to_owned(), "Orders → Table".to_owned())]);
        let (read, words) = read_answers(&write_answers(&answers, &about)).unwrap();
        assert_eq!(read, answers);
        assert_eq!(words["a"], "Orders → Table");
        assert_eq!(read.iter().count(), 2, "an answer that says nothing is none");
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
