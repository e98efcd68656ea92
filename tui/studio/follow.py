"""Following a request at FAL until it ends, however long that takes."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from typing import Self

from reelroom.fal.errors import (
    Failed,
    FalError,
    NoMedia,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
)
from reelroom.fal.values import Completed, Queued, Result, Running, Status, Ticket
from reelroom.store.records import Job
from reelroom.store.states import JobState

from .logs import Logs
from .nudges import Nudged
from .progress import Progress
from .promise import promised
from .replies import Keeper, read, throw_away
from .rig import Rig

log = logging.getLogger(__name__)

TROUBLE = 500
"""From this status on a reply may say nothing about the request itself."""


async def follow(rig: Rig, job: Job) -> Job:
    """Poll until FAL says completed, then commit what the result promises.

    Returns the job as ready, failed, cancelled or expired. A local timeout is never an ending.
    """
    try:
        return await (await _Following.of(rig, job)).to_its_end()
    except NotFound as error:
        return await _forgotten(rig, await rig.store.job(job.id), error)


async def _forgotten(rig: Rig, job: Job, error: NotFound) -> Job:
    """FAL's queue does not know the request any more: its result may have been kept, or listed."""
    try:
        if (result := await listed_result(rig, job)) is not None:
            return await promised(rig, job, result)
    except Failed as failed:
        return await _ended(rig, job, failed)
    except NoMedia as nothing:
        return await rig.store.move(job.id, JobState.FAILED, reason="no_media", detail=str(nothing))
    detail = f"{error} It may have been charged."
    return await rig.store.move(job.id, JobState.EXPIRED, reason="not_known", detail=detail)


async def listed_result(rig: Rig, job: Job) -> Result | None:
    """What FAL's listing says of a result that its queue no longer gives; None where it says nothing.

    Raises Failed and NoMedia, where that is what it says.
    """
    listed = await rig.listing.result(job)
    if listed is None:
        return None
    keeper = Keeper(rig, job, "result")
    reply = await rig.with_room(job, lambda: keeper.keep(listed))
    try:
        return read(job, reply)
    except (Failed, NoMedia):
        raise
    except FalError as error:
        log.info("job %s: the listed result cannot be read: %s", job.id, error)
        return None


class _Following:
    """One request, asked about or listened to until it is over."""

    def __init__(self, rig: Rig, job: Job, known: Sequence[str]) -> None:
        self._rig = rig
        self._job = job
        self._ticket = ticket_of(rig, job)
        self._logs = Logs(known, rig.pace.log_lines)
        self._told = False
        self._restreams = rig.pace.restreams()
        self._poll_until = 0.0

    @classmethod
    async def of(cls, rig: Rig, job: Job) -> Self:
        return cls(rig, job, [event.text for event in await rig.store.events(job.id) if event.kind == "log"])

    async def to_its_end(self) -> Job:
        rig = self._rig
        while True:
            if self._job.state is JobState.CANCELLING and not self._told:
                self._told = True
                self._job = await _tell(rig, self._job, self._ticket)
                if self._job.terminal:
                    return self._job
            status = await rig.ask(self._job, lambda: rig.fal.status(self._ticket))
            rig.step("status.received")
            await self._take(status)
            if self._may_listen(status):
                status = await self._listen(status)
            if isinstance(status, Completed):
                return await _collect(rig, self._job, status)
            await self._pause(status)
            self._job = await rig.store.job(self._job.id)

    def _may_listen(self, status: Status) -> bool:
        rested = self._rig.clock.steady() >= self._poll_until
        return isinstance(status, Running) and rested and self._rig.fal.may_watch

    async def _listen(self, status: Status) -> Status:
        """Follow the status stream as long as it lives; the last status that it told.

        It ends early for a nudge, for what is wrong with it, and after a long while without a status:
        then FAL is asked, which is the only thing that says more than a stream that says nothing.
        """
        bell, clock, pace = self._rig.bell(self._job.id), self._rig.clock, self._rig.pace
        began = clock.steady()
        try:
            async with aclosing(self._rig.fal.watch(self._ticket)) as told:
                while not isinstance(status, Completed):
                    async with asyncio.timeout(pace.quiet_stream):
                        status = await bell.unless(anext(told))
                    await self._take(status)
        except (Nudged, TimeoutError):
            pass
        except FalError as error:
            if clock.steady() - began >= pace.first_restream:
                self._restreams = pace.restreams()
            wait = next(self._restreams)
            log.info("job %s: polled for %.0f s, since its stream failed: %s", self._job.id, wait, error)
            self._poll_until = clock.steady() + wait
        return status

    async def _pause(self, status: Status) -> None:
        rig, job = self._rig, self._job
        spent = max(rig.clock.now() - job.state_since, 0.0)
        if isinstance(status, Queued):
            wait = rig.pace.queued(status.position, spent)
        else:
            wait = rig.pace.running(spent, rig.usual.of(job.endpoint))
        rig.polled.add(job.id)
        try:
            await rig.pause(job.id, max(wait, rig.pace.in_turn(len(rig.polled))))
        finally:
            rig.polled.discard(job.id)

    async def _take(self, status: Status) -> None:
        rig, job = self._rig, self._job
        if isinstance(status, Queued):
            rig.show(Progress(job_id=job.id, position=status.position))
            if job.state is JobState.RUNNING:
                self._job = await rig.store.move(job.id, JobState.QUEUED)
            return
        fresh = self._logs.fresh(status.logs)
        if fresh:
            await rig.store.note(job.id, "log", fresh)
        if isinstance(status, Completed):
            if status.inference_time:
                rig.usual.learn(job.endpoint, status.inference_time)
            return
        if job.state is JobState.QUEUED:
            self._job = await rig.store.move(job.id, JobState.RUNNING)
            rig.step("running.committed")
        rig.show(Progress(job_id=job.id, log=self._logs.last))


