"""IAM conditions as sets of entries, and the text in which a rewrite declares one.

An entry is (operator, key, values): the request's value for the key has to match one of the values; all entries of a
condition have to hold, and none means always. Operators and keys are in one spelling, so that a Lambda permission's
`SourceArn`, `ArnEquals` and `ArnLike` meet. It knows nothing about who grants what.
"""

from canonical import mapping
from cover import covers as pattern_covers
from notation import patterns, shape
from presence import canonical_json

# The operators whose values are patterns, each with the one that stands for it.
_PATTERN_OPERATORS = {"ArnLike": "ArnLike", "ArnEquals": "ArnLike", "StringLike": "StringLike"}

_SOURCE = ("ArnLike", "aws:sourcearn")
_SAME_ACCOUNT = ("StringEquals", "aws:sourceaccount", frozenset({("${AWS::AccountId}",)}))

# What a declaration of each says; everything else is text of the rewrite's own.
_SOURCE_WORD, _SAME_ACCOUNT_WORDS = "source ", ", same account"

# With more worlds to tell apart than this, the values of an entry compare as one opaque whole.
_MAX_SPLITS = 64


def conditions(names, value, presence):
    """The (presence, entries) of a `Condition` block; the presences are disjoint and make up `presence`."""
    results = [(presence, frozenset())]
    for held, block in names.branches(value, presence):
        for operator, keys in block.items() if isinstance(block, dict) else [("opaque", block)]:
            for within, named in names.branches(keys, held):
                if not isinstance(named, dict):
                    named = {canonical_json(named): []}
                for key, values in named.items():
                    results = list(_with_entry(names, results, (str(operator), str(key), values), within))
    return results


def _with_entry(names, results, entry, presence):
    """`results` with one more entry where `presence` holds and the key has a value there at all."""
    operator, key, values = entry
    name, is_pattern = _PATTERN_OPERATORS.get(operator, operator), operator in _PATTERN_OPERATORS
    there = 0
    for held, _ in names.branches(values, presence):
        there |= held
    texts = [
        (both, atoms if is_pattern else ("".join(atoms),))
        for held, member in names.items(values, presence)
        for both, atoms in names.texts(member, held)
    ]
    borders = {held for held, _ in texts}
    for held, entries in results:
        if held & ~there:
            yield held & ~there, entries
        blocks = [held & there] if held & there else []
        for border in borders:
            blocks = [part for block in blocks for part in (block & border, block & ~border) if part]
        if len(blocks) * len(results) > _MAX_SPLITS:
            yield held & there, entries | {(name + canonical_json(values), key.lower(), frozenset())}
            continue
        for block in blocks:
            found = frozenset(text for held, text in texts if held & block)
            yield block, entries | {(name, key.lower(), found)}


def covers(wide, narrow):
    """Whether every request that meets the condition `narrow` meets `wide`."""
    return wide <= narrow or all(any(_entry_covers(entry, other) for other in narrow) for entry in wide)


def _entry_covers(wide, narrow):
    if wide[:2] != narrow[:2]:
        return False
    if wide[0] not in _PATTERN_OPERATORS:
        return wide[2] == narrow[2]
    return all(any(pattern_covers(pattern, value) for pattern in wide[2]) for value in narrow[2])


def show(condition, names):
    """The condition in the words of a declaration; empty for none."""
    sources = [values for operator, key, values in condition if (operator, key) == _SOURCE]
    plain = condition - {_SAME_ACCOUNT} - {(*_SOURCE, values) for values in sources}
    if not plain and len(sources) == 1 and len(sources[0]) == 1:
        (source,) = sources[0]
        return _SOURCE_WORD + names.show(source) + (_SAME_ACCOUNT_WORDS if _SAME_ACCOUNT in condition else "")
    entries = [[operator, key, *sorted(map("".join, values))] for operator, key, values in condition]
    return canonical_json(sorted(entries)) if entries else ""


class Claim:
    """The condition that a declaration states.

    None is a permission without one. `source R`, alone or with `, same account`, is exactly that. Any other text is in
    words of the rewrite's own, and stands for whatever condition there is.
    """

    def __init__(self, text, names):
        self.text = text
        self._opaque = False
        self._meant = None
        if text is None:
            self._meant = [(names.worlds.always, frozenset())]
        elif text.startswith(_SOURCE_WORD):
            source = text.removeprefix(_SOURCE_WORD)
            more = {_SAME_ACCOUNT} if source.endswith(_SAME_ACCOUNT_WORDS) else set()
            found, self._opaque = patterns(source.removesuffix(_SAME_ACCOUNT_WORDS), names)
            self._meant = [(held, frozenset({(*_SOURCE, frozenset({atoms})), *more})) for held, atoms in found]

    def excuses(self, condition):
        """The worlds in which the claim speaks about the whole of a grant with this condition; all of them as -1."""
        if self._meant is None:
            return -1 if condition else 0
        worlds = 0
        for held, meant in self._meant:
            if covers(meant, self._like(condition)):
                worlds |= held
        return worlds

    def within(self, condition):
        """The (worlds, condition) of what is claimed, where a grant with this `condition` gives all of it."""
        if self._meant is None:
            return [(-1, condition)] if condition else []
        like = self._like(condition)
        return [(held, condition if self._opaque else meant) for held, meant in self._meant if covers(like, meant)]

    def _like(self, condition):
        """The condition as the claim can see it: expressions that only a stack evaluates are all alike in its text."""
        if not self._opaque:
            return condition
        return frozenset((operator, key, frozenset(map(shape, values))) for operator, key, values in condition)
