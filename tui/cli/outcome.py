"""From how jobs ended to one exit code."""

from collections.abc import Iterable

from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState

from .ending import Code


def code_of(jobs: Iterable[Job]) -> Code:
    """One code for all jobs: 3 before 5 before 1 before 2, since that is the order to see to them."""
    codes = {_code(job) for job in jobs} - {Code.SAVED}
    for code in (Code.KEY, Code.UNREACHABLE, Code.OTHERWISE, Code.USAGE):
        if code in codes:
            return code
    return Code.SAVED


def _code(job: Job) -> Code:
    if job.state is JobState.SAVED:
        return Code.SAVED
    if job.state is JobState.REJECTED:
        if job.why and job.why.of_account:
            return Code.KEY
        return Code.USAGE if job.reason == "invalid_input" else Code.OTHERWISE
    if not job.terminal and job.hold_up is HoldUp.AUTH:
        return Code.KEY
    if not job.terminal and job.hold_up is HoldUp.NETWORK:
        return Code.UNREACHABLE
    return Code.OTHERWISE
