"""The failure that loses commits silently: a task that is cancelled in the middle of its transaction."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reelroom.store.database import open_database
from reelroom.store.errors import StoreClosed
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store

WRITERS = 200
BATCH = 3


async def drain(store: Store, ready: asyncio.Event, heard: dict[str, Job]) -> None:
    async with store.changes() as changes:
        ready.set()
        async for change in changes:
            if isinstance(change, Job):
                heard[change.id] = change


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_of_200_cancelled_writers_each_batch_is_kept_whole_or_not_at_all_and_what_was_told_is_kept(
    path: Path, new_job: Callable[..., Job], seed: int
) -> None:
    chance = random.Random(seed)
    batches = [[new_job(prompt=f"{writer}") for _ in range(BATCH)] for writer in range(WRITERS)]
    heard: dict[str, Job] = {}
    returned: list[Job] = []

    async def write(store: Store, batch: list[Job]) -> None:
        await asyncio.sleep(chance.random() / 20)
        kept = await store.add_jobs(batch)
        returned.extend([await store.move(job.id, JobState.SUBMITTING) for job in kept])

    async with asyncio.TaskGroup() as group:
        async with open_store(path) as store:
            ready = asyncio.Event()
            listener = group.create_task(drain(store, ready, heard))
            await ready.wait()
            writers = [asyncio.ensure_future(write(store, batch)) for batch in batches]
            for writer in chance.sample(writers, WRITERS):
                await asyncio.sleep(chance.random() / 1000)
                writer.cancel()
            await asyncio.wait(writers)
            assert any(writer.cancelled() for writer in writers)
            assert not await store._database.read(lambda connection: connection.in_transaction)
        await listener

    with closing(sqlite3.connect(path)) as connection:
        kept = dict(connection.execute("SELECT id, state FROM job"))
        events = dict(connection.execute("SELECT job_id, count(*) FROM event GROUP BY job_id"))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert 0 < len(kept) < WRITERS * BATCH
    for batch in batches:
        assert len({job.id in kept for job in batch}) == 1
    assert kept == {job_id: job.state for job_id, job in heard.items()}
    assert {job.id for job in returned} <= kept.keys()
    assert events == {job_id: 2 if state == "submitting" else 1 for job_id, state in kept.items()}


async def test_a_transaction_goes_on_and_is_told_of_when_its_task_is_cancelled_in_the_middle(
    path: Path,
) -> None:
    begun = asyncio.Event()
    told: list[int] = []
    async with open_database(path) as database:
        loop = asyncio.get_running_loop()

        def work(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT INTO draft VALUES ('first', 'a')")
            loop.call_soon_threadsafe(begun.set)
            for number in range(300):
                connection.execute("INSERT INTO draft VALUES (?, 'b')", (str(number),))
            return 301

        writer = asyncio.ensure_future(database.write(work, told.append))
        await begun.wait()
        writer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writer
        rows = await database.read(lambda c: c.execute("SELECT count(*) FROM draft").fetchone()[0])
        assert rows == 301
        assert told == [301]


async def test_leaving_waits_for_what_was_asked_for_even_when_the_leaving_itself_is_cancelled(
    path: Path, new_job: Callable[..., Job]
) -> None:
    jobs = [new_job() for _ in range(40)]
    asked = asyncio.Event()

    async def stay_open() -> None:
        async with open_store(path) as store:
            for job in jobs:
                asking = asyncio.ensure_future(store.add_jobs([job]))
                await asyncio.sleep(0)
                asking.cancel()
            asked.set()

    visit = asyncio.ensure_future(stay_open())
    await asked.wait()
    while not visit.done():
        visit.cancel()
        await asyncio.sleep(0.001)
    assert visit.cancelled()
    async with open_store(path) as store:
        assert [job.id for job in await store.jobs()] == [job.id for job in jobs]


async def test_a_closed_store_says_so(path: Path) -> None:
    async with open_store(path) as store:
        pass
    with pytest.raises(StoreClosed):
        await store.jobs()


async def test_opening_that_is_cancelled_leaves_nothing_open(path: Path) -> None:
    for pause in (0, 0.001, 0.005, 0.02):
        visit = asyncio.ensure_future(open_and_leave(path))
        await asyncio.sleep(pause)
        visit.cancel()
        await asyncio.wait({visit})
    async with open_store(path) as store:
        assert (await store.active_project()).name == "My clips"
    assert sorted(file.name for file in path.parent.iterdir()) == [f".{path.name}.reserve", path.name]


async def open_and_leave(path: Path) -> None:
    async with open_store(path) as store:
        await store.version()
