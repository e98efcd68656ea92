"""How often the engine asks, and how long it waits between tries. Durations are seconds."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The engine's patience. Polls grow from the first interval to the longest one."""

    first_poll: float = 0.5
    poll_growth: float = 1.25
    longest_poll: float = 5.0
    first_retry: float = 1.0
    retry_growth: float = 2.0
    longest_retry: float = 60.0
    disk_check: float = 5.0
    bad_downloads: int = 5
    """How often a download that came wrong is begun anew before it is given up."""
    refused_links: int = 6
    """How often a link that is refused is read anew, over two minutes or so: a CDN may lag behind."""
    garbled: int = 5
    """How often a result that cannot be understood is asked for again."""
    missing: int = 5
    missing_for: float = 600.0
    """How many 404s, over how many seconds, until FAL is taken at its word."""
    busy_submits: int = 8
    """How often a submit is repeated that FAL turned away with 429 (which accepts nothing)."""
    repaint: float = 0.25
    """The shortest time between two reports of a download's bytes."""
    log_lines: int = 2000
    """How many lines of a model's log are kept for a job."""

    def polls(self) -> Iterator[float]:
        """The waits between two questions about the same job, each jittered by a fifth."""
        return _growing(self.first_poll, self.poll_growth, self.longest_poll)

    def retries(self) -> Iterator[float]:
        """The waits after a question that got no answer."""
        return _growing(self.first_retry, self.retry_growth, self.longest_retry)


def _growing(first: float, growth: float, longest: float) -> Iterator[float]:
    wait = first
    while True:
        yield wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter needs no secrecy
        wait = min(wait * growth, longest)
