//! The texts about what a user should know before deploying a rewrite. The planner finds hazards in a template; here
//! stands what each of them means.

/// What one kind of hazard means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HazardText {
    /// Stable id.
    pub id: &'static str,
    /// What may happen.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// The way round it.
    pub mend: &'static str,
}

/// Every kind of hazard.
pub const HAZARDS: &[HazardText] = &[
    HazardText {
        id: "deploy-gap",
        what: "During the deployment the role may be without these permissions for a moment.",
        why: "A connector is a managed policy that refers to the role, so CloudFormation updates the role, and with it drops the inline policy, before it can create the managed policy.",
        mend: "Deploy in two steps: add the connector beside the policy first, remove the policy in the next deployment. Or deploy when nobody calls.",
    },
    HazardText {
        id: "literal-partition",
        what: "The policy names the partition `aws` by a literal ARN.",
        why: "The connector grants in the partition that the stack is deployed to. That is the same in `aws`, and another resource in China or GovCloud.",
        mend: "Nothing to do if the template is only ever deployed to `aws`; otherwise use --partition any, under which such a rewrite counts as wider.",
    },
    HazardText {
        id: "deny-on-role",
        what: "The role also has a Deny statement.",
        why: "A Deny wins over every Allow, wherever either is written. It stays where it is, and the permissions stated for the rewrite do not take it into account.",
        mend: "Nothing to do; what is denied stays denied.",
    },
    HazardText {
        id: "policy-renamed",
        what: "Later inline policies of the role change their generated names.",
        why: "SAM names inline policies by their position in the list, so those behind a removed one move up.",
        mend: "Nothing to do, unless something outside the template refers to an inline policy by its name.",
    },
    HazardText {
        id: "opaque-policy",
        what: "The role has a managed policy whose content is not in the template.",
        why: "It may grant, or deny, part of what is stated as added or removed.",
        mend: "Read the managed policy if the exact difference matters.",
    },
    HazardText {
        id: "permissions-boundary",
        what: "The role has a permissions boundary.",
        why: "What a connector grants takes effect only as far as the boundary allows it.",
        mend: "See that the boundary allows the added actions.",
    },
    HazardText {
        id: "serverless-repo",
        what: "The template is published to the AWS Serverless Application Repository.",
        why: "The repository refuses templates with connectors when they are published, although they deploy.",
        mend: "Keep the policies in templates that are published there.",
    },
    HazardText {
        id: "custom-resource",
        what: "The function serves a custom resource of the same template.",
        why: "CloudFormation may call it before the connector's managed policy exists, since nothing makes the custom resource wait for it.",
        mend: "Add the connector's policy to the `DependsOn` of the custom resource, or keep the policy.",
    },
    HazardText {
        id: "alias-invoked",
        what: "The destination publishes an alias.",
        why: "A connector grants the function itself; a caller of the alias or of a version needs the qualified ARN.",
        mend: "Keep the rest on the qualifiers as long as the alias is what is invoked.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_texts_are_sentences() {
        let ids: BTreeSet<&str> = HAZARDS.iter().map(|hazard| hazard.id).collect();
        assert_eq!(ids.len(), HAZARDS.len());
        for hazard in HAZARDS {
            assert!(hazard.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", hazard.id);
            for text in [hazard.what, hazard.why, hazard.mend] {
                assert!(text.ends_with('.'), "{text}");
            }
        }
    }
}
