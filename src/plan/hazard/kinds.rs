//! Every kind of hazard: its id, what it means in general and the way round it. `docs/reasons.md` and `samwire explain`
//! are made from this table, so a hazard that is not here cannot be explained.

/// A kind of hazard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HazardKind {
    /// Stable id, used in messages, reports and docs.
    pub id: &'static str,
    /// What may happen, in sentences.
    pub what: &'static str,
    /// What the user can do about it, in sentences.
    pub remedy: &'static str,
    /// Which step of a migration brings it.
    pub(super) step: Step,
}

/// The step of a migration that brings a hazard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Any.
    Any,
    /// That in which the connector comes.
    Coming,
    /// That in which the policies go.
    Going,
    /// Only the two at once.
    Both,
}

/// What happens to somebody's permissions in one deployment.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Change {
    /// Whether it is given by something else in any way.
    pub(in crate::plan) any: bool,
    /// Whether a connector gives some.
    pub(in crate::plan) comes: bool,
    /// Whether a policy gives some no more.
    pub(in crate::plan) goes: bool,
    /// Whether a policy goes for which a connector comes.
    pub(in crate::plan) gap: bool,
}

impl HazardKind {
    /// Whether a change brings the hazard.
    pub(in crate::plan) fn concerns(&self, change: Change) -> bool {
        match self.step {
            Step::Any => change.any,
            Step::Coming => change.comes,
            Step::Going => change.goes,
            Step::Both => change.gap,
        }
    }

    const fn of(self, step: Step) -> Self {
        Self { step, ..self }
    }
}

const fn kind(id: &'static str, what: &'static str, remedy: &'static str) -> HazardKind {
    HazardKind { id, what, remedy, step: Step::Any }
}

