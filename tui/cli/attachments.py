"""The files that a command line names: `--image FILE`, and `@FILE` where a field takes an upload."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from reelroom.fal.catalogue import BadValue, Model
from reelroom.fal.clean import clean
from reelroom.fal.schema import Field, Shape
from reelroom.fal.sniff import SUFFIXES
from reelroom.fal.sources import data_uri
from reelroom.fal.upload_values import Source
from reelroom.tui.inputs import InputFile, check, look_at

INLINE = "data:"
"""What stands before a file that goes inside the request and is not uploaded."""

_NEXT = re.compile(r",(?=@|https?://|data:)")
# Where a clip begins comes before what it may look like; these are where it ends, or are no picture to show.
_FIRST = ("image_url", "start_image_url", "first_frame_url", "first_image_url", "image_urls")
_NOT_FIRST = frozenset({"end", "tail", "last", "mid", "mask"})
_ANY = Shape(type="string", upload="file")


class Attachments:
    """Files, each looked at once, and the stand-ins that hold their places in an input until they are sent.

    A stand-in is an address that no one has (RFC 2606), so that one that was forgotten could not be fetched.
    """

    def __init__(self) -> None:
        self._files: dict[str, InputFile] = {}
        self.sources: dict[str, Source] = {}
        """The files that have to be uploaded, by their stand-ins."""

    def fill(self, model: Model, settings: Mapping[str, object]) -> dict[str, object]:
        """The settings with a stand-in for each `@FILE`; raises BadValue and UnfitFile. It blocks.

        Only fields that take an upload are read so, and `@@` is an `@` there: elsewhere a text may well begin
        with one, as Kling's @Element1 does.
        """
        return {name: self._field(model, name, value) for name, value in settings.items()}

    def image(self, model: Model, text: str, settings: Mapping[str, object]) -> dict[str, object]:
        """What --image means to the model: its field and the value; raises BadValue and UnfitFile."""
        field = image_field(model)
        if field is None and not model.schema.fields:
            known = "which of its fields takes an image is not known; --set FIELD=@FILE names it"
            raise BadValue(f"{model.name}: {known}", "image")
        if field is None:
            raise BadValue(f"{model.name} takes no image{_uploads_of(model)}; --image was given", "image")
        if field.name in settings:
            raise BadValue(f"--image is {field.name} of {model.name}, which --set names too", field.name)
        url = self._placed(model, field.name, field.holder, text)
        return {field.name: [url] if field.shape.type == "array" else url}

    def _field(self, model: Model, name: str, value: object) -> object:
        field = model.schema.field(name)
        if field is None and model.schema.fields:
            if isinstance(value, str) and value.startswith("@") and name.endswith(("_url", "_urls")):
                raise BadValue(f"{model.name} has no field {name}{_uploads_of(model)}", name)
            return _text(value)
        return self._filled(model, name, _ANY if field is None else field.shape, value)

    def _filled(self, model: Model, where: str, shape: Shape, value: object) -> object:
        if isinstance(value, str):
            return self._word(model, where, shape, value)
        if isinstance(value, list):
            inner = shape.items or Shape()
            return [self._filled(model, f"{where}[{at}]", inner, one) for at, one in enumerate(value)]
        if isinstance(value, Mapping):
            shapes = {field.name: field.shape for field in shape.fields}
            return {
                name: self._filled(model, f"{where}.{name}", shapes.get(name, Shape()), one)
                for name, one in value.items()
            }
        return value

    def _word(self, model: Model, where: str, shape: Shape, text: str) -> object:
        if shape.items is not None and shape.items.upload and text.startswith("@"):
            return [self._word(model, where, shape.items, one) for one in several(text)]
        taker = next((one for one in (shape, *shape.variants) if one.upload), None)
        if taker is None or not text.startswith("@"):
            return _text(text)
        return text[1:] if text.startswith("@@") else self._placed(model, where, taker, text[1:])

    def _placed(self, model: Model, where: str, shape: Shape, text: str) -> str:
        """A stand-in for the file, or the file itself as a data: URI, once the field is known to take it."""
        name = text.removeprefix(INLINE)
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = look_at(_path(name))
        check(file, model.name, where, shape)
        if text != name:
            return data_uri(file.source)
        suffix = SUFFIXES.get(file.source.content_type, "")
        stand_in = f"https://upload.invalid/{file.source.sha256}{suffix}"
        self.sources[stand_in] = file.source
        return stand_in


def several(text: str) -> list[str]:
    """`@A,@B` as its entries; a comma in a name is part of it."""
    return _NEXT.split(text)


def image_field(model: Model) -> Field | None:
    """The field that one picture is for: what a clip begins with, else the first that is no end or mask."""
    fields = [
        field
        for field in model.schema.fields
        if field.upload == "image" and not _NOT_FIRST & set(field.name.split("_"))
    ]

    def place(field: Field) -> tuple[bool, int]:
        named = _FIRST.index(field.name) if field.name in _FIRST else len(_FIRST)
        return not field.required, named

    return min(fields, key=place, default=None)


def with_urls(value: object, urls: Mapping[str, str]) -> object:
    """The value with the URL of each file in the place of its stand-in."""
    if isinstance(value, str):
        return urls.get(value, value)
    if isinstance(value, list):
        return [with_urls(one, urls) for one in value]
    if isinstance(value, Mapping):
        return {name: with_urls(one, urls) for name, one in value.items()}
    return value


def _path(name: str) -> Path:
    path = Path(name)
    try:
        return path.expanduser()
    except RuntimeError:  # no such user
        return path


def _text(value: object) -> object:
    """What is no file is a text like any other."""
    return clean(value, limit=1_000_000, lines=True) if isinstance(value, str) else value


def _uploads_of(model: Model) -> str:
    """What the model takes instead, for the end of a sentence."""
    names = list(_names(model))
    return f" (it takes {', '.join(names[:6])})" if names else ""


def _names(model: Model) -> Iterator[str]:
    return (field.name for field in model.schema.fields if field.upload)
