"""What FAL's Platform API tells of models, prices and past requests, as plain frozen values.

Moments are seconds since 1970 (UTC), money is exact, and None stands for what FAL did not say.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as FAL lists it; `document` is its OpenAPI document as JSON text, where it was asked for."""

    endpoint: str
    name: str
    category: str = ""
    description: str = ""
    status: str = ""
    """FAL's word: `active` or `deprecated`."""
    kind: str = ""
    """FAL's word: `inference` or `training`."""
    tags: tuple[str, ...] = ()
    updated_at: float | None = None
    minutes: float | None = None
    """How long a request takes, by FAL's own estimate."""
    document: str | None = None


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one unit costs; `unit` is FAL's free text, such as `second` or `video`."""

    endpoint: str
    amount: Decimal
    unit: str
    currency: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a number of calls, or of units, would cost in all."""

    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PastRequest:
    """A request that FAL remembers; `input` and `output` are JSON texts, where FAL kept them."""

    request_id: str
    endpoint: str
    sent_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    status: int | None = None
    """The HTTP status of its result; None while it is not over."""
    seconds: float | None = None
    input: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class BillingEvent:
    """What one request was charged, in US dollars, after the discount."""

    request_id: str
    endpoint: str
    at: float | None = None
    units: Decimal | None = None
    unit_price: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left to spend; it can be below zero."""

    amount: Decimal
    currency: str
