"""A database put back from a copy that is older than the last jobs: none is paid twice, none is lost."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reelroom.fal.errors import Refused
from reelroom.fal.exchange import Exchange
from reelroom.fal.hosts import Hosts
from reelroom.fal.platform import Platform
from reelroom.store.backup import back_up, put_back, set_aside
from reelroom.store.states import JobState
from reelroom.tui.studio.doctor import Doctor
from reelroom.tui.studio.rebuild import Rebuild
from tests.fakes import BASE, CLIP, Killed, reply, steps_until
from tests.studio.room import Room, order

S = JobState


def database(room: Room) -> Path:
    return room.folder / "reelroom.db"


def copies(room: Room) -> Path:
    return room.folder / "backups"


def copy(room: Room) -> None:
    back_up(database(room), copies(room), room.clock.now())


async def put_the_copy_back(room: Room) -> None:
    """As `doctor --fix` does it with a damaged database."""
    set_aside(database(room), room.clock.now())
    assert put_back(database(room), copies(room), room.clock.now()) is not None
    async with room.store() as store:
        async for _finding in Doctor(store, room.library, mend=True).look():
            pass


async def killed_at(room: Room, step: str) -> None:
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until(step, [], Killed))


async def send_what_was_left(room: Room) -> None:
    async with room.engine() as studio:
        taken = await studio.resume(send_unsent=True)
        async for _job in studio.settle([job.id for job in taken]):
            pass


@pytest.mark.parametrize("step", ["intent.committed", "submitting.committed", "queued.committed"])
async def test_a_job_that_was_saved_after_the_copy_is_saved_again_and_never_sent_again(
    room: Room, step: str
) -> None:
    await killed_at(room, step)
    copy(room)
    if step == "submitting.committed":
        room.sql("UPDATE job SET state = 'intent'")
    await send_what_was_left(room)
    before = await room.media()
    files = room.in_the_open()
    await put_the_copy_back(room)
    assert (await room.job()).state is S.SAVED
    assert await room.media() == before
    await send_what_was_left(room)
    assert len(room.fal.posts) == 1
    assert room.in_the_open() == files


async def test_an_intent_of_a_copy_is_not_sent_since_it_may_have_been(room: Room) -> None:
    await killed_at(room, "intent.committed")
    copy(room)
    async with room.engine() as studio:
        room.fal.statuses = [reply(200, status="IN_QUEUE", queue_position=1)]
        await studio.resume(send_unsent=True)
        await room.fal.posted.wait()
    await put_the_copy_back(room)
    job = await room.job()
    assert (job.state, job.reason) == (S.UNKNOWN, "left_while_sending")
    assert "may have been charged" in (job.detail or "")
    await send_what_was_left(room)
    assert len(room.fal.posts) == 1


async def test_of_two_clips_the_one_that_was_not_saved_yet_is_fetched(room: Room) -> None:
    room.fal.results = [reply(200, videos=[{"url": CLIP}, {"url": f"{CLIP}?2"}])]
    await killed_at(room, "queued.committed")
    copy(room)
    await room.run()
    first, second = sorted(await room.media(), key=lambda clip: clip.position)
    for suffix in (".mp4", ".json"):
        (room.library.folder / second.path).with_suffix(suffix).unlink()
    await put_the_copy_back(room)
    assert [clip.id for clip in await room.media()] == [first.id]
    (job,) = await room.run()
    assert job.state is S.SAVED
    assert [clip.position for clip in sorted(await room.media(), key=lambda clip: clip.position)] == [0, 1]
    assert len([name for name in room.in_the_open() if name.endswith(".mp4")]) == 2
    assert len(room.fal.posts) == 1


async def test_both_clips_of_a_job_that_no_copy_knows_are_kept_from_their_sidecars(room: Room) -> None:
    room.fal.results = [reply(200, videos=[{"url": CLIP}, {"url": f"{CLIP}?2"}])]
    await room.run([order()])
    before, job = await room.media(), await room.job()
    database(room).unlink()
    async with room.store() as store:
        async for _finding in Doctor(store, room.library, mend=True).look():
            pass
    assert sorted(clip.id for clip in await room.media()) == sorted(clip.id for clip in before)
    assert (await room.job()).state is S.SAVED
    assert [output.media_id for output in (await room.job()).outputs] == [
        output.media_id for output in job.outputs
    ]


@asynccontextmanager
async def rebuild(room: Room) -> AsyncIterator[Rebuild]:
    async with room.store() as store, Exchange(Hosts.at(BASE), None, room.fal.transport) as exchange:
        yield Rebuild(Platform(exchange), store, BASE)


async def test_a_request_that_the_copy_does_not_know_is_a_job_again_and_saved(room: Room) -> None:
    await room.run([order()])
    copy(room)
    await room.run([order(prompt="a grey owl", seed=7)])
    shutil.rmtree(room.library.folder)
    room.library.make()
    await put_the_copy_back(room)
    room.fal.list_posts(room.clock.at)
    async with rebuild(room) as listing:
        assert await listing.since(0.0) == 1
        assert await listing.since(0.0) == 0
    (job,) = await room.run()
    assert (job.state, job.prompt, job.model) == (S.SAVED, "a grey owl", "Kling")
    assert len(room.fal.posts) == 2


async def test_an_intent_of_the_copy_gets_the_request_that_was_sent_of_it_days_later(room: Room) -> None:
    await killed_at(room, "intent.committed")
    copy(room)
    before = await room.job()
    room.clock.at += 3 * 86_400
    room.fal.posts.append({"prompt": "a red fox"})
    room.fal.list_posts(room.clock.at)
    await put_the_copy_back(room)
    async with rebuild(room) as listing:
        assert await listing.since(0.0) == 1
    (job,) = await room.run()
    assert (job.id, job.state, job.project_id) == (before.id, S.SAVED, before.project_id)
    assert len(room.fal.posts) == 1


async def test_what_ended_without_a_clip_is_not_taken_in(room: Room) -> None:
    await room.run([order()])
    room.fal.posts.append({"prompt": "something rude"})
    room.fal.list_posts(room.clock.at, status=422, output={"detail": "no"})
    async with rebuild(room) as listing:
        assert await listing.since(0.0) == 0


async def test_a_listing_that_is_closed_to_the_key_brings_nothing_and_says_so(room: Room) -> None:
    await room.run([order()])
    room.fal.listing = 403
    async with rebuild(room) as listing:
        with pytest.raises(Refused):
            await listing.since(0.0)
    assert len(await room.media()) == 1
