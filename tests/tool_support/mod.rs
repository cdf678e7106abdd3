//! The tools that integrations are tried with, in a Python environment of their own: `pre-commit`, schemas, an auditor. Knows
//! how to start them; knows nothing of what is tried.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

#[path = "../support/python.rs"]
mod python;

use serde_json::Value;
use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The environment, ready to run.
#[derive(Debug)]
pub(crate) struct Tools {
    python: PathBuf,
}

/// The tools, or `None` where this machine cannot have them; the reason has then been written to stderr.
///
/// # Panics
///
/// With `CI` in the environment, where a skipped proof would pass for a proof.
pub(crate) fn tools() -> Option<&'static Tools> {
    static TOOLS: OnceLock<Result<Tools, String>> = OnceLock::new();
    let pins = root().join("tests/tools/requirements.txt");
    match TOOLS.get_or_init(|| python::environment("tools-venv", &pins).map(|python| Tools { python })) {
        Ok(tools) => Some(tools),
        Err(reason) => {
            assert!(env::var_os("CI").is_none(), "the integrations have to run in CI: {reason}");
            let note = format!("\nSKIPPED: no integration was tried: {reason}\n\n");
            // Not `eprintln!`: the test harness hides its text where the test passes.
            io::stderr().write_all(note.as_bytes()).expect("stderr is open");
            None
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the program under test, for a PATH.
pub(crate) fn program_folder() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_samwire")).parent().expect("the program lies in a folder")
}

/// `PATH` with the program under test before everything else.
pub(crate) fn path_with_the_program() -> std::ffi::OsString {
    let known = env::var_os("PATH").unwrap_or_default();
    let folders = [program_folder().to_path_buf()].into_iter().chain(env::split_paths(&known));
    env::join_paths(folders).expect("no folder of a PATH has its separator in its name")
}

impl Tools {
    /// A module of the environment as a program. Console scripts would do as well, but they carry the place at which they
    /// were installed.
    pub(crate) fn module(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-m", name]).env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// A binary of the environment.
    pub(crate) fn binary(&self, name: &str) -> Command {
        Command::new(self.python.with_file_name(name))
    }

    /// What a short Python program makes of some JSON, as JSON.
    pub(crate) fn compute(&self, program: &str, input: &Value) -> Value {
        let output = Command::new(&self.python)
            .args(["-c", program, &input.to_string()])
            .env("PYTHONUTF8", "1")
            .current_dir(root())
            .output()
            .expect("the environment's Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("the program prints JSON")
    }

    /// A YAML file of this repository as JSON.
    pub(crate) fn yaml(&self, path: &str) -> Value {
        const LOAD: &str = "import json, sys, yaml\n\
            print(json.dumps(yaml.safe_load(open(json.loads(sys.argv[1])))))";
        self.compute(LOAD, &Value::from(path))
    }
}
