"""Files and the library's memory of them, with a FAL on real sockets and a store on a real disk."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reelroom.fal.cdn import Cdn
from reelroom.fal.errors import Refused, Unreachable
from reelroom.fal.sources import look
from reelroom.fal.upload_values import Source
from reelroom.fal.uploads import LIFETIME
from reelroom.store.store import Store, open_store
from reelroom.tui.studio.depot import LONG_ENOUGH, Depot
from tests.fakes import FastClock
from tests.fal.upload_fal import NOW, Asked, UploadFal, once, uploading

DAY = 86400.0


@dataclass
class At:
    """A depot, its FAL, and its clock."""

    depot: Depot
    fal: UploadFal
    store: Store
    clock: FastClock


@asynccontextmanager
async def depot(folder: Path, fal: UploadFal | None = None, origin: str = "fal:abc") -> AsyncIterator[At]:
    """One process: each enters with the store of the one before, and with a FAL on another port."""
    clock = FastClock(NOW)
    async with (
        open_store(folder / "store.db", clock=clock.now) as store,
        uploading(fal) as hands,
        Cdn(hands.place.hosts) as cdn,
    ):
        yield At(Depot(hands.uploads, cdn, store, hands.place.hosts, origin, clock), hands.fal, store, clock)


@pytest.fixture
def film(tmp_path: Path) -> Source:
    file = tmp_path / "film.mp4"
    file.write_bytes(b"\0\0\0\x18ftypisom" + random.Random(7).randbytes(1_150_000))
    return look(file)


@pytest.fixture
def photo(tmp_path: Path) -> Source:
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    return look(file)


async def test_a_file_is_sent_once_and_then_known_by_its_content(tmp_path: Path, photo: Source) -> None:
    async with depot(tmp_path) as at:
        first = await at.depot.place(photo)
        (tmp_path / "copy of it.png").write_bytes(photo.path.read_bytes())
        again = await at.depot.place(look(tmp_path / "copy of it.png"))
        assert (first.sent, again.sent, again.url) == (True, False, first.url)
        assert at.fal.times("POST /cdn") == 1


async def test_it_is_known_in_the_next_process_and_at_the_present_port_of_a_sandbox(
    tmp_path: Path, photo: Source
) -> None:
    async with depot(tmp_path) as at:
        first = await at.depot.place(photo)
        held = at.fal.files[first.url]
    async with depot(tmp_path) as at:
        here = f"{at.fal.base}{first.url.partition('/cdn')[1]}{first.url.partition('/cdn')[2]}"
        at.fal.files[here] = held
        again = await at.depot.place(photo)
        assert (again.sent, again.url) == (False, here)


async def test_a_file_that_fal_does_not_hand_out_any_more_is_sent_again(
    tmp_path: Path, photo: Source
) -> None:
    async with depot(tmp_path) as at:
        first = await at.depot.place(photo)
        at.fal.files.clear()
        assert (await at.depot.place(photo)).sent
        at.fal.files[first.url] = b"something shorter"
        assert (await at.depot.place(photo)).sent
        assert not (await at.depot.place(photo)).sent


async def test_a_file_that_will_not_live_long_enough_is_sent_again(tmp_path: Path, photo: Source) -> None:
    async with depot(tmp_path) as at:
        await at.depot.place(photo)
        at.clock.at = NOW + LIFETIME - LONG_ENOUGH
        assert not (await at.depot.place(photo)).sent
        at.clock.at += 1
        assert (await at.depot.place(photo)).sent
    assert LONG_ENOUGH < LIFETIME


async def test_another_key_or_the_sandbox_has_files_of_its_own(tmp_path: Path, photo: Source) -> None:
    async with depot(tmp_path) as at:
        await at.depot.place(photo)
        assert (await replace(at.depot, origin="sandbox").place(photo)).sent


async def test_a_long_file_goes_on_in_the_next_process_where_it_stopped(tmp_path: Path, film: Source) -> None:
    fal = UploadFal(bad=[once("/9", 400, {"detail": "no"}, "", times=99)])
    async with depot(tmp_path, fal) as at:
        with pytest.raises(Refused):
            await at.depot.place(film)
        begun = await at.store.uploads.unfinished("fal:abc", film.sha256)
    there = len(begun.parts)
    assert there > 0
    fal.bad.clear()
    fal.asked.clear()
    async with depot(tmp_path, fal) as at:
        placed = await at.depot.place(film)
        assert fal.times("PUT") == 12 - there
        assert fal.times("upload/multipart") == 0
        assert await at.store.uploads.unfinished("fal:abc", film.sha256) is None
        assert fal.files[placed.url] == film.path.read_bytes()


async def test_a_long_file_that_is_left_midway_goes_on_as_well(tmp_path: Path, film: Source) -> None:
    fal = UploadFal(slow=0.01)
    async with depot(tmp_path, fal) as at:
        half = asyncio.Event()

        def progress(sent: int, total: int) -> None:
            if sent > total / 2:
                half.set()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(at.depot.place(film, progress))
            await half.wait()
            task.cancel()
        begun = await at.store.uploads.unfinished("fal:abc", film.sha256)
        fal.asked.clear()
        await at.depot.place(film)
        assert fal.times("PUT") == 12 - len(begun.parts) < 12


async def test_a_fal_that_is_not_there_keeps_nothing(tmp_path: Path, photo: Source) -> None:
    def silent(_asked: Asked) -> str:
        return "cut"

    async with depot(tmp_path, UploadFal(bad=[silent])) as at:
        with pytest.raises(Unreachable):
            await at.depot.place(photo)
        assert await at.store.uploads.find("fal:abc", photo.sha256, until=0) is None
