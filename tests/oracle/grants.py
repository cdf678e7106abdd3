"""Every permission that an expanded template gives, as flat grants.

A grant is one principal, effect, action pattern, resource pattern, IAM condition and presence. Identity-side grants
(roles, IAM policies, managed policies) have the logical id of the role as principal, or `role/` and the name of one that is
not in the template; resource-side ones (Lambda permissions, queue and topic policies) have the service. What cannot
be taken apart becomes a grant of an opaque action, so that it can be compared but never be lost.
"""

from dataclasses import dataclass

from canonical import Expressions, mapping
from cover import covers, tidy
from iam_conditions import conditions
from presence import canonical_json

# The resources whose whole meaning is in their grants.
POLICY_TYPES = frozenset(
    (
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::Permission",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
    )
)

# The policies of AWS that the translator attaches for event sources, as far as a connector can give the same. All
# of them are for any resource. Other policies of AWS are only known by their name.
_KNOWN_POLICIES = {
    "AWSLambdaSQSQueueExecutionRole": ("sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes"),
    "AWSLambdaDynamoDBExecutionRole": (
        "dynamodb:describestream",
        "dynamodb:getrecords",
        "dynamodb:getsharditerator",
        "dynamodb:liststreams",
    ),
}
_AWS_POLICY = "arn:${AWS::Partition}:iam::aws:policy/service-role/"

_ANY = ("*",)
_ATTACHED = ("${managed-policy}",)


@dataclass(frozen=True)
class Grant:
    """One permission; `condition` is a set of entries as in `iam_conditions`."""

    principal: str
    effect: str
    action: tuple
    resource: tuple
    condition: frozenset
    presence: int


