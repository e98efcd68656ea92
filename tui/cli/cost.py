"""`cost`: what was spent, by project, model and day; the estimates beside what FAL billed."""

import argparse
import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn

from reelroom.fal.clean import clean
from reelroom.store.spending import Spent
from reelroom.tui import words

from . import objects
from .context import Context
from .ending import Code, Stop
from .shelf import open_shelf
from .terminal import Terminal

_AGO = re.compile(r"([1-9][0-9]{0,3})([dw])")
_WIDEST = 48


@dataclass(frozen=True, slots=True)
class Sum:
    """The jobs of one project, model or day, put together; amounts are None where none is known."""

    name: str | None
    jobs: int
    amount: Decimal | None
    estimate: Decimal | None
    billed: Decimal | None
    with_bill: int
    estimate_of_billed: Decimal | None
    unknown: int
    endpoint: str | None = None


def run(context: Context, args: argparse.Namespace) -> int:
    """Put the sums on stdout; returns the exit code."""
    since = None if args.since is None else moment(args.since, datetime.now().astimezone())
    spent, names = asyncio.run(_read(context, since))
    real = [one for one in spent if one.real]
    practice = sum(one.jobs for one in spent if not one.real)
    parts = {
        "project": sums(real, lambda one: names.get(one.project_id or "")),
        "model": sums(real, lambda one: one.model),
        "day": sums(real, lambda one: one.day, biggest_first=False),
    }
    if args.json:
        for by, group in (*parts.items(), ("total", [_sum("total", real)])):
            for one in group:
                context.terminal.put_data(objects.line(as_object(by, one)))
        context.terminal.put_data(objects.line({"by": "practice", "jobs": practice}))
        return Code.SAVED
    if real:
        _table(context.terminal, parts, _sum("Total", real))
    else:
        context.terminal.say(
            "Nothing was spent at FAL." if since is None else "Nothing was spent since then."
        )
    if practice:
        context.terminal.say(f"Practice: {words.count(practice, 'job')}, which cost nothing.", "muted")
    return Code.SAVED


async def _read(context: Context, since: float | None) -> tuple[list[Spent], Mapping[str, str]]:
    async with open_shelf(context) as store:
        if store is None:
            return [], {}
        projects = [*await store.projects(), *await store.projects(archived=True)]
        return await store.spent(since), {project.id: project.name for project in projects}


def moment(text: str, now: datetime) -> float:
    """Seconds since 1970 of `today`, `7d`, `2w`, `2026-11-01`: where a local day begins. Raises Stop."""
    word = text.strip().lower()
    day = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if ago := _AGO.fullmatch(word):
        day -= timedelta(days=int(ago[1]) * (7 if ago[2] == "w" else 1))
    elif word != "today":
        try:
            day = datetime.strptime(word, "%Y-%m-%d")  # noqa: DTZ007 - a day as the person here counts them
        except ValueError:
            _no_moment(text)
    try:
        return day.astimezone().timestamp()
    except (OverflowError, ValueError, OSError):
        _no_moment(text)


def _no_moment(text: str) -> NoReturn:
    said = clean(text, limit=60)
    raise Stop(Code.USAGE, f"--since takes today, 7d, 2w or a day such as 2026-11-01, not “{said}”.")


def sums(
    spent: Sequence[Spent], key: Callable[[Spent], str | None], *, biggest_first: bool = True
) -> list[Sum]:
    """The sum of each group, the dearest first or in the order of the groups' names."""
    groups: dict[str | None, list[Spent]] = {}
    for one in spent:
        groups.setdefault(key(one), []).append(one)
    made = [_sum(name, group) for name, group in groups.items()]
    if biggest_first:
        return sorted(made, key=lambda one: one.amount or Decimal(0), reverse=True)
    return sorted(made, key=lambda one: one.name or "")


def _sum(name: str | None, spent: Sequence[Spent]) -> Sum:
    endpoints = {one.endpoint for one in spent}
    return Sum(
        name=name,
        jobs=sum(one.jobs for one in spent),
        amount=_added(one.amount for one in spent),
        estimate=_added(one.estimate for one in spent),
        billed=_added(one.billed for one in spent),
        with_bill=sum(one.with_bill for one in spent),
        estimate_of_billed=_added(one.estimate_of_billed for one in spent),
        unknown=sum(one.unknown for one in spent),
        endpoint=endpoints.pop() if len(endpoints) == 1 else None,
    )


def _added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _table(terminal: Terminal, parts: Mapping[str, Sequence[Sum]], total: Sum) -> None:
    every = [one for group in parts.values() for one in group] + [total]
    name = min(_WIDEST, max(words.cells(_name(one)) for one in every)) + 2
    jobs = max(words.cells(f"{one.jobs:,}") for one in every) + 2
    estimate = max(words.cells(_estimate(one)) for one in every) + 2
    for by, group in parts.items():
        terminal.put(((f"By {by}", "accent"),))
        for one in group:
            _row(terminal, one, name, jobs, estimate)
    _row(terminal, total, name, jobs, estimate)


def _row(terminal: Terminal, one: Sum, name: int, jobs: int, estimate: int) -> None:
    called = words.cut(_name(one), name - 2)
    blank = " " * (name - words.cells(called))
    unknown = f"  {one.unknown} of unknown price" if one.unknown else ""
    terminal.put(
        (
            (f"  {called}{blank}", "text"),
            (f"{one.jobs:,}".rjust(jobs), "muted"),
            (_estimate(one).rjust(estimate), "text"),
            (f"  {_billed(one)}", "muted"),
            (unknown, "attention"),
        )
    )


def _name(one: Sum) -> str:
    return "no project" if one.name is None else clean(one.name)


def _estimate(one: Sum) -> str:
    return words.price(one.estimate, about=True)


def _billed(one: Sum) -> str:
    """What FAL billed, for how many, and what had been estimated for the very same jobs."""
    if not one.with_bill:
        return "no bill known yet"
    told = f"billed {words.price(one.billed)} for {one.with_bill:,}"
    return f"{told}, estimated {words.price(one.estimate_of_billed, about=True)}"


def as_object(by: str, one: Sum) -> dict[str, object]:
    """A sum as `cost --json` tells it; US dollars, null where none is known."""
    return {
        "by": by,
        "name": one.name,
        "endpoint_id": one.endpoint if by == "model" else None,
        "jobs": one.jobs,
        "amount_usd": objects.money(one.amount),
        "estimate_usd": objects.money(one.estimate),
        "billed_usd": objects.money(one.billed),
        "billed_jobs": one.with_bill,
        "estimate_of_billed_usd": objects.money(one.estimate_of_billed),
        "unknown_jobs": one.unknown,
    }
