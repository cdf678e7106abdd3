//! Programs of the user's own: the editor for a copy of some text, and the pager for a long one.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::process::{Command, ExitStatus, Stdio};
use tempfile::Builder;

/// What `less` is told where the user has told it nothing. As git does: stop where the text fits, keep colours, leave the text
/// on the screen. And, for whoever did not expect a pager: end where the text ends, and say at the foot how to go on.
const LESS: &str = "FRXEPs-- longer than the screen\\: space goes on, b back, q to the question --$";

/// Lets the user edit a copy of `text` in `$VISUAL`, `$EDITOR` or the platform's own editor, and gives back what it holds
/// afterwards. The copy is for the user's eyes only and is removed. An error says that the editor could not be started, or
/// ended with one; it is [`ErrorKind::Interrupted`] if Ctrl-C has ended it.
pub fn edit(text: &str, extension: &str) -> io::Result<String> {
    let mut copy = Builder::new().prefix("samwire-").suffix(extension).tempfile()?;
    copy.write_all(text.as_bytes())?;
    // Closed before the editor opens it: some replace the file.
    let copy = copy.into_temp_path();
    let editor = editor();
    let status = shell(&editor)
        .arg(&copy)
        .status()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", editor.to_string_lossy())))?;
    if interrupted(status) {
        return Err(ErrorKind::Interrupted.into());
    }
    if !status.success() {
        return Err(io::Error::other(format!("{}: {status}", editor.to_string_lossy())));
    }
    fs::read_to_string(&copy)
}

fn editor() -> OsString {
    let told = ["VISUAL", "EDITOR"].into_iter().filter_map(env::var_os).find(|editor| !editor.is_empty());
    told.unwrap_or_else(|| if cfg!(windows) { "notepad".into() } else { "vi".into() })
}

/// Shows a text in `$PAGER`, or in `less` such that it leaves the screen as it is. An error says that there is no pager, so
/// that the text has to be shown in another way; it is [`ErrorKind::Interrupted`] if Ctrl-C has ended the pager.
pub fn page(text: &str) -> io::Result<()> {
    let told = env::var_os("PAGER").filter(|pager| !pager.is_empty());
    let mut command = match &told {
        Some(pager) => shell(pager),
        None => Command::new("less"),
    };
    if env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        match input.write_all(text.as_bytes()) {
            // The reader has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            other => {
                // Nobody else waits for it.
                if other.is_err() {
                    let _ = child.wait();
                }
                other?;
            }
        }
    }
    let status = child.wait()?;
    if interrupted(status) {
        return Err(ErrorKind::Interrupted.into());
    }
    // A shell that finds no such program says so by this code.
    if status.code() == Some(127) { Err(ErrorKind::NotFound.into()) } else { Ok(()) }
}

/// Whether Ctrl-C has ended a program, or the shell that it ran in.
fn interrupted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if status.signal() == Some(signal_hook::consts::SIGINT) {
            return true;
        }
    }
    status.code() == Some(130)
}

/// A command line of the user's, with arguments to follow.
fn shell(line: &OsString) -> Command {
    if cfg!(windows) {
        return Command::new(line);
    }
    let mut script = line.clone();
    script.push(" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh");
    command
}
