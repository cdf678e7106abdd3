//! The command line as its users see it: each file below `tests/cli/` holds commands with their output and exit code.
//! Run with `TRYCMD=overwrite` to write them anew, then read the difference.

#[test]
fn transcripts_hold() {
    let cases = trycmd::TestCases::new();
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        cases.env(name, "");
    }
    // Help is wrapped to the width of the terminal.
    cases.env("COLUMNS", "100");
    // Reports name the repository, which must not depend on where the tests run.
    cases.env("REPOSITORY", "acme/orders");
    // Runs are recorded here, and not where those of the person are who runs the tests.
    let state = tempfile::tempdir().expect("a temporary directory");
    cases.env("XDG_STATE_HOME", state.path().display().to_string());
    cases.case("tests/cli/*.md");
    // The cases run as this is dropped, while the directory is still there.
    drop(cases);
}
