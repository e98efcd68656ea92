"""What the models offer: the choices of each setting, and each model's length and price. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from reelroom.fal.catalogue import Catalogue, Model, arrange
from reelroom.fal.errors import BadValue
from reelroom.fal.prices import estimate
from reelroom.tui import words
from reelroom.tui.wishes import fitting

Name = Literal["length", "shape", "size", "copies", "seed"]

MOST_COPIES = 8
TASK = "text-to-video"

FAL_FIELD: Final[Mapping[Name, str]] = MappingProxyType(
    {"length": "duration", "shape": "aspect_ratio", "size": "resolution", "seed": "seed"}
)
LABELS: Final[Mapping[Name, str]] = MappingProxyType(
    {"length": "Length", "shape": "Shape", "size": "Size", "copies": "Copies", "seed": "Seed"}
)
_OWN = "auto"
"""The word for each model's own default, which is also what some models call it."""
_ROWS: Final = MappingProxyType({"4k": 2160})


class Choice(NamedTuple):
    """One value of a setting, and how it is shown."""

    value: str
    label: str


def offered(catalogue: Catalogue) -> tuple[Model, ...]:
    """The models that can be sent with words alone, the ones to offer first at the front."""
    fit = (
        model
        for model in catalogue.featured
        if model.task == TASK and not any(field in model.uploads for field in model.required)
    )
    return tuple(sorted(fit, key=lambda model: model.tier))


def active(models: Iterable[Model], name: Name) -> bool:
    """Whether any of the models has this setting."""
    return name == "copies" or any(model.accepts(FAL_FIELD[name]) for model in models)


def choices(models: Sequence[Model], name: Name) -> tuple[Choice, ...]:
    """All that the models offer for a setting, each model's own default first."""
    if name == "copies":
        return tuple(Choice(str(number), str(number)) for number in range(1, MOST_COPIES + 1))
    if name == "seed":
        return (Choice("", "random"),)
    found = {
        text: None
        for model in models
        for value in model.offers(FAL_FIELD[name])
        if (text := _plain(name, value)) != _OWN
    }
    ordered = sorted(found, key=_order) if name != "shape" else list(found)
    return (Choice("", f"{_OWN}, each model's own"), *(Choice(text, label(name, text)) for text in ordered))


def label(name: Name, value: str) -> str:
    """A value as it is shown in its field."""
    match name:
        case "copies":
            return value or "1"
        case "seed":
            return words.seed(int(value)) if value.isdecimal() and value.isascii() else value or "random"
        case "length":
            return f"{value} s" if value.isdecimal() else value or _OWN
        case _:
            return value or _OWN


def _plain(name: Name, value: object) -> str:
    text = str(value).lower()
    return text.removesuffix("s") if name == "length" else text


def _order(text: str) -> tuple[int, str]:
    number = text.removesuffix("p")
    return (_ROWS.get(text) or (int(number) if number.isdecimal() else 0), text)


@dataclass(frozen=True, slots=True)
class Quote:
    """What one clip of a model would be: its length as shown, its price in US dollars, or why it refuses."""

    length: str
    price: Decimal | None
    refusal: BadValue | None = None
    lacks: str = ""
    """The value that it does not have, in two words: `no 5 s`."""


class Quotes:
    """The quotes at one set of settings, each made when it is first asked for."""

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        self._settings = settings or {}
        self._made: dict[str, Quote] = {}

    def __call__(self, model: Model) -> Quote:
        """The quote of one model."""
        quote = self._made.get(model.endpoint)
        if quote is None:
            quote = self._made[model.endpoint] = self._make(model)
        return quote

    def _make(self, model: Model) -> Quote:
        try:
            # Its own check wants a prompt; how long the real one may be is counted elsewhere, per key.
            input_ = arrange(model, {"prompt": "-", **fitting(model, self._settings)})
        except BadValue as refusal:
            return Quote("", None, refusal, self._lacks(refusal.field))
        length = input_.get("duration", model.defaults.get("duration"))
        shown = "" if length is None else label("length", _plain("length", length))
        return Quote(shown, estimate(model, input_))

    def _lacks(self, field: str) -> str:
        name = name_of(field)
        value = self._settings.get(field)
        return f"no {label(name, str(value))}" if name and value not in (None, "") else f"needs {field}"


def name_of(field: str) -> Name | None:
    """The setting that stands for a field of FAL's."""
    return next((name for name, its in FAL_FIELD.items() if its == field), None)
