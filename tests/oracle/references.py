"""What an expression refers to, without saying what that is.

Owns the walk over `Ref`, `Fn::GetAtt` and `Fn::Sub`. Knows no resource types.
"""

import re

from presence import single

_SUBSTITUTED = re.compile(r"\$\{([^!}.][^}.]*)")


def references(value):
    """The names that a value refers to, each with the (condition, side) pairs of the `Fn::If`s around it."""
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
            pair = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
            text, variables = pair[0], pair[1] if isinstance(pair[1], dict) else {}
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
