import pytest

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.studio.errors import NothingToRetry, TooLate
from reelroom.tui.studio.studio import Studio
from tests.fakes import reply
from tests.studio.room import Room, order

WAITING = reply(202, status="IN_QUEUE", queue_position=3)
WORKING = reply(202, status="IN_PROGRESS", logs=None)


async def until(studio: Studio, job_id: str, state: JobState) -> None:
    async with studio.changes() as changes:
        async for change in changes:
            if isinstance(change, Job) and change.id == job_id and change.state is state:
                return


async def cancelled(room: Room, when: JobState) -> Job:
    async with room.engine() as studio:
        (job,) = await studio.submit([order()])
        await until(studio, job.id, when)
        await studio.cancel(job.id)
        (ended,) = [ended async for ended in studio.settle([job.id])]
        return ended


async def test_cancelled_in_line_it_ends_and_was_not_charged(room: Room) -> None:
    room.fal.statuses = [WAITING]
    room.fal.cancels = [reply(200, status="OK")]
    job = await cancelled(room, JobState.QUEUED)
    assert (job.state, job.billed) == (JobState.CANCELLED, False)


async def test_cancelled_while_running_it_is_followed_to_fals_499(room: Room) -> None:
    room.fal.statuses = [WORKING, WORKING, WORKING, reply(200, status="COMPLETED", error="cancelled")]
    room.fal.results = [reply(499, detail="Client cancelled", error_type="client_cancelled")]
    job = await cancelled(room, JobState.RUNNING)
    assert job.state is JobState.CANCELLED


async def test_finished_before_the_cancel_it_is_saved(room: Room) -> None:
    room.fal.statuses = [WORKING, WORKING, reply(200, status="COMPLETED")]
    room.fal.cancels = [reply(400, status="ALREADY_COMPLETED")]
    job = await cancelled(room, JobState.RUNNING)
    assert job.state is JobState.SAVED


async def test_a_saved_job_can_be_neither_cancelled_nor_retried(room: Room) -> None:
    (job,) = await room.run([order()])
    async with room.engine() as studio:
        with pytest.raises(TooLate):
            await studio.cancel(job.id)
        with pytest.raises(NothingToRetry):
            await studio.retry(job.id)
        with pytest.raises(TooLate):
            await studio.dismiss(job.id)
