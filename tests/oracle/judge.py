"""The judge: requests as JSON lines on standard input, one verdict per line on standard output, in the same order.

A request is {"id", "before", "after", "format", "added", "removed", "kept"}: a template's text before and after a
rewrite, and the permissions that the rewrite says it adds, removes and keeps. A verdict is {"id", "verdict",
"details"}; `ok`, and `refused-before` without details, are the good ones. `README.md` lists the others.
"""

import functools
import json
import sys

import delta
import remainder
from expand import Refused, expand
from grants import Grants
from presence import TooManyConditions, Worlds

# The worst kind of detail, in this order, gives a verdict its name.
_VERDICTS = ("other-change", "undeclared", "unreal", "dangling", "cycle")


def compare(before, after, added=(), removed=(), kept=()):
    """Details of everything wrong with a rewrite, given the two expanded templates and the declared delta."""
    worlds = Worlds(before, after)
    old, new = Grants(before, worlds), Grants(after, worlds)
    details = [{"kind": "other-change", "path": path} for path in remainder.changes(before, after)]
    details += delta.judge(old, new, added, removed, kept)
    return details + remainder.broken(
        remainder.References(before, old.names), remainder.References(after, new.names)
    )


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
    if before is None:
        # Nothing is known about the permissions of either; the rewrite has at least not moved the complaint.
        answer["verdict"] = "refused-before" if new_messages == old_messages else "refused-differently"
        if new_messages != old_messages:
            answer["details"] = [{"kind": "refused-differently", "before": old_messages, "after": new_messages}]
    elif after is None:
        answer.update(verdict="refused-after", details=[{"kind": "refused-after", "messages": new_messages}])
    else:
        declared = [request.get(name) or [] for name in ("added", "removed", "kept")]
        answer["details"] = compare(json.loads(before), json.loads(after), *declared)
        kinds = [detail["kind"] for detail in answer["details"]]
        answer["verdict"] = next((v for v in _VERDICTS if any(kind.startswith(v) for kind in kinds)), "ok")


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
