"""Looking for a request that FAL may have taken without our hearing of it: it is never sent a second time."""

import logging

from reelroom.fal.errors import FalError, Refused
from reelroom.fal.values import Ticket
from reelroom.store.errors import NotAllowed, RowRefused
from reelroom.store.records import Job
from reelroom.store.states import JobState

from .listing import kept_result
from .replies import Keeper
from .rig import Rig

log = logging.getLogger(__name__)

FOUND = "Found in FAL's listing: it had been taken."
LOOKED = "FAL's listing was asked"
CLOSED = "FAL does not show its listing to this key, so that nobody here can look for the request."


async def search(rig: Rig, job: Job) -> Job:
    """Ask FAL's listing, first within seconds and then for days; returns the job as queued once it is found.

    Where looking is of no use, or has gone on for a week, the job stays unknown, and is shown as that.
    """
    for wait in rig.pace.searches():
        await rig.pause(job.id, wait)
        job = await rig.store.job(job.id)
        if job.state is not JobState.UNKNOWN or _too_old(rig, job):
            return job
        try:
            await _look(rig, job)
        except Refused as error:
            log.info("job %s: %s", job.id, error)
            rig.looked[job.id] = rig.pace.looks
            await rig.store.note(job.id, "note", [CLOSED])
            return await rig.store.job(job.id)
        except FalError as error:
            log.info("job %s: FAL's listing could not be read: %s", job.id, error)
            rig.holds.silent(job.id)
        else:
            rig.holds.forget(job.id)
            rig.looked[job.id] = rig.looked.get(job.id, 0) + 1
        job = await rig.store.job(job.id)
        if job.state is not JobState.UNKNOWN:
            return job
        await rig.store.update(job.id, detail=_so_far(job, rig.looked.get(job.id, 0)))
    return job


def _so_far(job: Job, looked: int) -> str:
    """Why the job is unknown, and what looking has brought until now."""
    why = (job.detail or "").partition(LOOKED)[0].strip()
    times = "once" if looked == 1 else f"{looked} times"
    return f"{why} {LOOKED} {times}; it is not there so far.".strip() if looked else why


def _too_old(rig: Rig, job: Job) -> bool:
    since = job.submitted_at or job.created_at
    return rig.looked.get(job.id, 0) >= rig.pace.looks and rig.clock.now() - since > rig.pace.search_for


async def _look(rig: Rig, job: Job) -> None:
    """One look, for all lost jobs of the endpoint: each that is found goes on at once."""
    for lost, past in await rig.listing.find(job):
        ticket = rig.fal.ticket(lost.endpoint, past.request_id)
        reply = kept_result(past)
        if reply is not None:
            # Kept before the job is moved: should FAL's queue have forgotten the request, this is its result.
            await Keeper(rig, lost, "result").keep(reply)
        if await _claimed(rig, lost, ticket):
            rig.step("found.committed")
            await rig.store.note(lost.id, "note", [FOUND])
            rig.nudge(lost.id)


async def _claimed(rig: Rig, job: Job, ticket: Ticket) -> bool:
    """Give a lost job its request; False where it has one by now, or the request belongs to another."""
    try:
        await rig.store.move(
            job.id,
            JobState.QUEUED,
            request_id=ticket.request_id,
            status_url=ticket.status_url,
            response_url=ticket.response_url,
            cancel_url=ticket.cancel_url,
        )
    except (NotAllowed, RowRefused) as error:
        log.info("job %s: %s", job.id, error)
        return False
    return True
