"""Budgets and switched-off spending, as the engine keeps them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.store.errors import OverBudget
from reelroom.store.states import JobState
from reelroom.tui.studio.errors import NoSpending
from reelroom.tui.studio.money import Limits
from tests.studio.room import Room, order

FAL = "fal:abc"


def dear(usd: str, **more: object) -> object:
    return replace(order(), estimate=Decimal(usd), **more)


async def refused(room: Room, one: object, limits: Limits, words: str) -> None:
    posts = len(room.fal.posts)
    async with room.engine(origin=FAL, limits=limits) as studio:
        with pytest.raises(OverBudget, match=words):
            await studio.submit([one])
    assert len(room.fal.posts) == posts


async def test_a_run_over_its_budget_sends_nothing_and_makes_nothing(room: Room) -> None:
    async with room.engine(origin=FAL, limits=Limits(run=Decimal(1))) as studio:
        with pytest.raises(OverBudget):
            await studio.submit([dear("0.60"), dear("0.60")])
    assert room.fal.posts == []
    async with room.store() as store:
        assert await store.jobs() == []


async def test_the_budget_of_a_day_counts_what_was_sent_today(room: Room) -> None:
    limits = Limits(day=Decimal(1))
    await room.run([dear("0.60")], origin=FAL, limits=limits)
    await refused(room, dear("0.60"), limits, "Today's budget")
    room.clock.at += 2 * 86_400
    assert await room.run([dear("0.60")], origin=FAL, limits=limits)


async def test_the_budget_of_a_project_is_known_by_its_name_in_any_case(room: Room) -> None:
    async with room.store() as store:
        project = await store.project_named("Winter fables")
    limits = Limits(projects={"WINTER FABLES": Decimal("0.50")})
    assert await room.run([dear("0.60")], origin=FAL, limits=limits)
    await refused(room, dear("0.60", project_id=project.id), limits, "Winter fables")


async def test_practice_is_bound_by_no_budget(room: Room) -> None:
    (job,) = await room.run([dear("9.00")], limits=Limits(run=Decimal(0), day=Decimal(0)))
    assert job.state is JobState.SAVED


async def test_with_spending_switched_off_nothing_is_sent_at_all(room: Room) -> None:
    limits = Limits(no_spend=True)
    async with room.engine() as studio:
        room.fal.submits = [ConnectionRefusedError()]
        (waiting,) = await studio.submit([order()])
    async with room.engine(limits=limits) as studio:
        with pytest.raises(NoSpending):
            await studio.submit([order()])
        with pytest.raises(NoSpending):
            await studio.send_unsent([waiting.id])
        assert await studio.resume(send_unsent=True) == []
