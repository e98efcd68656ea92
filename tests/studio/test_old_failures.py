"""The ways in which finished, paid clips were lost before; each by its name."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest

from reelroom.store.states import HoldUp, JobState
from tests.fakes import BASE, Answer, Killed, page, reply, steps_until
from tests.studio.room import Room, order


async def test_the_store_opens_late_and_the_job_is_taken_up_when_it_does(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("result.received", [], Killed))

    (job,) = await room.run()

    assert job.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_no_project_exists_and_the_clip_is_saved_unfiled(room: Room) -> None:
    (job,) = await room.run([order(project_id=None)])
    (clip,) = await room.media()
    assert (job.state, clip.project_id) == (JobState.SAVED, None)


async def test_the_project_is_deleted_meanwhile_and_the_clip_is_saved_unfiled(room: Room) -> None:
    async with room.store() as store:
        project = await store.project_named("Winter fables")

    def forget(_request: httpx.Request) -> httpx.Response:
        with closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("DELETE FROM project WHERE id = ?", (project.id,))
            database.commit()
        return reply(200, status="COMPLETED")

    room.fal.statuses = [forget]
    (job,) = await room.run([order(project_id=project.id)])

    (clip,) = await room.media()
    assert (job.state, clip.project_id) == (JobState.SAVED, None)


@pytest.mark.parametrize(
    "body",
    [
        {"video": {"url": f"{BASE}/cdn/files/a.mp4", "file_size": 1}},
        {"videos": [{"url": f"{BASE}/cdn/files/a.mp4"}]},
        {"video": [{"url": f"{BASE}/cdn/files/a.mp4"}]},
        {"video": f"{BASE}/cdn/files/a.mp4"},
        {"video_url": {"url": f"{BASE}/cdn/files/a.mp4"}},
        {"data": {"clip": {"href": f"{BASE}/cdn/files/a.mp4"}}},
        {"video": None, "preview_video": {"url": f"{BASE}/cdn/files/a.mp4"}},
    ],
    ids=["video.url", "videos[]", "video[]", "plain string", "video_url.url", "any keys", "null beside"],
)
async def test_whatever_shape_the_reply_has_the_clip_is_saved(room: Room, body: dict[str, object]) -> None:
    room.fal.results = [httpx.Response(200, json=body)]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    assert len(await room.media()) == 1


@pytest.mark.parametrize("body", ["null", "{}", '{"video": null}', '{"videos": []}', '"done"'])
async def test_a_reply_without_media_is_kept_and_can_be_read_again_without_paying(
    room: Room, body: str
) -> None:
    room.fal.results = [httpx.Response(200, text=body, headers={"content-type": "application/json"})]
    (job,) = await room.run([order()])

    assert (job.state, job.reason) == (JobState.FAILED, "no_media")
    assert job.detail
    async with room.store() as store:
        kept = await store.document(job.id, "result")
    assert kept is not None
    assert kept.body == body

    room.fal.results = []
    async with room.engine() as studio:
        await studio.retry(job.id)
        (again,) = [ended async for ended in studio.settle([job.id])]
    assert again.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_a_result_in_the_submit_reply_is_saved(room: Room) -> None:
    room.fal.submits = [reply(200, video={"url": f"{BASE}/cdn/files/a.mp4"}, seed=7)]
    (job,) = await room.run([order()])
    assert (job.state, job.request_id) == (JobState.SAVED, None)
    assert room.fal.asked_for("requests") == 0


async def test_a_refused_download_reads_the_result_again_for_a_fresh_link(room: Room) -> None:
    room.fal.downloads = [page(403), room.fal._file]
    room.fal.results = [
        reply(200, video={"url": f"{BASE}/cdn/files/stale.mp4"}),
        reply(200, video={"url": f"{BASE}/cdn/files/fresh.mp4"}),
    ]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    assert ("GET", "/cdn/files/fresh.mp4") in room.fal.asked


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_download_refused_for_good_is_said_aloud_and_can_be_retried(room: Room, status: int) -> None:
    room.fal.downloads = [page(status)]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.EXPIRED, "link_refused")
    assert str(status) in (job.detail or "")

    room.fal.downloads = []
    async with room.engine() as studio:
        await studio.retry(job.id)
        (again,) = [ended async for ended in studio.settle([job.id])]
    assert again.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_a_page_instead_of_a_clip_never_becomes_a_file(room: Room) -> None:
    html = httpx.Response(200, text="<html>sorry</html>" * 50, headers={"content-type": "video/mp4"})
    room.fal.downloads = [html]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.FAILED, "not_a_video")
    assert room.in_the_open() == []

    room.fal.downloads = []
    async with room.engine() as studio:
        await studio.retry(job.id)
        (again,) = [ended async for ended in studio.settle([job.id])]
    assert again.state is JobState.SAVED


async def test_half_a_file_is_noticed_and_fetched_again(room: Room) -> None:
    half = room.fal.clip[: len(room.fal.clip) // 2]
    room.fal.downloads = [httpx.Response(200, content=half), room.fal._file]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip


async def test_a_download_without_a_length_is_judged_by_its_boxes(room: Room) -> None:
    async def cut() -> object:
        yield room.fal.clip[:900]

    async def whole() -> object:
        yield room.fal.clip

    room.fal.downloads = [
        lambda _request: httpx.Response(200, content=cut()),
        lambda _request: httpx.Response(200, content=whole()),
    ]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    assert room.fal.asked_for("/cdn/") == 2


async def test_a_dropped_download_goes_on_where_it_stopped(room: Room) -> None:
    room.fal.downloads = [lost_after(room, 700, '"v1"'), room.fal._file]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip


def lost_after(room: Room, size: int, etag: str) -> Answer:
    async def dropped() -> AsyncIterator[bytes]:
        yield room.fal.clip[:size]
        raise httpx.ReadError("reset")

    headers = {"etag": etag, "content-length": str(len(room.fal.clip))}
    return lambda _request: httpx.Response(200, content=dropped(), headers=headers)


async def test_a_download_left_in_the_middle_resumes_by_range_and_etag_after_a_restart(room: Room) -> None:
    room.fal.downloads = [lost_after(room, 700, '"v1"'), httpx.ConnectError("gone")]
    (job,) = await room.run([order()])
    assert job.hold_up is HoldUp.NETWORK
    ranges: list[tuple[str | None, str | None]] = []

    def note(request: httpx.Request) -> httpx.Response:
        ranges.append((request.headers.get("range"), request.headers.get("if-range")))
        return room.fal._file(request)

    room.fal.downloads = [note]
    (again,) = await room.run()
    assert again.state is JobState.SAVED
    assert ranges == [("bytes=700-", '"v1"')]


async def test_a_file_that_changed_at_the_host_is_begun_anew(room: Room) -> None:
    changed = httpx.Response(200, content=room.fal.clip, headers={"etag": '"v2"'})
    room.fal.downloads = [lost_after(room, 700, '"v1"'), changed]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip


async def test_the_database_refuses_the_row_and_the_file_is_adopted_later(room: Room) -> None:
    async with room.store():
        pass
    with closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
        database.execute("CREATE TRIGGER no BEFORE INSERT ON media BEGIN SELECT RAISE(ABORT, 'no'); END")
    (job,) = await room.run([order()])
    assert (job.state, job.hold_up) == (JobState.DOWNLOADING, HoldUp.DISK)
    assert job.detail
    with closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
        database.execute("DROP TRIGGER no")

    (again,) = await room.run()

    assert again.state is JobState.SAVED
    assert (len(room.fal.posts), room.fal.asked_for("/cdn/")) == (1, 1)
