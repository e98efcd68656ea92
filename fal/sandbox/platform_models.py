"""The Platform API's models: what there is, and what a unit of it costs."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from starlette.datastructures import QueryParams

from .asked import Unfit, ids, one_of, page
from .documents import Documents, category
from .facts import Entry

KNOWN_ON = "2026-08-02T00:00:00Z"
"""The day that the facts are of."""
_CALL_UNITS = {"second": Decimal(5), "10 seconds": Decimal("0.5")}
"""Units of a usual call: five seconds."""


class Unknown(Exception):
    """Nothing is known of any of the ids; `str()` says so."""


class Models:
    """Questions about models, answered from the facts; each raises Unfit for one that FAL would not take."""

    def __init__(self, documents: Documents) -> None:
        self._facts, self._documents = documents.facts, documents

    def listed(self, query: QueryParams) -> dict[str, object]:
        """A page of the models that a query finds; raises Unknown where it names ids, and none is known."""
        wanted = ids(query, "endpoint_id")
        known = [name for name in dict.fromkeys(wanted) if name in self._facts]
        if wanted and not known:
            raise Unknown(f"Endpoint not found: {', '.join(wanted)[:500]}")
        expanded = "openapi-3.0" in ids(query, "expand")
        at = page(query, usual=20 if expanded else 50, most=50 if expanded else 500)
        status = one_of(query, "status", ("active", "deprecated"))
        return at.cut(
            "models",
            (entry for entry in self._entries(known) if self._found(entry, query, status)),
            lambda entry: self._shown(entry, expanded=expanded),
        )

    def prices(self, query: QueryParams) -> dict[str, object]:
        """What a unit costs; an endpoint whose price is not known is left out."""
        known = self._facts.prices
        names = [name for name in dict.fromkeys(ids(query, "endpoint_id", needed=True)) if name in known]
        prices = [
            {"endpoint_id": name, "unit_price": known[name][1], "unit": known[name][0], "currency": "USD"}
            for name in names
        ]
        return {"prices": prices, "next_cursor": None, "has_more": False}

    def estimate(self, body: Mapping[str, Any]) -> dict[str, object]:
        """What some calls or units would cost; raises Unknown for an endpoint without a known price."""
        kind, endpoints = body.get("estimate_type"), body.get("endpoints")
        words = {"historical_api_price": "call_quantity", "unit_price": "unit_quantity"}
        if kind not in words or not isinstance(endpoints, dict) or not endpoints:
            raise Unfit("estimate_type and endpoints: two kinds of estimate are accepted")
        total = sum((self._cost(name, asked, words[kind]) for name, asked in endpoints.items()), Decimal(0))
        return {"estimate_type": kind, "total_cost": float(total), "currency": "USD"}

    def _cost(self, endpoint: str, asked: object, word: str) -> Decimal:
        quantity: Any = asked.get(word) if isinstance(asked, dict) else None
        least = 1 if word == "call_quantity" else 1e-6
        if (
            isinstance(quantity, bool)
            or not isinstance(quantity, int | float)
            or not least <= quantity < 1e12
        ):
            raise Unfit(f"{word}: a number from {least:g} on is accepted")
        price = self._facts.prices.get(endpoint)
        if price is None:
            raise Unknown(f"No price is known of {endpoint[:200]}")
        per_call = _CALL_UNITS.get(price[0], Decimal(1)) if word == "call_quantity" else 1
        return Decimal(str(quantity)) * Decimal(str(price[1])) * per_call

    def _entries(self, known: list[str]) -> Iterator[Entry]:
        if not known:
            return self._facts.entries()
        return (entry for entry in map(self._facts.entry, known) if entry is not None)

    def _found(self, entry: Entry, query: QueryParams, status: str | None) -> bool:
        wanted, kind = query.get("q", "").lower().split(), query.get("category")
        text = " ".join([entry["endpoint_id"], self._name(entry), entry["vendor"], category(entry)]).lower()
        return (
            all(word in text for word in wanted)
            and kind in {None, category(entry)}
            and status in {None, _status(entry)}
        )

    def _name(self, entry: Entry) -> str:
        rest = entry["endpoint_id"].split("/")[2:]
        return self._facts.names.get(entry["endpoint_id"]) or " ".join([entry["family"], *rest])

    def _shown(self, entry: Entry, *, expanded: bool) -> dict[str, object]:
        endpoint = entry["endpoint_id"]
        about = {
            "display_name": self._name(entry),
            "category": category(entry),
            "description": f"{entry['family']} by {entry['vendor']}: {entry['task'].replace('-', ' ')}.",
            "status": _status(entry),
            "tags": [entry["task"]],
            "updated_at": KNOWN_ON,
            "is_favorited": None,
            "thumbnail_url": "https://v3.fal.media/files/sandbox/thumbnail.jpg",
            "model_url": f"https://fal.run/{endpoint}",
            "date": KNOWN_ON,
            "highlighted": False,
            "pinned": False,
            "kind": "training" if "trainer" in endpoint else "inference",
        }
        shown = {"endpoint_id": endpoint, "metadata": about}
        return shown | ({"openapi": self._documents.document(endpoint)} if expanded else {})


def _status(entry: Entry) -> str:
    return "active" if entry["listed"] else "deprecated"
