"""Whether an expanded template can still be deployed after a rewrite, as far as permissions can get in the way.

Owns references to what does not exist in some world of the template's conditions, dependency cycles, policies that
IAM would reject, and resource policies that overwrite each other. Only what the rewrite made worse counts.
"""

from canonical import mapping
from references import references


def _depends_on(resource):
    awaited = resource.get("DependsOn")
    return [name for name in (awaited if isinstance(awaited, list) else [awaited]) if isinstance(name, str)]


class References:
    """Who refers to whom in one expanded template; `names` are its `canonical.Expressions`.

    `dangling` is (from, to) → when the target does not exist though the reference does; `unknown` is a name that the
    template does not have → one who refers to it.
    """

    def __init__(self, template, names):
        self._names = names
        self._parameters = mapping(template.get("Parameters"))
        self.dangling = {}
        self.unknown = {}
        self.edges = {name: set() for name in names.resources}
        for name, resource in names.resources.items():
            presence = names.presence_of(name)
            for target, decided in references(resource.get("Properties")):
                self._refer(name, target, names.decided(presence, decided))
            for target in _depends_on(resource):
                # CloudFormation ignores a dependency on a resource whose condition is false.
                self._refer(name, target, 0 if target in names.resources else presence)
        for name, output in mapping(template.get("Outputs")).items():
            presence = names.worlds.always
            if isinstance(output, dict) and "Condition" in output:
                presence = names.named(output["Condition"])
            for target, decided in references(mapping(output).get("Value")):
                self._refer(f"Outputs.{name}", target, names.decided(presence, decided))

    def _refer(self, source, target, presence):
        if target in self.edges and source in self.edges:
            self.edges[source].add(target)
        if target in self._names.resources:
            missing = presence & ~self._names.presence_of(target)
            if missing:
                self.dangling[source, target] = self.dangling.get((source, target), 0) | missing
        elif presence and not target.startswith("AWS::") and target not in self._parameters:
            self.unknown.setdefault(target, source)

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


class Policies:
    """What is wrong with the policies of one expanded template: `faults` is (what, where) → when."""

    def __init__(self, names):
        self._names = names
        self.faults = {}
        targets = {}
        for name, resource in names.resources.items():
            kind, properties = resource.get("Type"), mapping(resource.get("Properties"))
            presence = names.presence_of(name)
            if kind == "AWS::IAM::Role":
                self._inline(name, properties, presence)
            elif "PolicyDocument" in properties:
                self._document(name, properties["PolicyDocument"], presence)
            if kind in _EXCLUSIVE:
                for held, target in names.items(properties.get(_EXCLUSIVE[kind]), presence):
                    for both, atoms in names.texts(target, held):
                        self._once("overwritten-policy", kind + " of " + names.show(atoms), targets, both)

    def _inline(self, role, properties, presence):
        taken = {}
        for held, policy in self._names.items(properties.get("Policies"), presence):
            for both, atoms in self._names.texts(mapping(policy).get("PolicyName"), held):
                self._once("two-policies-of-one-name", role + " " + "".join(atoms), taken, both)
            self._document(role, mapping(policy).get("PolicyDocument"), held)

    def _once(self, what, where, taken, presence):
        self._fault(what, where, taken.get(where, 0) & presence)
        taken[where] = taken.get(where, 0) | presence

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

    def _fault(self, what, where, presence):
        if presence:
            self.faults[what, where] = self.faults.get((what, where), 0) | presence


# The policy resources of which a target can have only one, with the property that names the target.
_EXCLUSIVE = {"AWS::SQS::QueuePolicy": "Queues", "AWS::SNS::TopicPolicy": "Topics"}


def broken(before, after, old, new):
    """Details of what only the template `after` gets wrong; `old` and `new` are the `canonical.Expressions` of both."""
    worlds = new.worlds
    details = []
    referring, now = References(before, old), References(after, new)
    hopeless = 0
    for missing in referring.dangling.values():
        hopeless |= missing
    for (source, target), missing in now.dangling.items():
        # A world in which the template could not be deployed before is no worse for it now.
        missing &= ~hopeless
        if missing:
            details.append({"kind": "dangling", "from": source, "to": target, "when": worlds.describe(missing)})
    for target, source in now.unknown.items():
        # A fragment can refer to what the template that it is merged into has; it did so before.
        if target not in referring.unknown:
            details.append({"kind": "dangling", "from": source, "to": target, "when": "always"})
    known = referring.cycles()
    for members in now.cycles():
        if not any(members <= cycle for cycle in known):
            details.append({"kind": "cycle", "resources": sorted(members)})
    faults = Policies(old).faults
    for (what, where), presence in Policies(new).faults.items():
        presence &= ~faults.get((what, where), 0)
        if presence:
            details.append({"kind": "invalid-policy", "what": what, "where": where, "when": worlds.describe(presence)})
    return details
