"""The shape and the size of a clip, in the fields that a model has for them: one each, or both in one."""

from collections.abc import Mapping
from typing import Final

from . import measures
from .canonical import Canonical
from .models import Model
from .schema import Field
from .sending import Sent, Unfit, first_that, given_as, offer, same

__all__ = ["aspect", "resolution"]

_ASPECT: Final = ("aspect_ratio", "video_size", "image_size", "dimensions", "resolution")
_RESOLUTION: Final = (
    "resolution",
    "target_resolution",
    "output_resolution",
    "video_size",
    "image_size",
    "dimensions",
)
_WIDEST: Final = 1.35
"""A shape is rounded to one at most this much wider or narrower: 21:9 to 16:9, and 16:9 to 4:3."""


def aspect(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    """The shape that was asked for, or one that lies the same way and is nearly as wide. Raises Unfit."""
    field = first_that(model, _ASPECT, _has_shapes, "it has no choice of shape")
    given = wish.aspect or ""
    if (found := same(field, given)) is not None:
        return given_as(field, given, found)
    shape = measures.ratio(given)
    if shape is None:
        raise Unfit(offer(field))
    high = measures.lines(wish.resolution)
    if high and _has_sides(field) and _same_field(model, field):
        return _size(field, shape, high)
    choices = [(choice, one) for choice in field.shape.offers() if (one := measures.ratio(choice))]
    if not choices:
        return given_as(field, given, given)

    def rank(pair: tuple[object, float]) -> tuple[float, float]:
        rows = measures.lines(pair[0])
        return round(measures.apart(pair[1], shape), 3), measures.apart(rows, high) if rows and high else 0

    choice, near = min(choices, key=rank)
    exact = round(near, 2) == round(shape, 2)
    if not exact and (_lie(near) != _lie(shape) or max(near, shape) / min(near, shape) > _WIDEST):
        raise Unfit(offer(field))
    return Sent(
        {field.name: choice},
        str(choice),
        "converted" if exact else "rounded",
        "" if exact else offer(field),
    )


def resolution(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    """The lines that were asked for, or the nearest that the model offers, the fewer of two as near."""
    field = first_that(model, _RESOLUTION, _has_sizes, "it has no choice of size")
    given = wish.resolution or ""
    if (found := same(field, given)) is not None:
        return given_as(field, given, found)
    high = measures.lines(given)
    if high is None:
        raise Unfit(offer(field))
    shape = measures.ratio(wish.aspect) or _own_shape(field)
    if _has_sides(field):
        if shape is None:
            raise Unfit("it takes a width and a height, so an aspect has to be given too")
        return _size(field, shape, high)
    choices = [(choice, rows) for choice in field.shape.offers() if (rows := measures.lines(choice))]
    if not choices:
        return given_as(field, given, given)

    def rank(pair: tuple[object, int]) -> tuple[float, float, int]:
        one = measures.ratio(pair[0])
        away = round(measures.apart(one, shape), 3) if one and shape else 0
        return away, measures.apart(pair[1], high), pair[1]

    choice, rows = min(choices, key=rank)
    exact = rows == high
    return Sent(
        {field.name: choice},
        str(choice),
        "converted" if exact else "rounded",
        "" if exact else offer(field),
    )


def _lie(shape: float) -> int:
    """1 for what is wide, -1 for what is high, 0 for a square."""
    return (shape > 1) - (shape < 1)


def _same_field(model: Model, field: Field) -> bool:
    """Whether shape and size of this model are one field."""
    return first_that(model, _RESOLUTION, _has_sizes, "") is field


def _size(field: Field, shape: float, high: int) -> Sent:
    wide, tall = measures.sized(shape, high)
    return Sent({field.name: {"width": wide, "height": tall}}, f"{wide}×{tall}", "converted")


def _has_shapes(field: Field) -> bool:
    if field.name == "aspect_ratio" or _has_sides(field):
        return True
    return any(measures.ratio(choice) for choice in field.shape.offers())


def _has_sizes(field: Field) -> bool:
    return _has_sides(field) or not (field.name == "dimensions" and not field.shape.offers())


def _has_sides(field: Field) -> bool:
    shapes = (field.shape, *field.shape.variants)
    return any({"width", "height"} <= {inner.name for inner in shape.fields} for shape in shapes)


def _own_shape(field: Field) -> float | None:
    """The shape that the field has by itself, where its default tells one."""
    if isinstance(field.default, Mapping):
        wide, high = field.default.get("width"), field.default.get("height")
        return wide / high if isinstance(wide, int) and isinstance(high, int) and high else None
    return measures.ratio(field.default)
