"""What FAL charged is asked for after the end and kept, and a bill far over its estimate is said."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.standing import held_up
from reelroom.tui.studio.overcharge import overcharge
from reelroom.tui.studio.pace import Pace
from tests.studio.room import Room, order

FAL = "fal:abc"


async def billed(room: Room, *estimates: str, origin: str = FAL) -> list[Job]:
    """Jobs of these estimates, saved, as they stand once FAL was asked as often as it is ever asked."""
    orders = [replace(order(), estimate=Decimal(usd)) for usd in estimates]
    async with room.engine(origin=origin) as studio:
        jobs = await studio.submit(orders)
        ids = [job.id async for job in studio.settle([job.id for job in jobs])]
        until = room.clock.at + 2 * sum(Pace().bills)
        for _ in range(200):
            await asyncio.sleep(0.005)
            async with room.store() as store:
                now = [await store.job(job_id) for job_id in ids]
            if room.clock.at > until or all(job.cost is not None for job in now):
                break
    return now


async def notes(room: Room, job: Job) -> list[str]:
    async with room.store() as store:
        return [event.text for event in await store.events(job.id) if event.kind == "note"]


async def test_a_bill_is_written_down_for_job_and_clip_some_time_after_the_save(room: Room) -> None:
    room.fal.charge(0.42)
    (job,) = await billed(room, "0.42")
    assert (job.state, job.cost, job.billed) == (JobState.SAVED, Decimal("0.42"), True)
    assert [clip.cost for clip in await room.media()] == [Decimal("0.42")]
    assert room.fal.asked_for("billing-events") == 1
    assert await notes(room, job) == []
    assert job.ended_at is not None
    assert room.clock.at - job.ended_at >= Pace().bills[0]


async def test_a_bill_far_over_its_estimate_is_noted_and_shown(room: Room) -> None:
    room.fal.charge(0.84)
    (job,) = await billed(room, "0.42")
    said = "FAL billed $0.84; the estimate was $0.42."
    assert await notes(room, job) == [said]
    assert held_up([job], since=job.created_at) == (said, False)
    assert held_up([job], since=room.clock.at + 1) == ("", False)


async def test_bills_of_several_jobs_are_asked_for_together(room: Room) -> None:
    room.fal.charge(0.10, 0.20, 0.30)
    jobs = await billed(room, "0.10", "0.20", "0.30")
    assert sum(job.cost or Decimal(0) for job in jobs) == Decimal("0.60")
    assert room.fal.asked_for("billing-events") <= 2


async def test_a_bill_that_does_not_come_is_asked_for_a_few_times_and_stays_unknown(room: Room) -> None:
    (job,) = await billed(room, "0.42")
    assert (job.cost, job.billed) == (None, None)
    assert 2 <= room.fal.asked_for("billing-events") <= len(Pace().bills)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_may_not_see_bills_is_asked_once(room: Room, status: int) -> None:
    room.fal.charges = status
    (job,) = await billed(room, "0.42")
    assert (job.state, job.cost) == (JobState.SAVED, None)
    assert room.fal.asked_for("billing-events") == 1


async def test_practice_has_no_bills(room: Room) -> None:
    room.fal.charge(0.42)
    (job,) = await billed(room, "0.42", origin="sandbox")
    assert job.cost is None
    assert room.fal.asked_for("billing-events") == 0


async def test_what_ended_before_is_asked_about_at_the_next_start(room: Room) -> None:
    await room.run([order()], origin=FAL)
    room.fal.charge(0.35)
    room.clock.at += 3600
    async with room.engine(origin=FAL):
        for _ in range(200):
            await asyncio.sleep(0.005)
            if (await room.job()).cost is not None:
                break
    assert (await room.job()).cost == Decimal("0.35")


@pytest.mark.parametrize(
    ("estimate", "cost", "said"),
    [
        ("0.42", "0.84", "FAL billed $0.84; the estimate was $0.42."),
        ("0.42", "0.63", ""),
        ("0.42", "0.64", "FAL billed $0.64; the estimate was $0.42."),
        ("0.01", "0.05", ""),
        ("0.01", "0.06", "FAL billed $0.06; the estimate was $0.01."),
        (None, "9.00", ""),
        ("0.42", None, ""),
    ],
)
async def test_a_little_more_is_not_worth_a_word(estimate: str | None, cost: str | None, said: str) -> None:
    job = Job(
        id="j",
        origin=FAL,
        endpoint="a/b",
        model="M",
        prompt="",
        input="{}",
        created_at=0,
        state_since=0,
        estimate=None if estimate is None else Decimal(estimate),
        cost=None if cost is None else Decimal(cost),
    )
    assert overcharge([job]) == said


async def test_several_bills_over_their_estimates_are_added_up(room: Room) -> None:
    room.fal.charge(1.0, 2.0, 0.5)
    jobs = await billed(room, "0.50", "0.50", "0.50")
    assert overcharge(jobs) == "FAL billed $3.00 for 2 jobs; their estimates were $1.00."
