"""One job as one task: the state says what to do next, on the first run as after a restart."""

import logging
from collections.abc import Awaitable, Callable

from reelroom.store.errors import NotAllowed, StoreError
from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState

from .follow import follow
from .rig import Rig
from .save import save
from .send import orphaned, send

log = logging.getLogger(__name__)

NEXT: dict[JobState, Callable[[Rig, Job], Awaitable[Job]]] = {
    JobState.INTENT: send,
    JobState.SUBMITTING: orphaned,
    JobState.QUEUED: follow,
    JobState.RUNNING: follow,
    JobState.CANCELLING: follow,
    JobState.READY: save,
    JobState.DOWNLOADING: save,
}


async def run(rig: Rig, job: Job) -> None:
    """Take a job as far as it will go: to its ending, to `unknown`, or until the engine leaves.

    An error boundary: what goes wrong in one job is written down and never reaches another. An
    unforeseen failure leaves the job as it stands, since it may be paid for; the next start takes it up.
    """
    try:
        await _advance(rig, job)
    except StoreError as error:
        log.exception("job %s: the store refused", job.id)
        await _hold(rig, job, str(error))
    except Exception:
        log.exception("job %s stopped", job.id)
        await _hold(rig, job, None)


async def _advance(rig: Rig, job: Job) -> None:
    while job.state in NEXT:
        before = job
        try:
            job = await NEXT[job.state](rig, job)
        except NotAllowed:
            # Somebody else moved it meanwhile, as a cancel does: the row says how it goes on.
            job = await rig.store.job(job.id)
            if job == before:
                raise
        if job.state is JobState.INTENT and not rig.posts.open:
            return


async def _hold(rig: Rig, job: Job, detail: str | None) -> None:
    try:
        if detail is not None:
            await rig.store.hold(job.id, HoldUp.DISK, detail)
        else:
            sentence = "Something unforeseen stopped this job here; the log has it. The next start goes on."
            await rig.store.update(job.id, reason="internal", detail=sentence)
    except StoreError:
        log.exception("job %s: not even that could be recorded", job.id)
