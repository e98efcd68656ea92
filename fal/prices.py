"""What a request will cost: the one function behind the price that is shown, checked and recorded."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from .models import Model, Row
from .schema import plain


def estimate(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """US dollars for one request with this input, FAL's defaults where it says nothing; None where unknown.

    Unknown is a price that no page stated, a row that no page listed, and a length that only FAL
    will know (`auto`, or that of a source clip).
    """
    rate = _rate(model, input_)
    if rate is None:
        return None
    added = sum((usd for field, usd in model.price.added.items() if input_.get(field)), Decimal(0))
    if model.price.unit == "video":
        return rate + added
    seconds = _seconds(model, input_)
    if model.price.unit != "second" or seconds is None:
        return None
    return rate * seconds + added


def _rate(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """US dollars per unit: of the rows that hold, the most telling one, and the dearest of equals."""
    if not model.price.table:
        return model.price.usd
    rows = [row for row in model.price.table if _holds(row, model, input_)]
    return max(rows, key=lambda row: (len(row.when), row.usd)).usd if rows else None


def _holds(row: Row, model: Model, input_: Mapping[str, object]) -> bool:
    return all(_same(_value(model, input_, name), wanted) for name, wanted in row.when.items())


def _value(model: Model, input_: Mapping[str, object], name: str) -> object:
    """The value of what a price row calls `audio` or `fps`, under the name that this model has for it."""
    if name == "voice_control":
        return _has_voice(input_)
    fields = (model.price.audio_field,) if name == "audio" else (name, f"target_{name}")
    field = next((field for field in fields if field in model.fields), None)
    return None if field is None else _given(model, input_, field)


def _given(model: Model, input_: Mapping[str, object], field: str) -> object:
    value = input_.get(field)
    return model.defaults.get(field) if value is None else value


def _same(value: object, wanted: object) -> bool:
    if value is None or isinstance(value, bool) != isinstance(wanted, bool):
        return False
    return plain(value) == plain(wanted)


def _has_voice(input_: Mapping[str, object]) -> bool:
    """Whether a voice is chosen: by `voice_ids`, or in one of the `elements`."""
    elements = input_.get("elements")
    inner: Iterable[object] = elements if isinstance(elements, list | tuple) else ()
    named = (key for element in inner if isinstance(element, Mapping) for key in element if element[key])
    return bool(input_.get("voice_ids")) or any("voice" in str(key) for key in named)


def _seconds(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    # With several prompts each shot has its own length, and `duration` is not the sum.
    if "duration" not in model.fields or input_.get("multi_prompt"):
        return None
    value = _given(model, input_, "duration")
    try:
        seconds = Decimal(plain(value))
    except InvalidOperation:
        return None
    return seconds if seconds.is_finite() and seconds > 0 else None
