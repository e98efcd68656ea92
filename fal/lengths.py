"""The length of a clip: as seconds in the dress of the model, or as frames where it counts those."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Final

from . import measures
from .canonical import Canonical
from .models import Model
from .schema import Field, Number, Shape
from .sending import Sent, Unfit, first_that, given_as, offer, same

__all__ = ["duration", "frame_rate", "length_follows"]

_RATES: Final = ("frames_per_second", "fps", "frame_rate", "export_fps")
_LENGTH_FOLLOWS: Final = ("match_video_length", "match_audio_length", "match_input_num_frames")
_RATE_FOLLOWS: Final = ("match_input_fps", "match_input_frames_per_second")
_GRIDS: Final = (8, 4)
"""Models that code frames in groups take a multiple of the group and one frame more: 81, 97, 121."""


def duration(model: Model, wish: Canonical, own: Mapping[str, object]) -> Sent:
    """The seconds that were asked for, or the nearest that the model offers, the shorter of two as near."""
    given = wish.duration or ""
    field = first_that(model, ("duration", "num_frames"), lambda _: True, "it has no length to choose")
    if (found := same(field, given)) is not None and field.unit == "seconds":
        return given_as(field, given, found)
    seconds = measures.number(given)
    if seconds is None:
        raise Unfit(
            offer(field) if field.unit == "seconds" else "it counts frames, and this is no number of seconds"
        )
    if field.unit == "seconds":
        return _seconds(field, given, seconds)
    return _frames(model, field, wish, seconds, own)


def _seconds(field: Field, given: str, seconds: Decimal) -> Sent:
    offered = [(number, choice) for choice in field.shape.offers() if (number := measures.number(choice))]
    if offered:
        number, choice = min(offered, key=lambda pair: (abs(pair[0] - seconds), pair[0]))
        if number == seconds:
            return given_as(field, given, choice)
        return Sent({field.name: choice}, str(choice), "rounded", offer(field))
    taker = next((one for one in _leaves(field.shape) if one.type in ("integer", "number")), None)
    if taker is None:
        dress = "s" if str(field.default).endswith("s") else ""
        return given_as(field, given, f"{seconds.normalize():f}{dress}")
    near = _within(taker, seconds)
    if Decimal(str(near)) == seconds:
        return Sent({field.name: near}, str(near))
    return Sent({field.name: near}, str(near), "rounded", f"it takes {taker.words()}")


def _frames(model: Model, field: Field, wish: Canonical, seconds: Decimal, own: Mapping[str, object]) -> Sent:
    if wish.video and any(_is_on(model, own, name) for name in _RATE_FOLLOWS):
        raise Unfit("it counts frames at the rate of the clip that is put in, which is not known here")
    rate = frame_rate(model, own)
    if rate is None:
        raise Unfit("it counts frames, and does not say how many it shows in a second")
    if field.shape.range.high is not None and field.shape.range.high < rate:
        raise Unfit(f"its {field.name} is no length of a clip")
    wanted = _on_grid(field, seconds * rate)
    count = _within(field.shape, wanted)
    told = f"{count} frames at {rate.normalize():f} a second"
    # What the length would be taken from instead has to be let go of.
    free = dict.fromkeys(length_follows(model, own), False)
    if Decimal(str(count)) != wanted:
        length = (Decimal(str(count)) / rate).quantize(Decimal("0.1"))
        return Sent({field.name: count, **free}, told, "rounded", f"{length} s; {offer(field)}")
    return Sent({field.name: count, **free}, told, "converted")


def frame_rate(model: Model, own: Mapping[str, object]) -> Decimal | None:
    """Frames a second that the model makes with these fields of its own; None where it does not say."""
    name = next((name for name in _RATES if model.accepts(name)), None)
    if name is None:
        return None
    return measures.number(own.get(name) or model.defaults.get(name))


def length_follows(model: Model, own: Mapping[str, object]) -> tuple[str, ...]:
    """The switches, of those that are on, by which a clip gets as long as what is put in."""
    return tuple(name for name in _LENGTH_FOLLOWS if _is_on(model, own, name))


def _is_on(model: Model, own: Mapping[str, object], name: str) -> bool:
    return model.accepts(name) and own.get(name, model.defaults.get(name)) is True


def _on_grid(field: Field, frames: Decimal) -> Decimal:
    """The nearest count that the model makes, told by its own default: 8 n + 1, 4 n + 1, or any."""
    known = [one for one in (field.default, field.shape.range.low) if isinstance(one, int) and one > 1]
    grid = next((grid for grid in _GRIDS if known and all(one % grid == 1 for one in known)), None)
    if grid is None:
        return frames.quantize(Decimal(1), ROUND_HALF_UP)
    return ((frames - 1) / grid).quantize(Decimal(1), ROUND_HALF_DOWN) * grid + 1


def _within(shape: Shape, wanted: Decimal) -> Number:
    """The number nearest to the wanted one that lies in the range of the shape."""
    near = wanted.quantize(Decimal(1), ROUND_HALF_UP) if shape.type == "integer" else wanted
    low, high = shape.range.low, shape.range.high
    if low is not None:
        near = max(near, Decimal(str(low)))
    if high is not None:
        near = min(near, Decimal(str(high)))
    return int(near) if near == int(near) else float(near)


def _leaves(shape: Shape) -> Iterator[Shape]:
    if not shape.variants:
        yield shape
    for variant in shape.variants:
        yield from _leaves(variant)
