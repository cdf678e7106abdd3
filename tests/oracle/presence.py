"""When something exists: truth tables over the conditions of a pair of templates.

A presence is an integer with one bit per world, a world being one assignment of true and false to every atom. Atoms
are the leaves of the `Conditions` sections (`Fn::Equals` and whatever else is no And/Or/Not), shared by both templates
of a pair so that their presences compare bit by bit. It knows nothing about resources.
"""

import json

# 2^24 bits are 2 MiB per presence, and bit operations on them still take well under a millisecond.
MAX_ATOMS = 24

_JUNCTIONS = ("Fn::And", "Fn::Or")


class TooManyConditions(Exception):
    """The pair has more condition atoms than a truth table is made for."""


def single(value):
    """The (function, argument) of a map with one key, else (None, None)."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    return None, None


def canonical_json(value):
    """One text per value: sorted keys, and dates as YAML wrote them."""
    return json.dumps(value, sort_keys=True, default=str)


class Worlds:
    """The truth tables of a pair of templates; `always` has every bit set."""

    def __init__(self, *templates):
        self._bits = {}
        self._names = {}
        for template in templates:
            conditions = template.get("Conditions")
            conditions = conditions if isinstance(conditions, dict) else {}
            for name, expression in conditions.items():
                self._collect(expression)
                key = _atom(expression)
                if key is not None:
                    self._names.setdefault(key, str(name))
            for name in conditions_used(template):
                # A fragment can leave its conditions to the template that it is merged into.
                if name not in conditions:
                    self._bits.setdefault(_undefined(name), 0)
                    self._names[_undefined(name)] = name
        if len(self._bits) > MAX_ATOMS:
            raise TooManyConditions(f"{len(self._bits)} condition atoms; the limit is {MAX_ATOMS}")
        self.always = (1 << (1 << len(self._bits))) - 1
        for index, key in enumerate(sorted(self._bits)):
            self._bits[key] = _runs(1 << index, 1 << len(self._bits))

    def _collect(self, expression):
        stack = [expression]
        while stack:
            expression = stack.pop()
            function, argument = single(expression)
            if function in _JUNCTIONS or function == "Fn::Not":
                stack.extend(argument if isinstance(argument, list) else [argument])
            elif function != "Condition":
                self._bits.setdefault(_atom(expression), 0)

    def table(self, conditions, expression, visiting=frozenset()):
        """The presence of a condition expression of a template with these `conditions`."""
        function, argument = single(expression)
        if function in _JUNCTIONS and isinstance(argument, list):
            tables = [self.table(conditions, part, visiting) for part in argument]
            result = self.always if function == "Fn::And" else 0
            for table in tables:
                result = result & table if function == "Fn::And" else result | table
            return result
        if function == "Fn::Not":
            part = argument[0] if isinstance(argument, list) and len(argument) == 1 else argument
            return self.always & ~self.table(conditions, part, visiting)
        if function == "Condition":
            return self.named(conditions, argument, visiting)
        return self._bits.get(_atom(expression), self.always)

    def named(self, conditions, name, visiting=frozenset()):
        """The presence of the condition `name`: an undefined one is an atom, one that refers to itself never holds."""
        if not isinstance(name, str) or name in visiting:
            return 0
        if name not in conditions:
            return self._bits.get(_undefined(name), 0)
        return self.table(conditions, conditions[name], visiting | {name})

    def formula(self, conditions, text):
        """The presence that a formula such as `A and not (B or C)` stands for; None where it is not understood."""
        tokens = text.replace("(", " ( ").replace(")", " ) ").split()
        try:
            presence = self._either(conditions, tokens)
        except (IndexError, KeyError):
            return None
        return None if tokens else presence

    def _either(self, conditions, tokens):
        presence = self._all(conditions, tokens)
        while tokens and tokens[0] == "or":
            tokens.pop(0)
            presence |= self._all(conditions, tokens)
        return presence

    def _all(self, conditions, tokens):
        presence = self._one(conditions, tokens)
        while tokens and tokens[0] == "and":
            tokens.pop(0)
            presence &= self._one(conditions, tokens)
        return presence

    def _one(self, conditions, tokens):
        token = tokens.pop(0)
        if token == "not":
            return self.always & ~self._one(conditions, tokens)
        if token == "(":
            presence = self._either(conditions, tokens)
            if tokens.pop(0) != ")":
                raise KeyError(token)
            return presence
        if token in ("always", "never"):
            return self.always if token == "always" else 0
        return self.named(conditions, token) if token in conditions else self._bits[_undefined(token)]

    def describe(self, presence):
        """Words for a presence: `always`, `never`, or one world in which it holds."""
        if presence == self.always:
            return "always"
        if presence == 0:
            return "never"
        world = presence & -presence
        parts = []
        for index, key in enumerate(sorted(self._bits)):
            table = self._bits[key]
            if (presence & table) << (1 << index) != presence & ~table:
                parts.append(("" if table & world else "not ") + self._names.get(key, key))
        return "for example " + " and ".join(parts)


def _undefined(name):
    return "undefined condition " + name


def conditions_used(value):
    """Every name that stands where a condition's name does."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, dict):
            stack.extend(value.values())
            function, argument = single(value)
            name = argument[0] if function == "Fn::If" and isinstance(argument, list) and argument else None
            for name in (name, value.get("Condition")):
                if isinstance(name, str):
                    yield name


def _runs(length, total):
    """`total` bits in runs of `length` ones and `length` zeros, beginning with ones."""
    bits, width = (1 << length) - 1, 2 * length
    while width < total:
        bits |= bits << width
        width *= 2
    return bits


def _atom(expression):
    """The key of a leaf, None for a composite; the operands of `Fn::Equals` have no order."""
    function, argument = single(expression)
    if function in _JUNCTIONS or function in ("Fn::Not", "Condition"):
        return None
    if function == "Fn::Equals" and isinstance(argument, list):
        return canonical_json({function: sorted(argument, key=canonical_json)})
    return canonical_json(expression)
