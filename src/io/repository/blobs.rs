//! The content of many objects through one `git cat-file`, which starts when the first is asked for.

use super::Repository;
use super::error::FileError;
use crate::io::git_call::{GitError, Running};
use crate::text::MAX_BYTES;
use std::io::{self, BufRead, Read, Write};

/// Bytes of the line before a content: a hash, a word and a number.
const HEAD: u64 = 512;

/// Objects of one repository.
#[derive(Debug)]
pub(super) struct Blobs<'r> {
    repository: &'r Repository,
    running: Option<Running>,
}

impl<'r> Blobs<'r> {
    pub(super) fn of(repository: &'r Repository) -> Self {
        Self { repository, running: None }
    }

    /// The content of the object with this hash; `None` if it is more than a template can hold.
    pub(super) fn content(&mut self, hash: &str) -> Result<Option<Vec<u8>>, FileError> {
        // The hash comes from a list of git's; a line of its own is all that git reads of it.
        if hash.is_empty() || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(FileError::MissingObject("it has no hash".to_owned()));
        }
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(self.repository.git().args(["cat-file", "--batch"]))?),
        };
        match answer(running, hash) {
            Ok(Answer::Content(bytes)) => Ok(bytes),
            Ok(Answer::Missing(said)) => Err(FileError::MissingObject(said)),
            // Git ends itself over an object that is damaged, or that it may not fetch: the next one is a new question.
            Err(error) => {
                let said = self.running.take().map(Running::finish);
                Err(match (said, error.kind()) {
                    (Some(Err(GitError::Refused(said))), _) => FileError::MissingObject(said),
                    (_, io::ErrorKind::InvalidData) => FileError::MissingObject(error.to_string()),
                    _ => FileError::Io(error),
                })
            }
        }
    }
}

enum Answer {
    Content(Option<Vec<u8>>),
    Missing(String),
}

fn answer(running: &mut Running, hash: &str) -> io::Result<Answer> {
    let input = running.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
    input.write_all(format!("{hash}\n").as_bytes())?;
    input.flush()?;
    running.goes_on();
    let mut head = Vec::new();
    running.output.by_ref().take(HEAD).read_until(b'\n', &mut head)?;
    let head = String::from_utf8_lossy(&head);
    let unread = || io::Error::new(io::ErrorKind::InvalidData, "git's answer cannot be read");
    let Some(head) = head.strip_suffix('\n') else { return Err(unread()) };
    let facts: Vec<&str> = head.split(' ').collect();
    let &[_, kind, size] = facts.as_slice() else {
        return match facts.as_slice() {
            [_, said] => Ok(Answer::Missing((*said).to_owned())),
            _ => Err(unread()),
        };
    };
    let size: u64 = size.parse().map_err(|_| unread())?;
    let fits = size <= MAX_BYTES as u64;
    let mut bytes = Vec::new();
    let mut content = running.output.by_ref().take(size);
    let read =
        if fits { content.read_to_end(&mut bytes)? as u64 } else { io::copy(&mut content, &mut io::sink())? };
    let mut end = [0];
    running.output.read_exact(&mut end)?;
    if read != size || end != *b"\n" {
        return Err(unread());
    }
    if kind != "blob" {
        return Ok(Answer::Missing(format!("it is a {kind}")));
    }
    Ok(Answer::Content(fits.then_some(bytes)))
}
