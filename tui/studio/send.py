"""From the wish to a request that FAL has taken. The order of the steps is the promise.

1. `submitting` is committed before the first byte, so a crash never hides that something may have been sent.
2. One POST, never repeated unless it is certain that FAL has accepted nothing.
3. The raw reply is committed before it is read; then the request id, before the first poll.
"""

import json
import logging

from reelroom.fal.addresses import shown
from reelroom.fal.errors import (
    ForeignAddress,
    NoAnswer,
    NotSent,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
)
from reelroom.fal.replies import read_submit
from reelroom.fal.values import Reply, Result, Ticket
from reelroom.store.errors import RowRefused, StoreError
from reelroom.store.journal import Entry
from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState

from .depot import LONG_ENOUGH, missing
from .promise import promised
from .replies import Keeper, kept_reply
from .rig import Rig
from .room import check_room
from .threads import in_thread, settled

log = logging.getLogger(__name__)

TOO_MANY = 429
"""The only answer after which a job is sent again: kept, it may be that to an earlier try."""


async def send(rig: Rig, job: Job) -> Job:
    """Send an intent; returns the job as queued, ready, rejected or unknown, or as intent when leaving."""
    retries = rig.pace.retries()
    busy = 0
    if gone := await _gone(rig, job):
        return await rig.store.move(job.id, JobState.REJECTED, reason="input_gone", detail=gone, billed=False)
    while rig.posts.open and job.state is JobState.INTENT:
        async with rig.posts.one(job.id):
            job, wait = await _post(rig, job)
        if job.state is not JobState.INTENT:
            break
        busy += job.reason == "too_many"
        if busy > rig.pace.busy_submits:
            said = job.detail
            return await rig.store.move(
                job.id, JobState.REJECTED, reason="too_many", detail=said, billed=False
            )
        await rig.pause(job.id, max(wait, next(retries)))
        job = await rig.store.job(job.id)
    return job


async def _gone(rig: Rig, job: Job) -> str | None:
    """What to say of an intent that has waited for so long that FAL has dropped a file of it meanwhile."""
    if job.state is not JobState.INTENT or rig.clock.now() - job.created_at < LONG_ENOUGH:
        return None
    url = await missing(json.loads(job.input), rig.fal.hosts, rig.cdn)
    if url is None:
        return None
    return f"FAL does not have the file any more that was uploaded for it ({shown(url)}). Nothing was sent."


async def _post(rig: Rig, job: Job) -> tuple[Job, float]:
    """One POST; the job as it stands after it, and the seconds that FAL asks to wait before another."""
    rig.step("intent.committed")
    await _find_room(rig, job)
    job = await rig.store.move(job.id, JobState.SUBMITTING, submitted_at=rig.clock.now())
    rig.step("submitting.committed")
    try:
        reply = await rig.fal.submit(job.endpoint, json.loads(job.input), spill=rig.spill(job))
    except NotSent as error:
        return await _not_sent(rig, job, error), 0.0
    except (ForeignAddress, ValueError) as error:
        # The request was never made: the address or the input is not one that may be sent.
        return await _rejected(rig, job, "invalid_input", error), 0.0
    except NoAnswer as error:
        return await _unknown(rig, job, "no_answer", str(error)), 0.0
    rig.step("submit.replied")
    rig.holds.forget(job.id)
    # From here on there is a reply that may hold a paid request's id: it is not let go of before it is kept.
    keeper = Keeper(rig, job, "submit")
    return await rig.with_room(job, lambda: _take(rig, job, keeper, reply))


async def _find_room(rig: Rig, job: Job) -> None:
    """Wait until the disk can hold what the request would bring: what cannot be kept is not paid for."""

    async def look() -> None:
        await settled(in_thread(check_room, rig.library, rig.store.journal, 1))

    try:
        await look()
    except StoreError:
        await rig.with_room(job, look)


