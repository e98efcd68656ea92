"""The Platform API's JSON, read strictly and turned into plain values at once.

An entry without its id is passed over, and a field in another form than FAL's document says is taken as
not given: one odd row does not hide the others.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, NonNegativeFloat, NonNegativeInt

from .clean import clean
from .errors import NotUnderstood
from .platform_values import Balance, BillingEvent, Estimate, Listed, PastRequest, UnitPrice
from .policy import is_endpoint
from .wire import Hint, Talk, Wire, Word

_TAGS = 50
_CURSOR = 2_000
_NANO = Decimal(10) ** -9
_DIGITS = 15


def moment(value: object) -> float | None:
    """Seconds since 1970 of an ISO 8601 text or a number; None for anything else.

    A text without a zone is in UTC, as all of FAL's are.
    """
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return None


def amount(value: object) -> Decimal | None:
    """A number, or a text that is one, exactly as it was written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        # Through its text: the number nearest to 0.07 is not 0.07.
        number = Decimal(str(value)[:60].strip())
    except InvalidOperation:
        return None
    # Its size by its exponent: arithmetic with 1e99999999 is an error.
    return number if number.is_finite() and (number == 0 or abs(number.adjusted()) < _DIGITS) else None


Moment = Annotated[float | None, BeforeValidator(moment)]
Amount = Annotated[Decimal | None, BeforeValidator(amount)]


class _Metadata(Wire):
    display_name: Hint[Word] = None
    category: Hint[Word] = None
    description: Hint[Talk] = None
    status: Hint[Word] = None
    kind: Hint[Word] = None
    tags: Hint[list[Any]] = None
    updated_at: Moment = None
    duration_estimate: Hint[NonNegativeFloat] = None


class _Model(Wire):
    endpoint_id: Hint[str] = None
    metadata: Hint[_Metadata] = None
    openapi: Hint[dict[str, Any]] = None


class _Price(Wire):
    endpoint_id: Hint[str] = None
    unit_price: Amount = None
    unit: Hint[Word] = None
    currency: Hint[Word] = None


class _Total(Wire):
    total_cost: Amount = None
    currency: Hint[Word] = None


class _Request(Wire):
    request_id: Hint[Word] = None
    endpoint_id: Hint[Word] = None
    sent_at: Moment = None
    started_at: Moment = None
    ended_at: Moment = None
    status_code: Hint[NonNegativeInt] = None
    duration: Hint[NonNegativeFloat] = None
    json_input: Any = None
    json_output: Any = None


class _Charge(Wire):
    request_id: Hint[Word] = None
    endpoint_id: Hint[Word] = None
    timestamp: Moment = None
    output_units: Amount = None
    unit_price: Amount = None
    cost_total: Amount = None
    cost_estimate_nano_usd: Amount = None


class _Credits(Wire):
    current_balance: Amount = None
    currency: Hint[Word] = None


class _Account(Wire):
    credits: Hint[_Credits] = None


class _Page(Wire):
    next_cursor: Hint[str] = None
    has_more: Hint[bool] = None


def read_page(data: object, name: str) -> tuple[list[dict[str, Any]], str | None]:
    """The entries of a page under `name`, and the cursor of the next one; raises NotUnderstood."""
    entries = data.get(name) if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise NotUnderstood(f"FAL's answer holds no list of {name.replace('_', ' ')}.")
    page = _Page.model_validate(data)
    cursor = page.next_cursor if page.has_more is not False else None
    if cursor and len(cursor) > _CURSOR:
        raise NotUnderstood(f"FAL gave a cursor of {len(cursor)} characters.")
    return [entry for entry in entries if isinstance(entry, dict)], cursor or None


def read_listed(entry: Mapping[str, Any]) -> Listed | None:
    """A model of the listing; None where its endpoint id is none."""
    wire = _Model.model_validate(dict(entry))
    if wire.endpoint_id is None or not is_endpoint(wire.endpoint_id):
        return None
    known = wire.metadata or _Metadata()
    return Listed(
        endpoint=wire.endpoint_id,
        name=known.display_name or wire.endpoint_id,
        category=known.category or "",
        description=known.description or "",
        status=known.status or "",
        kind=known.kind or "",
        tags=_words(known.tags),
        updated_at=known.updated_at,
        minutes=known.duration_estimate,
        document=_document(wire.openapi),
    )


def read_price(entry: Mapping[str, Any]) -> UnitPrice | None:
    """A unit price; None where the endpoint or the number is missing: unknown is never free."""
    wire = _Price.model_validate(dict(entry))
    if not wire.endpoint_id or not is_endpoint(wire.endpoint_id) or wire.unit_price is None:
        return None
    return UnitPrice(wire.endpoint_id, wire.unit_price, wire.unit or "", wire.currency or "USD")


def read_estimate(data: object) -> Estimate:
    """The answer to an estimate; raises NotUnderstood where it holds no number."""
    wire = _Total.model_validate(data if isinstance(data, dict) else {})
    if wire.total_cost is None:
        raise NotUnderstood("FAL's estimate holds no total.")
    return Estimate(wire.total_cost, wire.currency or "USD")


def read_request(entry: Mapping[str, Any]) -> PastRequest | None:
    """A request of the listing; None where it has no id."""
    wire = _Request.model_validate(dict(entry))
    if not wire.request_id:
        return None
    return PastRequest(
        request_id=wire.request_id,
        endpoint=wire.endpoint_id or "",
        sent_at=wire.sent_at,
        started_at=wire.started_at,
        ended_at=wire.ended_at,
        status=wire.status_code,
        seconds=wire.duration,
        input=_text(wire.json_input),
        output=_text(wire.json_output),
    )


def read_charge(entry: Mapping[str, Any]) -> BillingEvent | None:
    """A billing event; None where it names no request. The total counts, else FAL's estimate of it."""
    wire = _Charge.model_validate(dict(entry))
    if not wire.request_id:
        return None
    nano = wire.cost_estimate_nano_usd
    return BillingEvent(
        request_id=wire.request_id,
        endpoint=wire.endpoint_id or "",
        at=wire.timestamp,
        units=wire.output_units,
        unit_price=wire.unit_price,
        cost=wire.cost_total if wire.cost_total is not None else nano if nano is None else nano * _NANO,
    )


def read_balance(data: object) -> Balance | None:
    """What is left of the account's credits; None where FAL does not say it to this key."""
    wire = _Account.model_validate(data if isinstance(data, dict) else {})
    if wire.credits is None or wire.credits.current_balance is None:
        return None
    return Balance(wire.credits.current_balance, wire.credits.currency or "USD")


def _words(tags: list[Any] | None) -> tuple[str, ...]:
    return tuple(clean(tag, limit=100) for tag in (tags or ())[:_TAGS] if isinstance(tag, str))


def _document(spec: dict[str, Any] | None) -> str | None:
    """The text of a document; an expansion that failed at FAL is an object with its error instead."""
    return json.dumps(spec, ensure_ascii=False) if spec and isinstance(spec.get("openapi"), str) else None


def _text(payload: Any) -> str | None:
    """A payload as JSON text; FAL's document does not say whether it comes as JSON or as a text of it."""
    if payload is None:
        return None
    return payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
