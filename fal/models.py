"""A model of the catalogue, as plain values that screens read too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Final

from .schema import Schema


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a price table: US dollars per unit where the fields have these values.

    `unit` is the row's own where a page states one size by the second and another by the token.
    """

    when: Mapping[str, object]
    usd: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What FAL's page said on the day `as_of`, before discounts. No `usd`, no `table`: unknown, never free.

    `unit` is FAL's word: `second` of output, `video`, `image`, `10 seconds`, `1000 tokens` (of width x
    height x frames / 1024), `megapixel` of all frames, or None; `fps` are the frames a second of tokens.
    `added` is US dollars for each of these fields that is given. `audio_field` is the input field that
    rows call `audio`.
    """

    unit: str | None = None
    usd: Decimal | None = None
    table: tuple[Row, ...] = ()
    as_of: str | None = None
    confidence: str = "unknown"
    note: str = ""
    added: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    audio_field: str | None = None
    fps: int | None = None


UNKNOWN: Final = Price()


@dataclass(frozen=True)
class Model:
    """One endpoint: its names, its price, and its schema, which is read when it is first asked for.

    `tier` is 1 or 2 for what is worth offering first, 0 for all others. `listed` is False once FAL lists
    it no more, and `known` where no catalogue tells its fields.
    """

    endpoint: str
    name: str
    short: str
    vendor: str = ""
    family: str = ""
    task: str = ""
    category: str | None = None
    tagline: str = ""
    tier: int = 0
    price: Price = UNKNOWN
    listed: bool = True
    known: bool = True
    read: Callable[[], Schema] = field(default=Schema, repr=False, compare=False)

    @cached_property
    def schema(self) -> Schema:
        """What the model takes and gives."""
        return self.read()

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the declared input fields, in display order."""
        return tuple(one.name for one in self.schema.fields)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that have to be given."""
        return tuple(one.name for one in self.schema.fields if one.required)

    @cached_property
    def uploads(self) -> Mapping[str, str]:
        """The fields that hold a media URL, or a list of them, with its kind."""
        return MappingProxyType({one.name: one.upload for one in self.schema.fields if one.upload})

    @cached_property
    def max_chars(self) -> Mapping[str, int]:
        """The longest texts that fields take, in characters."""
        longest = {one.name: one.shape.longest for one in self.schema.fields}
        return MappingProxyType({name: most for name, most in longest.items() if most is not None})

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """What FAL takes where nothing is given, as far as it is known."""
        return MappingProxyType(
            {one.name: one.default for one in self.schema.fields if one.default is not None}
        )

    def accepts(self, name: str) -> bool:
        """Whether the model declares this input field; another one is never sent by itself."""
        return name in self.fields

    def offers(self, name: str) -> tuple[object, ...]:
        """The values to choose from, as FAL lists them; empty where the field is free or unknown."""
        found = self.schema.field(name)
        return () if found is None else found.shape.offers()

    def offered_words(self, name: str) -> str:
        """What the field takes, as people say it; nothing where the model does not say."""
        found = self.schema.field(name)
        return "" if found is None or not found.shape.offers() else found.shape.words()

    def largest(self, name: str) -> int | None:
        """The largest whole number that the field takes, where that is known."""
        found = self.schema.field(name)
        high = None if found is None else found.shape.range.high
        return high if isinstance(high, int) else None
