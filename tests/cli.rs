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
    cases.case("tests/cli/*.md");
}
