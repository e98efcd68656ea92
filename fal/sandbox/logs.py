"""What a model prints while it works: the same lines at the same times on every question."""

import json
import math
from datetime import UTC, datetime

from .requests import Failure, Request, State


def log_lines(request: Request, now: float, window_s: float | None = None) -> list[dict[str, object]]:
    """The lines printed by `now`, oldest first, and of those the ones of the last `window_s` seconds."""
    if request.started_at is None:
        return []
    over = request.state is State.COMPLETED
    until = now if request.ended_at is None else request.ended_at
    moments = [(request.started_at + share * request.run_s, words) for share, words in _script(request)]
    lines = [(min(at, until), words, "INFO") for at, words in moments if at <= until or over]
    if request.failure and request.state is State.FAILED and request.failure.status >= 500:
        lines.append((until, _traceback(request.failure), "ERROR"))
    oldest = -math.inf if window_s is None else now - window_s
    return [_line(at, words, level) for at, words, level in lines if at >= oldest]


def _script(request: Request) -> list[tuple[float, str]]:
    """Each line with its moment as a share of the time at work."""
    given = request.plan.logs
    if given is None:
        return _usual(request)
    texts = [f"Step {number + 1} of {given}" for number in range(given)] if isinstance(given, int) else given
    return [(number / len(texts), words) for number, words in enumerate(texts)]


def _usual(request: Request) -> list[tuple[float, str]]:
    size = len(str(json.loads(request.input).get("prompt", "")))
    script = [(0.0, "Runner ready"), (0.08, f"Prompt encoded, {size} characters")]
    script += [(0.15 + 0.7 * part / 5, f"Drawing {part * 20} %") for part in range(1, 6)]
    script.append((0.9, "Encoding video"))
    if request.state is State.COMPLETED:
        script.append((1.0, "Video written"))
    return script


def _traceback(failure: Failure) -> str:
    """A failure of the model's own program arrives as one line of JSON (FAL's SDK prints it so)."""
    told = 'Traceback (most recent call last):\n  File "/app/model.py", line 88, in generate\n'
    return json.dumps({"traceback": told + failure.error_type})


def _line(at: float, message: str, level: str) -> dict[str, object]:
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
    return {"message": message, "timestamp": stamp, "level": level, "source": "USER", "labels": {}}
