"""The failure this program exists to end: a clip that is paid for, and never shows up."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reelroom.store.errors import DiskFull, NotAllowed, NotFound, RowRefused, StoreError
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store


async def downloading(store: Store, job: Job) -> Job:
    await store.add_jobs([job])
    for state in (JobState.SUBMITTING, JobState.READY, JobState.DOWNLOADING):
        job = await store.move(job.id, state)
    return job


async def test_the_clips_and_the_end_of_the_job_are_kept_together_and_told(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store, store.changes() as changes:
        project = await store.active_project()
        job = await downloading(store, new_job(project_id=project.id))
        assert await anext(changes) == job
        clips = [new_clip(job), new_clip(job, position=1)]
        saved = await store.save(job.id, clips)
        assert saved.state is JobState.SAVED
        assert saved.ended_at is not None
        kept = [replace(clip, project_id=project.id) for clip in clips]
        assert await store.media() == kept[::-1]
        # Those that are told of wait in the order in which they were first heard of.
        assert [await anext(changes) for _ in range(3)] == [*kept, saved]
        assert await store.counts() == {project.id: 2}


async def test_a_project_that_was_deleted_meanwhile_does_not_keep_the_clip_from_being_saved(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        project = await store.project_named("Foxes")
        job = await downloading(store, new_job(project_id=project.id))
        await store.delete_project(project.id)
        saved = await store.save(job.id, [new_clip(job, project_id=project.id)])
        (clip,) = await store.media()
        assert (saved.state, saved.project_id, clip.project_id) == (JobState.SAVED, None, None)
        assert await store.media(project_id="") == [clip]
        assert await store.counts() == {None: 1}


async def test_a_job_whose_project_was_deleted_before_it_was_sent_is_still_made(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        project = await store.project_named("Foxes")
        await store.delete_project(project.id)
        (job,) = await store.add_jobs([new_job(project_id=project.id)])
        assert job.project_id is None


async def test_a_clip_goes_to_the_project_its_job_was_moved_to(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        job = await downloading(store, new_job())
        project = await store.project_named("Foxes")
        await store.update(job.id, project_id=project.id)
        await store.save(job.id, [new_clip(job)])
        assert [clip.project_id for clip in await store.media()] == [project.id]


async def test_saving_twice_is_the_same_as_once(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        job = await downloading(store, new_job())
        clips = [new_clip(job), new_clip(job, position=1)]
        saved = await store.save(job.id, clips)
        tagged = await store.update_clip(clips[0].id, tags=("fox",), rating=5)
        assert await store.save(job.id, clips) == saved
        assert await store.clip(clips[0].id) == tagged
        assert len(await store.media()) == 2
        assert [event.state for event in await store.events(job.id)].count(JobState.SAVED) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"path": "taken.mp4"}, "another clip already bears this file name"),
        ({"position": 0}, "already kept under another id"),
        ({"bytes": 2**70}, "cannot hold"),
        ({"prompt": "\ud800"}, "cannot hold"),
        ({"sha256": None}, "Nothing was written"),
        ({"job_id": "another"}, "belongs to another job"),
    ],
)
async def test_a_row_that_the_database_refuses_leaves_the_job_as_it_was_and_says_why(
    path: Path,
    new_job: Callable[..., Job],
    new_clip: Callable[..., Media],
    change: dict[str, object],
    sentence: str,
) -> None:
    async with open_store(path) as store:
        other = await downloading(store, new_job())
        await store.save(other.id, [new_clip(other, path="taken.mp4")])
        job = await downloading(store, new_job())
        history = await store.events(job.id)
        bad = replace(new_clip(job, position=1), **change)
        async with store.changes() as changes:
            with pytest.raises(RowRefused, match=sentence):
                await store.save(job.id, [new_clip(job), bad])
            store.publish("end", "end")
            assert await anext(changes) == "end"
        assert await store.job(job.id) == job
        assert await store.events(job.id) == history
        assert len(await store.media()) == 1
        assert (await store.save(job.id, [new_clip(job)])).state is JobState.SAVED


async def test_a_clip_with_the_id_of_a_different_file_is_refused(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        job = await downloading(store, new_job())
        clip = new_clip(job)
        await store.save(job.id, [clip])
        with pytest.raises(RowRefused, match="already another clip"):
            await store.save(job.id, [replace(clip, path="other.mp4")])


async def test_a_save_without_a_clip_is_not_a_save(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        job = await downloading(store, new_job())
        with pytest.raises(NotAllowed, match="none was given"):
            await store.save(job.id, [])
        assert await store.job(job.id) == job


async def test_a_job_that_failed_is_not_saved_behind_its_back(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        job = await downloading(store, new_job())
        await store.move(job.id, JobState.FAILED, reason="no_media")
        with pytest.raises(NotAllowed):
            await store.save(job.id, [new_clip(job)])
        assert await store.media() == []
        with pytest.raises(NotFound):
            await store.save("nobody", [new_clip(job)])


async def test_a_full_disk_leaves_the_job_as_it_was_and_the_save_works_once_there_is_room(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    def allow(pages: int) -> Callable[[sqlite3.Connection], object]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0]

    async with open_store(path) as store:
        job = await downloading(store, new_job())
        clip = new_clip(job, prompt="a red fox " * 2000)
        await store._database.read(allow(1))
        with pytest.raises(DiskFull, match="disk is full"):
            await store.save(job.id, [clip])
        assert await store.job(job.id) == job
        assert await store.media() == []
        await store._database.read(allow(1_000_000))
        assert (await store.save(job.id, [clip])).state is JobState.SAVED


BOUNDED = """
import asyncio, resource, sys
from pathlib import Path
from reelroom.store.errors import DiskTrouble
from reelroom.store.ids import new_id
from reelroom.store.records import Job
from reelroom.store.store import open_store

async def main(path):
    kept = []
    async with open_store(path) as store:
        size = path.stat().st_size + 300_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        while True:
            job = Job(id=new_id(1.0), origin="sandbox", endpoint="e", model="m", prompt="fox " * 500,
                      input="{}", created_at=1.0, state_since=1.0)
            try:
                await store.add_jobs([job])
            except DiskTrouble as error:
                print(error, file=sys.stderr)
                break
            kept.append(job.id)
        assert [job.id for job in await store.jobs()] == kept
    print(*kept)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_every_job_that_was_kept_before_the_disk_was_full_is_there_afterwards(path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert "disk" in child.stderr
    assert child.returncode == 0, child.stderr
    async with open_store(path) as store:
        kept = [job.id for job in await store.jobs()]
    assert len(kept) > 10
    assert kept == child.stdout.split()


ENDLESS = """
import asyncio, sys
from pathlib import Path
from reelroom.store.ids import new_id
from reelroom.store.records import Job
from reelroom.store.store import open_store

async def main(path):
    async with open_store(path) as store:
        while True:
            job = Job(id=new_id(1.0), origin="sandbox", endpoint="e", model="m", prompt="fox",
                      input="{}", created_at=1.0, state_since=1.0)
            await store.add_jobs([job])
            print(job.id, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_everything_that_was_called_kept_is_there_after_a_kill(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(25)]
        os.kill(child.pid, signal.SIGKILL)
        told += child.stdout.read().split()
    async with open_store(path) as store:
        kept = [job.id for job in await store.jobs()]
    assert kept[: len(told)] == told
    assert len(kept) - len(told) <= 1


async def test_the_store_goes_on_after_any_refusal(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        for _ in range(20):
            with pytest.raises(StoreError):
                await store.move("nobody", JobState.SAVED)
        assert len(await store.add_jobs([new_job()])) == 1
