//! `docs/reasons.md`: every reason for which a grant is left alone and every hazard, from the tables of the program.

use samwire::plan::{HAZARDS, Reason};
use std::fmt::Write as _;

const HEAD: &str = "\
# Reasons and hazards

Generated from the tables of the program; `tests/docs.rs` says when this page is stale. `samwire explain ID` shows the
same for one id.

## Why something is left alone

What samwire does not understand, or cannot rewrite without a risk, it leaves as it is and names with one of these
reasons. `samwire check` counts them, and with `-v` lists every place.
";

const HAZARD_HEAD: &str = "
## What to know before deploying

A hazard does not stop a rewrite. It says what may happen at the deployment, or what the comparison of permissions
cannot see.

| hazard | meaning | what to do |
|---|---|---|
";

/// The page.
pub(crate) fn page() -> String {
    let mut out = HEAD.to_owned();
    for reason in Reason::ALL {
        let (id, what, why, mend) = (reason.id(), reason.what(), reason.why(), reason.mend());
        let _ = write!(out, "\n### {id}\n\n**{what}** {why}\n\nWhat to do: {mend}\n");
    }
    out.push_str(HAZARD_HEAD);
    for kind in HAZARDS {
        let _ = writeln!(out, "| `{}` | {} | {} |", kind.id, kind.what, kind.remedy);
    }
    out
}
