"""Who refers to whom in an expanded template: references to what does not exist, and dependency cycles.

A reference counts in the worlds in which it is there; the graph for cycles is made of all of them, whatever the
conditions, as a template with a cycle may be refused before any condition is looked at. It knows no resource types.
"""

from collections import deque

from canonical import mapping
from presence import conditions_used
from references import references

# The attributes of a resource in which CloudFormation evaluates references.
_ATTRIBUTES = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy")


def _depends_on(resource):
    awaited = resource.get("DependsOn")
    return [name for name in (awaited if isinstance(awaited, list) else [awaited]) if isinstance(name, str)]


class Dependencies:
    """The references of one expanded template; `names` are its `canonical.Expressions`.

    `dangling` is target → referrer → when the target does not exist though the reference does; `unknown` is a name
    that the template does not have → one who refers to it; `edges` is a resource → the resources it refers to.
    """

    def __init__(self, template, names):
        self._names = names
        self._parameters = mapping(template.get("Parameters"))
        self.dangling = {}
        self.unknown = {}
        self.edges = {name: set() for name in names.resources}
        for name, resource in names.resources.items():
            presence = names.presence_of(name)
            for target, decided in references([resource.get(attribute) for attribute in _ATTRIBUTES]):
                self._refer(name, target, names.decided(presence, decided))
            for target in _depends_on(resource):
                # CloudFormation ignores a dependency on a resource whose condition is false.
                self._refer(name, target, 0 if target in names.resources else presence)
        for name, output in mapping(template.get("Outputs")).items():
            presence = names.worlds.always
            if "Condition" in mapping(output):
                presence = names.named(output["Condition"])
            for target, decided in references([mapping(output).get(key) for key in ("Value", "Export")]):
                self._refer(f"Outputs.{name}", target, names.decided(presence, decided))
        for condition in conditions_used(template):
            if condition not in names.conditions:
                self.unknown.setdefault("condition " + condition, "the template")

    def _refer(self, source, target, presence):
        if target in self.edges and source in self.edges:
            self.edges[source].add(target)
        if target in self._names.resources:
            missing = presence & ~self._names.presence_of(target)
            if missing:
                referrers = self.dangling.setdefault(target, {})
                referrers[source] = referrers.get(source, 0) | missing
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

    def cycle_through(self, members, known):
        """One way around in a strongly connected set, if possible by a reference that is not in the `known` edges."""
        edges = [(source, target) for source in sorted(members) for target in sorted(self.edges[source] & members)]
        source, target = min(edges, key=lambda edge: edge[1] in known.get(edge[0], ()))
        before, queue = {target: None}, deque([target])
        while source not in before:
            name = queue.popleft()
            for following in sorted(self.edges[name] & members):
                if following not in before:
                    before[following] = name
                    queue.append(following)
        way = [source]
        while way[-1] != target:
            way.append(before[way[-1]])
        return [source, *reversed(way)]


def worse(before, after, worlds):
    """Details of what the `Dependencies` `after` get wrong and `before` did not."""
    for target, referrers in after.dangling.items():
        # Who refers to a resource may change with a rewrite; where somebody did so in vain, nothing deployed.
        excused = 0
        for missing in before.dangling.get(target, {}).values():
            excused |= missing
        for source, missing in referrers.items():
            if missing & ~excused:
                when = worlds.describe(missing & ~excused)
                yield {"kind": "dangling", "from": source, "to": target, "when": when}
    for target, source in after.unknown.items():
        # A fragment can refer to what the template that it is merged into has; it did so before.
        if target not in before.unknown:
            yield {"kind": "dangling", "from": source, "to": target, "when": "always"}
    known = before.cycles()
    for members in after.cycles():
        if not any(members <= cycle for cycle in known):
            way = after.cycle_through(members, before.edges)
            yield {"kind": "cycle", "resources": sorted(members), "way": " -> ".join(way)}
