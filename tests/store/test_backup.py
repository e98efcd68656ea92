import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reelroom.store.backup import DAY, KEPT, back_up, check, copies, put_back, set_aside
from reelroom.store.errors import DamagedDatabase, NotFound, StoreError
from reelroom.store.records import Job
from reelroom.store.store import open_store

NOW = 1_795_089_600.0


async def prompts(path: Path) -> list[str]:
    async with open_store(path) as store:
        return [job.prompt for job in await store.jobs()]


async def keep(path: Path, job: Job) -> None:
    async with open_store(path) as store:
        await store.add_jobs([job])


def damage(path: Path) -> None:
    """Overwrite the middle of the file, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xaa" * 8192)


async def test_a_copy_holds_what_was_committed_while_the_database_is_open(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        await store.add_jobs([new_job(prompt="a red fox")])
        copy = back_up(path, path.parent / "backups", NOW)
    assert copy is not None
    assert await prompts(copy) == ["a red fox"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_a_second_copy_is_not_made_before_a_day_is_over(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job())
    folder = path.parent / "backups"
    assert back_up(path, folder, NOW) is not None
    assert back_up(path, folder, NOW + DAY - 1) is None
    assert back_up(path, folder, NOW + DAY + 1) is not None


async def test_only_the_newest_copies_are_kept(path: Path, new_job: Callable[..., Job]) -> None:
    await keep(path, new_job())
    folder = path.parent / "backups"
    made = [back_up(path, folder, NOW + day * 2 * DAY) for day in range(KEPT + 3)]
    assert copies(folder) == made[: -KEPT - 1 : -1]


async def test_a_damaged_database_never_takes_the_place_of_a_good_copy(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        await store.add_jobs([new_job(prompt=f"fox {number} " + "x" * 500) for number in range(200)])
    folder = path.parent / "backups"
    good = back_up(path, folder, NOW)
    damage(path)
    with pytest.raises(DamagedDatabase):
        back_up(path, folder, NOW + 2 * DAY)
    assert copies(folder) == [good]


async def test_a_copy_that_is_not_wanted_any_more_leaves_nothing(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job())
    folder = path.parent / "backups"
    assert back_up(path, folder, NOW, go_on=lambda: False) is None
    assert list(folder.iterdir()) == []


async def test_a_database_set_aside_is_kept_whole_with_its_side_files(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job(prompt="a red fox"))
    path.with_name(path.name + "-wal").write_bytes(b"")
    aside = set_aside(path, NOW)
    assert aside is not None
    assert not path.exists()
    assert aside.with_name(aside.name + "-wal").exists()
    assert await prompts(aside) == ["a red fox"]
    assert set_aside(path, NOW) is None


async def test_the_newest_copy_that_is_good_is_put_back(path: Path, new_job: Callable[..., Job]) -> None:
    folder = path.parent / "backups"
    await keep(path, new_job(prompt="first"))
    back_up(path, folder, NOW)
    await keep(path, new_job(prompt="second"))
    newest = back_up(path, folder, NOW + 2 * DAY)
    assert newest is not None
    newest.write_bytes(b"no database")
    set_aside(path, NOW)
    assert put_back(path, folder, NOW) == copies(folder)[0] != newest
    assert await prompts(path) == ["first"]


async def test_no_copy_is_put_over_a_database(path: Path, new_job: Callable[..., Job]) -> None:
    await keep(path, new_job())
    with pytest.raises(StoreError, match="no copy was put in its place"):
        put_back(path, path.parent / "backups", NOW)


async def test_the_check_says_what_is_wrong(path: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check(tmp_path / "nothing.db")
    path.parent.mkdir()
    path.touch()
    with pytest.raises(DamagedDatabase, match="emptied"):
        check(path)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE thing (name TEXT)")
    with pytest.raises(DamagedDatabase, match="another program"):
        check(tmp_path / "other.db")


async def test_reading_a_large_database_through_is_broken_off_when_it_is_not_wanted(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        await store.add_jobs([new_job(prompt=f"fox {number} " + "x" * 500) for number in range(2000)])
    looks = iter([True])
    assert back_up(path, path.parent / "backups", NOW, go_on=lambda: next(looks, False)) is None
    assert copies(path.parent / "backups") == []


async def test_a_database_that_is_written_to_all_the_time_is_copied_all_the_same(path: Path) -> None:
    async with open_store(path) as store:
        for number in range(40):
            await store.keep_draft(f"draft-{number}", "x" * 100_000)
    looks = 0
    with closing(sqlite3.connect(path)) as writer:

        def go_on() -> bool:
            nonlocal looks
            looks += 1
            if looks % 2:
                writer.execute("INSERT OR REPLACE INTO draft VALUES ('now', ?)", (str(looks),))
                writer.commit()
            return looks < 500

        copy = back_up(path, path.parent / "backups", NOW, go_on=go_on)
    assert copy is not None
    check(copy)


async def test_a_copy_is_not_dropped_for_copies_of_a_time_when_the_clock_was_ahead(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job())
    folder = path.parent / "backups"
    for day in range(KEPT):
        back_up(path, folder, NOW + (400 + day * 2) * DAY)
    made = [back_up(path, folder, NOW + day * 2 * DAY) for day in range(KEPT)]
    assert all(copy is not None and copy.exists() for copy in made)
    assert len(copies(folder)) == KEPT


async def test_a_database_is_never_begun_anew_beside_what_was_last_written_to_one(
    path: Path, new_job: Callable[..., Job]
) -> None:
    """SQLite would write the log that a kill has left into the new file, and break it."""
    async with open_store(path) as store:
        await store.add_jobs([new_job()])
        log = path.with_name(f"{path.name}-wal")
        left = log.read_bytes()
    path.unlink()
    log.write_bytes(left)
    with pytest.raises(DamagedDatabase, match="gone"):
        await prompts(path)
    assert not path.exists()
    assert log.read_bytes() == left


async def test_a_database_is_never_begun_anew_while_there_is_a_copy_of_it(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job(prompt="a red fox"))
    back_up(path, path.parent / "backups", NOW)
    set_aside(path, NOW)
    with pytest.raises(DamagedDatabase, match="gone"):
        await prompts(path)
    put_back(path, path.parent / "backups", NOW)
    assert await prompts(path) == ["a red fox"]


async def test_a_damaged_copy_does_not_stand_in_the_way_of_a_new_database(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job())
    copy = back_up(path, path.parent / "backups", NOW)
    assert copy is not None
    damage(copy)
    set_aside(path, NOW)
    assert put_back(path, path.parent / "backups", NOW) is None
    assert await prompts(path) == []
    assert [file.name for file in copy.parent.iterdir()] == [f"{copy.name}.damaged"]


async def test_what_was_set_aside_in_the_same_second_is_not_overwritten(
    path: Path, new_job: Callable[..., Job]
) -> None:
    await keep(path, new_job(prompt="first"))
    first = set_aside(path, NOW)
    await keep(path, new_job(prompt="second"))
    second = set_aside(path, NOW)
    assert first is not None
    assert second is not None
    assert (await prompts(first), await prompts(second)) == (["first"], ["second"])
