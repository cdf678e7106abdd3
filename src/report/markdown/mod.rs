//! A comment on a pull request, or the summary of a job: what changes in permissions first, then what is wrong, held back and
//! left alone, and the diff folded away. It always fits into a comment; what does not fit is counted.

mod inline;
mod page;

use super::advice::release;
use super::diff::Unified;
use super::facts::RunFacts;
use super::model::{FileReport, Status, Totals, deployer_actions};
use super::notice::{Level, Notice, Standing, Subject, notices};
use super::permissions::phrases;
use super::text::totals_line;
use crate::iam::Permission;
use crate::plan::{Decision, Reason, Rewrite};
pub(super) use inline::{code, fenced, html, prose};
pub(super) use page::Page;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes one page.
pub fn write_markdown(out: &mut dyn Write, files: &[FileReport], facts: RunFacts<'_>) -> io::Result<()> {
    let all = notices(files, &facts);
    let totals = Totals::of(files);
    let mut page = Page::titled(&format!("samwire: {}", totals_line(&totals, facts.applied)));
    next_steps(&mut page, files, &totals, &facts);
    findings(&mut page, &all, &facts);
    rewrites(&mut page, &all, &facts);
    held(&mut page, &all, &facts);
    hazards(&mut page, files);
    left_alone(&mut page, files);
    for file in files.iter().filter(|file| file.status != Status::Failed) {
        // Read on a page, and not by a program: controls are spelled out as for a terminal.
        let form = Unified { for_terminal: true, ..Unified::patch(facts.context) };
        page.diff(&facts.whereabouts.name(file), &file.diff(form));
    }
    out.write_all(page.finish().as_bytes())
}

fn next_steps(page: &mut Page, files: &[FileReport], totals: &Totals, facts: &RunFacts<'_>) {
    let actions: Vec<String> = deployer_actions(files).into_iter().map(code).collect();
    if !actions.is_empty() {
        page.paragraph(&format!("Whoever deploys this also needs {}.", actions.join(", ")));
    }
    if totals.rewrites > 0 && !facts.applied {
        page.paragraph("`samwire fix` with the same options and paths applies the rewrites within consent.");
    }
}

fn findings(page: &mut Page, all: &[Notice<'_>], facts: &RunFacts<'_>) {
    let told = |notice: &&Notice<'_>| {
        matches!(notice.subject, Subject::Finding(_)) || notice.standing == Standing::Failure
    };
    let mut told: Vec<&Notice<'_>> = all.iter().filter(told).collect();
    told.sort_by_key(|notice| (notice.level, notice.standing));
    let row = |notice: &&Notice<'_>| {
        let level = match notice.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "info",
        };
        let help: String = match notice.subject {
            Subject::Problem(_) => {
                notice.details.iter().map(|detail| format!("<br>{}", prose(detail))).collect()
            }
            _ => String::new(),
        };
        let message = prose(&notice.message);
        format!("| {level} | {} | {} | {message}{help} |", place(notice, facts), code(notice.subject.id()))
    };
    page.table("Findings", "findings", &["Severity", "Place", "Id", "What"], told.iter().map(row));
}

fn rewrites(page: &mut Page, all: &[Notice<'_>], facts: &RunFacts<'_>) {
    let taken = all.iter().filter_map(|notice| match notice.subject {
        Subject::Taken(rewrite) => Some((notice, rewrite)),
        _ => None,
    });
    let rows = taken.map(|(notice, rewrite)| format!("{} |", row(notice, rewrite, facts)));
    let title = if facts.applied { "Rewritten" } else { "Rewrites within consent" };
    page.table(title, "rewrites", &["Place", "From → to", "Effect", "Permissions"], rows);
}

fn held(page: &mut Page, all: &[Notice<'_>], facts: &RunFacts<'_>) {
    let rows = all.iter().filter_map(|notice| match notice.subject {
        Subject::Held(rewrite) => {
            let Decision::Held(by) = rewrite.decision else { return None };
            let options = release(rewrite, by, facts.strict);
            // An option is code as a whole; everything else is a sentence.
            let options = if options.starts_with("--") { code(&options) } else { prose(&options) };
            Some(format!("{} | {options} |", row(notice, rewrite, facts)))
        }
        _ => None,
    });
    let columns = ["Place", "From → to", "Effect", "Permissions", "Released by"];
    page.table("Held back", "rewrites that are held back", &columns, rows);
}

/// The cells that every rewrite has, without the end of the row.
fn row(notice: &Notice<'_>, rewrite: &Rewrite, facts: &RunFacts<'_>) -> String {
    let mut permissions: Vec<String> = Vec::new();
    let lists: [(&str, &[Permission]); 3] =
        [("adds", &rewrite.added), ("removes", &rewrite.removed), ("keeps", &rewrite.kept)];
    for (word, list) in lists {
        let told = phrases(list, false);
        permissions.extend(told.iter().map(|phrase| format!("{word} {}", phrase.said(code, prose))));
    }
    if permissions.is_empty() {
        permissions.push("no change".to_owned());
    }
    format!(
        "| {} | {} → {}<br>{} | {} | {}",
        place(notice, facts),
        code(&rewrite.source),
        code(&rewrite.destination),
        code(&rewrite.profile),
        rewrite.effect.as_str(),
        permissions.join("<br>")
    )
}

/// Each kind of hazard once, with how many more like it there are.
fn hazards(page: &mut Page, files: &[FileReport]) {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let done = files.iter().filter(|file| file.status != Status::Failed);
    for rewrite in done.flat_map(FileReport::rewrites).filter(|rewrite| rewrite.decision == Decision::Taken) {
        for hazard in &rewrite.hazards {
            let messages = kinds.entry(hazard.id).or_default();
            if !messages.contains(&hazard.message.as_str()) {
                messages.push(&hazard.message);
            }
        }
    }
    let rows = kinds.into_iter().map(|(id, messages)| {
        let more = match messages.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more like this)", n - 1),
        };
        format!(
            "| {} | {}{more} |",
            code(id),
            messages.first().map_or_else(String::new, |first| prose(first))
        )
    });
    page.table("Before deploying", "hazards", &["Id", "What to know"], rows);
}

