"""Requests whose reply never arrived: looked for in FAL's listing, never sent a second time, always shown."""

import json
from dataclasses import replace

import httpx
import pytest

from reelroom.fal.exchange import Exchange
from reelroom.fal.hosts import Hosts
from reelroom.fal.platform import Platform
from reelroom.fal.platform_values import PastRequest
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.studio.listing import Listing, matched
from tests.fakes import BASE, CLIP, page, reply
from tests.studio.room import KLING, Room, order

S = JobState
LOST = httpx.ReadError("the connection was reset")


async def notes(room: Room, job: Job) -> list[str]:
    async with room.store() as store:
        return [event.text for event in await store.events(job.id) if event.kind == "note"]


def listed_while_sending(room: Room, **how: object) -> None:
    """The reply is lost, but FAL has taken the request: it is in the listing from then on."""

    def lose(_request: httpx.Request) -> httpx.Response:
        room.fal.list_posts(room.clock.at, **how)
        raise LOST

    room.fal.submits = [lose]


async def test_a_lost_request_is_found_and_saved_without_a_second_post(room: Room) -> None:
    listed_while_sending(room)
    (job,) = await room.run([order()])
    assert (job.state, job.request_id) == (S.SAVED, "00000000-0000-4000-8000-000000000001")
    assert len(room.fal.posts) == 1
    assert any("Found in FAL's listing" in note for note in await notes(room, job))


async def test_a_request_that_the_listing_shows_late_is_found_then(room: Room) -> None:
    room.fal.submits = [LOST]
    room.clock.on_wait = [lambda: None, lambda: None, lambda: room.fal.list_posts(room.clock.at)]
    (job,) = await room.run([order()])
    assert job.state is S.SAVED
    assert len(room.fal.posts) == 1


async def test_a_command_stops_waiting_after_three_looks_and_the_job_stays_unknown(room: Room) -> None:
    room.fal.submits = [LOST]
    began = room.clock.at
    (job,) = await room.run([order()])
    assert job.state is S.UNKNOWN
    assert 3 <= room.fal.asked_for("by-endpoint") <= 5
    assert room.clock.at - began < 60
    assert "asked 3 times" in (job.detail or "")
    assert len(room.fal.posts) == 1


async def test_the_next_start_looks_again_and_finds_it(room: Room) -> None:
    room.fal.submits = [LOST]
    await room.run([order()])
    room.fal.list_posts(room.clock.at)
    (job,) = await room.run()
    assert job.state is S.SAVED
    assert len(room.fal.posts) == 1


async def test_a_listing_that_is_closed_to_the_key_is_said_once_and_not_waited_for(room: Room) -> None:
    room.fal.submits, room.fal.listing = [LOST], 403
    (job,) = await room.run([order()])
    assert job.state is S.UNKNOWN
    assert any("does not show its listing to this key" in note for note in await notes(room, job))
    assert len(room.fal.posts) == 1


async def test_a_listing_that_cannot_be_reached_leaves_the_job_unknown(room: Room) -> None:
    room.fal.submits, room.fal.listing = [LOST], 503
    (job,) = await room.run([order()])
    assert job.state is S.UNKNOWN
    assert len(room.fal.posts) == 1


async def test_looking_ends_after_a_week(room: Room) -> None:
    room.fal.submits = [LOST]
    await room.run([order()])
    room.clock.at += 8 * 86_400
    room.fal.asked.clear()
    async with room.engine() as studio:
        (job,) = await studio.resume()
        (left,) = [now async for now in studio.settle([job.id])]
        assert left.state is S.UNKNOWN
        asked = room.fal.asked_for("by-endpoint")
        room.clock.at += 86_400
        await studio.resume()
        assert room.fal.asked_for("by-endpoint") == asked == 3


async def test_a_listing_that_fails_is_not_asked_by_each_lost_job_in_turn(room: Room) -> None:
    room.fal.submits, room.fal.listing = [LOST], 403
    jobs = await room.run([order(prompt=f"fox {number}") for number in range(20)])
    assert {job.state for job in jobs} == {S.UNKNOWN}
    assert room.fal.asked_for("by-endpoint") < 5


async def test_a_look_before_a_request_was_lost_is_no_look_for_it(room: Room) -> None:
    """The second is lost while the first is looked for: within the second of that look, it was not in it."""
    room.fal.submits = [LOST]
    room.clock.on_wait = []
    (first,) = await room.run([order()])
    async with room.store() as store:
        platform = Platform(Exchange(Hosts.at(BASE), None, room.fal.transport))
        async with platform._exchange:
            listing = Listing(platform, store, BASE, room.clock.steady, fresh=1.0)
            assert await listing.find(first) == []
            (owl,) = await store.add_jobs(
                [replace(job(2, room.clock.at, prompt="an owl"), origin=BASE, endpoint=KLING, state=S.INTENT)]
            )
            for state in (S.SUBMITTING, S.UNKNOWN):
                owl = await store.move(owl.id, state, submitted_at=room.clock.at)
            room.fal.posts.append({"prompt": "an owl"})
            room.fal.list_posts(room.clock.at)
            assert owl.id in {one.id for one, _past in await listing.find(owl)}


