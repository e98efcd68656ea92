"""How often the engine asks, and how long it waits between tries. Durations are seconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random


class Usual:
    """How many seconds a request of each endpoint has run of late, as FAL itself measured it."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def learn(self, endpoint: str, seconds: float) -> None:
        """One more request has run this long; the newest count for half."""
        self._seconds[endpoint] = (self._seconds.get(endpoint, seconds) + seconds) / 2

    def of(self, endpoint: str) -> float:
        """What a request is likely to run; 0 while none has ended here."""
        return self._seconds.get(endpoint, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The engine's patience. Polls are between `first_poll` and `longest_poll` apart."""

    first_poll: float = 0.5
    longest_poll: float = 5.0
    poll_per_place: float = 0.5
    """What each request in front of one adds to the wait."""
    poll_share: float = 0.125
    """The share of the time to an expected change, or past it, that is waited before looking again."""
    polls_per_second: float = 50.0
    """How many polls there may be of all jobs together: hundreds of young ones would ask twice each."""
    first_restream: float = 15.0
    """How long a job is polled after its stream has failed, growing to the longest."""
    restream_growth: float = 4.0
    longest_restream: float = 300.0
    quiet_stream: float = 120.0
    """How long a stream may bring comments and no status before FAL is asked outright."""
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
    looks: int = 3
    """How often FAL's listing is asked for a lost request until a command no longer waits for it."""
    bills: tuple[float, ...] = (60.0, 300.0, 1800.0, 7200.0, 21_600.0, 86_400.0, 259_200.0)
    """The waits until FAL is asked what it charged: from the end of the job, then from each question."""
    search_for: float = 7 * 86_400.0
    """How long a lost request is looked for, from its POST on."""
    repaint: float = 0.25
    """The shortest time between two reports of a download's bytes."""
    log_lines: int = 2000
    """How many lines of a model's log are kept for a job."""

    random: Random = field(default_factory=Random, compare=False)
    """Where the jitter comes from; a test gives a seeded one."""

    def queued(self, position: int | None, waited: float) -> float:
        """The wait before the next poll of a request in line, `waited` seconds after it was taken."""
        return self._poll(max((position or 0) * self.poll_per_place, waited * self.poll_share))

    def running(self, ran: float, usual: float) -> float:
        """The wait before the next poll of a request at work: short about the time when it usually ends."""
        return self._poll(abs(usual - ran) * self.poll_share)

    def in_turn(self, jobs: int) -> float:
        """The least wait where that many jobs are polled."""
        return self._jittered(jobs / self.polls_per_second)

    def _poll(self, wait: float) -> float:
        return self._jittered(min(max(wait, self.first_poll), self.longest_poll))

    def retries(self) -> Iterator[float]:
        """The waits after a question that got no answer."""
        return self._growing(self.first_retry, self.retry_growth, self.longest_retry)

    def restreams(self) -> Iterator[float]:
        """How long a job is polled each time that its stream has failed."""
        return self._growing(self.first_restream, self.restream_growth, self.longest_restream)

    def searches(self) -> Iterator[float]:
        """The waits before each look into FAL's listing: it may be late by minutes, or by more."""
        yield from (0.0, 10.0, 10.0, 10.0, 30.0, 60.0, 180.0, 300.0, 600.0, 1200.0)
        while True:
            yield self._jittered(3600.0)

    def _growing(self, first: float, growth: float, longest: float) -> Iterator[float]:
        wait = first
        while True:
            yield self._jittered(wait)
            wait = min(wait * growth, longest)

    def _jittered(self, wait: float) -> float:
        return wait * self.random.uniform(0.8, 1.2)
