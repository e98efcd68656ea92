"""Where a test takes hold of the engine: its time, its patience, its steps."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .clock import Clock, SystemClock
from .pace import Pace


def no_step(_name: str) -> None:
    """The seam for crash points: nothing, in the program itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """The program itself runs with these as they are."""

    clock: Clock = field(default_factory=SystemClock)
    pace: Pace = field(default_factory=Pace)
    step: Callable[[str], None] = no_step
    """Called with the name of each step of a job."""
    look: float = 0.25
    """Seconds between two looks for what other processes have written (PRAGMA data_version, 0.1 ms)."""
    claim: float = 1.0
    """Seconds between two tries for the place of an engine that may have ended."""
