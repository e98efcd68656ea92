"""What a kill leaves under a hidden name is used where it is good, and gone once the clip is saved."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from reelroom.store.states import JobState
from tests.conftest import make_clip
from tests.fakes import FakeFal, FastClock, Killed, steps_until
from tests.studio import test_old_failures
from tests.studio.room import Room, order


@pytest.fixture
def room(tmp_path: Path, clip: bytes) -> Room:
    (tmp_path / "library").mkdir()
    return Room(tmp_path, FakeFal(clip=clip), FastClock())


async def killed_at(room: Room, step: str) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until(step, [], Killed))


def hidden(room: Room) -> list[str]:
    return [path.name for path in room.library.folder.iterdir() if path.name.startswith(".")]


async def test_a_part_that_was_whole_is_not_fetched_anew(room: Room) -> None:
    await killed_at(room, "part.synced")
    sent: list[int] = []

    def counted(request: httpx.Request) -> httpx.Response:
        wanted = request.headers.get("range", "bytes=0-")
        if wanted == f"bytes={len(room.fal.clip)}-":
            return httpx.Response(416, headers={"content-range": f"bytes */{len(room.fal.clip)}"})
        answer = room.fal._file(request)
        sent.append(len(answer.content))
        return answer

    room.fal.downloads = [counted]
    (job,) = await room.run()
    assert job.state is JobState.SAVED
    assert sum(sent) <= 1
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip
    assert clip.sha256 == hashlib.sha256(room.fal.clip).hexdigest()


async def test_no_row_says_that_a_clip_is_there_before_it_is(room: Room) -> None:
    rows: dict[str, list[object]] = {}

    def look(step: str) -> None:
        if step in {"renamed", "sidecar.written", "folder.synced"}:
            with closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
                rows[step] = database.execute("SELECT path FROM media").fetchall()

    await room.run([order()], step=look)
    assert rows == {"renamed": [], "sidecar.written": [], "folder.synced": []}


async def test_two_files_are_never_spliced(room: Room) -> None:
    """The media host answers the Range all the same, with a part of another file."""
    other = make_clip(frames=24)
    room.fal.clip = make_clip(frames=12)
    first = test_old_failures.lost_after(room, 700, '"v1"')
    size = len(room.fal.clip)

    def part(_request: httpx.Request) -> httpx.Response:
        marks = {"etag": '"v2"', "content-range": f"bytes 700-{size - 1}/{size}"}
        return httpx.Response(206, content=bytes(size - 700), headers=marks)

    whole = httpx.Response(200, content=other, headers={"etag": '"v2"'})
    room.fal.downloads = [first, part, whole]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == other
    assert any("has changed since" in text for (text,) in notes(room))


def notes(room: Room) -> list[tuple[str]]:
    with closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
        return database.execute("SELECT text FROM event WHERE kind = 'note'").fetchall()


async def test_a_lost_request_is_not_hidden_by_an_equal_one_that_another_job_has(room: Room) -> None:
    await room.run([order()])
    room.fal.submits = [httpx.ReadTimeout("lost")]
    await room.run([order()])
    room.fal.list_posts(room.clock.at)
    (job,) = await room.run()
    assert (job.state, len(room.fal.posts)) == (JobState.SAVED, 2)


async def test_a_second_name_left_between_link_and_unlink_goes(room: Room) -> None:
    await killed_at(room, "renamed")
    async with room.store() as store:
        ((output,),) = [job.outputs for job in await store.jobs()]
    os.link(room.library.path(output.file_name), room.library.part_path(output.media_id))

    (job,) = await room.run()

    assert job.state is JobState.SAVED
    assert hidden(room) == []


async def test_a_second_name_of_a_sidecar_left_between_link_and_unlink_goes(room: Room) -> None:
    await killed_at(room, "sidecar.written")
    (name,) = [name for name in room.in_the_open() if name.endswith(".json")]
    os.link(room.library.path(name), room.library.path(f".{name}.tmp"))

    (job,) = await room.run()

    assert job.state is JobState.SAVED
    assert hidden(room) == []
