"""What is wrong with templates by themselves: JSON lines in, JSON lines out.

A line in has `text` and `format`. A line out has `refused`, the translator's messages or null, and of the expansion
`cycles`, the resources that wait for each other, and `dangling`, those that are referred to though they may be absent.
"""

import json
import sys

from dependencies import Dependencies
from expand import Refused, expand
from grants import Grants
from presence import Worlds


def weaknesses(text, form):
    """The answer for one template."""
    try:
        template = expand(text, form)
    except Refused as refused:
        return {"refused": refused.messages, "cycles": [], "dangling": []}
    graph = Dependencies(template, Grants(template, Worlds(template, template)).names)
    cycles = sorted(sorted(cycle) for cycle in graph.cycles())
    return {"refused": None, "cycles": cycles, "dangling": sorted(graph.dangling)}


def main():
    """Answers every line of standard input."""
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(weaknesses(question["text"], question["format"])), flush=True)


if __name__ == "__main__":
    main()
