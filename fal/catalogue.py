"""The models that ship with the program: found by endpoint id, short name or display name."""

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pkgutil import get_data
from types import MappingProxyType
from typing import Any, Self

from .arrange import arrange
from .clean import clean
from .errors import BadValue, UnknownModel
from .models import Model, Offered, Price, Row

__all__ = ["BadValue", "Catalogue", "Model", "Offered", "Price", "Row", "UnknownModel", "arrange"]

_OFFERED = ("duration", "aspect_ratio", "resolution", "num_frames")
_NEAR = 3


@dataclass(frozen=True)
class Catalogue:
    """All models, the ones to offer first at the front."""

    models: tuple[Model, ...]

    @classmethod
    def load(cls) -> Self:
        """The catalogue that ships with the program; reads two files."""
        featured = _read("featured-models.json")["models"]
        facts = _read("featured-fields.json")["endpoints"]
        return cls(tuple(_model(entry, facts[entry["endpoint_id"]]) for entry in featured))

    def find(self, name: str) -> Model:
        """The model with this endpoint id, short name or display name, in any case; raises UnknownModel."""
        wanted = " ".join(name.split()).lower()
        if wanted in self._by_name:
            return self._by_name[wanted]
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

    @cached_property
    def _by_name(self) -> dict[str, Model]:
        return {
            name.lower(): model for model in self.models for name in (model.name, model.short, model.endpoint)
        }

    def _near(self, wanted: str) -> list[Model]:
        slug = short_name(wanted)
        close = difflib.get_close_matches(slug, [model.short for model in self.models], _NEAR, 0.6)
        close += difflib.get_close_matches(wanted, [model.endpoint for model in self.models], _NEAR, 0.7)
        if len(slug) > 2:
            close += [model.short for model in self.models if slug in model.short]
        return list({found.short: found for name in close if (found := self._by_name[name])}.values())[:_NEAR]


def short_name(name: str) -> str:
    """The short name of a display name: `Kling 2.5 Turbo Pro` is `kling-2.5-turbo-pro`."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")


def _read(name: str) -> Any:
    # Prices stay exactly as written: a float would turn 0.07 into something near it.
    # `importlib.resources` would read as well, and costs as much to import as the files to parse.
    text = get_data("reelroom.fal.data", name)
    assert text is not None
    return json.loads(text, parse_float=Decimal)


def _text(model: Model) -> str:
    names = (model.name, model.short, model.endpoint, model.vendor, model.family, model.task, model.tagline)
    return " ".join(names).lower()


def _model(entry: Mapping[str, Any], facts: Mapping[str, Any]) -> Model:
    known = entry["constraints"]
    audio = known.get("audio_field")
    defaults = {name: _plain_number(value) for name, value in facts["defaults"].items()}
    if audio:
        defaults.setdefault(audio, known["audio_default"])
    longest = dict(facts.get("max_chars", {}))
    if "prompt_max_chars" in known:
        longest["prompt"] = known["prompt_max_chars"]
    return Model(
        endpoint=entry["endpoint_id"],
        name=entry["name"],
        short=short_name(entry["name"]),
        vendor=entry["vendor"],
        family=entry["family"],
        task=entry["task"],
        tagline=entry["tagline"],
        tier=entry["tier"],
        price=_price(entry["price"], facts),
        required=tuple(known["required"]),
        offered=MappingProxyType(_offers(known, facts)),
        uploads=MappingProxyType(dict(known.get("uploads", {}))),
        max_chars=MappingProxyType(longest),
        audio_field=audio,
        fields=tuple(facts["fields"]),
        defaults=MappingProxyType(defaults),
    )


def _price(price: Mapping[str, Any], facts: Mapping[str, Any]) -> Price:
    rows = (Row(MappingProxyType(dict(row["when"])), _usd(row["usd"])) for row in price.get("table", ()))
    added = {name: Decimal(usd) for name, usd in facts.get("added_usd", {}).items()}
    return Price(
        unit=price["unit"],
        usd=None if price["usd"] is None else _usd(price["usd"]),
        table=tuple(rows),
        as_of=price["as_of"],
        confidence=price["confidence"],
        note=price.get("note", ""),
        added=MappingProxyType(added),
    )


def _usd(number: Decimal | int) -> Decimal:
    return Decimal(number)


def _offers(known: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Offered]:
    offers: dict[str, Offered] = {}
    for name in _OFFERED:
        if name not in known:
            continue
        # The upscalers' `resolution` is what the page calls it; their field has another name.
        field = name if name in facts["fields"] else f"target_{name}"
        given = known[name]
        offers[field] = (
            Offered(low=given["min"], high=given["max"]) if isinstance(given, dict) else Offered(tuple(given))
        )
    if "seed_max" in facts:
        offers["seed"] = Offered(low=0, high=facts["seed_max"])
    return offers


def _plain_number(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value
