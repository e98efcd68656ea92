"""What was spent, as a person and as a script reads it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from reelroom.store.ids import new_id
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import open_store
from reelroom.tui.cli.cost import moment
from reelroom.tui.cli.ending import Code, Stop
from tests.tui.cli.script import HAILUO, KLING, Reelroom

NOON = datetime(2026, 11, 20, 12).astimezone()


def job(model: str, usd: str | None, at: datetime = NOON, **fields: object) -> Job:
    when = at.timestamp()
    made = Job(
        id=new_id(when),
        origin="fal:abc",
        endpoint=KLING if model == "Kling" else HAILUO,
        model=model,
        prompt="a fox",
        input="{}",
        estimate=None if usd is None else Decimal(usd),
        created_at=when,
        state_since=when,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


async def spend(home: Reelroom) -> None:
    later = NOON + timedelta(days=1)
    async with open_store(home.home / "data" / "reelroom.db") as store:
        fables = (await store.project_named("Winter fables")).id
        sent = [
            (job("Kling", "0.35", project_id=fables), {"cost": Decimal("0.42")}),
            (job("Kling", "0.35", project_id=fables), {}),
            (job("Hailuo", "0.49", later), {"cost": Decimal("0.49")}),
            (job("Hailuo", None, later), {}),
            (job("Kling", "0.35", later), {"billed": False}),
            (job("Kling", "9.00", later, origin="sandbox"), {}),
        ]
        for made, fields in sent:
            (kept,) = await store.add_jobs([made])
            await store.move(kept.id, JobState.SUBMITTING)
            await store.update(kept.id, submitted_at=made.created_at, **fields)
        await store.add_jobs([job("Kling", "5.00", later)])


def test_what_went_out_is_summed_by_project_model_and_day(reelroom: Reelroom) -> None:
    asyncio.run(spend(reelroom))
    told = {(one["by"], one.get("name")): one for one in reelroom.run("cost", "--json").objects}
    assert list(told) == [
        ("project", "Winter fables"),
        ("project", None),
        ("model", "Kling"),
        ("model", "Hailuo"),
        ("day", "2026-11-20"),
        ("day", "2026-11-21"),
        ("total", "total"),
        ("practice", None),
    ]
    assert told["model", "Kling"] == {
        "by": "model",
        "name": "Kling",
        "endpoint_id": KLING,
        "jobs": 2,
        "amount_usd": 0.77,
        "estimate_usd": 0.7,
        "billed_usd": 0.42,
        "billed_jobs": 1,
        "estimate_of_billed_usd": 0.35,
        "unknown_jobs": 0,
    }
    hailuo = told["day", "2026-11-21"]
    assert (hailuo["jobs"], hailuo["estimate_usd"], hailuo["unknown_jobs"]) == (2, 0.49, 1)
    total = told["total", "total"]
    assert (total["jobs"], total["estimate_usd"], total["billed_usd"]) == (4, 1.19, 0.91)
    assert told["practice", None] == {"by": "practice", "jobs": 1}


def test_a_person_reads_a_table_and_practice_apart(reelroom: Reelroom) -> None:
    asyncio.run(spend(reelroom))
    ended = reelroom.run("cost")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        "By project",
        "  Winter fables    2  ≈$0.70  billed $0.42 for 1, estimated ≈$0.35",
        "  no project       2  ≈$0.49  billed $0.49 for 1, estimated ≈$0.49  1 of unknown price",
        "By model",
        "  Kling            2  ≈$0.70  billed $0.42 for 1, estimated ≈$0.35",
        "  Hailuo           2  ≈$0.49  billed $0.49 for 1, estimated ≈$0.49  1 of unknown price",
        "By day",
        "  2026-11-20       2  ≈$0.70  billed $0.42 for 1, estimated ≈$0.35",
        "  2026-11-21       2  ≈$0.49  billed $0.49 for 1, estimated ≈$0.49  1 of unknown price",
        "  Total            4  ≈$1.19  billed $0.91 for 2, estimated ≈$0.84  1 of unknown price",
    ]
    assert "Practice: 1 job, which cost nothing." in ended.err


def test_since_begins_with_a_day(reelroom: Reelroom) -> None:
    asyncio.run(spend(reelroom))
    days = [one.get("name") for one in reelroom.run("cost", "--since", "2026-11-21", "--json").objects]
    assert "2026-11-21" in days
    assert "2026-11-20" not in days
    ended = reelroom.run("cost", "--since", "2100-01-01")
    assert (ended.code, ended.out) == (0, "")
    assert "Nothing was spent since then." in ended.err
    ended = reelroom.run("cost", "--since", "yestern")
    assert ended.code == 2
    assert "--since takes today, 7d, 2w or a day such as 2026-11-01, not “yestern”." in ended.err


def test_a_new_library_has_spent_nothing(reelroom: Reelroom) -> None:
    ended = reelroom.run("cost")
    assert (ended.code, ended.out) == (0, "")
    assert "Nothing was spent at FAL." in ended.err
    assert [one["by"] for one in reelroom.run("cost", "--json").objects] == ["total", "practice"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("today", "2026-11-20"), ("7d", "2026-11-13"), ("2w", "2026-11-06"), (" 2026-11-01 ", "2026-11-01")],
)
def test_a_moment_is_the_beginning_of_a_local_day(text: str, day: str) -> None:
    assert moment(text, NOON) == datetime.fromisoformat(day).astimezone().timestamp()


@pytest.mark.parametrize("text", ["", "0d", "7 days", "2026-13-01", "2026-02-30", "99999d", "٣d", "\x1b[2J"])
def test_what_is_no_moment_is_a_sentence(text: str) -> None:
    with pytest.raises(Stop) as caught:
        moment(text, NOON)
    assert caught.value.code is Code.USAGE
    assert "\x1b" not in str(caught.value)