def ticket_of(rig: Rig, job: Job) -> Ticket:
    """The ticket of a job that FAL has taken, its addresses checked against the present hosts."""
    assert job.request_id is not None
    return rig.fal.ticket(
        job.endpoint,
        job.request_id,
        status_url=job.status_url,
        response_url=job.response_url,
        cancel_url=job.cancel_url,
    )


async def _tell(rig: Rig, job: Job, ticket: Ticket) -> Job:
    """Ask FAL to cancel. Only a removal from the line is an end; all else is followed on."""
    answer = await rig.ask(job, lambda: rig.fal.cancel(ticket))
    rig.step("cancel.answered")
    if answer == "removed":
        return await rig.store.move(
            job.id,
            JobState.CANCELLED,
            reason="before_start",
            detail="Cancelled before it started.",
            billed=False,
        )
    if answer == "already_completed":
        await rig.store.note(job.id, "note", ["It finished before FAL saw the cancel."])
    return job


async def fetch_result(rig: Rig, job: Job, completed: Completed | None = None) -> Result:
    """The result, asked for until there is an answer; each answer is committed before it is read.

    Raises Failed, NoMedia, and NotFound where FAL has long answered that it does not know the request.
    """
    ticket = ticket_of(rig, job)
    keeper = Keeper(rig, job, "result")
    garbled = 0

    async def fetch() -> Result:
        nonlocal garbled
        reply = await rig.fal.result(ticket, spill=rig.spill(job))
        rig.step("result.received")
        if reply.status >= TROUBLE:
            try:
                return read(job, reply, completed)
            except (Trouble, RateLimited, Refused, NotUnderstood):
                await throw_away(reply)
                raise
            except Failed:
                await rig.with_room(job, lambda: keeper.keep(reply))
                raise
        reply = await rig.with_room(job, lambda: keeper.keep(reply))
        rig.step("result.kept")
        try:
            return read(job, reply, completed)
        except NotUnderstood as error:
            garbled += 1
            if garbled >= rig.pace.garbled:
                raise NoMedia(str(error)) from error
            raise

    return await rig.ask(job, fetch)


async def _collect(rig: Rig, job: Job, completed: Completed) -> Job:
    try:
        result = await fetch_result(rig, job, completed)
    except Failed as error:
        return await _ended(rig, job, error)
    except NoMedia as error:
        return await rig.store.move(job.id, JobState.FAILED, reason="no_media", detail=str(error))
    return await promised(rig, job, result)


async def _ended(rig: Rig, job: Job, error: Failed) -> Job:
    log.info("job %s: FAL calls it %s", job.id, error.word)
    await rig.store.note(job.id, "note", [f"FAL's own word for it: {error.word}."])
    if job.state is JobState.CANCELLING and error.reason == "ended_at_fal":
        return await rig.store.move(
            job.id, JobState.CANCELLED, reason="while_running", detail=str(error), billed=error.billed
        )
    return await rig.store.move(
        job.id, JobState.FAILED, reason=error.reason, detail=str(error), billed=error.billed
    )
