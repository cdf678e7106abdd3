//! Python environments for tests: made once below the target directory from pinned requirements. Knows nothing of what runs
//! in them.

use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// The interpreter of the environment `name` with these requirements. The first call makes it.
///
/// It is built under a name of its own and then moved into place, so that test binaries that run at the same
/// time never see half of one; the name in place is the digest of the requirements.
pub(crate) fn environment(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let pins = fs::read(requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let home = target_directory()?.join(name);
    let place = home.join(&format!("{:x}", Sha256::digest(&pins))[..16]);
    if !interpreter(&place).exists() {
        fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        let draft = tempfile::tempdir_in(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        build(draft.path(), requirements)?;
        // Where another process was faster, its environment is as good and ours is dropped.
        if let Err(error) = fs::rename(draft.path(), &place)
            && !interpreter(&place).exists()
        {
            return Err(format!("{}: {error}", place.display()));
        }
    }
    Ok(interpreter(&place))
}

/// Where cargo puts what it builds. Tests are told when they are compiled; an example finds it above its own place, since
/// it is built as `target/<profile>/examples/<name>`.
fn target_directory() -> Result<PathBuf, String> {
    if let Some(place) = option_env!("CARGO_TARGET_TMPDIR") {
        return Ok(Path::new(place).join(".."));
    }
    let program = env::current_exe().map_err(|error| error.to_string())?;
    program.ancestors().nth(3).map(Path::to_path_buf).ok_or_else(|| "no target directory".to_owned())
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Fills `place` with a Python environment that has the pinned `requirements`.
fn build(place: &Path, requirements: &Path) -> Result<(), String> {
    let recent = "import sys; sys.exit(sys.version_info < (3, 11))";
    let system = ["python3", "python"]
        .into_iter()
        .find(|name| run(name, ["-c", recent]).is_ok())
        .ok_or("no Python 3.11 or newer on the PATH")?;
    let install = ["install", "--quiet", "--disable-pip-version-check", "--requirement"].map(OsStr::new);
    let install = install.into_iter().chain([requirements.as_os_str()]);
    let pip = ["-m", "pip"].map(OsStr::new);
    let venv = [OsStr::new("-m"), OsStr::new("venv"), place.as_os_str()];
    if run(system, venv).is_ok() {
        return run(interpreter(place), pip.into_iter().chain(install)).map(|_| ());
    }
    // Some distributions ship `venv` without the part that puts pip into it; then the system's pip fills it.
    run(system, venv.into_iter().chain(["--clear", "--without-pip"].map(OsStr::new)))?;
    let python = interpreter(place);
    let into = [OsStr::new("--python"), python.as_os_str()];
    run(system, pip.into_iter().chain(into).chain(install)).map(|_| ())
}

fn run(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Output, String> {
    let name = program.as_ref().display().to_string();
    let output =
        Command::new(program).args(arguments).output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}