/// Every kind of hazard, in the order of the documentation: the deployment, what waits for what, the role, the grant.
pub const HAZARDS: &[HazardKind] = &[
    kind(
        "deploy-gap",
        "In a deployment of one step the role loses the policy before the connector's managed policy exists, so calls in between are refused; if the deployment fails there, they are refused until it is rolled back.",
        "Deploy twice: first the result of `--phase add`, then that of `--phase remove`.",
    )
    .of(Step::Both),
    kind(
        "quota-near",
        "Each connector attaches a managed policy to the role for each destination. IAM limits their number per role, and those that SAM attaches for basic execution, tracing, a VPC or an event source count, too.",
        "Have the quota `Managed policies attached to an IAM role` raised and say so with `--max-managed-policies`, or leave some grants as they are with `--skip` or `--destination`; inline policies do not count.",
    )
    .of(Step::Coming),
    kind(
        "policy-renamed",
        "SAM names inline policies by their position; removing one renames those behind it, and CloudFormation deletes and creates them anew with the same content.",
        "Nothing, where nobody refers to inline policies by their names.",
    )
    .of(Step::Going),
    kind(
        "policy-replaced",
        "A managed policy that goes has a name of its own. Its ARN can be known outside of the template, to roles of other stacks for instance, and then the deletion fails or they lose it.",
        "Ask IAM who uses it (`aws iam list-entities-for-policy`); where somebody does, pass over the rewrite with `--skip` or `--source`.",
    )
    .of(Step::Going),
    kind(
        "attributes-dropped",
        "A policy that is a resource goes as a whole. What its `Metadata` says to other programs, and what it waits for by `DependsOn`, goes with it: a connector does not need it to grant the same.",
        "Look at what goes. Where something is still needed, such as a rule of a linter that is set aside, write it to the connector.",
    )
    .of(Step::Going),
    kind(
        "resource-retained",
        "The role stays when the stack is deleted, since `DeletionPolicy` says so. An inline policy stays with it; the connector's managed policy is deleted with the stack.",
        "Where the role must keep the permission, pass over the rewrite with `--source`, or give the connector the same `DeletionPolicy`.",
    )
    .of(Step::Going),
    kind(
        "shared-role",
        "Several resources act through the role. It gets one connector, which stands at one of them, and gives the permissions to all of them.",
        "Keep the connector when the resource goes at which it stands, or have it stand by itself with `--form standalone`.",
    )
    .of(Step::Coming),
    kind(
        "generated-resources",
        "Macros or loops create resources that are not visible here, so a new logical id could collide with one of theirs.",
        "Compare the processed template of a change set before it is executed.",
    )
    .of(Step::Coming),
    kind(
        "custom-resource",
        "A custom resource invokes a function during the deployment. So far the permission was there as soon as the function was; the connector's policy may come later.",
        "Give the custom resource a `DependsOn` on the connector.",
    )
    .of(Step::Going),
    kind(
        "event-source-order",
        "A function polls an event source. SAM makes an event source mapping wait for the connector's policy only if it alone joins the two, by `Ref` or `Fn::GetAtt`, and not through an alias. Any other mapping can be created before the policy, which Lambda refuses.",
        "Give the event source mapping a `DependsOn` on the connector; where it comes from an event of the function, give that to the function.",
    )
    .of(Step::Coming),
    kind(
        "bucket-notification",
        "S3 tries the permission when a bucket with a notification is created. The connector's permission names the bucket and therefore comes after it, so the creation of a new stack fails, while an existing one deploys.",
        "Keep the Lambda permission (`--skip bucket-to-function`), or give the bucket a name and a standalone connector whose `Source` is `Type` and `Arn` by that name, and the bucket a `DependsOn` on the connector.",
    )
    .of(Step::Coming),
    kind(
        "already-polls",
        "SAM attaches a managed policy for the event of the function, which lets it poll on every resource. The connector costs one more managed policy and gives nothing.",
        "Pass over the rewrite with `--skip` and delete the policy by hand: the permissions stay.",
    )
    .of(Step::Coming),
    kind(
        "alias-invoked",
        "The template refers to an alias or version of the destination; a connector grants the unqualified function only, and a call to the alias is another resource for IAM.",
        "Where the caller uses the alias, keep the policy, or grant it on the alias with `--external`.",
    )
    .of(Step::Going),
    kind(
        "permissions-boundary",
        "A permissions boundary limits what the role may do, whatever policies and connectors say. It can mask what is added here, and what it was written for may have to name new actions.",
        "Look whether the boundary allows what the connector adds.",
    )
    .of(Step::Coming),
    kind(
        "deny-on-role",
        "A Deny of the role, or in the policy of the destination, keeps winning over what the connector allows.",
        "Nothing, where the Deny is meant; permissions that are shown as added or kept can be masked by it.",
    )
    .of(Step::Coming),
    kind(
        "opaque-policy",
        "The role has a managed policy whose content is not known here, so part of what is added may be held already, and part of what is removed may be held still.",
        "Look the managed policy up where the difference matters.",
    )
    .of(Step::Coming),
    kind(
        "needless-permission",
        "The function also has a Lambda permission for the role that the connector is for. Within one account the role's own permission is enough.",
        "Let it go with the `--accept-remove` that the message names, unless somebody reads it as documentation.",
    ),
    kind(
        "ejected",
        "The connector became the resource that SAM generates, not a policy of the role: folding it in would lose an attribute, close a dependency cycle, or is impossible.",
        "Nothing, where that is well; the message says why. `--policy-form inline` leaves such connectors alone instead.",
    ),
    kind(
        "literal-partition",
        "A literal `arn:aws:` was read as the partition of the deployment; in another partition the old policy granted nothing, and the connector does.",
        "Pass `--partition any` where the template is deployed to other partitions: the rewrite is then shown as one that adds permissions.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_texts_are_sentences() {
        let ids: BTreeSet<_> = HAZARDS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), HAZARDS.len());
        for kind in HAZARDS {
            assert!(kind.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.id);
            for text in [kind.what, kind.remedy] {
                assert!(text.ends_with('.') && !text.contains('|'), "{text}");
            }
        }
    }
}
