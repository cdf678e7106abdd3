"""Wildcard cover: whether everything that one pattern matches is matched by another.

A pattern is a tuple of atoms: one character of literal text, `*`, `?`, or a token such as `${Table}` (more than one
character) that stands for some unknown text. Cover is sound: what it affirms holds whatever the tokens become.
"""

from functools import lru_cache


def tidy(atoms):
    """The same pattern with each run of wildcards as its `?`s and then at most one `*`."""
    if "*" not in atoms:
        return atoms
    result = []
    run = []
    for atom in (*atoms, ""):
        if atom in ("*", "?"):
            run.append(atom)
            continue
        if run:
            result += ["?"] * run.count("?") + (["*"] if "*" in run else [])
            run = []
        if atom:
            result.append(atom)
    return tuple(result)


@lru_cache(maxsize=1 << 16)
def covers(wide, narrow):
    """Whether the pattern `wide` matches everything that `narrow` matches."""
    if wide == narrow:
        return True
    if "*" not in wide and "?" not in wide:
        return False
    if wide[-1] == "*" and "*" not in wide[:-1] and "?" not in wide[:-1]:
        return narrow[: len(wide) - 1] == wide[:-1]
    # Row by row over `wide`: which prefixes of `narrow` the part of `wide` read so far covers.
    reached = [True] + [False] * len(narrow)
    for atom in wide:
        if atom == "*":
            first = reached.index(True) if True in reached else len(reached)
            reached = [position >= first for position in range(len(reached))]
            continue
        reached = [False] + [
            reached[position] and (atom == other or atom == "?" and other != "*" and len(other) == 1)
            for position, other in enumerate(narrow)
        ]
    return reached[-1]
