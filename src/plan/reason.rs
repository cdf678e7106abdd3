//! The complete list of reasons for which a grant is left alone. `docs/reasons.md` is generated from this table, so
//! a reason that is not here cannot be given.

use crate::analysis::Obstacle;

macro_rules! reasons {
    ($($variant:ident, $id:literal, $what:literal, $why:literal, $mend:literal;)*) => {
        /// Why something was left alone. Each has a stable id, used in messages, reports and docs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $what] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Stable id.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What was seen.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// Why it is not rewritten.
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// What the user can do.
            pub fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)* }
            }
        }
    };
}

reasons! {
    NoConnector, "no-connector",
        "No connector grants these actions.",
        "SAM has connectors for a few services only, and for some actions of each; other permissions can be said in no other way than by a policy.",
        "Nothing to do: the policy is the right place.";
    NoProfile, "no-profile",
        "There is no connector from this kind of source to this kind of destination.",
        "SAM refuses a connector between two resource types that its profiles do not pair.",
        "Nothing to do; `samwire list` shows the pairs that exist.";
    NoSource, "no-source",
        "Nothing from which a connector can lead acts through the role.",
        "A connector attaches its policy to the role of a function, state machine, data source or rule; no such resource uses this role by `!GetAtt`.",
        "Nothing to do: the policy is the right place.";
    UnusableRole, "unusable-role",
        "SAM cannot tell the role from how it is written.",
        "A connector takes the role from `!GetAtt Role.Arn` of a role in this template; from any other spelling SAM makes an error, or silently attaches the policy to something else.",
        "Write `Role: !GetAtt TheRole.Arn`, then run again.";
    SeveralHolders, "several-holders",
        "The policy belongs to several roles, to users or groups, or to several resources.",
        "Each of them would need a connector of its own; taking the policy from one takes it from all.",
        "Give each role a policy of its own, then run again.";
    AnySource, "any-source",
        "The service is allowed for whatever resource, without a source.",
        "A connector always names the one resource that the calls come from; the grant would become narrower in a way that nobody listed.",
        "Add `SourceArn`, or the condition `ArnEquals` on `aws:SourceArn`, then run again.";
    NoService, "no-service",
        "The grant is to an account, a role or everybody, not to a service.",
        "A connector on this side lets one AWS service in, on behalf of one resource.",
        "Nothing to do: the policy is the right place.";
    NeedlessPermission, "needless-permission",
        "The permission lets a function or role in that needs none.",
        "Within one account the caller's own policy is enough to invoke a function; a Lambda permission is for services and other accounts.",
        "Grant the caller `Write` by a connector or policy, and remove the permission.";
    OnePolicy, "one-policy",
        "The queue or topic has one policy, and a connector cannot stand in for all of it under the same logical id.",
        "A connector writes a policy of its own; under another id CloudFormation would create it first and then delete the old one, and with it what the queue allows.",
        "Keep the policy. A connector can take over a single statement only, in a policy whose id ends in `QueuePolicy` or `TopicPolicy` behind an id that nothing else has; renaming a deployed policy would lose it.";
    SecondResourcePolicy, "second-resource-policy",
        "Several resources write the one policy of this queue or topic.",
        "The last one written wins and silently undoes the others, so which permissions exist is not known.",
        "Merge them into one policy.";
    PublishedApplication, "published-application",
        "The template is published to the AWS Serverless Application Repository.",
        "The repository refuses templates with connectors, and the entry for it in `Metadata` says that this one goes there.",
        "Keep the policies. Where the template is not published any more, remove that entry of `Metadata`, then run again.";
    NeededElsewhere, "needed-elsewhere",
        "The policy or connector would go, but something else needs it.",
        "An output or another resource refers to it, or an attribute such as `DeletionPolicy` says that it must be kept.",
        "Remove the reference or the attribute, then run again.";
    OutsideConnector, "outside-connector",
        "A connector for this pair exists, but it gives none of these actions.",
        "A connector has a fixed set of actions per category; administration such as changing a table is never among them.",
        "Nothing to do: the policy is the right place.";
    UnresolvedResource, "unresolved-resource",
        "The resource is not provably a resource of this template.",
        "A connector names its destination by logical id. Imports, parameters, literal accounts or regions and names that no resource here carries could mean something else.",
        "Refer to the resource by `!GetAtt`, or give it the same name expression, if it is in this template. For one outside of it, with an ARN from an import or a parameter, `--external` makes a connector.";
    WildcardResource, "wildcard-resource",
        "The resource pattern matches more than one resource.",
        "A connector grants access to one destination; replacing a wildcard would take permissions away that nobody listed.",
        "Name the resources that are really used, then run again.";
    WildcardAction, "wildcard-action",
        "The action pattern has a wildcard.",
        "An open pattern also matches actions that do not exist yet, so no finite set of actions equals it.",
        "List the actions that are really used, or let the pattern go for what the connector gives, by `--accept-remove` with the pattern, then run again.";
    QualifiedTarget, "qualified-target",
        "The grant is on versions or aliases of a function, not on the function itself.",
        "A connector by logical id grants the unqualified ARN only; callers of an alias would lose access.",
        "Keep the policy as long as the alias or version is what is invoked.";
    IamCondition, "iam-condition",
        "The statement has an IAM `Condition`.",
        "A connector cannot carry a condition; dropping it would allow more.",
        "Keep the policy, or drop the condition if it is no longer needed.";
    Deny, "deny",
        "The statement denies.",
        "Connectors only allow. A Deny wins over every Allow, so it stays where it is.",
        "Nothing to do.";
    NotElement, "not-element",
        "The statement uses `NotAction`, `NotResource` or `NotPrincipal`.",
        "It grants everything but what it lists, which no connector can say.",
        "Say what is allowed instead of what is not, then run again.";
    DeadPolicies, "dead-policies",
        "`Policies` stands beside `Role`.",
        "SAM ignores `Policies` of a function that has a `Role`, so these grants do not exist; a connector would create them.",
        "Remove `Policies`, or move the statements into the role.";
    UnknownPolicy, "unknown-policy",
        "The policy is of no shape that SAM accepts, or its template is unknown.",
        "SAM refuses the template at deployment, so there is no meaning to keep.",
        "Mend the policy as the message says; `samwire list` shows the policy templates.";
    OpaquePolicy, "opaque-policy",
        "What the policy grants cannot be read: it comes from an intrinsic or a macro, or it has policy variables without the version that knows them.",
        "The result of an intrinsic or a macro is not known before deployment; `${aws:…}` is plain text in a document without `Version: '2012-10-17'`.",
        "Write the statement out, or add the version if the variables are meant as such, then run again.";
    ConditionalStatement, "conditional-statement",
        "`Fn::If` stands inside a statement or around one.",
        "Only an `Fn::If` around a whole policy becomes the condition of a connector.",
        "Put the `Fn::If` around the policy: an item of `Policies`.";
    MixedIf, "mixed-if",
        "The branches of an `Fn::If` would end as different kinds of policy.",
        "SAM refuses an `Fn::If` of which one branch is a policy template and the other a statement or a managed policy.",
        "Write both branches as statements, then run again.";
    SharedNode, "shared-node",
        "The text is shared through a YAML anchor, alias or merge key.",
        "Editing it would change every other place that uses it.",
        "Write the policy out where it is used, then run again.";
    DuplicateKeys, "duplicate-keys",
        "A mapping around the text has the same key twice, or two connectors come to the same logical id.",
        "The last one counts, the first is dead; an edit could bring the dead one back to life.",
        "Remove the one that is not meant.";
    DependencyCycle, "dependency-cycle",
        "The connector would close a dependency cycle.",
        "What a connector generates refers to both ends. Where an end waits for it, because SAM lets the source of such a connector wait or because of a `DependsOn`, it would wait for itself; CloudFormation refuses that.",
        "Keep the policy, which names the resource by its name.";
    BrokenConnector, "broken-connector",
        "SAM refuses the connector, or attaches it to something that is no role.",
        "It grants nothing, so there is no policy that says the same.",
        "Mend the connector as the message says, or remove it.";
    Unfoldable, "unfoldable",
        "The connector cannot become a policy of its role.",
        "What it generates belongs to another resource or template, carries attributes, would close a dependency cycle inside the role, or needs more room than the role has.",
        "Use `--policy-form auto` or `resource`, which keep what SAM generates as a resource.";
    UnsafeEdit, "unsafe-edit",
        "The text cannot be edited without risk to a comment or to what stands around it.",
        "The edit would have to move a comment out of a flow collection, or a change in one place would break another, as with explicit keys (`? key`).",
        "Put the comment on a line of its own outside the brackets, write keys without `?`, then run again.";
}

/// What stands in the way in the text, said as a reason.
impl From<Obstacle> for Reason {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Deny => Self::Deny,
            Obstacle::NotElement => Self::NotElement,
            Obstacle::IamCondition => Self::IamCondition,
            Obstacle::ConditionalStatement => Self::ConditionalStatement,
            Obstacle::Opaque => Self::OpaquePolicy,
            Obstacle::BesideRole => Self::DeadPolicies,
            Obstacle::RoleByChoice => Self::UnusableRole,
            Obstacle::Malformed => Self::UnknownPolicy,
            Obstacle::SeveralHolders => Self::SeveralHolders,
            Obstacle::NoSource => Self::AnySource,
            Obstacle::NoService => Self::NoService,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_texts_are_sentences() {
        let ids: BTreeSet<_> = Reason::ALL.iter().map(|r| r.id()).collect();
        assert_eq!(ids.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert!(reason.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", reason.id());
            for text in [reason.what(), reason.why(), reason.mend()] {
                assert!(text.ends_with('.'), "{text}");
            }
        }
    }
}
