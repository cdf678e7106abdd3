//! What somebody else did to a file while it was talked about. Looks and says; refuses to know what is done about it.

use super::apply::not_written;
use crate::io::{self, WriteError};
use crate::report::{FileReport, Problem};
use crate::syntax::Document;
use crate::text::Source;

/// What a file that was read before is now.
pub(super) enum Now {
    /// What it was, or nothing that can be read.
    Same,
    /// Another template.
    Another(Source),
    /// Changed, and no template.
    Broken,
}

/// Looks at a file again.
pub(super) fn look_again(file: &FileReport) -> Now {
    let (Some(real), Some(planned)) = (&file.real, &file.planned) else { return Now::Same };
    match io::read(real) {
        Ok(bytes) if bytes != planned.source.text().as_bytes() => match Source::new(&file.path, bytes) {
            Ok(source) if Document::parse(source.clone()).is_ok() => Now::Another(source),
            _ => Now::Broken,
        },
        _ => Now::Same,
    }
}

/// Why a text that was made of `before` cannot be written to a file.
pub(super) fn obstacle(file: &FileReport, before: &Source) -> Option<Problem> {
    match io::read(file.real.as_deref()?) {
        Ok(bytes) if bytes == before.text().as_bytes() => None,
        Ok(_) => Some(not_written(&WriteError::Changed)),
        Err(error) => {
            let what = format!("cannot be read any more: {error}");
            Some(Problem::new("unreadable", what, "put it back, then run again; nothing was written to it"))
        }
    }
}

/// What is said of a file that can be planned again.
pub(super) fn changed() -> Problem {
    let help = "plan it again with your answers; the file is as it was found";
    Problem { help: Some(help.to_owned()), ..not_written(&WriteError::Changed) }
}

/// What is said of a file that cannot be planned again.
pub(super) fn broken() -> Problem {
    let what = "changed since it was read, and is no template any more, so it cannot be planned again";
    Problem { what: what.to_owned(), help: Some("mend it, then run again".to_owned()), ..changed() }
}
