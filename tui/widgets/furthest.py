"""How far each bar has come, so that none runs backwards."""

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.studio.progress import Progress

from .job_line import Columns, Gauge

Leg = tuple[JobState, float, int]
"""What one bar measures: a state, since when, and how wide it is drawn."""


class Furthest:
    """The furthest drawing of each bar, and the downloads that began anew."""

    def __init__(self) -> None:
        self._gauges: dict[str, tuple[Leg, Gauge]] = {}
        self._bytes: dict[str, int] = {}
        self._again: set[str] = set()

    def restarted(self, job: Job, progress: Progress | None) -> bool:
        """Whether the download has lost bytes that it had: then its bar starts over, and the row says so.

        A reply of several clips is no such case: the next clip begins at nothing.
        """
        if job.state is not JobState.DOWNLOADING or progress is None or progress.done is None:
            self._bytes.pop(job.id, None)
            self._again.discard(job.id)
            return False
        if progress.done < self._bytes.get(job.id, 0):
            self._gauges.pop(job.id, None)
            if len(job.outputs) <= 1:
                self._again.add(job.id)
        self._bytes[job.id] = progress.done
        return job.id in self._again

    def keep(self, job: Job, gauge: Gauge | None, cols: Columns) -> Gauge | None:
        """The bar to draw: the new one, or the one before where the new one would go back."""
        if gauge is None:
            return None
        leg = (job.state, job.state_since, cols.bar)
        known = self._gauges.get(job.id)
        if known is not None and known[0] == leg and known[1].steps > gauge.steps:
            return known[1]
        self._gauges[job.id] = (leg, gauge)
        return gauge

    def forget(self, gone: set[str]) -> None:
        """Drop what is known of jobs that are not on the board any more."""
        for job_id in gone & self._gauges.keys():
            del self._gauges[job_id]
        for job_id in gone & self._bytes.keys():
            del self._bytes[job_id]
        self._again -= gone
