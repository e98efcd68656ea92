"""The order of models: by what a clip costs, by name, or by how long they took here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final, Literal

from reelroom.fal.catalogue import Model
from reelroom.fal.prices import estimate
from reelroom.tui import words

from .context import Context
from .shelf import open_shelf

Order = Literal["price", "name", "speed"]
ORDERS: Final[tuple[Order, ...]] = ("price", "name", "speed")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A model with what it is ordered by; None where that is not known."""

    model: Model
    usd: Decimal | None
    """US dollars for one clip with FAL's own defaults."""
    seconds: float | None = None
    """How long its requests usually ran at FAL, by one's own history."""


def ranked(models: Sequence[Model], order: Order, usual: Mapping[str, float]) -> list[Ranked]:
    """The models in order, the cheapest or quickest first, what is not known at the end."""
    made = [Ranked(model, estimate(model, {}), usual.get(model.endpoint)) for model in models]
    return sorted(made, key=lambda one: _key(one, order))


def usual_seconds(context: Context) -> dict[str, float]:
    """The median of the newest running times of each endpoint; practice does not count."""
    return asyncio.run(_usual(context))


async def _usual(context: Context) -> dict[str, float]:
    async with open_shelf(context) as store:
        times = {} if store is None else await store.running_times()
    return {endpoint: median(seconds) for endpoint, seconds in times.items()}


def measure(one: Ranked, order: Order) -> str:
    """What the model is ordered by, in words; nothing for a name."""
    if order == "price":
        return words.price(one.usd, about=True) if one.usd is not None else "unknown"
    if order == "speed":
        return f"≈{words.running_time(one.seconds)}" if one.seconds is not None else "never run here"
    return ""


def _key(one: Ranked, order: Order) -> tuple[bool, float, str]:
    known = {"price": one.usd, "speed": one.seconds, "name": 0.0}[order]
    return known is None, float(known or 0), one.model.name.casefold()