class Grants:
    """The grants of one expanded template, in `all`; presences are in the given `worlds`."""

    def __init__(self, template, worlds):
        self.names = Expressions(template, worlds)
        self.worlds = worlds
        self._roles = {}
        self._found = {}
        self._attached = set()
        for name, resource in self.names.resources.items():
            if resource.get("Type") == "AWS::IAM::Role":
                for held, atoms in self.names.texts({"Ref": name}, self.names.presence_of(name)):
                    self._roles.setdefault(atoms, []).append((held, name))
        collectors = {
            "AWS::IAM::Role": self._role,
            "AWS::IAM::Policy": self._policy,
            "AWS::IAM::RolePolicy": self._policy,
            "AWS::Lambda::Permission": self._permission,
            "AWS::SQS::QueuePolicy": self._queue_policy,
            "AWS::SNS::TopicPolicy": self._topic_policy,
        }
        for name, resource in self.names.resources.items():
            kind = resource.get("Type")
            collect = collectors.get(kind) if isinstance(kind, str) else None
            if collect:
                collect(name, mapping(resource.get("Properties")), self.names.presence_of(name))
        # Last, because a role can attach a managed policy from its own side.
        for name, resource in self.names.resources.items():
            if resource.get("Type") == "AWS::IAM::ManagedPolicy":
                self._managed_policy(name, mapping(resource.get("Properties")), self.names.presence_of(name))
        self.all = [Grant(*key, presence) for key, presence in self._found.items() if presence]

    def _add(self, principal, effect, action, resource, condition, presence):
        key = (principal, effect, tidy(action), tidy(resource), condition)
        self._found[key] = self._found.get(key, 0) | presence

    def _role(self, name, properties, presence):
        for held, policy in self.names.items(properties.get("Policies"), presence):
            self._document(name, mapping(policy).get("PolicyDocument"), held)
        for held, attached in self.names.items(properties.get("ManagedPolicyArns"), presence):
            for both, atoms in self.names.texts(attached, held):
                self._managed(name, atoms, both)

    def _managed(self, role, atoms, presence):
        """What a managed policy that a role attaches by its ARN gives: one of the template's has a document to read."""
        policy, attribute = self.names.named_by(atoms) or (None, None)
        if self.names.type_of(policy) == "AWS::IAM::ManagedPolicy" and attribute in ("", "PolicyArn"):
            self._attached.add(policy)
            properties = mapping(self.names.resources[policy].get("Properties"))
            self._document(role, properties.get("PolicyDocument"), presence & self.names.presence_of(policy))
            return
        self._add(role, "Allow", _ATTACHED, atoms, frozenset(), presence)
        for action in _KNOWN_POLICIES.get("".join(atoms).removeprefix(_AWS_POLICY), ()):
            self._add(role, "Allow", tuple(action), _ANY, frozenset(), presence)

    def principals(self, value, presence):
        """The (presence, principal) of a role that is given by its name."""
        for held, atoms in self.names.texts(value, presence):
            unknown = held
            for exists, role in self._roles.get(atoms, ()):
                if held & exists:
                    unknown &= ~exists
                    yield held & exists, role
            # A policy for a role of the template says nothing in the worlds where that role does not exist.
            if unknown and atoms not in self._roles:
                # A name can look like the logical id of a role with another name.
                yield unknown, "role/" + "".join(atoms)

    def _holders(self, properties, presence):
        for held, role in self.names.items([properties.get("Roles"), properties.get("RoleName")], presence):
            yield from self.principals(role, held)
        for kind in ("Users", "Groups"):
            for held, holder in self.names.items(properties.get(kind), presence):
                for both, atoms in self.names.texts(holder, held):
                    yield both, kind.lower().removesuffix("s") + ":" + "".join(atoms)

    def _policy(self, _name, properties, presence):
        for held, principal in self._holders(properties, presence):
            self._document(principal, properties.get("PolicyDocument"), held)

    def _managed_policy(self, name, properties, presence):
        holders = list(self._holders(properties, presence))
        if not holders and name not in self._attached:
            # Attached by somebody outside of this template: the policy stands for its holders.
            holders = [(presence, "policy:" + name)]
        for held, principal in holders:
            self._document(principal, properties.get("PolicyDocument"), held)

    def _document(self, principal, value, presence):
        for effect, action, resource, condition, held in self._statements(value, presence):
            self._add(principal, effect, action, resource, condition, held)

    def _statements(self, value, presence):
        """The (effect, action, resource, condition, presence) of each permission of a policy document."""
        for held, document in self.names.branches(value, presence):
            statements = document.get("Statement") if isinstance(document, dict) else None
            if statements is None:
                yield "Opaque", _token(document), _ANY, frozenset(), held
                continue
            has_variables = str(document.get("Version")) == "2012-10-17"
            for both, statement in self.names.items(statements, held):
                yield from self._statement(statement, both, has_variables)

    def _statement(self, statement, presence, has_variables):
        if not isinstance(statement, dict) or "Effect" not in statement:
            yield "Opaque", _token(statement), _ANY, frozenset(), presence
            return
        resources = list(self._resources(statement, presence, has_variables))
        for held, effect in self.names.texts(statement["Effect"], presence):
            for with_condition, condition in conditions(self.names, statement.get("Condition"), held):
                for with_action, action in self._actions(statement, with_condition):
                    for with_resource, resource in resources:
                        if with_action & with_resource:
                            yield "".join(effect), action, resource, condition, with_action & with_resource

    def _actions(self, statement, presence):
        if "NotAction" in statement:
            yield presence, self._excluded("NotAction", statement["NotAction"])
        for held, action in self.names.items(statement.get("Action"), presence):
            for both, atoms in self.names.texts(action, held):
                yield both, tuple(atom.lower() if len(atom) == 1 else atom for atom in atoms)

    def _resources(self, statement, presence, has_variables):
        if "NotResource" in statement:
            yield presence, self._excluded("NotResource", statement["NotResource"])
        for held, resource in self.names.items(statement.get("Resource"), presence):
            for both, atoms in self.names.resources_of(resource, self.names.existing(resource, held)):
                # Without that version an IAM policy variable is literal text, so it is another resource.
                if not has_variables and "$" in atoms:
                    atoms = ("${no-variables}", *atoms)
                yield both, atoms

    def _excluded(self, key, value):
        texts = [
            "".join(atoms)
            for _, member in self.names.items(value, self.worlds.always)
            for _, atoms in self.names.texts(member, self.worlds.always)
        ]
        return ("${" + key + ":" + canonical_json(sorted(texts)) + "}",)

    def _permission(self, _name, properties, presence):
        presence = self.names.existing(properties, presence)
        entries = (
            ("SourceArn", "ArnLike", "aws:sourcearn"),
            ("SourceAccount", "StringEquals", "aws:sourceaccount"),
            ("EventSourceToken", "StringEquals", "lambda:eventsourcetoken"),
            ("FunctionUrlAuthType", "StringEquals", "lambda:functionurlauthtype"),
            ("InvokedViaFunctionUrl", "Bool", "lambda:invokedviafunctionurl"),
            ("PrincipalOrgID", "StringEquals", "aws:principalorgid"),
        )
        block = {operator: {} for _, operator, _ in entries}
        for name, operator, key in entries:
            if name in properties:
                block[operator][key] = properties[name]
        for held, condition in conditions(self.names, block, presence):
            for on, function in self.names.function_arns(properties.get("FunctionName"), held):
                for by, principal in self.names.texts(properties.get("Principal"), on):
                    for may, action in self._actions(properties, by):
                        self._add("".join(principal), "Allow", action, function, condition, may)

    def _queue_policy(self, _name, properties, presence):
        presence = self.names.existing(properties, presence)
        for held, queue in self.names.items(properties.get("Queues"), presence):
            self._resource_policy(properties, self.names.queue_arns(queue, held))

    def _topic_policy(self, _name, properties, presence):
        presence = self.names.existing(properties, presence)
        for held, topic in self.names.items(properties.get("Topics"), presence):
            self._resource_policy(properties, self.names.texts(topic, held))

    def _resource_policy(self, properties, targets):
        for presence, target in targets:
            for held, document in self.names.branches(properties.get("PolicyDocument"), presence):
                shared = mapping(document)
                for both, statement in self.names.items(shared.get("Statement"), held):
                    self._resource_statement(target, statement, both, str(shared.get("Version")) == "2012-10-17")

    def _resource_statement(self, target, statement, presence, has_variables):
        for held, principal in self._statement_principals(mapping(statement), presence):
            for effect, action, resource, condition, both in self._statement(statement, held, has_variables):
                # The policy of a queue or topic speaks about that one only, however wide its `Resource` is.
                if covers(resource, target):
                    self._add(principal, effect, action, target, condition, both)
                elif None in (self.names.resource_with(resource), self.names.resource_with(target)):
                    self._add(principal, effect, action, resource, condition, both)

    def _statement_principals(self, statement, presence):
        if "NotPrincipal" in statement:
            yield presence, "NotPrincipal:" + canonical_json(statement["NotPrincipal"])
        for held, principal in self.names.branches(statement.get("Principal"), presence):
            if not isinstance(principal, dict) or "Ref" in principal or len(principal) == 0:
                principal = {"AWS": principal}
            for kind, members in principal.items():
                for within, member in self.names.items(members, held):
                    for both, atoms in self.names.texts(member, within):
                        yield both, "".join(atoms) if kind == "Service" else f"{kind}:{''.join(atoms)}"


def _token(value):
    return ("${opaque:" + canonical_json(value) + "}",)
