"""`models`: what can be asked, and what it costs."""

import argparse
from decimal import Decimal

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.clean import clean
from reelroom.tui import words

from . import objects
from .context import Context
from .ending import Code, Stop
from .paint import Line
from .terminal import Terminal


def run(context: Context, args: argparse.Namespace) -> int:
    """List models on stdout; returns the exit code."""
    catalogue = Catalogue.load()
    tasks = sorted({model.task for model in catalogue.models})
    if args.task is not None and args.task not in tasks:
        raise Stop(Code.USAGE, f"--task takes {', '.join(tasks)}; not “{clean(args.task, limit=60)}”.")
    found = catalogue.search(args.query, args.task)
    if args.json:
        for model in found:
            context.terminal.put_data(objects.line(as_object(model)))
    elif not found:
        context.terminal.say("No model matches. `reelroom models` lists them all.")
    else:
        _table(context.terminal, found)
    return Code.SAVED


def _table(terminal: Terminal, models: list[Model]) -> None:
    short = max(len(model.short) for model in models)
    rates = {model.endpoint: rate(model) for model in models}
    wide = max(words.cells(text) for text in rates.values())
    task = max(len(model.task) for model in models)
    for model in models:
        line: Line = (
            (model.short.ljust(short + 2), "text"),
            (rates[model.endpoint].rjust(wide) + "  ", "text"),
            (model.task.ljust(task + 2), "muted"),
            (model.endpoint, "faint"),
        )
        terminal.put(line)


def rate(model: Model) -> str:
    """The price of a unit: `14 ¢ a second`, `20–60 ¢ a second`, `$0.49 a video`, or `unknown`."""
    price = model.price
    known = [row.usd for row in price.table] or ([] if price.usd is None else [price.usd])
    if not known or price.unit is None:
        return "unknown"
    low, high = min(known), max(known)
    if price.unit == "video":
        amount = words.price(low) if low == high else f"{words.price(low)}–{words.price(high)}"
    else:
        amount = f"{_cents(low)} ¢" if low == high else f"{_cents(low)}–{_cents(high)} ¢"
    return f"{amount} {'a' if price.unit[:1].isalpha() else 'per'} {price.unit}"


def _cents(usd: Decimal) -> str:
    return f"{(usd * 100).normalize():f}"


def as_object(model: Model) -> dict[str, object]:
    """A model as `models --json` tells it; prices in US dollars for each unit, null where unknown."""
    price = model.price
    return {
        "endpoint_id": model.endpoint,
        "name": model.name,
        "short": model.short,
        "vendor": model.vendor,
        "family": model.family,
        "task": model.task,
        "tagline": model.tagline,
        "tier": model.tier,
        "required": list(model.required),
        "price": {
            "unit": price.unit,
            "usd": None if price.usd is None else float(price.usd),
            "table": [{"when": dict(row.when), "usd": float(row.usd)} for row in price.table],
            "as_of": price.as_of,
            "confidence": price.confidence,
        },
    }
