"""What each model would be sent, in which words, and for how much: shown before anything is."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from reelroom.fal.canonical import Conversion, How
from reelroom.tui import words
from reelroom.tui.words import Role

from . import objects
from .attachments import with_urls
from .ending import Code
from .orders import Plan, Planned
from .terminal import Terminal


def told(plan: Plan) -> Iterator[str]:
    """A line for each model that gets a value in other words, or is left out."""
    for planned in plan.models:
        made = planned.preview
        if made.input is None:
            yield f"Left out: {made.refusal.rstrip('.')}."
        elif made.changed:
            yield f"{made.model.name}: {'; '.join(one.words for one in made.changed)}."


def show(terminal: Terminal, plan: Plan, files: Mapping[str, str], *, as_json: bool) -> int:
    """Put the preview on stdout; `files` are the URLs to show for stand-ins. Returns the exit code."""
    for planned in plan.models:
        if as_json:
            terminal.put_data(objects.line(as_object(planned, files)))
        else:
            _show(terminal, planned)
    if not as_json:
        cost = words.total([order.estimate for order in plan.orders])
        models = sum(1 for planned in plan.models if planned.orders)
        what = f"{words.count(len(plan.orders), 'job')} for {words.count(models, 'model')}"
        terminal.say(f"{what}: {cost}. Nothing was sent.")
    return Code.SAVED


def _show(terminal: Terminal, planned: Planned) -> None:
    made = planned.preview
    terminal.put(((made.model.name, "accent"), (f"  {_cost(planned)}", "text")))
    for one in made.conversions:
        terminal.put(((f"  {one.words}", _ROLES.get(one.how, "text")),))
    if made.input is None and not made.unfit:
        terminal.put(((f"  {made.refusal}", "bad"),))


def _cost(planned: Planned) -> str:
    if not planned.orders:
        return "will not be sent"
    amounts = [order.estimate for order in planned.orders]
    return f"{words.total(amounts)}{f' for {len(amounts)}' if len(amounts) > 1 else ''}"


def as_object(planned: Planned, files: Mapping[str, str]) -> dict[str, object]:
    """A model as `generate --dry-run --json` tells it; US dollars for each job, null where unknown.

    `input` is null where the model will not do, and `refusal` says why; a random seed is not in it yet.
    """
    made = planned.preview
    amount = planned.orders[0].estimate if planned.orders else None
    return {
        "event": "preview",
        "endpoint_id": made.model.endpoint,
        "model": made.model.name,
        "jobs": len(planned.orders),
        "input": None if made.input is None else with_urls(made.input, files),
        "estimate_usd": objects.money(amount),
        "conversions": [_conversion(one, files) for one in made.conversions],
        "refusal": made.refusal or None,
    }


def _conversion(one: Conversion, files: Mapping[str, str]) -> dict[str, object]:
    return {
        "field": one.field,
        "given": ", ".join(str(with_urls(part, files)) for part in one.given.split(", ")),
        "sent": with_urls(one.sent, files),
        "how": one.how,
        "words": one.words,
        "names": list(one.names),
    }


_ROLES: Final[Mapping[How, Role]] = MappingProxyType(
    {"kept": "muted", "left out": "muted", "rounded": "attention", "not supported": "bad"}
)
