"""What an endpoint takes and gives, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

__all__ = [
    "ANY_NUMBER",
    "NO_LIMITS",
    "Field",
    "Number",
    "Output",
    "Range",
    "Schema",
    "Shape",
    "Type",
    "Upload",
    "plain",
]

Type = Literal["string", "integer", "number", "boolean", "array", "object", "any"]
Upload = Literal["image", "video", "audio", "file"]
Number = int | float

NO_LIMITS: Final[Mapping[str, Number]] = MappingProxyType({})
_MOST_OFFERS = 100
_MOST_TOLD = 24
"""Choices that a sentence names; some fields have a thousand."""
_MEDIA: Final = {"image": "an image", "video": "a video", "audio": "an audio file", "file": "a file"}


def plain(value: object) -> str:
    """A choice without its dress, for comparing: `5`, `"5"`, `5.0`, `"5s"` are one, `768P` and `768` too."""
    text = str(value).strip().lower()
    bare = text[:-1] if text[-1:] in ("s", "p") else text
    whole, point, part = bare.partition(".")
    if not (whole.isascii() and whole.isdecimal()) or (point and not (part.isascii() and part.isdecimal())):
        return text
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`, in steps of `step`; an end that is None is not known."""

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False
    step: Number | None = None

    def holds(self, value: Number) -> bool:
        """Whether a number lies in the range; steps are counted from 0, as JSON Schema does."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        if self.high is not None and (value > self.high or (self.high_open and value == self.high)):
            return False
        if self.step is None:
            return True
        steps = value / self.step
        return abs(steps - round(steps)) < 1e-6

    def words(self, kind: str) -> str:
        """The range as people say it: `4 to 15`, `more than 0`, `0 or more`; `kind` where it has no ends."""
        below = "less than " if self.high_open else ""
        if self.low is None and self.high is None:
            text = kind
        elif self.high is None:
            text = f"more than {self.low}" if self.low_open else f"{self.low} or more"
        elif self.low is None:
            text = f"{below}{self.high}" if below else f"{self.high} or less"
        elif self.low_open:
            text = f"more than {self.low}, {'less than' if below else 'up to'} {self.high}"
        else:
            text = f"{self.low} to {below}{self.high}"
        return text if self.step in (None, 1) else f"{text} in steps of {self.step}"


ANY_NUMBER: Final = Range()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be. `choices` stand as FAL lists them; lengths are in characters, counts in entries.

    `variants` are the alternatives of a union. `limits` are FAL's numbers for an upload: bytes, pixels,
    seconds, frames a second, under FAL's names.
    """

    type: Type = "any"
    choices: tuple[object, ...] = ()
    range: Range = ANY_NUMBER
    shortest: int | None = None
    longest: int | None = None
    fewest: int | None = None
    most: int | None = None
    items: "Shape | None" = None
    fields: "tuple[Field, ...]" = ()
    variants: "tuple[Shape, ...]" = ()
    nullable: bool = False
    upload: Upload | None = None
    limits: Mapping[str, Number] = field(default_factory=lambda: NO_LIMITS)

    def offers(self) -> tuple[object, ...]:
        """The values to choose from, as FAL lists them; empty where the field is free or unknown."""
        if self.choices:
            return self.choices
        low, high = self.range.low, self.range.high
        if self.type == "integer" and isinstance(low, int) and isinstance(high, int):
            listed = range(low, high + 1)
            return tuple(listed) if len(listed) <= _MOST_OFFERS else ()
        return tuple(offer for variant in self.variants for offer in variant.offers())

    def words(self) -> str:
        """What is accepted, as people say it: `5 or 10`, `auto or 4 to 15`, `the URL of an image`."""
        if self.choices:
            return _choice_words(self.choices)
        if self.variants:
            return " or ".join(variant.words() for variant in self.variants)
        if self.upload is not None:
            return f"the URL of {_MEDIA[self.upload]}"
        return _kind_words(self)


@dataclass(frozen=True, slots=True)
class Field:
    """One named input. `default` is what FAL takes where nothing is given, None where that is not known.

    `default_omitted` says that FAL has a default which is not known here. `unit` is that of a number,
    known by its name alone: `seconds`, `frames`, `pixels`, `frames a second`.
    """

    name: str
    label: str
    shape: Shape
    required: bool = False
    default: object = None
    default_omitted: bool = False
    unit: str | None = None

    @property
    def upload(self) -> Upload | None:
        """The kind of media that the field, or each entry of its list, takes the URL of."""
        return self.holder.upload

    @property
    def limits(self) -> Mapping[str, Number]:
        """FAL's limits for that upload."""
        return self.holder.limits

    @property
    def holder(self) -> Shape:
        """The shape that holds one value: that of an entry where the field is a list."""
        return self.shape.items if self.shape.items is not None else self.shape


@dataclass(frozen=True, slots=True)
class Output:
    """Where the main video of a result is (`video.url`, `videos[0].url`), and what stands beside it.

    Where it is not `required` it can be missing or null. `fields` are words: `file`, `file[]`, or a type.
    """

    kind: str
    path: str
    required: bool
    fields: Mapping[str, str]
    file_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """The input fields of an endpoint in display order, and its output where it is known to hold media."""

    fields: tuple[Field, ...] = ()
    output: Output | None = None

    def field(self, name: str) -> Field | None:
        """The field of this name; None where the endpoint declares none."""
        return next((one for one in self.fields if one.name == name), None)


def _kind_words(shape: Shape) -> str:
    text = "anything"
    match shape.type:
        case "integer":
            text = shape.range.words("a whole number")
        case "number":
            text = shape.range.words("a number")
        case "boolean":
            text = "true or false"
        case "string":
            text = f"a text{_amount(shape.shortest, shape.longest, 'character')}"
        case "array":
            entries = "" if shape.items is None else f", each {shape.items.words()}"
            text = f"a list{_amount(shape.fewest, shape.most, 'entry', 'entries')}{entries}"
        case "object":
            names = ", ".join(inner.name for inner in shape.fields)
            text = f"an object with {names}" if names else "an object"
    return text


def _choice_words(choices: tuple[object, ...]) -> str:
    """`4s, 6s or 8s`; numbers without a gap are told by their ends, behind the words beside them."""
    texts = [str(choice) for choice in choices]
    numbers = [int(text) for text in texts if text.isdecimal()]
    told = [text for text in texts if not text.isdecimal()]
    if len(numbers) > 3 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        told.append(f"{numbers[0]} to {numbers[-1]}")
    else:
        told.extend(map(str, numbers))
    if len(told) > _MOST_TOLD:
        told[_MOST_TOLD - 1 :] = [f"one of {len(told) - _MOST_TOLD + 1:,} others"]
    return " or ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _amount(least: int | None, most: int | None, one: str, many: str | None = None) -> str:
    many = many or f"{one}s"
    if least is not None and most is not None:
        return (
            f" of {least} to {most} {many}" if least != most else f" of {most} {one if most == 1 else many}"
        )
    if most is not None:
        return f" of at most {most} {one if most == 1 else many}"
    return "" if least in (None, 0) else f" of at least {least} {one if least == 1 else many}"
