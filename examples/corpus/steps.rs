//! The two steps of a migration on one template: they end in the bytes of the whole, and a step that was made has nothing
//! left to do. Knows no option but the phase.

use super::{Choice, Tally, request};
use samwire::catalog::Catalog;
use samwire::plan::{Options, Phase, plan};
use samwire::text::{Format, Source};

/// The text after one step; it is put before the judge if `judged`.
fn step(
    tally: &mut Tally,
    (catalog, choice): (&Catalog, &Choice),
    (name, text, format): (&str, &str, Format),
    phase: Phase,
    judged: bool,
) -> Result<String, String> {
    let failed = |error: String| format!("{} --phase {}: {error}", choice.name, phase.as_str());
    let source = Source::new(name, text.as_bytes().to_vec()).map_err(|error| failed(error.to_string()))?;
    let options = Options { phase, ..choice.options.clone() };
    let plan = plan(source, catalog, &options).map_err(|error| failed(error.to_string()))?;
    let taken = plan.taken();
    let outcome = plan.outcome(&taken).map_err(|bug| failed(bug.to_string()))?;
    if judged && outcome.text != text {
        let label = format!("{} --phase {}", choice.name, phase.as_str());
        tally.requests.push(request(&plan, &label, name, format, text, &outcome, &taken));
    }
    Ok(outcome.text)
}

/// Makes both steps and compares them with the whole.
pub(super) fn check(
    tally: &mut Tally,
    run: (&Catalog, &Choice),
    (name, text, format): (&str, &str, Format),
    whole: &str,
) {
    match both(tally, run, (name, text, format), whole) {
        Ok(()) => tally.count(format!("steps {}: as one", run.1.name)),
        Err(what) => tally.fail(name, what),
    }
}

fn both(
    tally: &mut Tally,
    run: (&Catalog, &Choice),
    (name, text, format): (&str, &str, Format),
    whole: &str,
) -> Result<(), String> {
    let choice = run.1.name;
    // Under other options the judge has little to see that it has not seen under these.
    let judged = choice == "any";
    let added = step(tally, run, (name, text, format), Phase::Add, judged)?;
    if step(tally, run, (name, &added, format), Phase::Add, false)? != added {
        return Err(format!("{choice}: a second `add` changes something"));
    }
    let removed = step(tally, run, (name, &added, format), Phase::Remove, judged)?;
    if removed != whole {
        let line = removed.lines().zip(whole.lines()).position(|(one, other)| one != other).map(|n| n + 1);
        return Err(format!("{choice}: two steps end in other bytes, from line {line:?}"));
    }
    let alone = step(tally, run, (name, text, format), Phase::Remove, judged)?;
    if alone != text {
        tally.count(format!("steps {choice}: `remove` alone finds something"));
    }
    Ok(())
}
