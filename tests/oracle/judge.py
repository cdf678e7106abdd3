"""The judge: requests as JSON lines on standard input, one verdict per line on standard output, in the same order.

A request is {"id", "before", "after", "format", "added", "removed", "kept", "identical"}: a template's text before and
after a rewrite, the permissions that the rewrite says it adds, removes and keeps, and what it says it does not change at
all. A verdict is {"id", "verdict", "details"}; `ok`, and `refused-before` without details, are the good ones. `README.md`
lists the others.
"""

import functools
import json
import sys

import delta
import deployable
import identity
import remainder
from expand import Refused, expand, parse
from grants import Grants
from presence import TooManyConditions, Worlds

# The worst kind of detail, in this order, gives a verdict its name.
_VERDICTS = (
    "other-change", "undeclared", "unreal", "dangling", "cycle", "type-change", "invalid-policy", "not-identical",
)


def compare(before, after, added=(), removed=(), kept=(), identical=None):
    """Details of everything wrong with a rewrite, given the two expanded templates and what was declared."""
    worlds = Worlds(before, after)
    old, new = Grants(before, worlds), Grants(after, worlds)
    details = _other_changes("expanded", before, after)
    details += delta.judge(old, new, added, removed, kept)
    details += deployable.broken(before, after, old.names, new.names)
    if identical:
        details += identity.differences(identical, before, after, (old.names, new.names))
    return details


def _other_changes(stage, before, after):
    return [{"kind": "other-change", "stage": stage, "path": path} for path in remainder.changes(before, after)]


def verdict(request):
    """The verdict on one request; never raises."""
    answer = {"id": request.get("id"), "verdict": "ok", "details": []}
    try:
        _decide(request, answer)
    except TooManyConditions as error:
        answer.update(verdict="undecided", details=[{"kind": "undecided", "message": str(error)}])
    except Exception as error:  # noqa: BLE001  (one odd template must not end the run; the caller sees a failure)
        message = f"{type(error).__name__}: {error}"
        answer.update(verdict="judge-crashed", details=[{"kind": "judge-crashed", "message": message}])
    return answer


def _decide(request, answer):
    form = request.get("format", "yaml")
    before, old_messages = _expanded(request["before"], form)
    after, new_messages = _expanded(request["after"], form)
    if old_messages != new_messages:
        kind = "refused-after" if before is not None else "refused-differently"
        answer.update(verdict=kind, details=[{"kind": kind, "before": old_messages, "after": new_messages}])
        return
    try:
        details = _other_changes("written", parse(request["before"], form), parse(request["after"], form))
    except Refused:
        # Neither of them parses, and both fail alike.
        details = [] if request["before"] == request["after"] else [{"kind": "other-change", "stage": "written"}]
    if before is not None:
        declared = [request.get(name) or [] for name in ("added", "removed", "kept")]
        details += compare(json.loads(before), json.loads(after), *declared, request.get("identical"))
    good = "ok" if before is not None else "refused-before"
    kinds = [detail["kind"] for detail in details]
    answer["verdict"] = next((v for v in _VERDICTS if any(kind.startswith(v) for kind in kinds)), good)
    answer["details"] = details


@functools.lru_cache(maxsize=256)
def _expanded(text, form):
    """The expanded template as JSON text and the messages of a refusal; one of the two is None."""
    try:
        return json.dumps(expand(text, form), default=str), None
    except Refused as refused:
        return None, tuple(refused.messages)


def main():
    """Reads requests until the end of input."""
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(verdict(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
