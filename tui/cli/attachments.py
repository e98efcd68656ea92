"""The files that a command line names: `--image FILE` and its like, and `@FILE` where a field takes one."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from reelroom.fal.catalogue import BadValue, Model
from reelroom.fal.clean import clean
from reelroom.fal.schema import Shape
from reelroom.fal.sniff import SUFFIXES
from reelroom.fal.sources import data_uri
from reelroom.fal.upload_values import Source
from reelroom.tui.inputs import InputFile, check, look_at

INLINE = "data:"
"""What stands before a file that goes inside the request and is not uploaded."""

_NEXT = re.compile(r",(?=@|https?://|data:)")
_URL = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_ANY = Shape(type="string", upload="file")


class Attachments:
    """Files, each looked at once, and the stand-ins that hold their places in an input until they are sent.

    A stand-in is an address that no one has (RFC 2606), so that one that was forgotten could not be fetched.
    """

    def __init__(self) -> None:
        self._files: dict[str, InputFile] = {}
        self._given: dict[str, InputFile] = {}
        self.sources: dict[str, Source] = {}
        """The files that have to be uploaded, by their stand-ins."""

    def fill(self, model: Model, settings: Mapping[str, object]) -> dict[str, object]:
        """The settings with a stand-in for each `@FILE`; raises BadValue and UnfitFile. It blocks.

        Only fields that take an upload are read so, and `@@` is an `@` there: elsewhere a text may well begin
        with one, as Kling's @Element1 does.
        """
        return {name: self._field(model, name, value) for name, value in settings.items()}

    def address(self, text: str) -> str:
        """The stand-in of a file that an option names, or the URL itself; raises UnfitFile. It blocks.

        It is uploaded only once a model was found to take it.
        """
        if _URL.match(text):
            return str(_text(text))
        name = text.removeprefix(INLINE)
        file = self._looked_at(name)
        url = _stand_in(file) if text == name else data_uri(file.source)
        self._given[url] = file
        return url

    def admit(self, model: Model, where: str, shape: Shape, url: str) -> None:
        """Raise BadValue where the field does not take the file behind the address."""
        file = self._given.get(url)
        if file is not None:
            check(file, model.name, where, shape)
            if not url.startswith(INLINE):
                self.sources[url] = file.source

    def locations(self) -> dict[str, str]:
        """Where the files lie that the stand-ins are for, as file: URLs; for those to be uploaded."""
        return {url: source.path.absolute().as_uri() for url, source in self.sources.items()}

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
        file = self._looked_at(name)
        check(file, model.name, where, shape)
        if text != name:
            return data_uri(file.source)
        stand_in = _stand_in(file)
        self.sources[stand_in] = file.source
        return stand_in

    def _looked_at(self, name: str) -> InputFile:
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = look_at(_path(name))
        return file


def _stand_in(file: InputFile) -> str:
    suffix = SUFFIXES.get(file.source.content_type, "")
    return f"https://upload.invalid/{file.source.sha256}{suffix}"


def several(text: str) -> list[str]:
    """`@A,@B` as its entries; a comma in a name is part of it."""
    return _NEXT.split(text)


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
