"""The program ends in the middle: at every step of a job, and at its first, second and third time."""

import hashlib

import pytest

from reelroom.store.states import JobState
from tests.fakes import Killed, reply, steps_until
from tests.studio.room import Room, order

STEPS = [
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


@pytest.mark.parametrize("step", STEPS)
async def test_ended_at_any_step_the_clip_is_saved_once_or_shown_as_unknown(room: Room, step: str) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until(step, [], Killed))
    open_names = room.in_the_open()
    assert all(hashlib.sha256((room.library.folder / name).read_bytes()) for name in open_names)

    async with room.engine() as studio:
        taken = await studio.resume(send_unsent=True)
        ended = [job async for job in studio.settle([job.id for job in taken])]

    async with room.store() as store:
        (job,) = await store.jobs()
        media = await store.media()
    assert len(room.fal.posts) <= 1
    if step in {"submitting.committed", "submit.replied"}:
        assert (job.state, media) == (JobState.UNKNOWN, [])
        assert "may have been charged" in (job.detail or "")
    else:
        assert job.state is JobState.SAVED, ended
        (clip,) = media
        assert (room.library.folder / clip.path).read_bytes() == room.fal.clip
        assert room.sidecar(clip)["media_id"] == clip.id
        assert sorted(room.in_the_open()) == sorted([clip.path, clip.path.replace(".mp4", ".json")])


async def test_taking_up_twice_changes_nothing(room: Room) -> None:
    await room.run([order()])
    before = await room.media()
    assert await room.run() == []
    assert await room.media() == before
    assert len(room.fal.posts) == 1


async def test_an_intent_of_an_ended_process_waits_for_a_person(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("intent.committed", [], Killed))

    assert await room.run() == []
    assert room.fal.posts == []


async def test_a_job_of_another_origin_is_left_alone(room: Room) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until("queued.committed", [], Killed))

    async with room.engine(origin="fal:abc") as studio:
        assert await studio.resume(send_unsent=True) == []


async def test_a_no_to_an_earlier_try_is_not_taken_for_the_answer_to_the_one_that_was_cut_off(
    room: Room,
) -> None:
    """FAL said 429, was asked again and took it; the program was killed before it heard."""
    room.fal.submits = [reply(429, detail="too many"), room.fal._take]
    replied = 0

    def killed(step: str) -> None:
        nonlocal replied
        replied += step == "submit.replied"
        if replied == 2:
            raise Killed(step)

    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=killed)
    assert len(room.fal.posts) == 2
    async with room.engine() as studio:
        taken = await studio.resume(send_unsent=True)
        ended = [job async for job in studio.settle([job.id for job in taken])]
    assert [job.state for job in ended] == [JobState.UNKNOWN]
    assert len(room.fal.posts) == 2
