"""How long things take: the usual times of a request, and the knobs that a test sets."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import NotAccepted
from .forms import number, perhaps, read, taken

LONGEST_S = 3600.0
FASTEST = 1e10


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits in seconds and a rate in bytes per second; None leaves the usual value."""

    submit_before_s: float = taken(0.0, number(0, LONGEST_S))
    """Before a submit is counted."""
    submit_after_s: float = taken(0.0, number(0, LONGEST_S))
    """Between counting a submit and answering it."""
    media_bytes_per_s: float | None = taken(None, perhaps(number(1, FASTEST)))
    queue_s: float | None = taken(None, perhaps(number(0, LONGEST_S)))
    run_s: float | None = taken(None, perhaps(number(0, LONGEST_S)))

    @classmethod
    def parse(cls, document: object) -> "Pace":
        """A pace from JSON; a field left out has its usual value. Raises NotAccepted with a sentence."""
        if not isinstance(document, Mapping):
            raise NotAccepted("The pace is a JSON object.")
        return read(cls, document, "The pace")


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
