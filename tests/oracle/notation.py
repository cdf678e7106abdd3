"""What the text of a declared resource means: `Fn::Sub` notation in, patterns of atoms out.

In `${…}` that holds more than a name only the place counts; such a text is opaque, and is compared by its shape. It
knows nothing about permissions.
"""

import re

from cover import tidy

_NAME = re.compile(r"\$\{!?[A-Za-z0-9.: ]*\}")
_ARN = re.compile(r"\$\{([A-Za-z0-9]+)\.Arn\}")
_OPAQUE = "${some expression}"


def patterns(text, names):
    """The (presence, atoms) that a text can stand for, and whether they are shapes; `names` are the `Expressions`."""
    plain, opaque = _without_expressions(text)
    # Every resource has an ARN for people, also where the attribute has another name.
    plain = _ARN.sub(lambda match: names.sub_of_arn(match.group(1)), plain)
    found = [(held, tidy(atoms)) for held, atoms in names.resources_of({"Fn::Sub": plain}, names.worlds.always)]
    return [(held, shape(atoms)) for held, atoms in found] if opaque else found, opaque


def shape(atoms):
    """Atoms in which all expressions that only a stack can evaluate are alike."""
    return tuple(_OPAQUE if atom.startswith("${{") else atom for atom in atoms)


def _without_expressions(text):
    """The text with each `${…}` that holds more than a name replaced by one token, and whether there were any."""
    result, position, opaque = "", 0, False
    while (start := text.find("${", position)) >= 0:
        depth, end = 1, start + 2
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        whole = text[start:end]
        is_name = _NAME.fullmatch(whole)
        opaque = opaque or not is_name
        result += text[position:start] + (whole if is_name else _OPAQUE)
        position = end
    return result + text[position:], opaque
