"""The engine where there is no room, or no library: nothing is paid for that cannot be kept."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from reelroom.store.claim import open_library
from reelroom.store.journal import Entry, Journal
from reelroom.store.library import Library
from reelroom.store.states import HoldUp, JobState
from reelroom.tui.studio.errors import NoRoom
from reelroom.tui.studio.studio import Studio
from tests.disks import fill, small_disk
from tests.fakes import FakeFal, FastClock, reply
from tests.studio.room import Room, order

MB = 1 << 20


def room_on(disk: Path, clip: bytes) -> Room:
    (disk / "library").mkdir()
    return Room(disk, FakeFal(clip=clip), FastClock())


async def test_a_full_disk_refuses_new_orders_before_anything_is_sent(tmp_path: Path, clip: bytes) -> None:
    with small_disk(tmp_path / "disk", 128 * MB) as disk:
        room = room_on(disk, clip)
        async with room.engine() as studio:
            fill(disk, leave=20 * MB)
            with pytest.raises(NoRoom, match="Nothing was sent"):
                await studio.submit([order()])
        assert room.fal.posts == []
        async with room.store() as store:
            assert await store.jobs() == []


async def test_many_orders_need_room_for_all_of_them(tmp_path: Path, clip: bytes) -> None:
    with small_disk(tmp_path / "disk", 128 * MB) as disk:
        room = room_on(disk, clip)
        async with room.engine() as studio:
            with pytest.raises(NoRoom, match="20 unfinished clips"):
                await studio.submit([order()] * 20)
        assert await room.run([order()])


async def test_an_intent_waits_for_room_before_it_is_sent(tmp_path: Path, clip: bytes) -> None:
    with small_disk(tmp_path / "disk", 128 * MB) as disk:
        room = room_on(disk, clip)

        ballast: list[Path] = []

        def busy(_request: httpx.Request) -> httpx.Response:
            ballast.append(fill(disk, leave=8 * MB))
            return reply(429)

        room.fal.submits = [busy, room.fal._take]
        async with room.engine() as studio:
            (job,) = await studio.submit([order()])
            (held,) = [now async for now in studio.settle([job.id])]
            assert (held.state, held.hold_up) == (JobState.INTENT, HoldUp.DISK)
            assert len(room.fal.posts) == 1
            ballast[0].unlink()
            await studio.retry(job.id)
            assert await ended(studio, job.id) is JobState.SAVED
        assert len(room.fal.posts) == 2


async def test_a_library_that_is_gone_refuses_new_orders(room: Room) -> None:
    async with room.store() as store:
        await open_library(store, room.library.folder)
    mark = (room.library.folder / ".reelroom-library").read_text().strip()
    (room.library.folder / ".reelroom-library").unlink()
    marked = Library(room.library.folder, mark)
    async with room.engine(library=marked) as studio:
        with pytest.raises(NoRoom, match="not mounted"):
            await studio.submit([order()])
    assert room.fal.posts == []


async def test_a_download_waits_while_the_library_is_not_mounted(room: Room) -> None:
    async with room.store() as store:
        await open_library(store, room.library.folder)
    mark = room.library.folder / ".reelroom-library"
    away = mark.with_name(".away")
    marked = Library(room.library.folder, mark.read_text().strip())

    def unmount(_request: httpx.Request) -> httpx.Response:
        mark.rename(away)
        return reply(200, status="COMPLETED", logs=None)

    room.fal.statuses = [unmount]
    async with room.engine(library=marked) as studio:
        (job,) = await studio.submit([order()])
        (held,) = [now async for now in studio.settle([job.id])]
        assert held.hold_up is HoldUp.PERMISSION
        assert room.in_the_open() == []
        away.rename(mark)
        await studio.retry(job.id)
        assert await ended(studio, job.id) is JobState.SAVED


async def test_a_reply_that_was_written_down_beside_the_database_is_taken_up(room: Room) -> None:
    """The program was killed while the disk was full: the database knows only that it was sending."""
    room.fal.hold_submit = asyncio.Event()
    async with room.engine() as studio:
        (job,) = await studio.submit([order()])
        await room.fal.posted.wait()
        async with room.store() as store:
            written = json.dumps({"request_id": "0000-lost", "status": "IN_QUEUE"})
            store.journal.put(Entry(job.id, 200, written))
        await studio.leave(patience=0)
    after = await room.job()
    assert (after.state, after.request_id) == (JobState.QUEUED, "0000-lost")
    assert Journal(room.folder / "reelroom.db").find(job.id) is None
    assert [ended.state for ended in await room.run()] == [JobState.SAVED]
    assert len(room.fal.posts) == 1


async def ended(studio: Studio, job_id: str) -> JobState:
    """How the job ended, however often it is held up on the way."""
    while True:
        async for job in studio.settle([job_id]):
            if job.terminal:
                return job.state
        await asyncio.sleep(0)
