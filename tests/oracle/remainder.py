"""What of an expanded template a rewrite of permissions must leave as it is, and what it must not break.

Owns the comparison of everything but roles' policies and policy resources, references to what does not exist in some
world of the template's conditions, and dependency cycles. It knows nothing about what a policy grants.
"""

import re

from canonical import mapping
from grants import POLICY_TYPES
from presence import canonical_json, single

_MAX_PATHS = 20
_SUBSTITUTED = re.compile(r"\$\{([^!}.][^}.]*)")


def changes(before, after):
    """Paths at which the templates differ apart from permissions, at most `_MAX_PATHS` of them."""
    found = []
    _compare(_skeleton(before), _skeleton(after, mapping(before.get("Conditions"))), [], found)
    return found[:_MAX_PATHS]


def _skeleton(template, conditions=None):
    """The template without what it grants. Named conditions outside of `conditions`, when given, are dropped.

    A rewrite may add a named condition for a connector; it may not change one.
    """
    resources = mapping(template.get("Resources"))
    policies = {name for name, resource in resources.items() if mapping(resource).get("Type") in POLICY_TYPES}
    kept = {name: _bare(resource, policies) for name, resource in resources.items() if name not in policies}
    result = {**template, "Resources": kept}
    named = mapping(template.get("Conditions"))
    result["Conditions"] = {name: value for name, value in named.items() if conditions is None or name in conditions}
    return result


def _bare(resource, policies):
    result = dict(resource)
    # Only the order in which policies come to be may change; everything else still waits for what it waited for.
    awaited = result.pop("DependsOn", None)
    awaited = awaited if isinstance(awaited, list) else [awaited]
    result["DependsOn"] = sorted({str(name) for name in awaited if name is not None and name not in policies})
    if result.get("Type") == "AWS::IAM::Role":
        properties = mapping(result.get("Properties"))
        result["Properties"] = {
            name: value for name, value in properties.items() if name not in ("Policies", "ManagedPolicyArns")
        }
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


def references(value):
    """The names that an expression refers to, as (name, the conditions decided on the way: (name, side) pairs)."""
    stack = [(value, ())]
    while stack:
        value, decided = stack.pop()
        function, argument = single(value)
        if function == "Ref" and isinstance(argument, str):
            yield argument, decided
        elif function == "Fn::GetAtt":
            name = argument[0] if isinstance(argument, list) and argument else str(argument).split(".", 1)[0]
            if isinstance(name, str):
                yield name, decided
        elif function == "Fn::Sub":
            text, variables = argument, {}
            if isinstance(argument, list) and len(argument) == 2:
                text, variables = argument[0], mapping(argument[1])
            for match in _SUBSTITUTED.finditer(text if isinstance(text, str) else ""):
                if match.group(1).strip() not in variables:
                    yield match.group(1).strip(), decided
            stack += [(variable, decided) for variable in variables.values()]
        elif function == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
            stack += [(argument[1], (*decided, (argument[0], True))), (argument[2], (*decided, (argument[0], False)))]
        elif isinstance(value, dict):
            stack += [(member, decided) for member in value.values()]
        elif isinstance(value, list):
            stack += [(member, decided) for member in value]


def _depends_on(resource):
    awaited = resource.get("DependsOn")
    return [name for name in (awaited if isinstance(awaited, list) else [awaited]) if isinstance(name, str)]


class References:
    """Who refers to whom in one expanded template; `names` are its `canonical.Expressions`."""

    def __init__(self, template, names):
        self._names = names
        self._known = set(mapping(template.get("Parameters"))) | set(names.resources)
        self.dangling = {}
        self.edges = {name: set() for name in names.resources}
        for name, resource in names.resources.items():
            presence = names.presence_of(name)
            for target, decided in references(resource.get("Properties")):
                self._refer(name, target, self._decide(presence, decided))
            for target in _depends_on(resource):
                # CloudFormation ignores a dependency on a resource whose condition is false.
                self._refer(name, target, 0 if target in names.resources else presence)
        for name, output in mapping(template.get("Outputs")).items():
            presence = names.worlds.always
            if isinstance(output, dict) and "Condition" in output:
                presence = names.named(output["Condition"])
            for target, decided in references(mapping(output).get("Value")):
                self._refer(f"Outputs.{name}", target, self._decide(presence, decided))

    def _decide(self, presence, decided):
        for condition, side in decided:
            holds = self._names.named(condition)
            presence &= holds if side else ~holds
        return presence

    def _refer(self, source, target, presence):
        if target in self.edges and source in self.edges:
            self.edges[source].add(target)
        if target.startswith("AWS::") or target in self._known and target not in self._names.resources:
            return
        missing = presence & ~self._names.presence_of(target)
        if missing:
            self.dangling[source, target] = self.dangling.get((source, target), 0) | missing

    def cycles(self):
        """The strongly connected sets of more than one resource, and resources that refer to themselves."""
        order, numbers, low, path, on_path, found = 0, {}, {}, [], set(), []
        for root in self.edges:
            work = [(root, iter(sorted(self.edges[root])))] if root not in numbers else []
            while work:
                name, targets = work[-1]
                if name not in numbers:
                    numbers[name] = low[name] = order
                    order += 1
                    path.append(name)
                    on_path.add(name)
                target = next(targets, None)
                if target is None:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[name])
                    if low[name] == numbers[name]:
                        members = path[path.index(name) :]
                        del path[path.index(name) :]
                        on_path -= set(members)
                        if len(members) > 1 or name in self.edges[name]:
                            found.append(frozenset(members))
                elif target not in numbers:
                    work.append((target, iter(sorted(self.edges[target]))))
                elif target in on_path:
                    low[name] = min(low[name], numbers[target])
        return found


def broken(before, after):
    """Details of references and cycles that only `after` gets wrong; both are `References`."""
    hopeless = 0
    for missing in before.dangling.values():
        hopeless |= missing
    details = []
    for (source, target), missing in after.dangling.items():
        # A world in which the template could not be deployed before is no worse for it now.
        if missing & ~hopeless:
            worlds = after._names.worlds
            details.append({"kind": "dangling", "from": source, "to": target, "when": worlds.describe(missing & ~hopeless)})
    known = before.cycles()
    for members in after.cycles():
        if not any(members <= cycle for cycle in known):
            details.append({"kind": "cycle", "resources": sorted(members)})
    return details
