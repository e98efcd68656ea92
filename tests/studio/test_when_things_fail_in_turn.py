"""What goes wrong beside or after something else; each of these once lost a clip, or hung."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState
from reelroom.tui.studio.errors import NothingToRetry, TooLate
from reelroom.tui.studio.studio import Studio
from tests.fakes import BASE, CLIP, Killed, page, reply, steps_until
from tests.studio.room import Room, order

NO_REPLIES = "CREATE TRIGGER no BEFORE INSERT ON document BEGIN SELECT RAISE(ABORT, 'no room'); END;"
NO_JOBS = "CREATE TRIGGER no BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'no room'); END;"
MENDED = "DROP TRIGGER IF EXISTS no;"
TWO = reply(200, videos=[{"url": f"{BASE}/cdn/files/a.mp4"}, {"url": f"{BASE}/cdn/files/gone.mp4"}])


async def settled(studio: Studio, job_id: str, patience: float = 60) -> Job:
    (job,) = [job async for job in studio.settle([job_id], patience=patience)]
    return job


async def test_a_reply_that_the_database_refuses_at_first_is_not_let_go_of(room: Room) -> None:
    async with room.store():
        pass

    def full(request: httpx.Request) -> httpx.Response:
        room.sql(NO_REPLIES)
        return room.fal._take(request)

    room.fal.submits = [full]
    room.clock.on_wait = [lambda: None, lambda: room.sql(MENDED)]
    (job,) = await room.run([order()])
    if not job.terminal:
        assert job.hold_up is HoldUp.DISK
        room.sql(MENDED)
        (job,) = await room.run()
    assert job.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_leaving_right_after_a_reply_was_kept_loses_nothing(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("submit.kept", [], Killed))
    assert (await room.job()).state is JobState.QUEUED or (await room.job()).state is JobState.SUBMITTING
    (job,) = await room.run()
    assert (job.state, len(room.fal.posts)) == (JobState.SAVED, 1)


async def test_of_two_clips_the_one_that_came_is_kept_when_the_other_is_gone(room: Room) -> None:
    room.fal.results = [TWO]
    room.fal.downloads = [
        lambda request: page(404) if "gone" in request.url.path else room.fal._file(request)
    ]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.EXPIRED, "link_refused")
    (first,) = await room.media()
    assert room.in_the_open() == sorted([first.path, first.path.replace(".mp4", ".json")])

    room.fal.downloads = []
    async with room.engine() as studio:
        await studio.retry(job.id)
        await settled(studio, job.id)
    media = await room.media()
    assert (await room.job()).state is JobState.SAVED
    assert len(media) == 2
    assert first.path in {clip.path for clip in media}
    assert len(room.in_the_open()) == 4


@pytest.mark.parametrize("trouble", [page(503), page(502), reply(429, detail="slow"), page(200)])
async def test_trouble_while_a_link_is_read_anew_is_no_ending(room: Room, trouble: httpx.Response) -> None:
    room.fal.downloads = [page(404), room.fal._file]
    room.fal.results = [reply(200, video={"url": CLIP}), trouble, reply(200, video={"url": CLIP})]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED


async def test_a_media_host_that_lags_behind_is_asked_again(room: Room) -> None:
    room.fal.downloads = [page(404), page(403), page(404), room.fal._file]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED


async def test_a_clip_that_is_here_whole_is_saved_though_its_link_is_gone(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("part.synced", [], Killed))
    room.fal.downloads = [page(404)]
    (job,) = await room.run()
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip


async def test_a_job_of_another_origin_is_neither_retried_nor_cancelled_nor_sent(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("intent.committed", [], Killed))
    job = await room.job()
    async with room.engine(origin="fal:abc") as studio:
        for wish in (studio.retry, studio.cancel, lambda job_id: studio.send_unsent([job_id])):
            with pytest.raises(TooLate):
                await wish(job.id)
    assert room.fal.posts == []


async def test_retry_never_sends_what_was_never_sent(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("intent.committed", [], Killed))
    job = await room.job()
    async with room.engine() as studio:
        with pytest.raises(NothingToRetry):
            await studio.retry(job.id)
        assert room.fal.posts == []
        await studio.send_unsent([job.id])
        await settled(studio, job.id)
    assert (await room.job()).state is JobState.SAVED


async def test_a_429_of_an_earlier_process_is_not_sent_again_by_itself(room: Room) -> None:
    """It may be the answer to an earlier try, and that to the last one the one that was lost."""
    room.fal.submits = [reply(429, detail="slow down")]
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("submit.kept", [], Killed))
    room.fal.submits = []
    await room.run()
    assert (await room.job()).state is JobState.UNKNOWN
    assert len(room.fal.posts) == 1


async def test_the_jobs_own_input_is_never_taken_for_its_clip(room: Room) -> None:
    source = f"{BASE}/cdn/files/mine.mp4"
    wish = order()
    wish = type(wish)(
        endpoint=wish.endpoint, model="x", prompt="p", input={"prompt": "p", "video_url": source}
    )
    room.fal.results = [reply(200, input={"video_url": source}, video=None)]
    (job,) = await room.run([wish])
    assert (job.state, job.reason) == (JobState.FAILED, "no_media")
    room.fal.statuses = [reply(200, status="COMPLETED")]
    async with room.engine() as studio:
        await studio.retry(job.id)
        await settled(studio, job.id)
    assert (await room.job()).state is JobState.FAILED
    assert await room.media() == []


async def test_a_store_that_refuses_once_does_not_end_the_job(room: Room) -> None:
    async with room.store():
        pass

    def refuse(_request: httpx.Request) -> httpx.Response:
        room.sql(NO_JOBS)
        return reply(202, status="IN_PROGRESS", logs=None)

    room.fal.statuses = [refuse, reply(200, status="COMPLETED")]
    room.clock.on_wait = [lambda: None, lambda: None, lambda: room.sql(MENDED)]
    (job,) = await room.run([order()])
    if not job.terminal:
        room.sql(MENDED)
        (job,) = await room.run()
    assert job.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_what_nobody_foresaw_is_shown_and_tried_again(room: Room) -> None:
    failures = iter([RuntimeError("a bug"), RuntimeError("a bug")])

    def step(name: str) -> None:
        if name == "result.received" and (failure := next(failures, None)):
            raise failure

    (job,) = await room.run([order()], step=step)
    assert job.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_a_hold_up_that_cannot_be_recorded_still_ends_the_wait(room: Room) -> None:
    async with room.store():
        pass

    def refuse(_request: httpx.Request) -> httpx.Response:
        room.sql(NO_JOBS)
        return reply(202, status="IN_PROGRESS", logs=None)

    room.fal.statuses = [refuse]
    async with asyncio.timeout(20):
        (job,) = await room.run([order()])
    assert job.hold_up is HoldUp.DISK


async def test_a_request_that_fal_never_knows_again_comes_to_an_end(room: Room) -> None:
    room.fal.statuses = [page(404)]
    async with room.engine() as studio:
        (job,) = await studio.submit([order()])
        ended = await settled(studio, job.id, patience=1e9)
    assert (ended.state, ended.reason) == (JobState.EXPIRED, "not_known")
    assert "may have been charged" in (ended.detail or "")


async def test_a_404_that_passes_leaves_no_trace_on_the_job(room: Room) -> None:
    room.fal.statuses = [
        page(404),
        page(404),
        reply(202, status="IN_PROGRESS", logs=None),
        reply(200, status="COMPLETED"),
    ]
    (job,) = await room.run([order()])
    assert (job.state, job.reason, job.detail) == (JobState.SAVED, None, None)


async def test_a_result_in_the_submit_reply_without_a_video_is_an_ending(room: Room) -> None:
    room.fal.submits = [reply(200, images=[{"url": f"{BASE}/cdn/files/a.png", "content_type": "image/png"}])]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.FAILED, "no_media")


async def test_one_garbled_result_is_asked_for_again(room: Room) -> None:
    room.fal.results = [page(200), page(200), reply(200, video={"url": CLIP})]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED


async def test_a_fresh_link_without_a_mark_never_splices_two_files(room: Room) -> None:
    async def dropped() -> AsyncIterator[bytes]:
        yield b"\0" * 700
        raise httpx.ReadError("reset")

    room.fal.downloads = [
        lambda _request: httpx.Response(200, content=dropped()),
        page(403),
        room.fal._file,
    ]
    room.fal.results = [
        reply(200, video={"url": f"{BASE}/cdn/files/old.mp4"}),
        reply(200, video={"url": f"{BASE}/cdn/files/new.mp4"}),
    ]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    (clip,) = await room.media()
    assert (room.library.folder / clip.path).read_bytes() == room.fal.clip


async def test_a_file_that_no_clip_can_be_is_not_fetched(room: Room) -> None:
    huge = {"content-length": str(5 << 30)}
    room.fal.downloads = [lambda _request: httpx.Response(200, stream=_Endless(), headers=huge)]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.FAILED, "not_a_video")


class _Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"\0" * 65536


async def test_a_file_shorter_than_announced_is_fetched_again_where_no_length_is_stated(room: Room) -> None:
    async def short() -> AsyncIterator[bytes]:
        yield room.fal.clip

    room.fal.results = [reply(200, video={"url": CLIP, "file_size": len(room.fal.clip) + 100})]
    room.fal.downloads = [lambda _request: httpx.Response(200, content=short())]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    assert room.fal.asked_for("/cdn/") == 5
