"""What a person may want of a job that is there: to end it, to put it away, to have it tried once more.

Each wish is a committed change of the row before anything else happens, so that it does not matter whether
the engine is this process or another one.
"""

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import Store

from .errors import NothingToRetry, TooLate
from .promise import promised, videos
from .replies import kept_reply, promises
from .rig import Rig

LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})
SAID = frozenset({"internal", "not_found"})
"""Reasons for which a job waits and is tried again, beside the hold-ups."""


async def cancel(store: Store, job: Job) -> Job:
    """The job as cancelled, or as one of which FAL is to be told; raises TooLate."""
    if job.state is JobState.INTENT:
        return await store.move(job.id, JobState.CANCELLED, reason="never_sent", billed=False)
    if job.state in LIVE:
        return await store.move(job.id, JobState.CANCELLING)
    raise TooLate(_why_not_cancel(job))


async def dismiss(store: Store, job_id: str) -> Job:
    """Put away an intent that was never sent, or a request that no one can find. Raises TooLate."""
    job = await store.job(job_id)
    if job.state not in {JobState.INTENT, JobState.UNKNOWN}:
        raise TooLate(f"Only what waits unsent or unknown can be dismissed; this job is {job.state}.")
    if job.state is JobState.INTENT:
        return await store.move(job.id, JobState.DISMISSED, billed=False)
    return await store.move(job.id, JobState.DISMISSED)


async def retry(rig: Rig, job: Job) -> Job:
    """The job as one that goes on, where it may be. Never pays; raises NothingToRetry."""
    if job.rereadable:
        return await _reopen(rig, job)
    if job.terminal or job.state is JobState.UNKNOWN:
        raise NothingToRetry(why_not_retry(job))
    return job


async def wake(store: Store, job: Job) -> Job:
    """Take back why a job waits: the engine that waits with it sees that, and tries at once."""
    if job.reason in SAID:
        job = await store.update(job.id, reason=None, detail=None)
    return job if job.hold_up is None else await store.hold(job.id, None)


async def _reopen(rig: Rig, job: Job) -> Job:
    kept = await kept_reply(rig, job, "result")
    result = promises(job, kept) if kept and job.state is JobState.FAILED else None
    if result is not None and videos(result.files):
        return await promised(rig, job, result, reopen=True)
    if job.request_id is None:
        raise NothingToRetry(why_not_retry(job))
    return await rig.store.move(job.id, JobState.QUEUED, reopen=True)


def _why_not_cancel(job: Job) -> str:
    if job.state in {JobState.READY, JobState.DOWNLOADING}:
        return "It has finished at FAL and is being saved."
    if job.state is JobState.SUBMITTING:
        return "The request is on its way; it can be cancelled once FAL has taken it."
    if job.state is JobState.CANCELLING:
        return "FAL has been asked to cancel it already."
    return f"Nothing to cancel: the job is {job.state}."


def why_not_retry(job: Job) -> str:
    """Why only a new, paid job could bring a clip, or none is owed."""
    if job.state is JobState.INTENT:
        return "It was never sent, so there is nothing to read again. `resume` sends it."
    if job.state is JobState.UNKNOWN:
        return "It may have been charged, so it is not sent again. Dismiss it, or generate anew."
    if job.state is JobState.SAVED:
        return "It is saved already."
    why = job.why.sentence if job.why else "It is over."
    return f"{why} That is final: generating it again makes a new, paid job."
