"""How long things take: the usual times of a request, and the knobs that a test sets."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from .errors import NotAccepted

LONGEST_S = 3600.0
FASTEST = 1e10


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits in seconds and a rate in bytes per second; None leaves the usual value."""

    submit_before_s: float = 0.0
    """Before a submit is counted."""
    submit_after_s: float = 0.0
    """Between counting a submit and answering it."""
    media_bytes_per_s: float | None = None
    queue_s: float | None = None
    run_s: float | None = None

    @classmethod
    def parse(cls, document: object) -> "Pace":
        """A pace from JSON; a field left out has its usual value. Raises NotAccepted with a sentence."""
        if not isinstance(document, Mapping):
            raise NotAccepted("The pace is a JSON object.")
        names = [field.name for field in fields(cls)]
        for name in document:
            if name not in names:
                raise NotAccepted(f"The pace has no field {str(name)[:40]!r}; it has {', '.join(names)}.")
        return cls(
            submit_before_s=_number("submit_before_s", document.get("submit_before_s", 0.0)),
            submit_after_s=_number("submit_after_s", document.get("submit_after_s", 0.0)),
            media_bytes_per_s=_perhaps("media_bytes_per_s", document, least=1.0, most=FASTEST),
            queue_s=_perhaps("queue_s", document),
            run_s=_perhaps("run_s", document),
        )


def _perhaps(
    name: str, document: Mapping[object, object], least: float = 0.0, most: float = LONGEST_S
) -> float | None:
    value = document.get(name)
    return None if value is None else _number(name, value, least, most, "a number or null")


def _number(
    name: str, value: object, least: float = 0.0, most: float = LONGEST_S, kind: str = "a number"
) -> float:
    # A bool is an int to Python, but no number to a person.
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise NotAccepted(f"{name} is {str(value)[:40]!r}; {kind} from {least:g} to {most:g} is accepted.")
    return float(value)


def checked_speed(speed: float) -> float:
    """The speed itself, a factor on all usual times; raises NotAccepted unless it is in 0.001..1000."""
    if not (math.isfinite(speed) and 0.001 <= speed <= 1000):
        raise NotAccepted(
            f"The speed is {speed}; a factor from 0.001 to 1000 is accepted, 10 being ten times as slow."
        )
    return speed


def times(endpoint: str, input_: str, *, speed: float, pace: Pace) -> tuple[float, float]:
    """Seconds in line and at work, drawn from the content so that equal requests take equal times.

    At speed 1 that is 1 to 2 s in line and 4 to 8 s in all.
    """
    digest = hashlib.sha256(f"{endpoint}\n{input_}".encode()).digest()
    line, work = 1 + digest[0] / 255, 3 + 3 * digest[1] / 255
    queue_s = line * speed if pace.queue_s is None else pace.queue_s
    return queue_s, work * speed if pace.run_s is None else pace.run_s
