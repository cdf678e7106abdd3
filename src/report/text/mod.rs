//! The report for people: per file what is rewritten and what that permits, then what is held back, left alone and to
//! know before deploying. Errors are not told here; they have their own writer.

mod file;
mod hazard;
mod question;
mod summary;

pub(super) use summary::totals_line;

pub use question::{effect_in_words, write_consequences, write_permissions, write_question};

use super::model::FileReport;
use super::paint::Paint;
use crate::plan::Phase;
use std::io::{self, Write};

/// How much is told of what is left alone and skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Reasons with counts, and once per run the hazards that ask for one decision on all of it.
    Grouped,
    /// Every place that is left alone.
    EveryPlace,
    /// Every place, skipped file, hazard, inert permission and role quota.
    Everything,
}

/// How the text is written.
#[derive(Debug, Clone, Copy)]
pub struct TextOptions {
    /// How much is told.
    pub detail: Detail,
    /// Colours.
    pub paint: Paint,
    /// Whether only rewrites without any delta are within consent.
    pub strict: bool,
    /// Whether the rewrites within consent have been written.
    pub applied: bool,
    /// The step of a migration.
    pub phase: Phase,
}

/// Writes the report on all files of a run.
pub fn write_text(out: &mut dyn Write, files: &[FileReport], options: TextOptions) -> io::Result<()> {
    let anything = file::write_files(out, files, options)?;
    if anything {
        writeln!(out)?;
    }
    summary::write_summary(out, files, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, FindingKind, Severity};
    use crate::iam::{Effect, Permission};
    use crate::plan::{Decision, Hazard, HeldBy, LeftAlone, Location, Reason, Rewrite, RoleQuota, StepDelta};
    use crate::report::model::samples::{file, permission, rewrite};
    use crate::report::{Problem, Status};
    use crate::text::Span;

    static DOUBTFUL: FindingKind =
        FindingKind { id: "doubtful", severity: Severity::Warning, what: "", why: "", mend: "" };

    const BRIEF: TextOptions = TextOptions {
        detail: Detail::Grouped,
        paint: Paint::PLAIN,
        strict: false,
        applied: false,
        phase: Phase::Both,
    };

    fn text(files: &[FileReport], options: TextOptions) -> String {
        let mut out = Vec::new();
        write_text(&mut out, files, options).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn left_alone(message: &str) -> LeftAlone {
        LeftAlone {
            reason: Reason::Deny,
            principal: "ARole".into(),
            owner: "A".into(),
            grants: Vec::new(),
            refers_to: Vec::new(),
            location: Location { route: "Resources.A".into(), span: Span::new(0, 1) },
            message: message.into(),
        }
    }

    #[test]
    fn a_rewrite_is_told_with_place_delta_and_hazards() {
        let implied = Permission { implied_by: vec!["d:Get".into()], ..permission("d:Select", "${T.Arn}") };
        let gap = |role: &str| Hazard { id: "deploy-gap", message: format!("{role} is without it") };
        let taken = Rewrite {
            added: vec![implied],
            kept: vec![permission("d:Describe", "${T.Arn}")],
            hazards: vec![gap("ARole"), gap("BRole"), gap("ARole")],
            ..rewrite(Decision::Taken)
        };
        let mut files = [file(vec![taken.clone()]), file(vec![taken])];
        let planned = files[0].planned.as_mut().unwrap();
        planned.deployer_actions = vec!["iam:CreatePolicy".into()];
        planned.roles = vec![
            RoleQuota { role: "ARole".into(), before: 8, after: 9, quota: 10 },
            RoleQuota { role: "BRole".into(), before: 0, after: 1, quota: 10 },
        ];
        assert_eq!(
            text(&files, BRIEF),
            "\
t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    + adds    d:Select on ${T.Arn} (implied by d:Get)
    = keeps   d:Describe on ${T.Arn}
    ! deploy-gap: ARole is without it (and 1 more like this)
    role ARole: managed policies 8 → 9 of 10

t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    + adds    d:Select on ${T.Arn} (implied by d:Get)
    = keeps   d:Describe on ${T.Arn}
    ! as above: deploy-gap (2)

2 rewrites within consent in 2 of 2 templates
whoever deploys this also needs iam:CreatePolicy
`samwire fix --yes` with the same options and paths applies this
--accept-remove d:Describe would drop 2 rests; it gives up d:Describe on T
"
        );
    }

    #[test]
    fn the_first_of_two_steps_tells_what_it_leaves_to_the_second() {
        let nothing = StepDelta { effect: Effect::Same, added: Vec::new(), removed: Vec::new() };
        let adds = StepDelta { added: vec![permission("d:Select", "${T.Arn}")], ..nothing.clone() };
        let taken = Rewrite { removed: vec![permission("d:Get", "${T.Arn}")], ..rewrite(Decision::Taken) };
        let files = [file(vec![
            Rewrite { step: Some(nothing), ..taken.clone() },
            Rewrite { step: Some(adds.clone()), ..taken.clone() },
            Rewrite { added: adds.added.clone(), step: Some(adds), ..taken },
        ])];
        assert_eq!(
            text(&files, TextOptions { phase: Phase::Add, ..BRIEF }),
            "\
t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    - removes d:Get on ${T.Arn}
    this step: no permission changes
t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    - removes d:Get on ${T.Arn}
    this step: adds d:Select on ${T.Arn}
t.yaml:2:1  function-to-table  A → T [Read, Write]  equivalent
    + adds    d:Select on ${T.Arn}
    - removes d:Get on ${T.Arn}
    this step: adds the same and removes nothing

3 rewrites within consent in 1 of 1 template
`samwire fix --yes` with the same options and paths applies this
once that is deployed, `--phase remove` with the same options takes away the policies that it makes needless
"
        );
    }

    #[test]
    fn what_is_held_back_names_its_release_and_what_is_left_alone_its_reasons() {
        let mut held = rewrite(Decision::Held(HeldBy::Consent));
        held.effect = Effect::Wider;
        held.added = vec![permission("d:Delete", "${T.Arn}")];
        held.needs = vec!["d:Delete".into()];
        let mut one = file(vec![held, rewrite(Decision::Skipped)]);
        let planned = one.planned.as_mut().unwrap();
        planned.left_alone = vec![left_alone("denies"), left_alone("also denies")];
        let location = Location { route: "Resources".into(), span: Span::new(2, 3) };
        planned.findings = vec![Finding {
            kind: &DOUBTFUL,
            message: "key `A` is already there".into(),
            location,
            fingerprint: String::new(),
            mend: Vec::new(),
        }];
        let files = [one];
        let expected = "\
t.yaml:2:1  function-to-table  A → T [Read, Write]  wider  held back
    + adds    d:Delete on ${T.Arn}
    released by --accept-add d:Delete
";
        let grouped = "t.yaml:2:1  warning  doubtful  key `A` is already there

left alone (-v shows each place, `samwire explain REASON` says why):
     2  deny  The statement denies.

nothing within consent in 1 template, 1 held back, 2 left alone, 1 warning
";
        assert_eq!(text(&files, BRIEF), format!("{expected}{grouped}"));
        let places = "\
t.yaml:1:1  left alone  deny      A: denies
t.yaml:1:1  left alone  deny      A: also denies
t.yaml:2:1  warning     doubtful  key `A` is already there

nothing within consent in 1 template, 1 held back, 2 left alone, 1 warning
";
        let every = TextOptions { detail: Detail::EveryPlace, ..BRIEF };
        assert_eq!(text(&files, every), format!("{expected}{places}"));
        let all = text(&files, TextOptions { detail: Detail::Everything, ..BRIEF });
        assert!(all.contains("equivalent  filtered out"), "{all}");
    }

    #[test]
    fn who_shares_a_role_and_what_everything_could_be_narrowed_to_are_told() {
        let shared = Rewrite { shared_with: vec!["B".into(), "C".into()], ..rewrite(Decision::Taken) };
        let mut one = file(vec![shared]);
        let open = LeftAlone {
            reason: Reason::WildcardResource,
            refers_to: vec!["T".into()],
            ..left_alone(&"d:Get on * ".repeat(40))
        };
        one.planned.as_mut().unwrap().left_alone = vec![open];
        let told = text(&[one], TextOptions { detail: Detail::EveryPlace, ..BRIEF });
        assert!(told.contains("\n    role ARole, also of B, C\n"), "{told}");
        assert!(told.contains("…; it refers to T: `--infer-destinations` proposes that\n"), "{told}");
    }

    #[test]
    fn skipped_files_are_counted_and_told_when_everything_is() {
        let problem = Problem::new("no-transform", "no SAM transform", "nothing to do");
        let files = [FileReport::without_plan("x.yaml".into(), Status::Skipped, problem)];
        assert_eq!(text(&files, BRIEF), "nothing to rewrite in 0 templates, 1 file skipped\n");
        let all = text(&files, TextOptions { detail: Detail::Everything, ..BRIEF });
        assert!(all.starts_with("x.yaml  skipped  no SAM transform\n\n"), "{all}");
        assert_eq!(text(&[], BRIEF), "no SAM templates here\n");
    }

    #[test]
    fn text_of_the_template_cannot_steer_the_terminal() {
        let hostile = Rewrite { source: "A\u{1b}[2J\n".into(), ..rewrite(Decision::Taken) };
        let told = text(&[file(vec![hostile])], BRIEF);
        assert!(told.contains("A\\u{1b}[2J\\n → T"), "{told}");
    }
}
