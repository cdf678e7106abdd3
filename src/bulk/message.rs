//! The message of a commit, from a text with words in braces that stand for what is known of the repository. Refuses to know
//! how a run is put into words.

use crate::catalog::nearest;
use thiserror::Error;

/// The words that stand for something, with what they stand for.
const WORDS: [&str; 6] = ["subject", "summary", "repo", "files", "rewrites", "version"];

/// What a message can say of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'a> {
    /// One line about the whole.
    pub subject: &'a str,
    /// What changes, over several lines.
    pub summary: &'a str,
    /// Name of the repository.
    pub repo: &'a str,
    /// How many files change.
    pub files: usize,
    /// How many rewrites are done.
    pub rewrites: usize,
    /// Version of the tool.
    pub version: &'a str,
}

/// A text for messages. `{{` and `}}` stand for a brace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The word of this index in `WORDS`.
    Word(usize),
}

/// A text that is no message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MessageError {
    /// A word that stands for nothing.
    #[error("line {line}: `{{{word}}}` stands for nothing; {}", match .nearest {
        Some(near) => format!("did you mean `{{{near}}}`?"),
        None => format!("there are {}; write `{{{{` for a brace", WORDS.map(|word| format!("`{{{word}}}`")).join(", ")),
    })]
    Word {
        /// Its line, from 1.
        line: usize,
        /// What stands in the braces.
        word: String,
        /// What may be meant.
        nearest: Option<&'static str>,
    },
    /// A brace without the other.
    #[error("line {0}: a single brace; write it twice for a brace in the message")]
    Brace(usize),
    /// Nothing but blanks.
    #[error("the message is empty")]
    Empty,
}

impl Message {
    /// Reads a text.
    pub fn read(text: &str) -> Result<Self, MessageError> {
        if text.trim().is_empty() {
            return Err(MessageError::Empty);
        }
        let (mut parts, mut plain, mut rest, mut line) = (Vec::new(), String::new(), text, 1);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            line += before.matches('\n').count();
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let word = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (word, after) = word.ok_or(MessageError::Brace(line))?;
            let index = WORDS.iter().position(|known| *known == word).ok_or_else(|| MessageError::Word {
                line,
                word: word.to_owned(),
                nearest: nearest(word, WORDS),
            })?;
            parts.extend([Part::Text(std::mem::take(&mut plain)), Part::Word(index)]);
            rest = after;
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The message about one repository, ended by a newline.
    pub fn about(&self, said: &Said<'_>) -> String {
        let Said { subject, summary, repo, files, rewrites, version } = said;
        let (files, rewrites) = (files.to_string(), rewrites.to_string());
        let words = [*subject, *summary, *repo, &files, &rewrites, *version];
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Word(index) => words.get(*index).copied().unwrap_or_default(),
        });
        let text: String = parts.collect();
        format!("{}\n", text.trim())
    }
}

impl Default for Message {
    fn default() -> Self {
        let (blank, word) = (Part::Text("\n\n".to_owned()), |index| Part::Word(index));
        Self(vec![word(0), blank, word(1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: Said<'static> = Said {
        subject: "Use connectors",
        summary: "Two {files}.",
        repo: "acme/orders",
        files: 2,
        rewrites: 3,
        version: "1.0",
    };

    #[test]
    fn words_in_braces_are_replaced_once() {
        let message = Message::read("chore({repo}): {rewrites} in {files}, {{x}}\n\n{summary}\n").unwrap();
        assert_eq!(message.about(&SAID), "chore(acme/orders): 3 in 2, {x}\n\nTwo {files}.\n");
        assert_eq!(Message::default().about(&SAID), "Use connectors\n\nTwo {files}.\n");
    }

    #[test]
    fn what_is_no_message_is_told_with_its_line() {
        let told = |text: &str| Message::read(text).unwrap_err().to_string();
        assert_eq!(told("a\n{sumary}"), "line 2: `{sumary}` stands for nothing; did you mean `{summary}`?");
        assert!(told("{x}").ends_with("`{version}`; write `{{` for a brace"), "{}", told("{x}"));
        assert_eq!(told("a {b"), "line 1: a single brace; write it twice for a brace in the message");
        assert_eq!(told(" \n"), "the message is empty");
    }
}
