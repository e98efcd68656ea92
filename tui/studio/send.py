"""From the wish to a request that FAL has taken. The order of the steps is the promise: see DESIGN below.

1. `submitting` is committed before the first byte, so a crash never hides that something may have been sent.
2. One POST, never repeated unless it is certain that FAL has accepted nothing.
3. The raw reply is committed before it is read; then the request id, before the first poll.
"""

import json

from reelroom.fal.errors import NoAnswer, NotSent, NotUnderstood, RateLimited, Refused, Trouble
from reelroom.fal.replies import read_submit
from reelroom.fal.values import Reply, Ticket
from reelroom.store.records import Document, Job
from reelroom.store.states import HoldUp, JobState

from .promise import outputs_of
from .rig import Rig


async def send(rig: Rig, job: Job) -> Job:
    """Send an intent; returns the job as queued, ready, rejected or unknown, or as intent when leaving."""
    retries = rig.pace.retries()
    busy = 0
    while rig.posts.open and job.state is JobState.INTENT:
        async with rig.posts.one(job.id):
            job = await _post(rig, job)
        if job.state is not JobState.INTENT:
            break
        busy += job.reason == "too_many"
        if busy > rig.pace.busy_submits:
            return await _give_up(rig, job)
        await rig.pause(job.id, next(retries))
        job = await rig.store.job(job.id)
    return job


async def _post(rig: Rig, job: Job) -> Job:
    rig.step("intent.committed")
    job = await rig.store.move(job.id, JobState.SUBMITTING, submitted_at=rig.clock.now())
    rig.step("submitting.committed")
    try:
        reply = await rig.fal.submit(job.endpoint, json.loads(job.input), spill=rig.spill(job))
    except NotSent as error:
        rig.silent_since.setdefault(job.id, rig.clock.steady())
        return await rig.store.move(
            job.id,
            JobState.INTENT,
            reason="unreachable",
            detail=str(error),
            submitted_at=None,
            hold_up=HoldUp.NETWORK,
        )
    except NoAnswer as error:
        return await rig.store.move(job.id, JobState.UNKNOWN, reason="no_answer", detail=str(error))
    rig.step("submit.replied")
    rig.silent_since.pop(job.id, None)
    await rig.store.keep(document(rig, job, "submit", reply))
    rig.step("submit.kept")
    return await _read(rig, job, reply)


async def _read(rig: Rig, job: Job, reply: Reply) -> Job:
    try:
        answer = read_submit(rig.fal.hosts, job.endpoint, reply, sent=json.loads(job.input))
    except Refused as error:
        return await rig.store.move(
            job.id, JobState.REJECTED, reason=error.reason, detail=str(error), billed=False
        )
    except RateLimited as error:
        return await rig.store.move(
            job.id, JobState.INTENT, reason="too_many", detail=str(error), submitted_at=None
        )
    except (Trouble, NotUnderstood) as error:
        return await rig.store.move(job.id, JobState.UNKNOWN, reason="unclear_answer", detail=str(error))
    if isinstance(answer, Ticket):
        job = await rig.store.move(
            job.id,
            JobState.QUEUED,
            request_id=answer.request_id,
            status_url=answer.status_url,
            response_url=answer.response_url,
            cancel_url=answer.cancel_url,
            reason=None,
            detail=None,
        )
        rig.step("queued.committed")
        return job
    await rig.store.keep(document(rig, job, "result", reply))
    return await rig.store.move(job.id, JobState.READY, outputs=outputs_of(rig, job, answer.files))


async def _give_up(rig: Rig, job: Job) -> Job:
    await rig.store.move(job.id, JobState.SUBMITTING)
    return await rig.store.move(job.id, JobState.REJECTED, reason="too_many", billed=False)


async def orphaned(rig: Rig, job: Job) -> Job:
    """A job found `submitting` at the start: its POST may have reached FAL, so it is never sent again."""
    kept = await rig.store.document(job.id, "submit")
    if kept is not None and kept.body is not None:
        return await _read(rig, job, Reply(kept.status, kept.body))
    return await rig.store.move(
        job.id,
        JobState.UNKNOWN,
        reason="left_while_sending",
        detail="Reelroom ended between the request and FAL's answer. It may have been charged.",
    )


def document(rig: Rig, job: Job, kind: str, reply: Reply) -> Document:
    """The raw reply as the store keeps it."""
    return Document(
        job_id=job.id,
        kind=kind,
        status=reply.status,
        body=None if reply.file else reply.text,
        file=reply.file.name if reply.file else None,
        received_at=rig.clock.now(),
    )
