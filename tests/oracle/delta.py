"""Two sets of grants against the delta that a rewrite declares.

The rule: what `after` grants and `before` does not is declared as added, what `before` grants and `after` does not is
declared as removed, and every declaration is true. Cover by wildcards counts, per principal and per world of the
template's conditions. It knows nothing about templates beyond the notation of a declared resource.
"""

import iam_conditions
from cover import covers, tidy
from iam_conditions import Claim
from notation import patterns, shape


class Held:
    """The grants of one template, indexed by who holds them."""

    def __init__(self, grants):
        self.grants = grants
        self._by_holder = {}
        for grant in grants.all:
            self._by_holder.setdefault((grant.principal, grant.effect), []).append(grant)

    def covering(self, principal, action, resource, effect="Allow"):
        """The grants that cover an action on a resource, whatever their IAM condition."""
        for grant in self._by_holder.get((principal, effect), ()):
            if covers(grant.action, action) and covers(grant.resource, resource):
                yield grant

    def presence(self, principal, action, resource, condition, effect="Allow"):
        """When the permission is held."""
        result = 0
        for grant in self.covering(principal, action, resource, effect):
            if iam_conditions.covers(grant.condition, condition):
                result |= grant.presence
        return result

    def lacks(self, grant):
        """When `grant`, of another template, is not held here."""
        return grant.presence & ~self.presence(
            grant.principal, grant.action, grant.resource, grant.condition, grant.effect
        )


class Declared:
    """One permission that a rewrite states, as given (`entry`) and as the patterns and the presence it means.

    `grants` are those of the template in which it is held. `readings` are the lists of (presence, resource pattern)
    that the resource's text can stand for: one, unless it has expressions in it that only a stack can evaluate.
    `when` is None where the entry's formula is in words that are not understood.
    """

    def __init__(self, entry, grants):
        self.entry = entry
        self.principal = str(entry.get("principal", ""))
        self.action = tidy(tuple(str(entry.get("action", "")).lower()))
        self.when = grants.worlds.formula(grants.names.conditions, str(entry.get("when") or "always"))
        self.condition = Claim(entry.get("condition"), grants.names)
        place = str(entry.get("on") or "")
        text = str(entry.get("resource") or place)
        if text in grants.names.resources:
            text = "${" + text + ".Arn}"
        found, opaque = patterns(text, grants.names)
        found = [(held, atoms) for held, atoms in found if self.when is None or self.when & held]
        readings = _readings(found, grants) if opaque else [found]
        self.readings = [reading for reading in readings if _all_on(place, reading, grants.names)]

    def key(self):
        """What makes two declarations the same."""
        place = str(self.entry.get("resource") or self.entry.get("on"))
        return self.principal, self.action, place, self.condition.text, self.when

    def excuses(self, grant):
        """The worlds in which the declaration speaks about the whole of `grant`; all of them as -1."""
        speaks = (
            self.principal == grant.principal
            and covers(self.action, grant.action)
            and any(covers(resource, grant.resource) for reading in self.readings for _, resource in reading)
        )
        if not speaks:
            return 0
        return self.condition.excuses(grant.condition) & (-1 if self.when is None else self.when)

    def changes(self, old, new, opposite):
        """Whether all of it is held in `new` when it says so, and, in some world, not in `old`.

        What a declaration of the `opposite` kind speaks about as a part is gone in between: one rewrite takes `events:*`, and
        another gives `events:PutRule` back.
        """
        return self.held_in(new) and (
            any(all(self._lacking(old, new, resource) for _, resource in reading) for reading in self.readings)
            or any(wider.holds(self) for wider in opposite)
        )

    def holds(self, part):
        """Whether it is wider than another declaration, and speaks about all of that."""
        mine = [resource for reading in self.readings for _, resource in reading]
        return (
            self.principal == part.principal
            and self.action != part.action
            and covers(self.action, part.action)
            and self.condition.text == part.condition.text
            and self.when == part.when
            and all(
                any(covers(wide, resource) for wide in mine) for reading in part.readings for _, resource in reading
            )
        )

    def _lacking(self, old, new, resource):
        return any(
            presence & ~old.presence(self.principal, self.action, resource, condition)
            for presence, condition in self._given(new, resource)
        )

    def _given(self, side, resource):
        """The (presence, condition) of what `side` grants of it."""
        for grant in side.covering(self.principal, self.action, resource):
            for worlds, condition in self.condition.within(grant.condition):
                if grant.presence & worlds:
                    yield grant.presence & worlds, condition

    def held_in(self, side):
        """Whether all of it is held when it says so."""
        return any(
            reading and all(self._held(side, said, resource) for said, resource in reading) for reading in self.readings
        )

    def _held(self, side, said, resource):
        presence = 0
        for held, _ in self._given(side, resource):
            presence |= held
        return bool(presence) and (self.when is None or not self.when & said & ~presence)


def _readings(found, grants):
    """The resources of `grants` that have the shape of one of the patterns."""
    shapes = {atoms for _, atoms in found}
    resources = {grant.resource for grant in grants.all}
    return [[(grants.worlds.always, atoms)] for atoms in resources if shape(atoms) in shapes]


def _all_on(place, reading, names):
    """Whether all patterns are about the resource `place`, where that is one of the template's."""
    if names.kind_of(place) is None:
        return True
    arns = [atoms for _, atoms in names.arns_of(place)]
    return all(any(atoms[: len(arn)] == arn for arn in arns) for _, atoms in reading)


def judge(before, after, added, removed, kept):
    """The details of everything that the declaration gets wrong; an empty list is a correct one.

    `before` and `after` are `grants.Grants` over the same worlds; the rest are lists of declared permissions.
    """
    old, new = Held(before), Held(after)
    added = [Declared(entry, after) for entry in added]
    removed = [Declared(entry, before) for entry in removed]
    # Rewrites of one file state their deltas one after the other; what one takes and another gives back is no change.
    both = {entry.key() for entry in added} & {entry.key() for entry in removed}
    added = [entry for entry in added if entry.key() not in both]
    removed = [entry for entry in removed if entry.key() not in both]
    details = []
    sides = (("added", added, removed, old, new), ("removed", removed, added, new, old))
    for kind, declared, opposite, one, other in sides:
        details += _undeclared(kind, declared, one, other)
        for entry in declared:
            if not entry.changes(one, other, opposite):
                details.append({"kind": "unreal-" + kind, **entry.entry})
    for entry in kept:
        for side, name in ((old, "before"), (new, "after")):
            if not Declared(entry, side.grants).held_in(side):
                details.append({"kind": "unreal-kept", "not_in": name, **entry})
    return details


def _undeclared(kind, declared, one, other):
    """What `other` holds, `one` does not, and nobody declared. Only a permission can be declared, never a denial."""
    for grant in other.grants.all:
        missing = one.lacks(grant)
        # Several declarations can share the worlds: one for each branch of an `Fn::If`, say.
        for entry in declared if missing and grant.effect == "Allow" else ():
            missing &= ~entry.excuses(grant)
        if missing:
            yield {
                "kind": "undeclared-" + kind,
                "principal": grant.principal,
                "effect": grant.effect,
                "action": "".join(grant.action),
                "resource": other.grants.names.show(grant.resource),
                "condition": iam_conditions.show(grant.condition, other.grants.names),
                "when": other.grants.worlds.describe(missing),
            }
