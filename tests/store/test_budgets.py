"""Budgets are checked where intents are committed: no order of events overruns one."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelroom.store.errors import OverBudget
from reelroom.store.ids import new_id
from reelroom.store.records import Cap, Job
from reelroom.store.states import JobState
from reelroom.store.store import open_store

NOW = 1_795_089_600.0
DAY = Cap(name="Today's budget", usd=Decimal(5), since=NOW - 3600)
RUN = Cap(name="The budget of a run", usd=Decimal(2), of_run=True)

SPENDER = """
import asyncio, sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from reelroom.store.errors import OverBudget
from reelroom.store.ids import new_id
from reelroom.store.records import Cap, Job
from reelroom.store.store import open_store

async def spend(path, price):
    cap = Cap(name="Today's budget", usd=Decimal(5), since=0.0)
    async with open_store(Path(path)) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        async def one():
            at = 1795089600.0
            job = Job(id=new_id(at), origin="fal:abc", endpoint="e", model="Veo", prompt="p", input="{}",
                      estimate=Decimal(price), created_at=at, state_since=at)
            try:
                await store.add_jobs([job], [cap])
            except OverBudget:
                pass
        await asyncio.gather(*(one() for _ in range(25)))

asyncio.run(spend(sys.argv[1], sys.argv[2]))
"""


@pytest.fixture
def paid(new_job: Callable[..., Job]) -> Callable[..., Job]:
    def make(usd: str | None = "1.00", **fields: object) -> Job:
        amount = None if usd is None else Decimal(usd)
        given = {"id": new_id(NOW), "origin": "fal:abc", "estimate": amount, "created_at": NOW}
        return replace(new_job(), **(given | fields))

    return make


async def test_a_run_within_its_budget_is_kept(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        assert len(await store.add_jobs([paid("1.00"), paid("1.00")], [RUN, DAY])) == 2


async def test_a_run_over_a_budget_is_refused_whole_with_the_figures(
    path: Path, paid: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        with pytest.raises(OverBudget) as refused:
            await store.add_jobs([paid("1.50"), paid("0.51")], [RUN])
        assert str(refused.value) == (
            "The budget of a run is $2.00; this run is about $2.01. Nothing was sent."
        )
        assert await store.jobs() == []


async def test_what_was_promised_before_counts_for_the_day(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        await store.add_jobs([paid("4.20")], [DAY])
        with pytest.raises(OverBudget, match=r"\$4\.20 of it is spent or promised"):
            await store.add_jobs([paid("0.81")], [DAY])
        await store.add_jobs([paid("0.80")], [DAY])


async def test_an_unknown_price_is_refused_by_name_where_a_budget_is_set(
    path: Path, paid: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        with pytest.raises(OverBudget, match="the price of Seedance is unknown"):
            await store.add_jobs([paid(None, model="Seedance")], [DAY])
        await store.add_jobs([paid(None)])


async def test_a_price_below_zero_makes_no_room_in_a_budget(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        with pytest.raises(OverBudget, match="unknown"):
            await store.add_jobs([paid(estimate=Decimal(-9)), paid(estimate=Decimal(3))], [RUN])
        await store.add_jobs([paid(estimate=Decimal(-9))])
        with pytest.raises(OverBudget):
            await store.add_jobs([paid(estimate=Decimal(6))], [DAY])


async def test_practice_and_other_days_cost_nothing_of_today(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path, clock=lambda: NOW) as store:
        (old,) = await store.add_jobs([paid("5.00", created_at=NOW - 90_000)])
        await store.move(old.id, JobState.SUBMITTING, submitted_at=NOW - 90_000)
        await store.add_jobs([paid("5.00", origin="sandbox"), paid("5.00", origin="http://127.0.0.1:9")])
        await store.add_jobs([paid("5.00")], [DAY])


async def test_an_unsent_intent_of_yesterday_still_counts(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        await store.add_jobs([paid("4.50", created_at=NOW - 90_000)])
        with pytest.raises(OverBudget):
            await store.add_jobs([paid("1.00")], [DAY])


async def test_what_was_not_charged_is_given_back(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([paid("5.00")], [DAY])
        await store.move(job.id, JobState.CANCELLED, reason="never_sent", billed=False)
        await store.add_jobs([paid("5.00")], [DAY])


async def test_what_fal_billed_counts_and_not_the_estimate(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([paid("4.00")], [DAY])
        await store.update(job.id, cost=Decimal("1.00"))
        await store.add_jobs([paid("4.00")], [DAY])
        with pytest.raises(OverBudget):
            await store.add_jobs([paid("0.01")], [DAY])


async def test_a_project_has_a_budget_of_its_own(path: Path, paid: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        fables = await store.project_named("Fables")
        cap = Cap(name="The budget of “Fables”", usd=Decimal(3), project_id=fables.id)
        await store.add_jobs([paid("9.00")])
        await store.add_jobs([paid("3.00", project_id=fables.id)], [cap])
        with pytest.raises(OverBudget, match="Fables"):
            await store.add_jobs([paid("0.10", project_id=fables.id)], [cap])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.integers(1, 300), min_size=1, max_size=50),
    ends=st.lists(st.sampled_from(["keep", "free", "bill"]), min_size=50, max_size=50),
)
def test_no_order_of_submits_and_endings_overruns_a_budget(
    paid: Callable[..., Job], prices: list[int], ends: list[str]
) -> None:
    async def run(path: Path) -> None:
        async with open_store(path) as store:

            async def one(cents: int, end: str) -> None:
                try:
                    (job,) = await store.add_jobs([paid(str(Decimal(cents) / 100))], [DAY])
                except OverBudget:
                    return
                if end == "free":
                    await store.move(job.id, JobState.DISMISSED, billed=False)
                elif end == "bill":
                    await store.update(job.id, cost=(job.estimate or Decimal(0)) / 2)

            await asyncio.gather(*(one(cents, end) for cents, end in zip(prices, ends, strict=False)))
            jobs = [job for job in await store.jobs() if job.billed is not False]
            spent = sum(((job.estimate if job.cost is None else job.cost) or Decimal(0)) for job in jobs)
            assert spent <= DAY.usd

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "library.db"))


@pytest.mark.parametrize("price", ["0.33", "0.99", "5.00"])
async def test_fifty_submits_of_two_processes_at_once_stay_within_the_budget(path: Path, price: str) -> None:
    async with open_store(path):
        pass
    command = [sys.executable, "-c", SPENDER, str(path), price]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as other:
        try:
            for spender in (one, other):
                assert spender.stdout is not None
                assert spender.stdout.readline() == "ready\n"
            for spender in (one, other):
                assert spender.stdin is not None
                spender.stdin.write("go\n")
                spender.stdin.flush()
            assert one.wait(60) == other.wait(60) == 0
        finally:
            one.kill()
            other.kill()
    async with open_store(path) as store:
        kept = len(await store.jobs())
    assert kept == int(Decimal(5) / Decimal(price))
