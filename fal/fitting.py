"""One value in the form that a shape takes: texts become numbers, switches, lists and objects."""

import json
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from .schema import Field, Number, Shape, Type, plain

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}(?:\.0{1,19})?")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,19}(?:\.[0-9]{0,19})?|\.[0-9]{1,19})(?:[eE][+-]?[0-9]{1,3})?")
_SWITCH: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_URL: Final = re.compile(r"(?:https?://[^\s/]|data:)\S*", re.IGNORECASE)
_LARGEST: Final = 10**19


class Misfit(Exception):
    """A value does not fit. `path` is the field, or the place in it; `why` says more where more is known."""

    def __init__(self, path: str, value: object, shape: Shape, why: str = "") -> None:
        super().__init__(why)
        self.path = path
        self.value = value
        self.shape = shape
        self.why = why


def fit(shape: Shape, value: object, path: str) -> object:
    """The value as it is sent, in the form that FAL lists. Raises Misfit."""
    if value is None and shape.nullable:
        return None
    if shape.choices:
        return _chosen(shape, value, path)
    if shape.variants:
        return _any_of(shape, value, path)
    read = _READERS.get(shape.type)
    return value if read is None else read(shape, value, path)


def _chosen(shape: Shape, value: object, path: str) -> object:
    for choice in shape.choices:
        # True is not the choice 1, and a list is no choice at all.
        if isinstance(value, bool) == isinstance(choice, bool) and plain(choice) == plain(value):
            return choice
    raise Misfit(path, value, shape)


def _any_of(shape: Shape, value: object, path: str) -> object:
    nearest: Misfit | None = None
    for variant in shape.variants:
        try:
            return fit(variant, value, path)
        except Misfit as misfit:
            # What goes wrong inside an object says more than that it is no choice.
            if misfit.path != path:
                nearest = misfit
    raise nearest or Misfit(path, value, shape)


def _number(shape: Shape, value: object, path: str) -> Number:
    number = _read_number(value, whole=shape.type == "integer")
    if number is None or not shape.range.holds(number):
        raise Misfit(path, value, shape)
    return number


def _read_number(value: object, *, whole: bool) -> Number | None:
    if isinstance(value, str):
        # `5s` and `720p` are numbers in the dress of their unit.
        text = plain(value)
        if _WHOLE.fullmatch(text):
            return int(text.partition(".")[0])
        value = float(text) if not whole and _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or abs(value) > _LARGEST:
        return None
    if whole:
        return int(value) if value == int(value) else None
    return value


def _switch(shape: Shape, value: object, path: str) -> bool:
    switch = _SWITCH.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(switch, bool):
        raise Misfit(path, value, shape)
    return switch


def _text(shape: Shape, value: object, path: str) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int | float):
        value = str(value)
    if not isinstance(value, str):
        raise Misfit(path, value, shape)
    if shape.upload is not None:
        if not _URL.fullmatch(value.strip()):
            raise Misfit(path, value, shape)
        return value.strip()
    _count(len(value), shape.shortest, shape.longest, "character", "characters", Misfit(path, value, shape))
    return value


def _list(shape: Shape, value: object, path: str) -> list[object]:
    read = _from_json(value, "[")
    # One URL is a list of one; anything else that is no list is none.
    entries = [read] if isinstance(read, str) and shape.items and shape.items.upload else read
    if not isinstance(entries, list | tuple):
        raise Misfit(path, value, shape)
    _count(len(entries), shape.fewest, shape.most, "entry", "entries", Misfit(path, value, shape))
    items = shape.items or Shape()
    return [fit(items, entry, f"{path}[{number}]") for number, entry in enumerate(entries)]


def _object(shape: Shape, value: object, path: str) -> dict[str, object]:
    read = _from_json(value, "{")
    if not isinstance(read, Mapping):
        raise Misfit(path, value, shape)
    known: dict[str, Field] = {field.name: field for field in shape.fields}
    for field in shape.fields:
        if field.required and field.default is None and not field.default_omitted and field.name not in read:
            raise Misfit(path, value, shape, f"needs {field.name}")
    return {
        str(name): fit(known[name].shape, inner, f"{path}.{name}") if name in known else inner
        for name, inner in read.items()
    }


def _count(number: int, least: int | None, most: int | None, one: str, many: str, misfit: Misfit) -> None:
    """Raise the misfit where a text or a list is too short or too long."""
    told = f"has {number} {one if number == 1 else many}; {{}} takes"
    if most is not None and number > most:
        misfit.why = f"{told} {most} at most"
        raise misfit
    if least is not None and number < least:
        misfit.why = f"{told} {least} at least"
        raise misfit


def _from_json(value: object, opening: str) -> object:
    if isinstance(value, str) and value.lstrip().startswith(opening):
        try:
            read: object = json.loads(value, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError):
            return value
        return read
    return value


def _finite(word: str) -> float:
    """A number that JSON can hold, which NaN and Infinity are not, nor one that is too large for a float."""
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(word)
    return number


_READERS: Final[Mapping[Type, Callable[[Shape, object, str], object]]] = MappingProxyType(
    {
        "integer": _number,
        "number": _number,
        "boolean": _switch,
        "string": _text,
        "array": _list,
        "object": _object,
    }
)
