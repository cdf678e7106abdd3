//! A digest of everything that can change a plan, so that reports made under different choices are not added up.

use crate::iam::ConsentPattern;
use crate::plan::{FormChoice, Options, Partition, PolicyFormChoice, Rest};
use crate::report::sha256_hex;
use serde_json::json;

/// `sha256:` and the hexadecimal digest of the options and of the user's own transform files. The order in which
/// patterns and ids are given has no influence.
pub fn digest(options: &Options, transforms: &[(String, Vec<u8>)]) -> String {
    // Destructured, so that a new option cannot be forgotten here.
    let Options {
        direction,
        form,
        policy_form,
        prefer_templates,
        used_actions,
        phase,
        rest,
        partial,
        external,
        infer_destinations,
        consent,
        answers,
        select,
        max_managed_policies,
        partition,
    } = options;
    let form = match form {
        FormChoice::Auto => "auto",
        FormChoice::Embedded => "embedded",
        FormChoice::Standalone => "standalone",
    };
    let patterns = |list: &[ConsentPattern]| sorted(list.iter().map(ToString::to_string));
    let ids = |list: &[String]| sorted(list.iter().cloned());
    let mut files: Vec<_> = transforms.iter().map(|(name, bytes)| (name, sha256_hex(bytes))).collect();
    files.sort();
    let value = json!({
        "direction": direction.as_str(),
        "policy_form": match policy_form {
            PolicyFormChoice::Auto => "auto",
            PolicyFormChoice::Inline => "inline",
            PolicyFormChoice::Resource => "resource",
        },
        "prefer_templates": prefer_templates,
        "used_actions": used_actions.as_ref().map(|used| sorted(used.iter().map(ToString::to_string))),
        "phase": phase.as_str(),
        "form": form,
        "rest": match rest { Rest::Keep => "keep", Rest::Drop => "drop" },
        "partial": partial,
        "external": external,
        "infer_destinations": infer_destinations,
        "answers": (!answers.is_empty()).then(|| format!("{answers:?}")),
        "accept_add": patterns(&consent.add),
        "accept_remove": patterns(&consent.remove),
        "accept_any": consent.any,
        "strict": consent.strict,
        "only": ids(&select.only),
        "skip": ids(&select.skip),
        "source": ids(&select.sources),
        "destination": ids(&select.destinations),
        "ignored": sorted(select.ignored.iter().map(|ignored| format!("{ignored:?}"))),
        "no_ignores": select.no_ignores,
        "max_managed_policies": max_managed_policies,
        "partition": match partition { Partition::Aws => "aws", Partition::Any => "any" },
        "transforms": files,
    });
    format!("sha256:{}", sha256_hex(value.to_string().as_bytes()))
}

fn sorted(list: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = list.collect();
    list.sort();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Answer, Consent, Direction};

    fn accepting(patterns: &[&str]) -> Options {
        let remove = patterns.iter().map(|p| p.parse().unwrap()).collect();
        Options { consent: Consent { remove, ..Consent::default() }, ..Options::default() }
    }

    #[test]
    fn the_digest_tells_choices_apart_and_not_their_order() {
        let plain = digest(&Options::default(), &[]);
        assert!(plain.starts_with("sha256:") && plain.len() == 7 + 64);
        assert_ne!(plain, digest(&accepting(&["a:B"]), &[]));
        assert_eq!(digest(&accepting(&["a:B", "a:C"]), &[]), digest(&accepting(&["a:C", "a:B"]), &[]));
        assert_ne!(plain, digest(&Options::default(), &[("x.yaml".into(), b"1".to_vec())]));
        assert_ne!(plain, digest(&Options { direction: Direction::Policies, ..Options::default() }, &[]));
        let mut answered = Options::default();
        answered.answers.set("f", Answer { take: Some(true), ..Answer::default() });
        assert_ne!(plain, digest(&answered, &[]));
    }
}