fn left_alone(page: &mut Page, files: &[FileReport]) {
    let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
    let done = files.iter().filter(|file| file.status != Status::Failed);
    for left in done.flat_map(FileReport::left_alone) {
        *counts.entry(left.reason).or_default() += 1;
    }
    let mut counts: Vec<(Reason, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(reason, count)| (Reverse(*count), *reason));
    let rows = counts
        .iter()
        .map(|(reason, count)| format!("| {count} | {} | {} |", code(reason.id()), reason.what()));
    page.table("Left alone", "reasons", &["Places", "Reason", "What"], rows);
}

fn place(notice: &Notice<'_>, facts: &RunFacts<'_>) -> String {
    let name = facts.whereabouts.name(notice.file);
    code(&notice.region.map_or_else(|| name.clone(), |region| format!("{name}:{}", region.start.line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::HeldBy;
    use crate::report::Problem;
    use crate::report::model::samples::{facts, file, left_alone, permission, rewrite};

    fn written(files: &[FileReport]) -> String {
        let mut out = Vec::new();
        write_markdown(&mut out, files, facts()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_page_tells_permissions_findings_and_what_stays() {
        let implied = Permission { implied_by: vec!["d:Get".into()], ..permission("d:Select", "${T.Arn}") };
        let taken = Rewrite { added: vec![implied], ..rewrite(Decision::Taken) };
        let held = Rewrite { needs: vec!["d:Delete".into()], ..rewrite(Decision::Held(HeldBy::Consent)) };
        let mut report = file(vec![taken, held]);
        let planned = report.planned.as_mut().unwrap();
        planned.left_alone = vec![left_alone(Reason::Deny, "denies"), left_alone(Reason::Deny, "too")];
        planned.deployer_actions = vec!["iam:CreatePolicy".into()];
        let problem = Problem::new("syntax", "broken", "mend it");
        let failed = FileReport::without_plan("x.yaml".into(), Status::Failed, problem);
        let expected = "\
## samwire: 1 rewrite within consent in 1 of 1 template, 1 held back, 2 left alone, 1 file failed

Whoever deploys this also needs `iam:CreatePolicy`.

`samwire fix` with the same options and paths applies the rewrites within consent.

### Findings

| Severity | Place | Id | What |
|---|---|---|---|
| error | `x.yaml` | `syntax` | broken<br>help: mend it |

### Rewrites within consent

| Place | From → to | Effect | Permissions |
|---|---|---|---|
| `t.yaml:2` | `A` → `T`<br>`function-to-table` | equivalent | adds `d:Select` on `${T.Arn}` (implied by `d:Get`) |

### Held back

| Place | From → to | Effect | Permissions | Released by |
|---|---|---|---|---|
| `t.yaml:2` | `A` → `T`<br>`function-to-table` | equivalent | no change | `--accept-add d:Delete` |

### Left alone

| Places | Reason | What |
|---|---|---|
| 2 | `deny` | The statement denies. |

<details><summary>Diff of <code>t.yaml</code></summary>

```diff
--- a/t.yaml
+++ b/t.yaml
@@ -1,2 +1,2 @@
 a
-b
+c
```

</details>
";
        assert_eq!(written(&[report, failed]), expected);
    }

    #[test]
    fn a_page_fits_into_a_comment_and_says_what_is_missing() {
        let names = |number: usize| Rewrite {
            source: format!("A{number}{}", "x|".repeat(200)),
            ..rewrite(Decision::Taken)
        };
        let mut files: Vec<FileReport> =
            (0..40).map(|n| file((0..20).map(|m| names(n * m)).collect())).collect();
        for report in &mut files {
            report.planned.as_mut().unwrap().after = Some("`c`\n".repeat(3000));
        }
        let page = written(&files);
        assert!(page.len() < 65_536, "{}", page.len());
        assert!(page.contains("Cut to fit into a comment: left out are"), "{page}");
        assert!(page.contains("rewrites") && page.contains("diffs"), "{page}");
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
        assert!(page.ends_with("the other formats have all.\n"), "{}", &page[page.len() - 300..]);
    }
}
