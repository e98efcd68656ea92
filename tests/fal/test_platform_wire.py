"""The readers of the Platform API against anything that JSON can hold."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.clean import clean
from reelroom.fal.errors import FalError
from reelroom.fal.policy import is_endpoint
from reelroom.fal.wire import read_json
from reelroom.fal.wire_platform import (
    amount,
    moment,
    read_balance,
    read_charge,
    read_estimate,
    read_listed,
    read_page,
    read_price,
    read_request,
)

NAMES = (
    "endpoint_id", "metadata", "display_name", "category", "description", "status", "kind", "tags",
    "updated_at", "duration_estimate", "openapi", "unit_price", "unit", "currency", "total_cost",
    "request_id", "sent_at", "started_at", "ended_at", "status_code", "duration", "json_input", "json_output",
    "timestamp", "output_units", "cost_total", "cost_estimate_nano_usd", "credits", "current_balance",
    "next_cursor", "has_more", "models",
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text()
    | st.sampled_from(("fal-ai/veo3.1", "2025-01-15T12:00:00Z", "0.07", "NaN", "1e99999999", "\x1b[2J"))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=12),
    max_leaves=30,
)
ENTRIES = st.dictionaries(st.sampled_from(NAMES) | st.text(), VALUES)


@given(ENTRIES)
@settings(max_examples=150)
def test_no_entry_makes_a_reader_fall_over(entry: dict[str, object]) -> None:
    listed = read_listed(entry)
    if listed is not None:
        assert is_endpoint(listed.endpoint)
        for text in (listed.name, listed.category, listed.status, *listed.tags):
            assert clean(text) == text
        assert listed.document is None or "openapi" in read_json(listed.document)
    price = read_price(entry)
    assert price is None or price.amount.is_finite()
    request = read_request(entry)
    assert request is None or clean(request.request_id) == request.request_id
    for payload in (request.input, request.output) if request else ():
        assert payload is None or isinstance(payload, str)
    charge = read_charge(entry)
    assert charge is None or charge.cost is None or charge.cost.is_finite()


@given(VALUES)
@settings(max_examples=150)
def test_no_answer_makes_a_reader_raise_anything_but_an_error_of_fal(data: object) -> None:
    read_balance(data)
    for read in (read_estimate, lambda given: read_page(given, "models")):
        with suppress(FalError):
            read(data)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_json_reader_raise_anything_but_an_error_of_fal(raw: bytes) -> None:
    with suppress(FalError):
        read_json(raw)


@given(st.floats(0, 7e9))
def test_a_moment_is_read_back_in_each_of_its_spellings(wanted: float) -> None:
    text = datetime.fromtimestamp(wanted, UTC).isoformat()
    bare = text.removesuffix("+00:00")
    for spelling in (f"{bare}Z", f"{bare}+00:00", f" {bare} ", wanted):
        assert moment(spelling) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("odd", ["", "soon", "2025-13-01", True, None, [], 1e300, float("nan"), 10**400])
def test_a_moment_that_is_none_is_not_given(odd: object) -> None:
    assert moment(odd) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_an_amount_keeps_every_digit(number: Decimal) -> None:
    assert amount(str(number)) == number
    assert json.loads(json.dumps(float(number))) == pytest.approx(float(amount(float(number)) or 0))


@pytest.mark.parametrize("odd", [True, None, "", "free", "1e9999", "inf", [], {}, "9" * 100])
def test_an_amount_that_is_none_is_not_given(odd: object) -> None:
    assert amount(odd) is None
