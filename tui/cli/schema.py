"""`schema`: the fields of a model, what each of them takes, and what comes out."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.clean import clean
from reelroom.fal.documents import entry_of
from reelroom.fal.schema import Field, Number, Shape, Type
from reelroom.tui import words

from . import objects
from .asked import with_models
from .context import Context
from .ending import Code
from .models import as_object, rate
from .paint import Line
from .place import Place, choose_place
from .terminal import Terminal

WIDTH_OF_A_FILE = 120
LONGEST_DEFAULT = 40
NARROWEST = 20
DEEPEST = 4
KINDS: Final[Mapping[Type, str]] = MappingProxyType(
    {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "switch",
        "array": "list",
        "object": "object",
        "any": "",
    }
)
PLAIN: Final = frozenset({"a text", "a whole number", "a number", "true or false", "a list", "anything"})


def run(context: Context, args: argparse.Namespace) -> int:
    """Show one model's schema on stdout; returns the exit code."""

    def place() -> Place:
        return choose_place(context.settings(args), context.key())

    catalogue = with_models(Catalogue.load(context.paths.data), [args.model], place)
    model = catalogue.find(args.model)
    if args.json:
        context.terminal.put_data(
            objects.line(as_object(model) | {"known": model.known, **entry_of(model.schema)})
        )
    else:
        show(context.terminal, model)
    return Code.SAVED


def show(terminal: Terminal, model: Model) -> None:
    """Put the table of one model on stdout."""
    terminal.put(
        ((model.name, "accent"), (f"  {model.endpoint}" if model.name != model.endpoint else "", "faint"))
    )
    price = rate(model) if model.price.unit else "price unknown"
    told = [model.task.replace("-", " "), model.vendor, price]
    terminal.put(((" · ".join(filter(None, told)), "muted"),))
    if model.tagline:
        terminal.put(((model.tagline, "text"),))
    if not model.listed:
        terminal.put((("FAL lists it no more.", "attention"),))
    if not model.known:
        terminal.put(
            (("FAL could not be asked for its fields: all are sent as they are given.", "attention"),)
        )
        return
    rows = [row for field in model.schema.fields for row in _rows(field)]
    wide = terminal.width if terminal.out_is_terminal else WIDTH_OF_A_FILE
    name = max((words.cells(row.name) for row in rows), default=0) + 2
    kind = max((words.cells(row.kind) for row in rows), default=0) + 2
    room = max(NARROWEST, wide - name - kind)
    for row in rows:
        for line in _lines(row, name, kind, room):
            terminal.put(line)
    if any(row.required for row in rows):
        terminal.put((("* has to be given.", "muted"),))
    if output := model.schema.output:
        beside = [other for other in output.fields if not output.path.startswith(other)]
        more = f", beside it {', '.join(beside)}" if beside else ""
        terminal.put(
            (
                (
                    f"Gives {output.path}{'' if output.required else ', at times nothing'}{clean(more)}.",
                    "muted",
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the table."""

    name: str
    kind: str
    accepted: str
    required: bool


def _rows(field: Field, depth: int = 0) -> Iterator[Row]:
    """A field, and below it those of its object, or of the objects that its list holds."""
    yield Row(
        f"{'  ' * depth}{field.name}{'*' * field.required}", _kind(field), _accepted(field), field.required
    )
    if depth < DEEPEST:
        shapes = (field.holder, *field.holder.variants)
        for inner in (inner for shape in shapes for inner in shape.fields):
            yield from _rows(inner, depth + 1)


def _kind(field: Field) -> str:
    shape = field.shape
    if field.upload:
        return f"{field.upload} list" if shape.type == "array" else field.upload
    return "choice" if shape.choices else KINDS[shape.type]


def _accepted(field: Field) -> str:
    bounds = _bounds(field.shape)
    if field.unit and not bounds:
        bounds = f"in {field.unit}"
    elif field.unit and bounds[-1].isdecimal():
        bounds = f"{bounds} {field.unit}"
    parts = [bounds]
    if field.default is not None:
        parts.append(f"default {_default(field.default)}")
    elif field.default_omitted:
        parts.append("FAL has a default")
    return "; ".join(filter(None, [*parts, *_limits(field)]))


def _bounds(shape: Shape) -> str:
    """What the kind alone does not say: choices, ranges, lengths, how many."""
    # The entries of a list have rows of their own, or a kind that says it all.
    bare = replace(shape, items=None, upload=None)
    if shape.items is not None and not shape.items.fields and not shape.items.upload:
        bare = replace(bare, items=shape.items)
    said = bare.words()
    unsaid = said in PLAIN or (shape.type == "object" and not shape.choices)
    return "" if unsaid else said.removeprefix("a text of ").removeprefix("a list of ")


def _default(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return words.cut(clean(text), LONGEST_DEFAULT)


def _limits(field: Field) -> Iterator[str]:
    """What FAL takes of an upload: `at most 10 MB`, `width from 300`, `length 3 to 10.05 s`."""
    for name, (noun, written) in MEASURES.items():
        low, high = (field.limits.get(f"{end}_{name}") for end in ("min", "max"))
        if low is not None and high is not None:
            yield f"{noun} {low:,} to {written(high)}".strip()
        elif high is not None:
            yield f"{noun} at most {written(high)}".strip()
        elif low is not None:
            yield f"{noun} at least {written(low)}".strip()


def _size(number: Number) -> str:
    return words.size(round(number))


def _plain(number: Number) -> str:
    return f"{number:g}"


def _pixels(number: Number) -> str:
    return f"{number:,} px"


def _seconds(number: Number) -> str:
    return f"{number:g} s"


def _lines(row: Row, name: int, kind: int, room: int) -> Iterator[Line]:
    """One field; what it takes flows over as many lines as it needs."""
    import textwrap  # noqa: PLC0415 - only this command flows its table

    first, *others = textwrap.wrap(row.accepted, room, break_on_hyphens=False) or [""]
    yield (
        (row.name.ljust(name), "good" if row.required else "text"),
        (row.kind.ljust(kind), "muted"),
        (first, "text"),
    )
    for other in others:
        yield ((" " * (name + kind), "text"), (other, "text"))


MEASURES: Final[Mapping[str, tuple[str, Callable[[Number], str]]]] = MappingProxyType(
    {
        "file_size": ("", _size),
        "pixels": ("area", _pixels),
        "area": ("area", _pixels),
        "width": ("width", _pixels),
        "height": ("height", _pixels),
        "aspect_ratio": ("aspect ratio", _plain),
        "frames": ("frames", _plain),
        "duration": ("length", _seconds),
        "fps": ("frame rate", _plain),
    }
)
