"""What a request will cost: the one function behind the price that is shown, checked and recorded."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import Final

from . import measures
from .lengths import frame_rate, length_follows
from .models import Model, Row
from .schema import plain

_PRESETS: Final = MappingProxyType(
    {
        "square_hd": (1024, 1024),
        "square": (512, 512),
        "portrait_4_3": (768, 1024),
        "portrait_16_9": (576, 1024),
        "landscape_4_3": (1024, 768),
        "landscape_16_9": (1024, 576),
    }
)
"""Pixels of FAL's named sizes, as its documentation has them."""
_SIZES: Final = ("video_size", "image_size", "resolution")
_WIDE: Final = 16 / 9


def estimate(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """US dollars for one request with this input, FAL's defaults where it says nothing; None where unknown.

    Unknown is a price that no page stated, a row that no page listed, and a length or a size that only FAL
    will know (`auto`, or that of a source clip).
    """
    row = _row(model, input_)
    if row is None:
        return None
    count = _COUNTS.get(row.unit or model.price.unit or "")
    units = None if count is None else count(model, input_)
    if units is None:
        return None
    return row.usd * units + sum(
        (usd for field, usd in model.price.added.items() if input_.get(field)), Decimal(0)
    )


def _row(model: Model, input_: Mapping[str, object]) -> Row | None:
    """US dollars per unit: of the rows that hold, the most telling one, and the dearest of equals."""
    price = model.price
    if not price.table:
        return None if price.usd is None else Row(MappingProxyType({}), price.usd)
    rows = [row for row in price.table if _holds(row, model, input_)]
    return max(rows, key=lambda row: (len(row.when), row.usd), default=None)


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


def _one(_model: Model, _input: Mapping[str, object]) -> Decimal | None:
    return Decimal(1)


def _images(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    return measures.number(_given(model, input_, "num_images")) or Decimal(1)


def _seconds(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    # With several prompts each shot has its own length, and `duration` is not the sum.
    if input_.get("multi_prompt"):
        return None
    if "duration" in model.fields:
        return measures.number(_given(model, input_, "duration"))
    frames, rate = _own_frames(model, input_), frame_rate(model, input_)
    return None if frames is None or rate is None else frames / rate


def _tens(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    seconds = _seconds(model, input_)
    return None if seconds is None else seconds / 10


def _tokens(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """Thousands of tokens: width x height x frames / 1024."""
    seconds, area, rate = _seconds(model, input_), _area(model, input_), model.price.fps
    return None if seconds is None or area is None or rate is None else area * seconds * rate / 1024 / 1000


def _megapixels(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """Millions of pixels of all frames together, rounded up, as FAL counts them."""
    frames, area = _own_frames(model, input_), _area(model, input_)
    return (
        None if frames is None or area is None else (area * frames / 10**6).to_integral_value(ROUND_CEILING)
    )


def _own_frames(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """The frames that are asked for; None where their number is that of a source clip."""
    if not model.accepts("num_frames") or length_follows(model, input_):
        return None
    return measures.number(_given(model, input_, "num_frames"))


def _area(model: Model, input_: Mapping[str, object]) -> Decimal | None:
    """Pixels of one frame. Lines alone tell it as well: a model keeps its area, whatever the shape."""
    name = next((name for name in _SIZES if model.accepts(name)), None)
    size = None if name is None else _given(model, input_, name)
    if isinstance(size, Mapping):
        wide, high = (measures.number(size.get(side)) for side in ("width", "height"))
        return None if wide is None or high is None else wide * high
    lines = measures.lines(size)
    pixels = _PRESETS.get(str(size)) or (measures.sized(_WIDE, lines) if lines else None)
    return None if pixels is None else Decimal(pixels[0] * pixels[1])


_COUNTS: Final[Mapping[str, Callable[[Model, Mapping[str, object]], Decimal | None]]] = MappingProxyType(
    {
        "video": _one,
        "image": _images,
        "second": _seconds,
        "10 seconds": _tens,
        "1000 tokens": _tokens,
        "megapixel": _megapixels,
    }
)
