//! `docs/findings.md`: every kind of finding, from the table of the program.

use samwire::check::{FINDINGS, Severity};
use std::fmt::Write as _;

const HEAD: &str = "\
# Findings

Generated from the table of the program; `tests/docs.rs` says when this page is stale. `samwire explain ID` shows the
same for one id.

A finding is something wrong, or worth knowing, about the connectors and policies that a template has already, whatever
is rewritten. What is not sure is not reported. A comment `# samwire: ignore[ID] reason` on the place or above it
silences one.

| severity | means | exit code of `samwire check` |
|---|---|---|
| error | SAM refuses the template, its deployment fails, or a permission is not there at run time | 1 |
| warning | something does not do what it seems to do, or a quota will be passed | 1 |
| info | worth knowing | 0 |

| id | severity | what is wrong |
|---|---|---|
";

/// Whether a case shows how findings of a kind are mended.
fn can_be_mended(id: &str) -> bool {
    let cases = super::root().join("fixtures/findings").join(id);
    let cases = std::fs::read_dir(cases).into_iter().flatten().flatten();
    let files = cases.flat_map(|case| std::fs::read_dir(case.path()).into_iter().flatten().flatten());
    files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("mended."))
}

/// The page.
pub(crate) fn page() -> String {
    let mut out = HEAD.to_owned();
    for kind in FINDINGS {
        let _ = writeln!(out, "| [{0}](#{0}) | {1} | {2} |", kind.id, kind.severity.as_str(), kind.what);
    }
    for (severity, heading) in
        [(Severity::Error, "Errors"), (Severity::Warning, "Warnings"), (Severity::Info, "Worth knowing")]
    {
        let _ = write!(out, "\n## {heading}\n");
        for kind in FINDINGS.iter().filter(|kind| kind.severity == severity) {
            let (id, what, why, mend) = (kind.id, kind.what, kind.why, kind.mend);
            let _ = write!(out, "\n### {id}\n\n**{what}** {why}\n\nWhat to do: {mend}\n");
            if can_be_mended(id) {
                let _ = write!(
                    out,
                    "\nWhere one change is sure to be meant, `samwire fix --mend {id}` makes it.\n"
                );
            }
        }
    }
    out
}
