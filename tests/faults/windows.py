"""The five stretches of a job's life in which the program is killed, each made long enough to hit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .outside import Snapshot, Watch

SPEEDY = MappingProxyType({"queue_s": 0.0, "run_s": 0.0})


@dataclass(frozen=True, slots=True)
class Window:
    """When a kill belongs to it: from the moment that `begun` is seen on, at most `span` seconds later."""

    name: str
    pace: Mapping[str, float]
    span: float
    begun: Callable[[Watch], bool]
    hit: Callable[[Snapshot], bool]
    """Whether what the kill left shows that it fell within."""


def _any_in(*states: str) -> Callable[[Snapshot], bool]:
    return lambda left: bool({*left.states} & {*states})


def _fetching(left: Snapshot) -> bool:
    return any(job.state in {"ready", "downloading"} and not left.in_save(job) for job in left.jobs)


def _saving(left: Snapshot) -> bool:
    return any(left.in_save(job) for job in left.jobs)


WINDOWS = (
    Window(
        "submit",
        {**SPEEDY, "submit_before_s": 0.3, "submit_after_s": 0.5},
        0.8,
        lambda now: bool(now.states() & {"intent", "submitting"}),
        _any_in("intent", "submitting"),
    ),
    Window(
        "queue",
        {**SPEEDY, "queue_s": 1.2},
        1.2,
        lambda now: "queued" in now.states(),
        _any_in("queued"),
    ),
    Window(
        "run",
        {**SPEEDY, "run_s": 1.2},
        1.2,
        lambda now: "running" in now.states(),
        _any_in("running"),
    ),
    Window(
        "download",
        {**SPEEDY, "media_bytes_per_s": 400_000.0},
        1.1,
        lambda now: "downloading" in now.states(),
        _fetching,
    ),
    # Nothing outside makes these few milliseconds longer; a kill that misses them is made again.
    Window("save", SPEEDY, 0.012, Watch.a_part_is_whole, _saving),
)
AFTER_SAVED = Window("save", SPEEDY, 0.002, lambda now: "saved" in now.states(), _saving)
"""The other edge of the last window: a row that says saved must be true at that very moment."""


def _whenever(name: str, span: float, **pace: float) -> Window:
    return Window(name, {**SPEEDY, **pace}, span, lambda _now: True, lambda _left: True)


MOMENTS = (
    _whenever("any moment", 0.4),
    _whenever("any moment", 0.5, submit_before_s=0.05, submit_after_s=0.05),
    _whenever("any moment", 0.6, run_s=0.1, media_bytes_per_s=1_500_000.0),
    _whenever("any moment", 0.4),
)
"""Killed without a look, at any time from the start of the process to about its end."""
ANY = MOMENTS[0]


def window_named(name: str) -> Window:
    return next(window for window in WINDOWS if window.name == name)