async def _take(rig: Rig, job: Job, keeper: Keeper, reply: Reply) -> tuple[Job, float]:
    try:
        kept = await keeper.keep(reply)
    except StoreError:
        await settled(in_thread(_write_down, rig, job, reply))
        raise
    rig.step("submit.kept")
    await settled(in_thread(_strike_out, rig, job))
    return await _read(rig, job, kept)


def _write_down(rig: Rig, job: Job, reply: Reply) -> None:
    """Keep a reply outside the database until that has room: it may be killed before."""
    try:
        rig.store.journal.put(Entry(job.id, reply.status, reply.text))
    except StoreError:
        # The log is the last place to find the id.
        log.exception("job %s: this reply is not kept yet: %d %s", job.id, reply.status, reply.text[:500])


def _strike_out(rig: Rig, job: Job) -> None:
    """The database has the reply: a slot of the journal that cannot be freed is no reason to wait."""
    try:
        rig.store.journal.drop(job.id)
    except StoreError:
        log.exception("job %s: its reply stays in the journal", job.id)


async def _read(rig: Rig, job: Job, reply: Reply) -> tuple[Job, float]:
    try:
        answer = read_submit(rig.fal.hosts, job.endpoint, reply, sent=json.loads(job.input))
    except Refused as error:
        return await _rejected(rig, job, error.reason, error), 0.0
    except RateLimited as error:
        again = await rig.store.move(
            job.id, JobState.INTENT, reason="too_many", detail=str(error), submitted_at=None
        )
        return again, error.after or 0.0
    except (Trouble, NotUnderstood) as error:
        return await _unknown(rig, job, "unclear_answer", str(error)), 0.0
    if not isinstance(answer, Ticket):
        await Keeper(rig, job, "result").keep(reply)
        return await promised(rig, job, Result(answer.files)), 0.0
    try:
        job = await _queued(rig, job, answer)
    except RowRefused as error:
        detail = f"FAL's request id is that of another job. {error}"
        return await _unknown(rig, job, "unclear_answer", detail), 0.0
    rig.step("queued.committed")
    return job, 0.0


async def _queued(rig: Rig, job: Job, ticket: Ticket) -> Job:
    return await rig.store.move(
        job.id,
        JobState.QUEUED,
        request_id=ticket.request_id,
        status_url=ticket.status_url,
        response_url=ticket.response_url,
        cancel_url=ticket.cancel_url,
    )


async def _unknown(rig: Rig, job: Job, reason: str, detail: str) -> Job:
    job = await rig.store.move(job.id, JobState.UNKNOWN, reason=reason, detail=detail)
    rig.step("unknown.committed")
    return job


async def _rejected(rig: Rig, job: Job, reason: str, error: Exception) -> Job:
    return await rig.store.move(job.id, JobState.REJECTED, reason=reason, detail=str(error), billed=False)


async def _not_sent(rig: Rig, job: Job, error: NotSent) -> Job:
    rig.holds.silent(job.id)
    return await rig.store.move(
        job.id,
        JobState.INTENT,
        reason="unreachable",
        detail=str(error),
        hold_up=HoldUp.NETWORK,
        submitted_at=None,
    )


async def orphaned(rig: Rig, job: Job) -> Job:
    """A job whose POST was begun and is no longer waited for: what FAL answered, if that was kept.

    Without a reply it may have reached FAL all the same, so it is never sent again.
    """
    kept = await kept_reply(rig, job, "submit")
    if kept is not None and kept.status != TOO_MANY:
        # A kill between the two may have left it in both.
        await settled(in_thread(_strike_out, rig, job))
        return (await _read(rig, job, kept))[0]
    written = await settled(in_thread(rig.store.journal.find, job.id))
    if written is not None and written.status != TOO_MANY:
        keeper = Keeper(rig, job, "submit")
        reply = Reply(written.status, written.body)
        return (await rig.with_room(job, lambda: _take(rig, job, keeper, reply)))[0]
    detail = "Reelroom ended between the request and FAL's answer. It may have been charged."
    return await _unknown(rig, job, "left_while_sending", detail)
