"""What is known of FAL's video endpoints: one line each in the shipped data, read when it is asked for."""

import json
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from typing import Any, BinaryIO, cast

FEATURED = "featured-models.json"
ENDPOINTS = "endpoints.jsonl"
Entry = dict[str, Any]
"""One endpoint: `endpoint_id`, `vendor`, `family`, `task`, `category`, `listed`, `input`, `output`."""


class Facts:
    """The endpoints by id. All of them parsed at once would be ten megabytes, so each is read by itself."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __contains__(self, endpoint: str) -> bool:
        return endpoint in self._places

    def entry(self, endpoint: str) -> Entry | None:
        """What is known of an endpoint; None where nothing is."""
        place = self._places.get(endpoint)
        if place is None:
            return None
        with _opened(ENDPOINTS) as file:
            file.seek(place)
            return cast("Entry", json.loads(file.readline()))

    def entries(self) -> Iterator[Entry]:
        """All of them in the order of their ids, one at a time."""
        with _opened(ENDPOINTS) as file:
            for line in file:
                yield json.loads(line)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names that people know featured endpoints by."""
        return {model["endpoint_id"]: model["name"] for model in self._featured()}

    @cached_property
    def prices(self) -> dict[str, tuple[str, float]]:
        """Unit and US dollars per unit; of several rates the dearest, as FAL's price list has one of each."""
        return {
            model["endpoint_id"]: (price["unit"], max(rates))
            for model in self._featured()
            if (price := model["price"])["unit"] and (rates := _rates(price))
        }

    def _featured(self) -> list[Entry]:
        with _opened(FEATURED) as file:
            return cast("list[Entry]", json.load(file)["models"])

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where in the file the line of an endpoint begins."""
        places, place = {}, 0
        with _opened(ENDPOINTS) as file:
            for line in file:
                places[json.loads(line)["endpoint_id"]] = place
                place += len(line)
        return places


def _opened(name: str) -> BinaryIO:
    return cast("BinaryIO", resources.files("reelroom.fal.data").joinpath(name).open("rb"))


def _rates(price: Entry) -> list[float]:
    rows = [row["usd"] for row in price.get("table") or ()]
    return [usd for usd in [price["usd"], *rows] if usd is not None]