async def test_equal_requests_without_a_seed_are_shared_out_one_to_one(room: Room) -> None:
    listed_while_sending(room)
    jobs = await room.run([order(), order(), order()])
    assert {job.state for job in jobs} == {S.SAVED}
    assert len({job.request_id for job in jobs}) == 3
    assert len(room.fal.posts) == 3


async def test_of_three_lost_requests_the_two_that_are_listed_are_found(room: Room) -> None:
    room.fal.submits = [LOST]
    await room.run([order(), order(), order()])
    room.fal.list_posts(room.clock.at)
    assert isinstance(room.fal.listing, list)
    room.fal.listing = room.fal.listing[:2]
    jobs = await room.run()
    assert sorted(job.state for job in jobs) == [S.SAVED, S.SAVED, S.UNKNOWN]


async def test_a_request_that_another_job_has_is_never_claimed_twice(room: Room) -> None:
    (saved,) = await room.run([order()])
    room.fal.submits = [LOST]
    room.fal.list_posts(room.clock.at)
    (lost,) = await room.run([order()])
    assert (saved.state, lost.state) == (S.SAVED, S.UNKNOWN)


async def test_a_listed_result_serves_where_the_queue_has_forgotten_the_request(room: Room) -> None:
    listed_while_sending(room, status=200, output={"video": {"url": CLIP}})
    room.fal.statuses = [reply(404, detail="Request not found")]
    (job,) = await room.run([order()])
    assert job.state is S.SAVED


async def test_a_request_that_the_queue_forgets_on_the_way_is_asked_of_the_listing(room: Room) -> None:
    def forget(_request: httpx.Request) -> httpx.Response:
        room.fal.list_posts(room.clock.at, status=200, output={"video": {"url": CLIP}})
        return reply(404, detail="Request not found")

    room.fal.statuses = [forget]
    (job,) = await room.run([order()])
    assert job.state is S.SAVED


async def test_a_listed_failure_ends_the_job_in_fals_words(room: Room) -> None:
    output = {"detail": [{"loc": ["body", "prompt"], "msg": "too rude", "type": "content_policy_violation"}]}

    def forget(_request: httpx.Request) -> httpx.Response:
        room.fal.list_posts(room.clock.at, status=422, output=output)
        return reply(404, detail="Request not found")

    room.fal.statuses = [forget]
    (job,) = await room.run([order()])
    assert job.state is S.FAILED
    assert "too rude" in (job.detail or "")


async def test_a_link_that_expired_after_the_result_did_is_renewed_from_the_listing(room: Room) -> None:
    stale = f"{CLIP}?stale"

    def gone(request: httpx.Request) -> httpx.Response:
        if request.url.query == b"stale":
            room.fal.list_posts(room.clock.at, status=200, output={"video": {"url": CLIP}})
            return page(404)
        return room.fal._file(request)

    room.fal.downloads = [gone]
    room.fal.results = [reply(200, video={"url": stale}), reply(404, detail="Request not found")]
    (job,) = await room.run([order()])
    assert job.state is S.SAVED


def job(number: int, at: float, **input_: object) -> Job:
    return Job(
        id=f"job-{number}",
        origin="fal:abc",
        endpoint="fal-ai/veo3",
        model="Veo",
        prompt="a fox",
        input=json.dumps(input_),
        state=S.UNKNOWN,
        created_at=at,
        state_since=at,
        submitted_at=at,
    )


def past(number: int, at: float | None, text: str | None) -> PastRequest:
    return PastRequest(request_id=f"request-{number}", endpoint="fal-ai/veo3", sent_at=at, input=text)


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ('{"prompt": "a fox", "seed": 7}', True),
        ('{"prompt": "a fox", "seed": 7, "duration": "8s"}', True),
        ('{"prompt": "a fox", "seed": 7.0}', True),
        ('{"prompt": "a fox", "seed": 8}', False),
        ('{"prompt": "a fox"}', False),
        ('{"prompt": "an owl", "seed": 7}', False),
        ("[7]", False),
        ("not json", False),
        (None, False),
    ],
)
def test_a_request_is_taken_for_ours_only_with_all_of_our_input(theirs: str | None, found: bool) -> None:
    ours = job(1, 1000.0, prompt="a fox", seed=7)
    assert bool(list(matched([ours], [past(1, 1000.0, theirs)], set()))) is found


@pytest.mark.parametrize(
    ("seed", "apart", "found"),
    [(None, 600, True), (None, 3600, False), (7, 3600, True), (7, 2 * 86_400, False), (None, None, False)],
)
def test_without_a_seed_only_a_request_of_the_same_minutes_is_ours(
    seed: int | None, apart: float | None, found: bool
) -> None:
    input_ = {"prompt": "a fox"} | ({} if seed is None else {"seed": seed})
    ours = job(1, 100_000.0, **input_)
    theirs = past(1, None if apart is None else 100_000.0 + apart, json.dumps(input_))
    assert bool(list(matched([ours], [theirs], set()))) is found


def test_of_equal_requests_each_job_gets_the_nearest_in_time() -> None:
    jobs = [job(1, 1000.0, prompt="a fox"), job(2, 1300.0, prompt="a fox")]
    listed = [past(2, 1301.0, '{"prompt": "a fox"}'), past(1, 1001.0, '{"prompt": "a fox"}')]
    assert [(one.id, found.request_id) for one, found in matched(jobs, listed, set())] == [
        ("job-1", "request-1"),
        ("job-2", "request-2"),
    ]
