import contextlib
import hashlib
import json
import sqlite3

import httpx

from reelroom.store.states import JobState
from tests.fakes import BASE, reply
from tests.studio.room import HAILUO, KLING, Room, order


async def test_one_prompt_for_two_models_leaves_two_clips_with_rows_and_sidecars(room: Room) -> None:
    jobs = await room.run([order(KLING), order(HAILUO)])

    assert [job.state for job in jobs] == [JobState.SAVED, JobState.SAVED]
    assert len(room.fal.posts) == 2
    media = await room.media()
    assert {clip.endpoint for clip in media} == {KLING, HAILUO}
    for clip in media:
        data = (room.library.folder / clip.path).read_bytes()
        assert data == room.fal.clip
        assert (clip.bytes, clip.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert (clip.width, clip.height, clip.codec, clip.has_audio) == (64, 36, "h264", False)
        assert (clip.duration, clip.fps) == (1.0, 12.0)
        assert room.sidecar(clip)["file"]["sha256"] == clip.sha256
        assert room.sidecar(clip)["request_id"] == clip.request_id
    assert len(room.in_the_open()) == 4


async def test_the_row_exists_before_the_first_byte_is_sent(room: Room) -> None:
    rows: list[tuple[str, str]] = []

    def look(request: httpx.Request) -> httpx.Response:
        with contextlib.closing(sqlite3.connect(room.folder / "reelroom.db")) as database:
            rows.extend(database.execute("SELECT state, input FROM job"))
        return room.fal._take(request)

    room.fal.submits = [look]
    await room.run([order()])

    assert rows == [("submitting", '{"prompt":"a red fox"}')]


async def test_the_steps_of_a_job_come_in_the_promised_order(room: Room) -> None:
    seen: list[str] = []
    await room.run([order()], step=seen.append)

    promised = [
        "intent.begin",
        "intent.committed",
        "submitting.committed",
        "submit.replied",
        "submit.kept",
        "queued.committed",
        "status.received",
        "result.received",
        "result.kept",
        "ready.committed",
        "downloading.committed",
        "part.synced",
        "renamed",
        "sidecar.written",
        "folder.synced",
        "saved.begin",
        "saved.committed",
    ]
    assert seen == promised


async def test_positions_states_and_log_lines_are_kept_once(room: Room) -> None:
    line = {"message": "step 1", "timestamp": "2026-11-22T10:00:00", "level": "INFO"}
    more = {"message": "step 2", "timestamp": "2026-11-22T10:00:01", "level": "INFO"}
    room.fal.statuses = [
        reply(202, status="IN_QUEUE", queue_position=2),
        reply(202, status="IN_PROGRESS", logs=[line]),
        reply(202, status="IN_PROGRESS", logs=[line, more]),
        reply(200, status="COMPLETED", logs=[line, more]),
    ]

    (job,) = await room.run([order()])

    async with room.store() as store:
        events = await store.events(job.id)
    assert [event.text for event in events if event.kind == "log"] == ["step 1", "step 2"]
    assert [event.state for event in events if event.kind == "state"] == [
        JobState.INTENT,
        JobState.SUBMITTING,
        JobState.QUEUED,
        JobState.RUNNING,
        JobState.READY,
        JobState.DOWNLOADING,
        JobState.SAVED,
    ]


async def test_a_reply_with_several_clips_makes_several_rows(room: Room) -> None:
    room.fal.results = [
        reply(200, videos=[{"url": f"{BASE}/cdn/files/a.mp4"}, {"url": f"{BASE}/cdn/files/b.mp4"}])
    ]

    (job,) = await room.run([order()])

    assert job.state is JobState.SAVED
    media = await room.media()
    assert sorted(clip.position for clip in media) == [0, 1]
    assert len({clip.path for clip in media}) == 2


async def test_one_models_failure_never_touches_the_other(room: Room) -> None:
    room.fal.results = [
        reply(422, detail=[{"loc": ["body"], "msg": "flagged", "type": "content_policy_violation"}]),
        reply(200, video={"url": f"{BASE}/cdn/files/a.mp4"}),
    ]

    jobs = await room.run([order(KLING), order(HAILUO)])

    assert sorted(job.state for job in jobs) == [JobState.FAILED, JobState.SAVED]
    (failed,) = [job for job in jobs if job.state is JobState.FAILED]
    assert failed.reason == "policy"
    assert "flagged" in (failed.detail or "")


async def test_what_was_sent_is_what_was_recorded(room: Room) -> None:
    (job,) = await room.run([order(prompt="fuchs über eis")])
    assert [json.loads(job.input)] == room.fal.posts
