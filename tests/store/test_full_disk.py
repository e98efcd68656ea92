"""The database and a disk without room: what is recorded all the same, and what survives."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reelroom.store.errors import DiskFull, StoreError
from reelroom.store.ids import new_id
from reelroom.store.journal import SLOT, SLOTS, Entry, Journal
from reelroom.store.library import Library
from reelroom.store.records import Job
from reelroom.store.reserve import SIZE, Reserve
from reelroom.store.states import HoldUp
from reelroom.store.store import open_store
from tests.disks import fill, small_disk

MB = 1 << 20


def test_the_reserve_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "library.db")
    assert reserve.take()
    file = tmp_path / ".library.db.reserve"
    assert file.stat().st_blocks * 512 >= SIZE
    assert reserve.give_back()
    assert not file.exists()
    assert not reserve.give_back()


def test_no_reserve_is_taken_from_a_disk_that_has_little(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 * MB) as disk:
        assert not Reserve(disk / "library.db").take()
        assert list(disk.iterdir()) == []


async def test_a_full_disk_can_still_be_recorded(tmp_path: Path, new_job: Callable[..., Job]) -> None:
    with small_disk(tmp_path / "disk", 64 * MB) as disk:
        async with open_store(disk / "library.db") as store:
            (job,) = await store.add_jobs([new_job()])
            fill(disk)
            held = await store.hold(job.id, HoldUp.DISK, "The disk is full.")
            assert held.hold_up is HoldUp.DISK
            assert not (disk / ".library.db.reserve").exists()
        async with open_store(disk / "library.db") as store:
            assert (await store.job(job.id)).hold_up is HoldUp.DISK


async def test_the_reserve_is_set_aside_again_once_there_is_room(
    tmp_path: Path, new_job: Callable[..., Job]
) -> None:
    with small_disk(tmp_path / "disk", 64 * MB) as disk:
        async with open_store(disk / "library.db") as store:
            (job,) = await store.add_jobs([new_job()])
            ballast = fill(disk)
            await store.hold(job.id, HoldUp.DISK, "The disk is full.")
            ballast.unlink()
            await store.hold(job.id, None)
            assert (disk / ".library.db.reserve").exists()


async def test_what_is_too_large_even_for_the_reserve_is_refused_and_nothing_is_lost(
    tmp_path: Path, new_job: Callable[..., Job]
) -> None:
    with small_disk(tmp_path / "disk", 64 * MB) as disk:
        async with open_store(disk / "library.db") as store:
            (job,) = await store.add_jobs([new_job()])
            fill(disk)
            with pytest.raises(DiskFull):
                await store.keep_draft("prompt", "x" * (4 * MB))
            assert (await store.job(job.id)) == job


def test_a_reply_is_written_down_on_a_disk_that_has_become_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 * MB) as disk:
        journal = Journal(disk / "library.db")
        journal.prepare()
        fill(disk)
        for number in range(SLOTS):
            journal.put(Entry(f"job-{number}", 200, '{"request_id": "abc"}'))
        assert journal.find("job-7") == Entry("job-7", 200, '{"request_id": "abc"}')
        with pytest.raises(StoreError):
            journal.put(Entry("one too many", 200, "{}"))
        journal.drop("job-7")
        assert journal.find("job-7") is None
        journal.put(Entry("another", 200, "{}"))


def test_a_full_disk_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MB) as disk:
        fill(disk)
        with pytest.raises(DiskFull):
            Journal(disk / "library.db").prepare()


@pytest.mark.parametrize(
    "body", ["", "x" * 100_000, "é" * 10_000, "\U0001f98a" * 10_000, '"\\' * 5_000], ids=len
)
def test_a_long_reply_is_cut_to_its_beginning(tmp_path: Path, body: str) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    journal.put(Entry("job", 200, body))
    entry = journal.find("job")
    assert entry is not None
    assert body.startswith(entry.body)
    assert len(entry.body) == len(body) or len(entry.body) > 300


@pytest.mark.parametrize("at", [0, 3, 4, 8, 40, SLOT - 1])
def test_a_slot_that_was_not_written_to_its_end_is_no_reply(tmp_path: Path, at: int) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    journal.put(Entry("job", 200, "x" * 100_000))
    file = next(tmp_path.iterdir())
    data = bytearray(file.read_bytes())
    data[at] ^= 0xFF
    file.write_bytes(data)
    found = journal.find("job")
    # Past the end of the text a slot is only padding.
    assert found is None or at == SLOT - 1


def test_replies_that_come_at_once_each_get_a_slot_of_their_own(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    names = [f"job-{number}" for number in range(SLOTS)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: journal.put(Entry(name, 200, "{}")), names))
    assert [name for name in names if journal.find(name) is None] == []


def test_a_slot_that_a_power_cut_left_half_written_is_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    next(tmp_path.iterdir()).write_bytes(b"\x01torn".ljust(SLOT, b"\xaa") * SLOTS)
    journal.put(Entry("job", 200, "{}"))
    assert journal.find("job") is not None


def test_a_journal_that_was_cut_short_takes_a_reply_and_keeps_the_others(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    journal.put(Entry("first", 200, "{}"))
    os.truncate(next(tmp_path.iterdir()), SLOT)
    journal.put(Entry("second", 200, "{}"))
    journal.prepare()
    assert (journal.find("first"), journal.find("second")) == (
        Entry("first", 200, "{}"),
        Entry("second", 200, "{}"),
    )


def test_something_else_in_the_place_of_the_journal_is_an_error_of_the_store(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.db")
    journal.prepare()
    file = next(tmp_path.iterdir())
    file.unlink()
    file.mkdir()
    for work in (journal.find, journal.drop):
        with pytest.raises(StoreError):
            work("job")


def test_a_reserve_without_any_room_in_it_is_set_aside_anew(tmp_path: Path) -> None:
    file = tmp_path / ".library.db.reserve"
    file.touch()
    assert Reserve(tmp_path / "library.db").take()
    assert file.stat().st_blocks * 512 >= SIZE


def test_a_journal_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "library.db").find("job") is None


def test_room_for_a_clip_is_set_aside_without_making_the_part_longer(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8 * MB) as disk:
        library = Library(disk)
        with library.open_part(new_id(0.0)) as part:
            part.write(b"fox")
            part.allocate(4 * MB)
            assert part.path.stat().st_size == 3
            with pytest.raises(DiskFull):
                part.allocate(16 * MB)
            part.write(b" again")
        assert part.path.read_bytes() == b"fox again"
