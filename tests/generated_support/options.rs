//! The options under which a template is planned: both directions, consents from none to any, phases, forms, selections. Knows
//! no template.

use super::chance::Chance;
use samwire::catalog::Catalog;
use samwire::iam::{ActionPattern, ConsentPattern};
use samwire::plan::{
    Consent, Direction, FormChoice, Options, Partition, Phase, PolicyFormChoice, Rest, Selection,
};

/// Consent patterns of real teams: actions that hardly any code needs, or whole services.
const PATTERNS: [&str; 8] = [
    "dynamodb:PartiQL*",
    "lambda:InvokeAsync",
    "s3:*Acl",
    "sqs:*",
    "dynamodb:*",
    "states:*",
    "s3:Get*",
    "lambda:InvokeFunction@*:*",
];

/// Options, of the direction that was chosen for the template.
pub(crate) fn options(chance: &mut Chance, direction: Direction) -> Options {
    let profiles: Vec<String> = Catalog::builtin().profiles().map(|profile| profile.id.clone()).collect();
    let some = |share: usize, chance: &mut Chance| match chance.percent(share) {
        true => chance.some(&profiles),
        false => Vec::new(),
    };
    let select = Selection { only: some(4, chance), skip: some(4, chance), ..Selection::default() };
    Options {
        direction,
        form: chance.weighted(&[
            (6, FormChoice::Auto),
            (2, FormChoice::Embedded),
            (2, FormChoice::Standalone),
        ]),
        policy_form: chance.weighted(&[
            (5, PolicyFormChoice::Auto),
            (3, PolicyFormChoice::Inline),
            (2, PolicyFormChoice::Resource),
        ]),
        prefer_templates: chance.percent(30),
        used_actions: (direction == Direction::Policies && chance.percent(8))
            .then(|| vec![ActionPattern::new("dynamodb:*Item"), ActionPattern::new("s3:*")]),
        phase: match direction {
            Direction::Connectors => {
                chance.weighted(&[(8, Phase::Both), (1, Phase::Add), (1, Phase::Remove)])
            }
            Direction::Policies => Phase::Both,
        },
        partition: Partition::Aws,
        rest: if chance.percent(15) { Rest::Drop } else { Rest::Keep },
        partial: chance.percent(20),
        external: chance.percent(35),
        infer_destinations: chance.percent(20),
        consent: consent(chance),
        select,
        max_managed_policies: chance.weighted(&[(9, 10), (1, 3)]),
        ..Options::default()
    }
}

fn consent(chance: &mut Chance) -> Consent {
    let some = |share: usize, chance: &mut Chance| -> Vec<ConsentPattern> {
        let texts = if chance.percent(share) { chance.some(&PATTERNS) } else { Vec::new() };
        texts.into_iter().map(|text| text.parse().expect("a pattern of the list above")).collect()
    };
    match chance.below(10) {
        0 => Consent { strict: true, ..Consent::default() },
        1..=2 => Consent { add: some(60, chance), remove: some(60, chance), ..Consent::default() },
        _ => Consent { any: true, remove: some(15, chance), ..Consent::default() },
    }
}
