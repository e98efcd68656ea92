"""A model of the catalogue, as plain values that screens read too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)[sp]?")


def plain(value: object) -> str:
    """A choice without its dress, for comparing: `5`, `"5"`, `5.0`, `"5s"` are one, `768P` and `768` too."""
    text = str(value).strip().lower()
    found = _AMOUNT.fullmatch(text)
    if not found:
        return text
    number = found[1]
    return (number.rstrip("0").rstrip(".") if "." in number else number.lstrip("0")) or "0"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a field takes: one of `choices` as FAL lists them, or a whole number from `low` to `high`."""

    choices: tuple[object, ...] = ()
    low: int = 0
    high: int = 0

    def form(self, value: object) -> object | None:
        """The value in the form that is sent; None where it is not offered."""
        wanted = plain(value)
        if self.choices:
            return next((choice for choice in self.choices if plain(choice) == wanted), None)
        return int(wanted) if wanted.isdecimal() and self.low <= int(wanted) <= self.high else None

    def words(self) -> str:
        """The offer as people say it: `5 or 10`, `4s, 6s or 8s`, `auto or 4 to 15`."""
        if not self.choices:
            return f"{self.low} to {self.high}"
        numbers = [int(text) for choice in self.choices if (text := str(choice)).isdecimal()]
        words = [str(choice) for choice in self.choices if not str(choice).isdecimal()]
        if len(numbers) > 3 and numbers == list(range(numbers[0], numbers[-1] + 1)):
            words.append(f"{numbers[0]} to {numbers[-1]}")
        else:
            words.extend(map(str, numbers))
        return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a price table: US dollars per unit where the fields have these values."""

    when: Mapping[str, object]
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What FAL's page said on the day `as_of`, before discounts. No `usd`, no `table`: unknown, never free.

    `unit` is FAL's word: `second` of output, `video`, `10 seconds`, or None. `added` is US dollars for
    each of these fields that is given.
    """

    unit: str | None
    usd: Decimal | None
    table: tuple[Row, ...]
    as_of: str
    confidence: str
    note: str
    added: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Model:
    """One endpoint worth offering: names, price, and what is known of its input.

    `fields` are the declared input fields in display order, `defaults` what FAL takes where nothing
    is given, `max_chars` lengths in characters, `uploads` the fields that hold a media URL and its kind.
    """

    endpoint: str
    name: str
    short: str
    vendor: str
    family: str
    task: str
    tagline: str
    tier: int
    price: Price
    required: tuple[str, ...]
    offered: Mapping[str, Offered]
    uploads: Mapping[str, str]
    max_chars: Mapping[str, int]
    audio_field: str | None
    fields: tuple[str, ...]
    defaults: Mapping[str, object]

    def accepts(self, field: str) -> bool:
        """Whether the model declares this input field; another one is never sent by itself."""
        return field in self.fields

    def offers(self, field: str) -> tuple[object, ...]:
        """The values to choose from, as FAL lists them; empty where the field is free or unknown."""
        offered = self.offered.get(field)
        if offered is None:
            return ()
        return offered.choices or tuple(range(offered.low, offered.high + 1))
