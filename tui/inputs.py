"""A file that is to be sent along: what it is, and whether a field takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reelroom.fal.errors import BadValue
from reelroom.fal.schema import Number, Range, Shape
from reelroom.fal.sniff import picture_size
from reelroom.fal.sources import UNKNOWN, look, shown
from reelroom.fal.upload_values import Source
from reelroom.store.facts import read_facts

from . import words

_MOVING = frozenset({"video/mp4", "video/quicktime", "audio/mp4"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was looked at; pixels, seconds and frames a second are None where it does not say them."""

    source: Source
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None

    @property
    def kind(self) -> str:
        """`image`, `video`, `audio`, or something else."""
        return self.source.content_type.partition("/")[0]

    @property
    def name(self) -> str:
        """The file for a sentence."""
        return shown(self.source.path)


def look_at(path: Path) -> InputFile:
    """Read the file once, and its header; raises UnfitFile. It blocks."""
    source = look(path)
    if source.content_type.startswith("image/"):
        width, height = picture_size(path) or (None, None)
        return InputFile(source, width, height)
    if source.content_type in _MOVING:
        facts = read_facts(path)
        return InputFile(source, facts.width, facts.height, facts.duration, facts.fps)
    return InputFile(source)


def check(file: InputFile, model: str, field: str, shape: Shape) -> None:
    """Raise BadValue where the field does not take the file: its kind, then each limit that FAL states.

    What a file does not say of itself is left to FAL to judge.
    """
    if not _fits(file, shape.upload):
        kind = f"the URL of {file.name}" if shape.upload is None else file.source.content_type
        if shape.upload is None:
            raise BadValue(f"{field} of {model} takes no file, and {file.name} was given", field)
        what = "of no kind that is known here" if kind == UNKNOWN else kind
        raise BadValue(f"{field}: {file.name} is {what}; {model} takes {_an(shape.upload)} there", field)
    for limit, noun, read, written in _MEASURES:
        given, accepted = read(file), _range(shape.limits, limit)
        if given is not None and not accepted.holds(round(given, 2)):
            raise BadValue(
                f"{field}: {file.name} has {noun} {written(given)}; {model} takes {_told(accepted, written)}",
                field,
            )


def _fits(file: InputFile, upload: str | None) -> bool:
    """A moving GIF is a video to many models; FAL judges it."""
    if upload in (None, "file"):
        return upload is not None
    return file.kind == upload or (upload == "video" and file.source.content_type == "image/gif")


def _an(kind: str) -> str:
    return f"{'an' if kind in ('image', 'audio') else 'a'} {kind}{' file' if kind == 'audio' else ''}"


def _range(limits: Mapping[str, Number], name: str) -> Range:
    return Range(limits.get(f"min_{name}"), limits.get(f"max_{name}"))


def _told(accepted: Range, written: Callable[[float], str]) -> str:
    """The accepted range in the same dress as the value that was given."""
    low, high = (None if end is None else written(end) for end in (accepted.low, accepted.high))
    if low is None:
        return f"{high} at most"
    return f"{low} at least" if high is None else f"{low} to {high}"


def _area(file: InputFile) -> float | None:
    return None if file.width is None or file.height is None else file.width * file.height


def _ratio(file: InputFile) -> float | None:
    return None if file.width is None or not file.height else file.width / file.height


def _pixels(number: float) -> str:
    return f"{number:,.0f} pixels"


def _seconds(number: float) -> str:
    return f"{number:g} s"


def _plain(number: float) -> str:
    return f"{round(number, 2):g}"


_MEASURES: tuple[tuple[str, str, Callable[[InputFile], float | None], Callable[[float], str]], ...] = (
    ("file_size", "a size of", lambda file: file.source.size, lambda size: words.size(int(size))),
    ("width", "a width of", lambda file: file.width, _pixels),
    ("height", "a height of", lambda file: file.height, _pixels),
    ("area", "an area of", _area, _pixels),
    ("pixels", "an area of", _area, _pixels),
    ("aspect_ratio", "a width to height of", _ratio, _plain),
    ("duration", "a length of", lambda file: file.duration, _seconds),
    ("fps", "a frame rate of", lambda file: file.fps, _plain),
)
