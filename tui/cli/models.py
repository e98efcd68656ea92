"""`models`: what can be asked, and what it costs."""

import argparse
import asyncio
import time
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.clean import clean
from reelroom.tui import words

from . import objects
from .context import Context
from .ending import Code, Stop
from .paint import Line
from .place import choose_place
from .ranking import Order, measure, ranked, usual_seconds
from .terminal import Terminal

TASKS = {
    "text-to-video": "Text to video",
    "image-to-video": "Image to video",
    "first-last-frame-to-video": "First and last frame to video",
    "reference-to-video": "References to video",
    "video-to-video": "Video to video",
    "extend": "Extend a video",
    "upscale": "Upscale",
    "lipsync": "Lip sync",
    "avatar": "Avatar",
    "audio": "Sound",
    "other": "Other",
}


def run(context: Context, args: argparse.Namespace) -> int:
    """List models on stdout; returns the exit code."""
    if args.task is not None and args.task not in TASKS:
        raise Stop(Code.USAGE, f"--task takes {', '.join(TASKS)}; not “{clean(args.task, limit=60)}”.")
    if args.refresh:
        _refresh(context, args)
    catalogue = Catalogue.load(context.paths.data)
    query = " ".join(args.query)
    found = catalogue.search(query, args.task)
    if args.sort:
        return _ordered(context, found, args.sort, as_json=args.json)
    if args.json:
        for model in found:
            context.terminal.put_data(objects.line(as_object(model)))
    elif not found:
        context.terminal.say("No model matches. `reelroom models` lists them all.")
    else:
        # Six hundred lines would roll the best of them off a screen; a file or a pipe takes them all.
        brief = context.terminal.out_is_terminal and not (query.split() or args.task)
        shown = list(catalogue.featured) if brief else found
        _table(context.terminal, shown)
        _foot(context.terminal, catalogue, len(found) - len(shown))
    return Code.SAVED


def _ordered(context: Context, found: Sequence[Model], order: Order, *, as_json: bool) -> int:
    """One list of all that was found, in order, with what it is ordered by."""
    rows = ranked(found, order, usual_seconds(context) if order == "speed" else {})
    if as_json:
        for one in rows:
            clip = None if one.usd is None else float(one.usd)
            told = {"clip_usd": clip, "usual_seconds": one.seconds}
            context.terminal.put_data(objects.line(as_object(one.model) | told))
        return Code.SAVED
    short, wide = _columns([one.model for one in rows])
    measured = max((words.cells(measure(one, order)) for one in rows), default=0)
    for one in rows:
        model = one.model
        context.terminal.put(
            (
                (f"{model.short.ljust(short)}  ", "text"),
                (measure(one, order).rjust(measured) + "  " * bool(measured), "text"),
                (_price(model).rjust(wide) + "  " * bool(wide), "muted"),
                (model.endpoint, "faint"),
            )
        )
    if order == "price":
        context.terminal.say("Cheapest first: one clip with FAL's own defaults; unknown at the end.", "muted")
    return Code.SAVED


def _refresh(context: Context, args: argparse.Namespace) -> None:
    from .fresh import refresh_now  # noqa: PLC0415 - it loads the HTTP client

    place = choose_place(context.settings(args), context.key())
    done = asyncio.run(refresh_now(place, context.paths.data))
    news = [words.count(len(done.new), "new one", "new ones")] if done.new else []
    news += [f"{len(done.gone)} gone"] if done.gone else []
    told = f": {', '.join(news)}" if news else ", as before"
    context.terminal.say(f"FAL lists {words.count(done.listed, 'model')} that make video{told}.", "good")
    if done.unread:
        these = words.count(done.unread, "description")
        context.terminal.say(f"{these} could not be read; what was known of them stays.", "attention")


def _table(terminal: Terminal, models: list[Model]) -> None:
    """The featured models by what they make video of, then the others by their maker."""
    tasks = list(TASKS)
    first = sorted((model for model in models if model.tier), key=lambda model: tasks.index(model.task))
    others = sorted((model for model in models if not model.tier), key=_maker)
    columns = _columns(first)
    for task, group in groupby(first, key=lambda model: model.task):
        _group(terminal, TASKS[task], group, columns)
    columns = _columns(others)
    for (_last, maker), group in groupby(others, key=_maker):
        _group(terminal, maker or "Other makers", group, columns)


def _columns(models: Sequence[Model]) -> tuple[int, int]:
    """Cells of the short names and of the prices."""
    short = max((words.cells(model.short) for model in models), default=0)
    return short, max((words.cells(_price(model)) for model in models), default=0)


def _price(model: Model) -> str:
    return rate(model) if model.tier or model.price.unit else ""


def _maker(model: Model) -> tuple[bool, str]:
    """The maker to sort by, those that are not known at the end."""
    return (not model.vendor, model.vendor)


def _group(terminal: Terminal, title: str, models: Iterable[Model], columns: tuple[int, int]) -> None:
    short, wide = columns
    terminal.put(((title, "accent"),))
    for model in models:
        line: Line = (
            (f"  {model.short.ljust(short)}  ", "text"),
            (_price(model).rjust(wide) + "  " * bool(wide), "text"),
            (model.endpoint, "faint"),
            ("" if model.listed else "  no longer listed", "attention"),
        )
        terminal.put(line)


def _foot(terminal: Terminal, catalogue: Catalogue, more: int) -> None:
    if more:
        terminal.say(f"And {more} more: `reelroom models WORD` finds them by name, maker or task.")
    terminal.say(age(catalogue, time.time()), "muted")
    days = [model.price.as_of for model in catalogue.featured if model.price.as_of]
    terminal.say(f"Prices as FAL's pages had them by {max(days)}, before discounts.", "muted")


def age(catalogue: Catalogue, now: float) -> str:
    """How old the catalogue is, and where it is from, in a sentence."""
    many = words.count(len(catalogue.models), "model")
    if catalogue.fresh is None:
        day = words.date(catalogue.as_of)
        return f"{many}, as they were on {day}; `reelroom models --refresh` asks FAL what it has today."
    at = "" if catalogue.fresh.origin == "fal" else f" at {clean(catalogue.fresh.origin, limit=80)}"
    return f"{many}, as FAL listed them{at} {words.age(catalogue.as_of, now)}."


def rate(model: Model) -> str:
    """The price of a unit: `14 ¢ a second`, `20–60 ¢ a second`, `$0.49 a video`, or `unknown`."""
    price = model.price
    known = [row.usd for row in price.table if row.unit is None]
    known = known or ([] if price.usd is None else [price.usd])
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
        "vendor": model.vendor or None,
        "family": model.family or None,
        "task": model.task or None,
        "category": model.category,
        "tagline": model.tagline or None,
        "tier": model.tier or None,
        "listed": model.listed,
        "required": list(model.required),
        "price": {
            "unit": price.unit,
            "usd": None if price.usd is None else float(price.usd),
            "table": [
                {"when": dict(row.when), "usd": float(row.usd), "unit": row.unit or price.unit}
                for row in price.table
            ],
            "as_of": price.as_of,
            "confidence": price.confidence,
        },
    }
