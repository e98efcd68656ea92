"""The POST: what may be sent again, and what never is."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from reelroom.store.states import HoldUp, JobState
from reelroom.tui.studio.depot import LONG_ENOUGH
from tests.fakes import BASE, page, reply
from tests.studio.room import Room, order


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("disconnected"),
        httpx.WriteError("broken"),
        page(502),
        page(503),
        reply(504, detail="Request timed out", error_type="request_timeout"),
        page(200, "<html>welcome</html>"),
        reply(200, status="IN_QUEUE"),
    ],
    ids=str,
)
async def test_a_post_that_may_have_arrived_is_never_sent_again(room: Room, answer: object) -> None:
    room.fal.submits = [answer]
    (job,) = await room.run([order()])
    assert job.state is JobState.UNKNOWN
    assert job.detail
    (again,) = await room.run()
    assert again.state is JobState.UNKNOWN
    assert len(room.fal.posts) == 1


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_a_post_that_cannot_have_arrived_is_sent_again(room: Room, answer: object) -> None:
    room.fal.submits = [answer, answer, room.fal._take]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED


async def test_an_unreachable_fal_leaves_the_job_waiting_unsent(room: Room) -> None:
    room.fal.submits = [httpx.ConnectError("refused")]
    (job,) = await room.run([order()])
    assert (job.state, job.hold_up) == (JobState.INTENT, HoldUp.NETWORK)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(401, detail="No user found for Key ID and Secret"), "auth"),
        (reply(403, detail="User is locked. Reason: Exhausted balance. Top up your balance."), "balance"),
        (reply(403, detail="User is locked. Reason: Admin lock."), "locked"),
        (reply(422, detail=[{"loc": ["body", "prompt"], "msg": "too long", "type": "x"}]), "invalid_input"),
    ],
)
async def test_a_definite_no_is_an_ending_with_fals_words(
    room: Room, answer: httpx.Response, reason: str
) -> None:
    room.fal.submits = [answer]
    (job,) = await room.run([order()])
    assert (job.state, job.reason, job.billed) == (JobState.REJECTED, reason, False)
    assert job.detail


async def test_429_is_sent_again_and_ends_when_it_stays(room: Room) -> None:
    room.fal.submits = [reply(429, detail="slow down"), room.fal._take]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED

    room.fal.submits = [reply(429, detail="slow down")]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.REJECTED, "too_many")


async def test_leaving_waits_for_a_post_that_has_begun(room: Room) -> None:
    room.fal.hold_submit = asyncio.Event()
    async with room.engine() as studio:
        await studio.submit([order()])
        await room.fal.posted.wait()
        asyncio.get_running_loop().call_later(0.05, room.fal.hold_submit.set)
    async with room.store() as store:
        (job,) = await store.jobs()
    assert job.state is JobState.QUEUED


async def test_leaving_too_long_a_post_makes_it_unknown(room: Room) -> None:
    room.fal.hold_submit = asyncio.Event()
    async with room.engine() as studio:
        await studio.submit([order()])
        await room.fal.posted.wait()
        await studio.leave(patience=0.05)
    async with room.store() as store:
        (job,) = await store.jobs()
    assert (job.state, job.reason) == (JobState.UNKNOWN, "left_while_sending")


async def test_a_balance_lock_while_running_holds_the_job_up_and_no_more(room: Room) -> None:
    locked = reply(403, detail="User is locked. Reason: Exhausted balance.")
    room.fal.statuses = [locked]
    (job,) = await room.run([order()])
    assert (job.state, job.hold_up) == (JobState.QUEUED, HoldUp.AUTH)

    room.fal.statuses = []
    (again,) = await room.run()
    assert again.state is JobState.SAVED


async def test_an_intent_that_waited_until_fal_dropped_its_file_is_not_sent(room: Room) -> None:
    with_file = order()
    with_file = replace(
        with_file, input={"prompt": "x", "elements": [{"image_url": f"{BASE}/cdn/files/a.png"}]}
    )
    room.fal.submits = [httpx.ConnectError("refused")]
    await room.run([with_file])
    room.fal.submits.clear()
    room.fal.posts.clear()
    room.fal.downloads = [page(404)]
    room.clock.at += LONG_ENOUGH
    async with room.engine() as studio:
        (job,) = await studio.resume(send_unsent=True)
        (ended,) = [job async for job in studio.settle([job.id])]
    assert (ended.state, ended.reason, ended.billed) == (JobState.REJECTED, "input_gone", False)
    assert "a.png" in ended.detail
    assert room.fal.posts == []


@pytest.mark.parametrize("answer", [httpx.ReadError("reset"), page(503), httpx.Response(200, content=b"x")])
async def test_an_intent_whose_file_may_still_be_there_is_sent_however_old_it_is(
    room: Room, answer: object
) -> None:
    with_file = replace(order(), input={"prompt": "x", "image_url": f"{BASE}/cdn/files/a.png"})
    room.fal.submits = [httpx.ConnectError("refused")]
    await room.run([with_file])
    room.fal.submits.clear()
    room.fal.downloads = [answer, room.fal._file]
    room.clock.at += LONG_ENOUGH
    async with room.engine() as studio:
        (job,) = await studio.resume(send_unsent=True)
        (ended,) = [job async for job in studio.settle([job.id])]
    assert ended.state is JobState.SAVED
    assert room.fal.asked_for("a.png") == 1
