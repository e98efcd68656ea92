"""One job as one task: the state says what to do next, on the first run as after a restart."""

import logging
from collections.abc import Awaitable, Callable

from reelroom.store.errors import NotAllowed, StoreClosed, StoreError
from reelroom.store.records import Job
from reelroom.store.states import JobState

from .follow import follow
from .holds import trouble_of
from .rig import Rig
from .save import save
from .search import search
from .send import orphaned, send

log = logging.getLogger(__name__)

NEXT: dict[JobState, Callable[[Rig, Job], Awaitable[Job]]] = {
    JobState.INTENT: send,
    JobState.SUBMITTING: orphaned,
    JobState.UNKNOWN: search,
    JobState.QUEUED: follow,
    JobState.RUNNING: follow,
    JobState.CANCELLING: follow,
    JobState.READY: save,
    JobState.DOWNLOADING: save,
}

STUMBLED = "Something unforeseen stopped this job here; the log has it. It is tried again by itself."


async def run(rig: Rig, job: Job) -> None:
    """Take a job as far as it will go: to its ending, to `unknown`, or until the engine leaves.

    An error boundary: what goes wrong in one job is shown, written down, tried again, and never reaches
    another. Nothing unforeseen is an ending, since the job may be paid for.
    """
    waits = rig.pace.retries()
    while True:
        try:
            await rig.holds.clear(job)
            await _advance(rig, await rig.store.job(job.id))
        except StoreClosed:
            return
        except StoreError as error:
            log.exception("job %s: the store refused", job.id)
            await rig.holds.hold(job, trouble_of(error), str(error))
        except Exception:
            log.exception("job %s stumbled", job.id)
            await _say_so(rig, job)
        else:
            rig.bills.over.set()
            return
        await rig.pause(job.id, next(waits))


async def _advance(rig: Rig, job: Job) -> None:
    while job.state in NEXT:
        if job.state is JobState.INTENT and (job.sender != rig.sender or not rig.posts.open):
            # Another process made it: it goes out when a person says so, and is then ours.
            return
        before = job
        try:
            job = await NEXT[job.state](rig, job)
        except NotAllowed:
            # Somebody else moved it meanwhile, as a cancel does: the row says how it goes on.
            job = await rig.store.job(job.id)
            if job == before:
                raise
        if job.state is before.state is JobState.UNKNOWN:
            # Looking is over: what can still be done is a person's choice.
            return
        rig.holds.forget(job.id)


async def _say_so(rig: Rig, job: Job) -> None:
    rig.holds.silent(job.id)
    try:
        await rig.holds.say(job, "internal", STUMBLED)
    except StoreError:
        log.exception("job %s: not even that could be recorded", job.id)
