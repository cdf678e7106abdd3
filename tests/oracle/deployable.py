"""Whether an expanded template can still be deployed after a rewrite, as far as permissions can get in the way.

Owns policies that IAM would reject, resource policies that overwrite or delete each other, and logical ids that change
their type. Only what the rewrite made worse counts.
"""

import dependencies
from canonical import mapping

# The policy resources of which a target can have only one: what the target is, and the property that names it.
_EXCLUSIVE = {
    "AWS::SQS::QueuePolicy": ("queue", "Queues"),
    "AWS::SQS::QueueInlinePolicy": ("queue", "Queue"),
    "AWS::SNS::TopicPolicy": ("topic", "Topics"),
    "AWS::SNS::TopicInlinePolicy": ("topic", "TopicArn"),
}

# What it is when two policies are written to one place of each kind.
_SHARED = {"queue": "overwritten-policy", "topic": "overwritten-policy", "name": "two-policies-of-one-name"}

# The inline policies that are resources of their own, with the property that names the roles.
_INLINE = {"AWS::IAM::Policy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}


class Policies:
    """What is wrong with the policies of one expanded template.

    `faults` is (what, where, which) → when. `written` is a place that holds one policy (a queue, a topic, or a name
    among the inline policies of a role) → who writes it → when; who is a logical id, with an index for a role's own.
    """

    def __init__(self, names):
        self._names = names
        self.faults = {}
        self.written = {}
        for name, resource in names.resources.items():
            kind, properties = names.type_of(name), mapping(resource.get("Properties"))
            if not isinstance(kind, str):
                continue
            presence = names.presence_of(name)
            if kind == "AWS::IAM::Role":
                for index, (held, policy) in enumerate(names.items(properties.get("Policies"), presence)):
                    self._name((name, index), {"Ref": name}, mapping(policy), held)
                    self._document(name, mapping(policy).get("PolicyDocument"), held)
            elif "PolicyDocument" in properties:
                self._document(name, properties["PolicyDocument"], presence)
            if kind in _INLINE:
                for held, role in names.items(properties.get(_INLINE[kind]), presence):
                    self._name(name, role, properties, held)
            if kind in _EXCLUSIVE:
                self._target(name, _EXCLUSIVE[kind][0], properties.get(_EXCLUSIVE[kind][1]), presence)
        for (kind, where), policies in self.written.items():
            self._count(_SHARED[kind], where, policies.values())

    def _name(self, writer, role, policy, presence):
        for held, holder in self._names.texts(role, presence):
            for both, atoms in self._names.texts(policy.get("PolicyName"), held):
                self._write("name", "".join(holder) + " " + "".join(atoms), writer, both)

    def _target(self, writer, kind, value, presence):
        for held, target in self._names.items(value, presence):
            arns = self._names.queue_arns if kind == "queue" else self._names.texts
            for both, atoms in arns(target, held):
                self._write(kind, f"{kind} {self._names.show(atoms)}", writer, both)

    def _write(self, kind, where, writer, presence):
        writers = self.written.setdefault((kind, where), {})
        writers[writer] = writers.get(writer, 0) | presence

    def _count(self, what, where, presences):
        """A fault for each policy beyond the first: the last one that is written wins."""
        at_least = []
        for presence in presences:
            for index, held in enumerate(at_least):
                at_least[index], presence = held | presence, held & presence
            at_least.append(presence)
        for count, presence in enumerate(at_least[1:], start=2):
            self._fault(what, where, presence, count)

    def _document(self, where, value, presence):
        for held, document in self._names.branches(value, presence):
            empty = held
            for both, statement in self._names.items(mapping(document).get("Statement"), held):
                empty &= ~both
                for keys in (("Action", "NotAction"), ("Resource", "NotResource")):
                    filled = 0
                    for key in keys:
                        for some, _ in self._names.items(mapping(statement).get(key), both):
                            filled |= some
                    self._fault("empty-statement", where, both & ~filled)
            self._fault("empty-policy", where, empty)

    def _fault(self, what, where, presence, which=1):
        if presence:
            key = what, where, which
            self.faults[key] = self.faults.get(key, 0) | presence


def _worse_policies(before, after, worlds):
    found = {}
    for (what, where, which), presence in after.faults.items():
        found[what, where] = found.get((what, where), 0) | presence & ~before.faults.get((what, where, which), 0)
    for place, writers in before.written.items():
        now = after.written.get(place, {})
        left = 0
        for presence in now.values():
            left |= presence
        for writer, presence in writers.items():
            # An update deletes resources last, and what it deletes is the policy in that place, whoever wrote it.
            if isinstance(writer, str):
                key = "deleted-policy", place[1]
                found[key] = found.get(key, 0) | presence & ~now.get(writer, 0) & left
    for (what, where), presence in found.items():
        if presence:
            yield {"kind": "invalid-policy", "what": what, "where": where, "when": worlds.describe(presence)}


def broken(before, after, old, new):
    """Details of what only the template `after` gets wrong; `old` and `new` are the `canonical.Expressions` of both."""
    graphs = [dependencies.Dependencies(*side) for side in ((before, old), (after, new))]
    details = list(dependencies.worse(*graphs, new.worlds))
    for name in new.resources:
        kinds = old.type_of(name), new.type_of(name)
        if name in old.resources and kinds[0] != kinds[1]:
            details.append({"kind": "type-change", "resource": name, "from": kinds[0], "to": kinds[1]})
    return details + list(_worse_policies(Policies(old), Policies(new), new.worlds))
