"""What of an expanded template a rewrite of permissions must leave as it is.

Owns the comparison of everything but the permissions themselves: roles apart from their policies, policy resources
that stay apart from what they grant, and the whole rest of the template. It knows nothing about what a policy grants.
"""

from canonical import mapping
from grants import POLICY_TYPES
from presence import canonical_json

_MAX_PATHS = 20

_CONNECTOR = "AWS::Serverless::Connector"

# What is compared as grants, and not here: resources that are nothing else, and properties of the others.
_PERMISSIONS = POLICY_TYPES | {_CONNECTOR}
_GRANTING = {
    "AWS::IAM::Role": ("Policies", "ManagedPolicyArns"),
    "AWS::Serverless::Function": ("Policies",),
    "AWS::Serverless::StateMachine": ("Policies",),
    **{kind: ("PolicyDocument", "Roles") for kind in POLICY_TYPES},
}


def changes(before, after):
    """Paths at which two templates differ apart from permissions, at most `_MAX_PATHS` of them.

    Templates as written compare as well as expanded ones; the translator drops what it does not know.
    """
    found = []
    old, new = _skeleton(before, after), _skeleton(after, before)
    new["Conditions"] = {name: value for name, value in new["Conditions"].items() if name in old["Conditions"]}
    _compare(old, new, [], found)
    return found[:_MAX_PATHS]


def _skeleton(template, other):
    """The template without what it grants, as far as it is to be compared with `other`.

    A policy resource may come and go, and a connector may take the place of one; a named condition may come for a
    connector, but none may go or change.
    """
    resources, others = mapping(template.get("Resources")), mapping(other.get("Resources"))
    policies = _policies(resources)
    awaitable = policies | _policies(others) | _embedded(resources) | _embedded(others)
    roles = _roles(resources) | _roles(others)
    kept = {
        name: _bare(resource, awaitable, _heirs(others.get(name), awaitable, roles))
        for name, resource in resources.items()
        if name not in policies or _stays(resource, others.get(name))
    }
    conditions = mapping(template.get("Conditions"))
    return {**template, "Resources": kept, "Conditions": conditions}


def _policies(resources):
    return {name for name, resource in resources.items() if _kind(resource) in _PERMISSIONS}


def _embedded(resources):
    """The ids of the connectors that are written inside of other resources."""
    connectors = {name: mapping(mapping(resource).get("Connectors")) for name, resource in resources.items()}
    return {f"{name}{key}" for name, keys in connectors.items() for key in keys}


def _stays(resource, other):
    """Whether a policy resource is hand-written in both templates."""
    return _kind(resource) == _kind(other) != _CONNECTOR and not any(
        "aws:sam:connectors" in mapping(one.get("Metadata")) for one in (resource, other)
    )


def _kind(resource):
    kind = mapping(resource).get("Type")
    return kind if isinstance(kind, str) else None


def _roles(resources):
    """The ids of roles, written or made by SAM."""
    made = {f"{name}Role" for name, one in resources.items() if str(_kind(one)).startswith("AWS::Serverless::")}
    return made | {name for name, one in resources.items() if _kind(one) == "AWS::IAM::Role"}


def _awaited(resource):
    names = mapping(resource).get("DependsOn")
    return {str(name) for name in (names if isinstance(names, list) else [names]) if name is not None}


def _heirs(other, awaitable, roles):
    """The roles that a resource may wait for where its other version waits for a policy."""
    return roles - _awaited(other) if _awaited(other) & awaitable else set()


def _bare(resource, awaitable, heirs):
    """A resource without what it grants, and without waiting for policies or for the roles that they became part of."""
    if not isinstance(resource, dict):
        return resource
    result = {key: value for key, value in resource.items() if key != "Connectors"}
    # Only the order in which policies come to be may change; everything else still waits for what it waited for.
    result.pop("DependsOn", None)
    result["DependsOn"] = sorted(_awaited(resource) - awaitable - heirs)
    if _kind(resource) in POLICY_TYPES:
        # When it is there is a part of each of its grants, where what it refers to counts too.
        result.pop("Condition", None)
    granting = _GRANTING.get(_kind(resource), ())
    if granting:
        properties = mapping(result.get("Properties"))
        result["Properties"] = {name: value for name, value in properties.items() if name not in granting}
    return result


def _compare(old, new, path, found):
    if len(found) > _MAX_PATHS:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in old or key not in new:
                found.append(".".join([*path, str(key)]))
            else:
                _compare(old[key], new[key], [*path, str(key)], found)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new)):
            _compare(left, right, [*path, str(index)], found)
    elif canonical_json(old) != canonical_json(new):
        found.append(".".join(path))
