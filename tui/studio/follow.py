"""Following a request at FAL until it ends, however long that takes."""

from collections.abc import Sequence

from reelroom.fal.errors import Failed, NoMedia, NotFound, NotUnderstood, RateLimited, Refused, Trouble
from reelroom.fal.values import Completed, LogLine, Queued, Result, Running, Status, Ticket
from reelroom.store.records import Job
from reelroom.store.states import JobState

from .progress import Progress
from .promise import promised
from .replies import Keeper, read, throw_away
from .rig import Rig

TROUBLE = 500
"""From this status on a reply may say nothing about the request itself."""


async def follow(rig: Rig, job: Job) -> Job:
    """Poll until FAL says completed, then commit what the result promises.

    Returns the job as ready, failed, cancelled or expired. A local timeout is never an ending.
    """
    try:
        return await _until_completed(rig, job)
    except NotFound as error:
        detail = f"{error} It may have been charged."
        return await rig.store.move(job.id, JobState.EXPIRED, reason="not_known", detail=detail)


async def _until_completed(rig: Rig, job: Job) -> Job:
    ticket = ticket_of(rig, job)
    known = [event.text for event in await rig.store.events(job.id) if event.kind == "log"]
    logs = _Logs(known, rig.pace.log_lines)
    told = False
    for wait in rig.pace.polls():
        if job.state is JobState.CANCELLING and not told:
            told = True
            job = await _tell(rig, job, ticket)
            if job.terminal:
                return job
        status = await rig.ask(job, lambda: rig.fal.status(ticket))
        rig.step("status.received")
        job = await _take(rig, job, status, logs)
        if isinstance(status, Completed):
            return await _collect(rig, job, status)
        await rig.pause(job.id, wait)
        job = await rig.store.job(job.id)
    return job


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


async def _take(rig: Rig, job: Job, status: Status, logs: "_Logs") -> Job:
    if isinstance(status, Queued):
        rig.show(Progress(job_id=job.id, position=status.position))
        if job.state is JobState.RUNNING:
            job = await rig.store.move(job.id, JobState.QUEUED)
        return job
    fresh = logs.fresh(status.logs)
    if fresh:
        await rig.store.note(job.id, "log", fresh)
    if isinstance(status, Running):
        if job.state is JobState.QUEUED:
            job = await rig.store.move(job.id, JobState.RUNNING)
            rig.step("running.committed")
        rig.show(Progress(job_id=job.id, log=logs.last))
    return job


class _Logs:
    """FAL sends a sliding window of lines, so the same line comes again with the next answer."""

    def __init__(self, kept: Sequence[str], most: int) -> None:
        self._window: set[tuple[str, str, str]] = set()
        self._kept = set(kept)
        self._room = most - len(kept)
        self.last: str | None = None

    def fresh(self, lines: Sequence[LogLine]) -> list[str]:
        new = [line for line in lines if (line.at, line.level, line.message) not in self._window]
        self._window = {(line.at, line.level, line.message) for line in lines} or self._window
        # After a restart the first window repeats lines that are kept already, without their times.
        texts = [line.message for line in new if line.message not in self._kept]
        self._kept = set() if lines else self._kept
        self.last = texts[-1] if texts else self.last
        texts = texts[: max(0, self._room)]
        self._room -= len(texts)
        return texts


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
    if job.state is JobState.CANCELLING and error.reason in {"client_cancelled", "client_disconnected"}:
        return await rig.store.move(
            job.id, JobState.CANCELLED, reason="while_running", detail=str(error), billed=error.billed
        )
    return await rig.store.move(
        job.id, JobState.FAILED, reason=error.reason, detail=str(error), billed=error.billed
    )
