//! Bytes as a template and the options of a plan: every chosen subset of the rewrites proves to be what was said, only the edits
//! change bytes, no comment is lost, a second run is silent, and two steps of a migration end where one does.

use super::input::Input;
use super::promised::{Case, Kind, phases, promise};
use samwire::iam::{ActionPattern, ConsentPattern};
use samwire::plan::{
    Consent, DEFAULT_MAX_MANAGED_POLICIES, Direction, FormChoice, Options, Partition, Phase, Plan,
    PolicyFormChoice, Rest, RewriteId,
};

pub fn run(data: &[u8]) {
    let mut input = Input::of(data);
    let extension = input.one_of(&["yaml", "json"]);
    let Some(text) = input.str() else { return };
    let options = options(&mut input);
    let both = options.direction == Direction::Connectors && options.phase == Phase::Both;
    let chosen = input.number();
    let name = "fuzzed".to_owned();
    let case = Case {
        kind: Kind::Transform(name.clone()),
        name,
        directory: Default::default(),
        extension,
        before: String::new(),
        options,
    };
    let done = promise::whole(&case, text, |plan| subsets(plan, chosen));
    // The steps plan a text six times, so they have a turn of their own.
    let done = done.and_then(|()| match both && chosen & 1 == 1 {
        true => phases::check(&case, text),
        false => Ok(()),
    });
    if let Err(what) = done {
        panic!("{what}\n--- options\n{:#?}\n--- template\n{text}", case.options);
    }
}

/// What is taken, all of it, one rewrite alone, and some of them.
fn subsets(plan: &Plan<'_>, chosen: usize) -> Vec<Vec<RewriteId>> {
    let all: Vec<RewriteId> = plan.rewrites().iter().map(|rewrite| rewrite.id).collect();
    let one = all.get(chosen % all.len().max(1)).into_iter().copied().collect();
    let some = all.iter().copied().filter(|RewriteId(number)| chosen >> (number % 16) & 1 == 1).collect();
    let mut subsets = vec![plan.taken(), one, some, all];
    subsets.sort();
    subsets.dedup();
    subsets
}

/// The options that the first decisions make.
pub fn options(input: &mut Input<'_>) -> Options {
    let (first, second, third) = (input.byte(), input.byte(), input.byte());
    let is = |bits: u8, bit: u8| bits >> bit & 1 == 1;
    let pattern = |text: &str| text.parse::<ConsentPattern>().expect("a pattern");
    Options {
        direction: if is(first, 0) { Direction::Policies } else { Direction::Connectors },
        phase: match first >> 1 & 3 {
            1 => Phase::Add,
            2 => Phase::Remove,
            _ => Phase::Both,
        },
        external: is(first, 3),
        infer_destinations: is(first, 4),
        partial: is(first, 5),
        rest: if is(first, 6) { Rest::Drop } else { Rest::Keep },
        prefer_templates: is(first, 7),
        form: match second & 3 {
            1 => FormChoice::Embedded,
            2 => FormChoice::Standalone,
            _ => FormChoice::Auto,
        },
        policy_form: match second >> 2 & 3 {
            1 => PolicyFormChoice::Inline,
            2 => PolicyFormChoice::Resource,
            _ => PolicyFormChoice::Auto,
        },
        partition: if is(second, 4) { Partition::Any } else { Partition::default() },
        max_managed_policies: if is(second, 5) { 1 } else { DEFAULT_MAX_MANAGED_POLICIES },
        used_actions: is(second, 6)
            .then(|| ["dynamodb:Get*", "sqs:SendMessage", "lambda:Invoke*"].map(ActionPattern::new).to_vec()),
        consent: Consent {
            any: is(third, 0),
            strict: is(third, 1),
            add: if is(third, 2) { vec![pattern("dynamodb:*"), pattern("sqs:*@*")] } else { Vec::new() },
            remove: if is(third, 3) { vec![pattern("*")] } else { Vec::new() },
        },
        ..Options::default()
    }
}
