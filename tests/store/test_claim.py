"""Which folder is the library, and what happens where it is not there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reelroom.store.claim import open_library
from reelroom.store.errors import LibraryElsewhere
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.mounts import remote_file_system
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store

TABLE = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /srv/fox rw,relatime shared:1 - nfs4 server:/fox rw
31 30 8:2 / /srv/fox/local rw,relatime - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/big\\040disk rw master:2 shared:3 - fuse.sshfs fox@far:/ rw
not a line of the table
"""


async def with_a_clip(store: Store, new_job: Callable[..., Job], new_clip: Callable[..., Media]) -> Media:
    (job,) = await store.add_jobs([new_job()])
    clip = new_clip(job)
    await store.move(job.id, JobState.SUBMITTING)
    for state in (JobState.QUEUED, JobState.READY, JobState.DOWNLOADING):
        await store.move(job.id, state)
    await store.save(job.id, [clip])
    return clip


async def test_a_new_library_is_made_and_marked(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    async with open_store(path) as store:
        library = await open_library(store, folder)
        library.check_in_place()
        again = await open_library(store, folder)
        again.check_in_place()
    assert [file.name for file in folder.iterdir()] == [".reelroom-library"]


async def test_a_library_whose_disk_is_not_mounted_is_never_replaced_by_an_empty_one(
    path: Path, tmp_path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    folder = tmp_path / "clips"
    async with open_store(path) as store:
        await open_library(store, folder)
        await with_a_clip(store, new_job, new_clip)
        folder.rename(tmp_path / "unmounted")
        folder.mkdir()
        library = await open_library(store, folder)
        with pytest.raises(LibraryElsewhere, match="not mounted"):
            library.open_part(new_id(0.0))
        assert list(folder.iterdir()) == []
        folder.rmdir()
        with pytest.raises(LibraryElsewhere):
            (await open_library(store, folder)).open_part(new_id(0.0))
        assert not folder.exists()
        (tmp_path / "unmounted").rename(folder)
        with library.open_part(new_id(0.0)) as part:
            part.write(b"fox")


async def test_a_library_from_before_there_were_marks_is_known_by_its_clips(
    path: Path, tmp_path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    async with open_store(path) as store:
        clip = await with_a_clip(store, new_job, new_clip)
        (folder / clip.path).write_bytes(b"fox")
        (await open_library(store, folder)).check_in_place()


async def test_the_library_of_a_database_that_is_gone_is_not_taken_for_an_empty_one(
    path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "clips"
    async with open_store(path) as store:
        await open_library(store, folder)
    async with open_store(tmp_path / "other.db") as other:
        with pytest.raises(LibraryElsewhere, match="another database"):
            await open_library(other, folder)
        (await open_library(other, folder, take=True)).check_in_place()
        (await open_library(other, folder)).check_in_place()


async def test_another_library_is_taken_only_when_a_person_says_so(
    path: Path, tmp_path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        await open_library(store, tmp_path / "mine")
        await with_a_clip(store, new_job, new_clip)
        async with open_store(tmp_path / "other.db") as other:
            await open_library(other, tmp_path / "theirs")
        with pytest.raises(LibraryElsewhere, match="another database"):
            await open_library(store, tmp_path / "theirs")
        (await open_library(store, tmp_path / "theirs", take=True)).check_in_place()


def test_a_library_without_a_mark_is_written_to_as_it_is(tmp_path: Path) -> None:
    library = Library(tmp_path / "clips")
    library.make()
    with library.open_part(new_id(0.0)) as part:
        part.write(b"fox")
    shutil.rmtree(library.folder)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/srv/fox/clips/a.db", "nfs4"),
        ("/srv/fox/local/a.db", None),
        ("/srv/foxtrot/a.db", None),
        ("/mnt/big disk/clips", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_known_by_the_mount_that_holds_the_path(
    tmp_path: Path, path: str, kind: str | None
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    assert remote_file_system(Path(path), table) == kind


def test_without_a_table_of_mounts_nothing_is_said(tmp_path: Path) -> None:
    assert remote_file_system(tmp_path, tmp_path / "nothing") is None
