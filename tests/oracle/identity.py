"""Whether two expansions are the same to a stack beyond granting the same: resource by resource, statement by statement,
or in the order in which they are made.

Owns what a request for identity compares. It forgives only what CloudFormation does not see: the mark that SAM leaves on what
a connector generates, and whether one name to wait for is written as a list.
"""

from collections import Counter

from canonical import mapping
from dependencies import Dependencies
from grants import POLICY_TYPES
from presence import canonical_json

_MARK = "aws:sam:connectors"


def differences(request, before, after, names):
    """Details of how `after` is not what a request for identity says; `names` are the `Expressions` of both."""
    if request == "expansion":
        return [{"kind": "not-identical", "path": path} for path in _paths(before, after)]
    if request == "statements":
        old, new = (_statements(one) for one in names)
        lost = [{"kind": "not-identical", "lost": text} for text in sorted((old - new).elements())]
        return lost + [{"kind": "not-identical", "gained": text} for text in sorted((new - old).elements())]
    if request == "order":
        old, new = (Dependencies(*pair).edges for pair in zip((before, after), names))
        return [
            {"kind": "not-identical", "from": name, "to": target}
            for name in sorted(old.keys() & new.keys())
            for target in sorted((_awaited(old, name) & new.keys()) - _awaited(new, name))
        ]
    raise ValueError(f"no such identity: {request}")


def _paths(before, after):
    """The parts that differ, down to the attribute of a resource."""
    for key in sorted({*before, *after} - {"Resources"}):
        if canonical_json(before.get(key)) != canonical_json(after.get(key)):
            yield key
    old, new = mapping(before.get("Resources")), mapping(after.get("Resources"))
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            yield f"Resources.{name}"
            continue
        one, other = _unmarked(old[name]), _unmarked(new[name])
        for key in sorted({*one, *other}):
            if canonical_json(one.get(key)) != canonical_json(other.get(key)):
                yield f"Resources.{name}.{key}"


def _awaited(edges, name):
    """What is made before a resource, at one remove or more."""
    seen, queue = set(), [name]
    while queue:
        for target in edges.get(queue.pop(), ()):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen


def _unmarked(resource):
    result = dict(mapping(resource))
    metadata = {key: value for key, value in mapping(result.pop("Metadata", None)).items() if key != _MARK}
    if metadata:
        result["Metadata"] = metadata
    awaited = result.pop("DependsOn", None)
    if awaited:
        # What is waited for is a set.
        result["DependsOn"] = sorted(awaited if isinstance(awaited, list) else [awaited])
    return result


def _statements(names):
    """Every statement of every policy of a role, as text: whose, when, and the statement with its expressions made canonical."""
    found = Counter()
    for name, resource in names.resources.items():
        properties, presence = mapping(resource.get("Properties")), names.presence_of(name)
        if resource.get("Type") == "AWS::IAM::Role":
            for held, policy in names.items(properties.get("Policies"), presence):
                found.update(_of_document(names, name, mapping(policy).get("PolicyDocument"), held))
        elif resource.get("Type") in POLICY_TYPES:
            for held, role in names.items(properties.get("Roles"), presence):
                # A policy for a role of the template is nothing where that role does not exist.
                held = names.existing(role, held)
                holder = role["Ref"] if isinstance(role, dict) and "Ref" in role else canonical_json(role)
                found.update(_of_document(names, holder, properties.get("PolicyDocument"), held))
    return found


def _of_document(names, holder, value, presence):
    for held, document in names.branches(value, presence):
        for both, statement in names.items(mapping(document).get("Statement"), held):
            both = names.existing(statement, both)
            if both:
                version = mapping(document).get("Version")
                yield canonical_json([holder, names.worlds.describe(both), str(version), _canonical(names, both, statement)])


def _canonical(names, presence, statement):
    """A statement whose resources are texts; all else as it is written."""
    if not isinstance(statement, dict):
        return statement
    texts = [
        names.show(atoms)
        for held, resource in names.items(statement.get("Resource"), presence)
        for _, atoms in names.texts(resource, held)
    ]
    actions = statement.get("Action")
    return {**statement, "Action": actions if isinstance(actions, list) else [actions], "Resource": texts}
