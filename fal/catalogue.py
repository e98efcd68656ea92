"""The models that can be asked: found by endpoint id, short name or display name, read when asked for."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from .arrange import arrange
from .clean import clean
from .errors import BadValue, UnknownModel
from .models import UNKNOWN, Model, Price, Row
from .naming import short_name
from .schema import Schema
from .shelf import Damaged, Listing, Shelf

__all__ = ["BadValue", "Catalogue", "Model", "Price", "Row", "UnknownModel", "arrange", "short_name"]

FILE: Final = "catalogue.jsonl"
"""The name, in the data folder, of what FAL itself has listed since."""

_NEAR = 3


@dataclass(frozen=True)
class Catalogue:
    """All models, the ones to offer first at the front.

    `fresh` is what FAL itself has listed since the program was made, if that is here; where both know an
    endpoint, `fresh` holds. `more` are models that no catalogue has.
    """

    shipped: Shelf
    fresh: Shelf | None = None
    more: tuple[Model, ...] = ()

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """The catalogue that ships with the program, and what the data folder has; reads indexes alone."""
        return cls(Shelf.shipped(), None if folder is None else _opened(folder / FILE))

    @cached_property
    def featured(self) -> tuple[Model, ...]:
        """The models that are worth offering first; their names, prices and taglines are our own."""
        return tuple(
            replace(
                self._model(entry["endpoint_id"]),
                tagline=entry["tagline"],
                tier=entry["tier"],
                price=_price(entry["price"]),
            )
            for entry in self._told["models"]
        )

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Every model: the featured ones, then the others by id, those that FAL lists no more at the end."""
        first = {model.endpoint for model in self.featured}
        ids = sorted(self._listings.keys() - first)
        models = (replace(self._model(one), price=self._prices.get(one, UNKNOWN)) for one in ids)
        others = sorted(models, key=lambda model: not model.listed)
        return (*self.featured, *others, *self.more)

    @property
    def as_of(self) -> float:
        """When FAL was asked what it has, in seconds since 1970."""
        return (self.fresh or self.shipped).as_of

    def find(self, name: str) -> Model:
        """The model with this endpoint id, short name or display name, in any case; raises UnknownModel."""
        wanted = " ".join(name.split()).lower()
        found = self._first_names.get(wanted) or self._names.get(wanted)
        if found is not None:
            return found
        near = tuple(model.short for model in self._near(wanted))
        hint = f" Near it: {', '.join(near)}." if near else " `reelroom models` lists them all."
        raise UnknownModel(f"There is no model {clean(name, limit=80)!r} in the catalogue.{hint}", near)

    def search(self, query: str = "", task: str | None = None) -> list[Model]:
        """The models in which every word of the query occurs, in the order of the catalogue."""
        words = query.lower().split()
        return [
            model
            for model in self.models
            if (task is None or model.task == task) and all(word in _text(model) for word in words)
        ]

    def adding(self, model: Model) -> "Catalogue":
        """The same catalogue with one more model."""
        return replace(self, more=(*self.more, model))

    @cached_property
    def _told(self) -> Mapping[str, Any]:
        """What is our own: names, taglines and prices."""
        text = (Path(__file__).parent / "data" / "featured-models.json").read_bytes()
        # Prices stay exactly as written: a float would turn 0.07 into something near it.
        told: Mapping[str, Any] = json.loads(text, parse_float=Decimal)
        return told

    @cached_property
    def _prices(self) -> Mapping[str, Price]:
        """The known prices of models that are not featured."""
        return {entry["endpoint_id"]: _price(entry["price"]) for entry in self._told["more_prices"]}

    @cached_property
    def _listings(self) -> Mapping[str, Listing]:
        fresh = {} if self.fresh is None else self.fresh.listings
        # A name that people know, and that scripts have, stays.
        return {**fresh, **self.shipped.listings}

    def _model(self, endpoint: str) -> Model:
        listing = self._listings[endpoint]
        listed = listing.listed
        read: Callable[[], Schema] = Schema
        if endpoint in self.shipped.listings:
            read = self.shipped.reader(endpoint)
        if self.fresh is not None and endpoint in self.fresh.listings:
            read = self.fresh.reader(endpoint, read)
            listed = self.fresh.listings[endpoint].listed
        return Model(
            endpoint=endpoint,
            name=listing.name,
            short=endpoint if listing.name == endpoint else short_name(listing.name),
            vendor=listing.vendor,
            family=listing.family,
            task=listing.task,
            category=listing.category,
            tagline=listing.tagline,
            listed=listed and not (self.fresh and endpoint in self.fresh.gone),
            read=read,
        )

    @cached_property
    def _first_names(self) -> Mapping[str, Model]:
        return dict(_named(self.featured))

    @cached_property
    def _names(self) -> Mapping[str, Model]:
        return {**dict(_named(self.models)), **self._first_names}

    def _near(self, wanted: str) -> list[Model]:
        """What is near among the featured models, and only then among all."""
        return self._close(wanted, self.featured) or self._close(wanted, self.models)

    def _close(self, wanted: str, models: tuple[Model, ...]) -> list[Model]:
        slug = short_name(wanted)
        close = difflib.get_close_matches(slug, [model.short for model in models], _NEAR, 0.6)
        close += difflib.get_close_matches(wanted, [model.endpoint for model in models], _NEAR, 0.7)
        if len(slug) > 2:
            close += [model.short for model in models if slug in model.short]
        return list({found.short: found for name in close if (found := self._names[name])}.values())[:_NEAR]


def _opened(path: Path) -> Shelf | None:
    try:
        return Shelf.opened(path)
    except FileNotFoundError:
        return None
    except (OSError, Damaged) as error:
        import logging  # noqa: PLC0415 - a start that goes well needs none

        logging.getLogger(__name__).warning("the kept catalogue was not read: %s", error)
        return None


def _named(models: tuple[Model, ...]) -> Iterator[tuple[str, Model]]:
    for model in models:
        for name in (model.name, model.short, model.endpoint):
            yield name.lower(), model


def _text(model: Model) -> str:
    names = (model.name, model.short, model.endpoint, model.vendor, model.family, model.task, model.tagline)
    return " ".join(names).lower()


def _price(price: Mapping[str, Any]) -> Price:
    rows = (
        Row(MappingProxyType(dict(row["when"])), Decimal(row["usd"]), row.get("unit"))
        for row in price.get("table", ())
    )
    added = {name: Decimal(usd) for name, usd in price.get("added_usd", {}).items()}
    return replace(
        UNKNOWN,
        unit=price["unit"],
        usd=None if price["usd"] is None else Decimal(price["usd"]),
        table=tuple(rows),
        as_of=price["as_of"],
        confidence=price["confidence"],
        note=price.get("note", ""),
        added=MappingProxyType(added),
        audio_field=price.get("audio_field"),
        fps=price.get("fps"),
    )
