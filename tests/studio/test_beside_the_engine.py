"""Several studios on one library: one is the engine, the others hand over, follow, and take its place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from reelroom.store.lock import EngineLock
from reelroom.store.records import Holder, Job
from reelroom.store.states import HoldUp, JobState
from reelroom.tui.studio.errors import NothingToRetry, WorkedElsewhere
from reelroom.tui.studio.money import Limits
from reelroom.tui.studio.studio import Studio
from tests.fakes import BASE, reply
from tests.studio.room import KLING, Room, order

WAITING = reply(202, status="IN_QUEUE", queue_position=3)
WORKING = reply(202, status="IN_PROGRESS", logs=None)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not so():
            await asyncio.sleep(0.01)


async def told(studio: Studio, job: Job, state: JobState) -> Job:
    """The job, once this studio tells of it in this state."""
    async with asyncio.timeout(10), studio.changes() as changes:
        async for change in changes:
            if isinstance(change, Job) and change.id == job.id and change.state is state:
                return change
    raise AssertionError


async def kept(room: Room, job: Job, so: Callable[[Job], bool]) -> None:
    """Wait until the row is so."""
    async with asyncio.timeout(10), room.store() as store:
        while not so(await store.job(job.id)):
            await asyncio.sleep(0.01)


async def ended(studio: Studio, *jobs: Job, patience: float = 60) -> list[Job]:
    return [job async for job in studio.settle([job.id for job in jobs], patience=patience)]


@asynccontextmanager
async def two(room: Room) -> AsyncIterator[tuple[Studio, Studio]]:
    """The engine, and a studio beside it."""
    async with room.engine(shared=True) as engine, room.engine(shared=True) as viewer:
        assert (engine.leads, viewer.leads) == (True, False)
        yield engine, viewer


async def test_what_is_made_beside_the_engine_is_sent_there_once_and_followed_to_the_saved_clip(
    room: Room,
) -> None:
    async with two(room) as (engine, viewer):
        made = await viewer.submit([order(), order(prompt="a heron")])
        assert [job.sender for job in made] == [engine.sender, engine.sender]
        assert {job.state for job in await ended(viewer, *made)} == {JobState.SAVED}
        assert viewer.posting == 0
    assert len(room.fal.posts) == 2
    assert len(await room.media()) == 2


async def test_each_change_is_told_beside_the_engine_and_none_of_them_backwards(room: Room) -> None:
    room.fal.statuses = [WAITING, WAITING, WORKING, WORKING, reply(200, status="COMPLETED")]
    seen = []
    async with two(room) as (engine, viewer), viewer.changes() as changes:
        (job,) = await engine.submit([order()])
        while JobState.SAVED not in seen:
            change = await anext(changes)
            if isinstance(change, Job) and change.id == job.id:
                seen.append(change.state)
    order_ = list(JobState)
    assert [order_.index(state) for state in seen] == sorted(order_.index(state) for state in seen)


async def test_what_is_committed_between_the_opening_and_the_first_look_is_told(room: Room) -> None:
    async with room.store() as other, room.engine() as studio:
        telling = asyncio.ensure_future(told(studio, LEFT, JobState.INTENT))
        # The other's thread is not waited for by this loop's order of things: its commit comes first.
        await other.add_jobs([LEFT])
        await telling


async def test_a_cancel_beside_the_engine_reaches_fal(room: Room) -> None:
    room.fal.statuses = [WAITING]
    room.fal.cancels = [reply(200, status="OK")]
    async with two(room) as (engine, viewer):
        (job,) = await engine.submit([order()])
        await kept(room, job, lambda row: row.state is JobState.QUEUED)
        assert (await viewer.cancel(job.id)).state is JobState.CANCELLING
        (over,) = await ended(viewer, job)
    assert (over.state, over.billed) == (JobState.CANCELLED, False)
    assert room.fal.asked_for("/cancel") == 1


async def test_a_retry_beside_the_engine_ends_its_wait(room: Room) -> None:
    room.fal.downloads = [reply(503)]
    async with two(room) as (engine, viewer):
        (job,) = await engine.submit([order()])
        await kept(room, job, lambda row: row.hold_up is HoldUp.NETWORK)
        room.fal.downloads.clear()
        await viewer.retry(job.id)
        assert [one.state for one in await ended(viewer, job)] == [JobState.SAVED]


async def test_an_ended_job_whose_reply_is_read_again_beside_the_engine_is_saved_by_it(room: Room) -> None:
    room.fal.results = [reply(200, video=None)]
    async with two(room) as (engine, viewer):
        (job,) = await engine.submit([order()])
        assert [one.reason for one in await ended(viewer, job)] == ["no_media"]
        room.fal.results.clear()
        await viewer.retry(job.id)
        assert [one.state for one in await ended(viewer, job)] == [JobState.SAVED]
        with pytest.raises(NothingToRetry):
            await viewer.retry(job.id)


async def test_what_is_put_away_beside_the_engine_is_told_there(room: Room) -> None:
    room.fal.submits = [httpx.ReadError("gone")]
    async with two(room) as (engine, viewer):
        (job,) = await engine.submit([order()])
        await kept(room, job, lambda row: row.state is JobState.UNKNOWN)
        telling = asyncio.ensure_future(told(engine, job, JobState.DISMISSED))
        await asyncio.sleep(0)
        await viewer.dismiss(job.id)
        await telling


async def test_the_place_of_an_engine_that_left_is_taken_and_its_work_goes_on(room: Room) -> None:
    room.fal.statuses = [WORKING]
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(room.engine(shared=True))
        (job,) = await engine.submit([order()])
        async with room.engine(shared=True) as viewer:
            await kept(room, job, lambda row: row.state is JobState.RUNNING)
            waiting = asyncio.ensure_future(ended(viewer, job))
            await stack.aclose()
            await until(lambda: viewer.settled_in)
            assert viewer.elsewhere is None
            room.fal.statuses[:] = [reply(200, status="COMPLETED")]
            assert [one.state for one in await waiting] == [JobState.SAVED]
    assert len(room.fal.posts) == 1


async def test_an_intent_that_a_dead_engine_had_not_taken_up_is_sent_once_as_its_maker_is_there(
    room: Room,
) -> None:
    engine = EngineLock(room.folder / "engine.lock", Holder(sender="1:dead", origin=BASE))
    engine.take()
    async with room.engine(shared=True) as other, room.engine(shared=True) as maker:
        (job,) = await maker.submit([order()])
        await asyncio.sleep(0.1)
        assert (job.sender, room.fal.posts) == ("1:dead", [])
        engine.release()
        assert [one.state for one in await ended(maker, job)] == [JobState.SAVED]
        assert other.leads is not maker.leads
    assert len(room.fal.posts) == 1


async def test_an_intent_whose_maker_and_engine_are_dead_waits_for_a_person(room: Room) -> None:
    engine = EngineLock(room.folder / "engine.lock", Holder(sender="1:dead", origin=BASE))
    engine.take()
    async with room.engine(shared=True) as other:
        async with room.engine(shared=True) as maker:
            (job,) = await maker.submit([order()])
        engine.release()
        await until(lambda: other.settled_in)
        await asyncio.sleep(0.1)
        assert room.fal.posts == []
        assert other.is_unsent(job)
        (sent,) = await other.send_unsent([job.id])
        assert [one.state for one in await ended(other, sent)] == [JobState.SAVED]


async def test_a_person_beside_the_engine_may_have_it_send_what_was_left(room: Room) -> None:
    async with room.store() as store:
        (left,) = await store.add_jobs([LEFT])
    async with two(room) as (engine, viewer):
        assert await viewer.resume() == []
        assert engine.is_unsent(left)
        taken = await viewer.resume(send_unsent=True)
        assert [one.state for one in await ended(viewer, *taken)] == [JobState.SAVED]


LEFT = Job(
    id="left-1",
    origin=BASE,
    endpoint=KLING,
    model="Kling",
    prompt="a heron",
    input='{"prompt":"a heron"}',
    sender="1:dead",
    created_at=1_790_000_000.0,
    state_since=1_790_000_000.0,
)


async def test_a_process_that_sends_nothing_is_no_engine(room: Room) -> None:
    with EngineLock(room.folder / "engine.lock"):
        async with room.engine(shared=True) as viewer:
            with pytest.raises(WorkedElsewhere, match="sends nothing meanwhile"):
                await viewer.submit([order()])


async def test_an_engine_of_another_origin_is_given_nothing(room: Room) -> None:
    async with room.engine(shared=True), room.engine(shared=True, origin="sandbox") as viewer:
        with pytest.raises(WorkedElsewhere, match=f"works for {BASE}, and here it is sandbox"):
            await viewer.submit([order()])
        assert BASE in str(viewer.elsewhere)
    assert room.fal.posts == []
    async with room.store() as store:
        assert await store.jobs() == []


async def test_an_engine_that_was_told_to_spend_nothing_is_given_nothing(room: Room) -> None:
    async with room.engine(shared=True, limits=Limits(no_spend=True)), room.engine(shared=True) as viewer:
        with pytest.raises(WorkedElsewhere, match="no_spend"):
            await viewer.submit([order()])
    assert room.fal.posts == []


async def test_the_place_of_an_engine_of_another_origin_is_taken_without_its_jobs(room: Room) -> None:
    room.fal.statuses = [WORKING]
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(room.engine(shared=True))
        (job,) = await engine.submit([order()])
        await kept(room, job, lambda row: row.state is JobState.RUNNING)
        async with room.engine(shared=True, origin="sandbox") as viewer:
            assert [one.state for one in await ended(viewer, job)] == [JobState.RUNNING]
            await stack.aclose()
            await until(lambda: viewer.settled_in)
            polls = room.fal.asked_for("/status")
            await asyncio.sleep(0.1)
            assert room.fal.asked_for("/status") == polls
