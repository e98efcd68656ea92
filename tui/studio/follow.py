"""Following a request at FAL until it ends, however long that takes."""

import json
from collections.abc import Sequence

from reelroom.fal.errors import Failed, NoMedia, NotUnderstood
from reelroom.fal.replies import read_result
from reelroom.fal.values import Completed, LogLine, Queued, Reply, Result, Running, Status, Ticket
from reelroom.store.records import Job
from reelroom.store.states import JobState

from .progress import Progress
from .promise import outputs_of
from .rig import Rig
from .send import document


async def follow(rig: Rig, job: Job) -> Job:
    """Poll until FAL says completed, then commit what the result promises.

    Returns the job as ready, failed or cancelled. A local timeout is never an ending.
    """
    ticket = ticket_of(rig, job)
    logs = _Logs([event.text for event in await rig.store.events(job.id) if event.kind == "log"])
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
            return await collect(rig, job, ticket, status)
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

    def __init__(self, kept: Sequence[str]) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._kept = set(kept)
        self.last: str | None = None

    def fresh(self, lines: Sequence[LogLine]) -> list[str]:
        new = [line for line in lines if (line.at, line.level, line.message) not in self._seen]
        self._seen.update((line.at, line.level, line.message) for line in new)
        # After a restart the first window repeats lines that are kept already, without their times.
        new = [line for line in new if line.message not in self._kept]
        self._kept = set() if lines else self._kept
        if new:
            self.last = new[-1].message
        return [line.message for line in new]


async def collect(rig: Rig, job: Job, ticket: Ticket, completed: Completed) -> Job:
    """Fetch the result, commit it as it came, and only then read it."""
    kept: Reply | None = None

    async def fetch() -> Result:
        nonlocal kept
        reply = await rig.fal.result(ticket, spill=rig.spill(job))
        rig.step("result.received")
        if kept is None or (reply.status, reply.text) != (kept.status, kept.text):
            await rig.store.keep(document(rig, job, "result", reply))
            kept = reply
        rig.step("result.kept")
        try:
            return read_result(reply, completed=completed, sent=json.loads(job.input))
        except NotUnderstood as error:
            raise NoMedia(str(error)) from error

    try:
        result = await rig.ask(job, fetch)
    except Failed as error:
        return await _ended(rig, job, error)
    except NoMedia as error:
        return await rig.store.move(job.id, JobState.FAILED, reason="no_media", detail=str(error))
    return await promised(rig, job, result)


async def promised(rig: Rig, job: Job, result: Result, *, reopen: bool = False) -> Job:
    """Commit what a result promises: `ready`, with the final file names, or `failed` without a video."""
    outputs = outputs_of(rig, job, result.files)
    if not outputs:
        if reopen:
            return job
        return await rig.store.move(
            job.id, JobState.FAILED, reason="no_media", detail="FAL's result holds no video."
        )
    seed = job.seed if result.seed is None else result.seed
    job = await rig.store.move(
        job.id, JobState.READY, reopen=reopen, outputs=outputs, seed=seed, reason=None, detail=None
    )
    rig.step("ready.committed")
    return job


async def _ended(rig: Rig, job: Job, error: Failed) -> Job:
    if job.state is JobState.CANCELLING and error.reason in {"client_cancelled", "client_disconnected"}:
        return await rig.store.move(
            job.id, JobState.CANCELLED, reason="while_running", detail=str(error), billed=error.billed
        )
    return await rig.store.move(
        job.id, JobState.FAILED, reason=error.reason, detail=str(error), billed=error.billed
    )
