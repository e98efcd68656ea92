"""Which field of a model is for which media, by its kind and its name; and media in the form it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from .schema import Field, Schema, Shape, Upload

__all__ = ["KINDS", "Media", "field_for", "holding", "taker"]

Media = Literal["first", "last", "references", "video", "audio"]


@dataclass(frozen=True, slots=True)
class _Place:
    """The fields of one kind that will do: one of `words` in the name, where there are any, none of `never`.

    A required field is taken first, then one of `names` in their order, then whatever stands first.
    """

    kind: Upload
    names: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


_END: Final = frozenset({"end", "tail", "last"})
_ASIDE: Final = frozenset({"mask", "mid", "control", "pose", "static"})
# Where a clip begins comes before what it may look like.
_FIRST: Final = ("image_url", "start_image_url", "first_frame_url", "first_image_url", "image_urls")
_LISTS: Final = ("reference_image_urls", "ref_image_urls", "image_urls", "input_image_urls")
_PLACES: Final = MappingProxyType[Media, _Place](
    {
        "first": _Place("image", _FIRST, never=_END | _ASIDE),
        "last": _Place("image", ("end_image_url",), words=_END),
        "references": _Place("image", _LISTS, frozenset({"reference", "ref", "urls"}), _END | _ASIDE),
        "video": _Place("video", ("video_url", "source_video_url", "video_urls"), never=_ASIDE),
        "audio": _Place("audio", ("audio_url", "driven_audio_url", "audio_urls")),
    }
)
KINDS: Final[Mapping[str, Upload]] = MappingProxyType({media: place.kind for media, place in _PLACES.items()})
"""What each of them is."""


def field_for(schema: Schema, media: Media) -> Field | None:
    """The field that such media is for; None where the model has none."""
    place = _PLACES[media]
    fields = [field for field in schema.fields if _will_do(place, field)]

    def rank(field: Field) -> tuple[bool, bool, int]:
        named = place.names.index(field.name) if field.name in place.names else len(place.names)
        # A plain upload comes before an object that holds one beside other things.
        return field.upload is None, not field.required, named

    return min(fields, key=rank, default=None)


def _will_do(place: _Place, field: Field) -> bool:
    words = set(field.name.split("_"))
    if place.never & words or (place.words and not place.words & words):
        return False
    return holding(field.shape, place.kind, "") is not None


def holding(shape: Shape, kind: Upload, url: str) -> object | None:
    """The URL in the form that the shape takes: itself, in a list, or in an object that needs no more."""
    if shape.upload is not None:
        return url if shape.upload == kind else None
    if shape.items is not None:
        inner = holding(shape.items, kind, url)
        return None if inner is None else [inner]
    if shape.fields:
        needed = [field for field in shape.fields if field.required and field.default is None]
        if len(needed) == 1 and needed[0].upload == kind:
            return {needed[0].name: holding(needed[0].shape, kind, url)}
    return next((held for one in shape.variants if (held := holding(one, kind, url)) is not None), None)


def taker(shape: Shape, kind: Upload) -> Shape | None:
    """The shape in this one that takes the URL of such media, with its limits; None where there is none."""
    if shape.upload == kind:
        return shape
    inner = (*filter(None, (shape.items,)), *(field.shape for field in shape.fields if field.required))
    return next((found for one in (*inner, *shape.variants) if (found := taker(one, kind))), None)
