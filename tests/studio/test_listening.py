"""A running job is listened to; whatever is wrong with its stream, it is polled and loses nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.studio.pace import Pace
from reelroom.tui.studio.progress import Progress
from tests.fakes import Answer, page, reply
from tests.studio.room import Room, order

WAITING = reply(202, status="IN_QUEUE", queue_position=3)
WORKING = reply(202, status="IN_PROGRESS", logs=None)
DONE = reply(200, status="COMPLETED", logs=None)


def log(*lines: str) -> list[dict[str, str]]:
    return [{"message": line, "timestamp": f"at {line}", "level": "INFO"} for line in lines]


def stream(
    *events: dict[str, object], then: Callable[[], object] = lambda: None
) -> Callable[..., httpx.Response]:
    """A stream of these statuses; `then` is what comes instead of its end, if it waits for anything."""

    async def body() -> AsyncIterator[bytes]:
        for event in events:
            yield f"data: {json.dumps(event)}\n\n".encode()
        waiting = then()
        if isinstance(waiting, asyncio.Future):
            await waiting

    return lambda _: httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body())


def silent() -> object:
    return asyncio.get_running_loop().create_future()


def cut() -> None:
    raise httpx.ReadError("reset")


async def lines_of(room: Room, job: Job) -> list[str]:
    async with room.store() as store:
        return [event.text for event in await store.events(job.id) if event.kind == "log"]


async def test_a_running_job_is_listened_to_and_asked_no_more(room: Room) -> None:
    room.fal.statuses = [WAITING, WORKING]
    room.fal.streams = [
        stream(
            {"status": "IN_PROGRESS", "logs": log("one")},
            {"status": "IN_PROGRESS", "logs": log("two")},
            {"status": "COMPLETED", "logs": log("three")},
        )
    ]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    assert await lines_of(room, job) == ["one", "two", "three"]
    assert [path.rpartition("/")[2] for _, path in room.fal.asked[1:4]] == ["status", "status", "stream"]
    assert room.fal.asked_for("/status") == 3


async def test_a_job_in_line_is_polled_and_not_listened_to(room: Room) -> None:
    room.fal.statuses = [WAITING, WAITING, DONE]
    await room.run([order()])
    assert room.fal.asked_for("/stream") == 0


@pytest.mark.parametrize(
    "broken",
    [
        page(502),
        reply(404, detail="Not Found"),
        reply(200, status="IN_PROGRESS"),
        httpx.ConnectError("refused"),
        stream(),
        stream({"status": "IN_PROGRESS"}),
        stream({"status": "IN_PROGRESS"}, then=cut),
    ],
    ids=["502", "404", "no stream", "no connection", "empty", "ended early", "broken off"],
)
async def test_a_stream_that_fails_leaves_the_job_to_polling(room: Room, broken: Answer) -> None:
    room.fal.streams = [broken]
    room.fal.statuses = [WORKING, WORKING, WORKING, DONE]
    (job,) = await room.run([order()])
    assert (job.state, job.hold_up) == (JobState.SAVED, None)
    assert room.fal.asked_for("/stream") == 1


async def test_a_stream_that_keeps_failing_is_tried_ever_more_seldom(room: Room) -> None:
    room.fal.statuses = [*[WORKING] * 300, DONE]
    began = room.clock.at
    await room.run([order()])
    assert 3 <= room.fal.asked_for("/stream") <= 5 + (room.clock.at - began) / 240


async def test_what_poll_and_stream_both_tell_is_kept_once(room: Room) -> None:
    room.fal.statuses = [
        reply(202, status="IN_PROGRESS", logs=log("one", "two")),
        reply(202, status="IN_PROGRESS", logs=log("one", "two", "three")),
        reply(200, status="COMPLETED", logs=log("two", "three", "four")),
    ]
    room.fal.streams = [stream({"status": "IN_PROGRESS", "logs": log("three")}), page(404)]
    (job,) = await room.run([order()])
    assert await lines_of(room, job) == ["one", "two", "three", "four"]


async def test_a_cancel_is_told_at_once_though_the_stream_is_silent(room: Room) -> None:
    room.fal.statuses = [WORKING]
    room.fal.streams = [stream({"status": "IN_PROGRESS", "logs": log("one")}, then=silent), page(404)]
    room.fal.cancels = [reply(200, status="OK")]
    async with asyncio.timeout(10), room.engine() as studio:
        (job,) = await studio.submit([order()])
        async with studio.changes() as changes:
            async for change in changes:
                if isinstance(change, Progress) and change.log == "one":
                    break
        await studio.cancel(job.id)
        (ended,) = [ended async for ended in studio.settle([job.id])]
    assert ended.state is JobState.CANCELLED
    assert room.fal.asked_for("/cancel") == 1


async def test_leaving_does_not_wait_for_a_stream(room: Room) -> None:
    room.fal.statuses = [WORKING]
    room.fal.streams = [stream({"status": "IN_PROGRESS", "logs": log("one")}, then=silent)]
    async with asyncio.timeout(10), room.engine() as studio, studio.changes() as changes:
        await studio.submit([order()])
        async for change in changes:
            if isinstance(change, Progress) and change.log == "one":
                break
    assert (await room.job()).state is JobState.RUNNING


async def test_a_stream_that_says_nothing_for_long_is_checked_by_a_question(room: Room) -> None:
    room.fal.statuses = [WORKING, DONE]
    room.fal.streams = [stream({"status": "IN_PROGRESS"}, then=silent)]
    (job,) = await room.run([order()], pace=Pace(quiet_stream=0.05))
    assert job.state is JobState.SAVED


async def test_a_request_that_goes_back_into_the_line_is_shown_there(room: Room) -> None:
    room.fal.statuses = [WORKING, DONE]
    room.fal.streams = [stream({"status": "IN_QUEUE", "queue_position": 4})]
    (job,) = await room.run([order()])
    async with room.store() as store:
        states = [event.state for event in await store.events(job.id) if event.kind == "state"]
    assert states[2:5] == [JobState.QUEUED, JobState.RUNNING, JobState.QUEUED]


async def test_where_no_more_streams_may_be_opened_jobs_are_polled(room: Room) -> None:
    room.fal.streams = [stream({"status": "COMPLETED"})]
    room.fal.statuses = [*[WORKING] * 8, DONE]
    jobs = await room.run([order() for _ in range(3)], streams=0)
    assert {job.state for job in jobs} == {JobState.SAVED}
    assert room.fal.asked_for("/stream") == 0
