//! There and back on real templates: the connectors that a file has, and those that can be made of its policies, become policies
//! in the two forms that users choose between, and connectors again. Owns what is asked and counted; the steps are those of
//! the tests.

use super::Tally;
use super::support::{Form, Request};
use super::trip_support::patches::Patch;
use super::trip_support::{
    Step, connectors, not_by_connectors, same_permissions, step, to_any_connectors, to_policies,
    to_same_connectors, values,
};
use samwire::iam::{ConsentPattern, ConsentPatternError};
use samwire::plan::{Consent, Options, PolicyFormChoice};
use samwire::text::{Format, Source};

/// The forms: what is folded where it can be, and what SAM would generate. `inline` differs from the first only in what it
/// refuses.
const FORMS: [(&str, PolicyFormChoice); 2] =
    [("auto", PolicyFormChoice::Auto), ("resource", PolicyFormChoice::Resource)];

/// Actions that hardly any code needs, of every kind of destination.
const LET_GO: [&str; 5] =
    ["dynamodb:PartiQL*", "lambda:InvokeAsync", "s3:*Acl", "sqs:PurgeQueue", "states:Stop*"];

/// Makes all trips from one file.
pub(super) fn check(tally: &mut Tally, name: &str, bytes: &[u8]) {
    let Ok(source) = Source::new(name, bytes.to_vec()) else { return };
    let form = if source.format() == Format::Json { Form::Json } else { Form::Yaml };
    let trips = Trips { name, form };
    let text = source.text();
    match step(name, text, &to_any_connectors()) {
        Ok(Some(forward)) => {
            trips.from(tally, "as written", text, None);
            if forward.changes() {
                trips.from(tally, "migrated", &forward.after, Some(&forward));
            }
        }
        Ok(None) => {}
        Err(what) => tally.fail(name, format!("to connectors: {what}")),
    }
}

struct Trips<'n> {
    name: &'n str,
    form: Form,
}

impl Trips<'_> {
    fn from(&self, tally: &mut Tally, start: &str, text: &str, forward: Option<&Step>) {
        for (word, form) in FORMS {
            let label = format!("{start}, policies-{word}");
            let made = self.trip(tally, &label, form, text, forward);
            if let Err(what) = made.and_then(|()| self.narrowed(tally, &label, form, text)) {
                tally.fail(self.name, format!("{label}: {what}"));
            }
        }
    }

    fn trip(
        &self,
        tally: &mut Tally,
        label: &str,
        form: PolicyFormChoice,
        text: &str,
        forward: Option<&Step>,
    ) -> Result<(), String> {
        let name = self.name;
        let made =
            |text: &str, options: &Options| step(name, text, options).map(|step| step.filter(Step::changes));
        let Some(there) = made(text, &to_policies(form))? else { return Ok(()) };
        there.declares_nothing()?;
        same_permissions(name, text, &there.after)?;
        let (before, left) = (connectors(name, text)?, connectors(name, &there.after)?);
        if forward.is_some() && left > 0 {
            return Err(format!("{left} connectors stay: {:?}", there.refused));
        }
        tally.add(format!("trip  {label}: connectors that become policies"), before - left);
        self.ask(tally, &format!("{label}, there"), text, &there.after, &there);
        self.patch(tally, &format!("{label}, there"), &there);
        if let Some(forward) = forward {
            self.ask(tally, &format!("{label}, the whole"), &forward.before, &there.after, forward);
        }
        let Some(back) = made(&there.after, &to_same_connectors())? else {
            tally.count(format!("trip  {label}: no way back"));
            return Ok(());
        };
        back.declares_nothing()?;
        same_permissions(name, text, &back.after)?;
        let after = connectors(name, &back.after)?;
        tally.add(format!("trip  {label}: connectors that come back"), after.saturating_sub(left));
        let lost = not_by_connectors(name, text, &back.after)?;
        if !lost.is_empty() {
            tally.count(format!("trip  {label}: not all of them came back"));
            println!("trip  {name}: {label}: {lost:?}: {:?}", back.refused);
        }
        self.ask(tally, &format!("{label}, and back"), text, &back.after, &back);
        self.patch(tally, &format!("{label}, and back"), &back);
        Ok(())
    }

    /// What is let go goes, and nothing else.
    fn narrowed(
        &self,
        tally: &mut Tally,
        label: &str,
        form: PolicyFormChoice,
        text: &str,
    ) -> Result<(), String> {
        let remove: Result<Vec<ConsentPattern>, _> = LET_GO.iter().map(|pattern| pattern.parse()).collect();
        let remove = remove.map_err(|error: ConsentPatternError| error.to_string())?;
        let options = Options { consent: Consent { remove, ..Consent::default() }, ..to_policies(form) };
        let Some(made) = step(self.name, text, &options)?.filter(|step| !step.removed.is_empty()) else {
            return Ok(());
        };
        tally.count(format!("trip  {label}: files with permissions that are let go"));
        self.ask(tally, &format!("{label}, narrowed"), text, &made.after, &made);
        self.patch(tally, &format!("{label}, narrowed"), &made);
        Ok(())
    }

    fn ask(&self, tally: &mut Tally, label: &str, before: &str, after: &str, declared: &Step) {
        tally.requests.push(Request {
            id: format!("{label}: {}", self.name),
            before: before.to_owned(),
            after: after.to_owned(),
            format: self.form,
            added: values(&declared.added),
            removed: values(&declared.removed),
            kept: Vec::new(),
            identical: None,
        });
    }

    fn patch(&self, tally: &mut Tally, label: &str, step: &Step) {
        let (before, after) = (step.before.clone(), step.after.clone());
        tally.patches.entry(label.to_owned()).or_default().push(Patch {
            name: self.name.to_owned(),
            before,
            after,
        });
    }
}
