"""One clip's file, opened for its facts or its first second. Blocking: for worker threads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NotDecodable

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.container import InputContainer
    from PIL.Image import Image

LARGEST_FILE = 8 << 30
"""Bytes; nothing that a model makes comes near."""
LARGEST_PICTURE = 8192 * 8192
"""Pixels of one frame."""
FIRST_SECOND = 1.0
EVERY = 4
USUAL_RATE = 24.0
MOST_FRAMES = 64
"""The first second of 60 frames a second, and an end for files whose clock stands still."""
PATIENCE = 4.0
"""Seconds after which the best frame so far is good enough."""
SAMPLE = (64, 36)
DARK, BRIGHT = 25, 230
PENALTY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedFacts:
    """What a decoder says of a file: pixels, seconds, frames a second; None where it does not say."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    has_audio: bool | None = None


def probe(clip: Path) -> ProbedFacts:
    """The facts of any file that can be opened, WebM too, without decoding it; raises NotDecodable."""
    with opened(clip) as (container, stream):
        context = stream.codec_context
        rate = stream.average_rate
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = (container.duration or 0) / 1_000_000
        return ProbedFacts(
            width=context.width or None,
            height=context.height or None,
            duration=round(seconds, 3) if seconds > 0 else None,
            fps=round(float(rate), 3) if rate else None,
            codec=context.codec.canonical_name,
            has_audio=bool(container.streams.audio),
        )


def best_frame(clip: Path, width: int, tallest: int) -> "Image":
    """The most telling frame of the first second, `width` pixels wide; raises NotDecodable.

    Every 4th frame is scored by how much its brightness varies; nearly black or white ones hardly count.
    A shape that would be taller than `tallest` pixels is made narrower instead.
    """
    import PIL.Image  # noqa: PLC0415 - only who looks at posters pays for it

    with opened(clip) as (container, stream):
        stream.thread_type = "SLICE"
        frame = _best(container, stream)
        wide, high = _fitted(frame, stream, width, tallest)
        small = frame.reformat(width=wide, height=high, format="rgb24", interpolation="AREA")
        return PIL.Image.fromarray(small.to_ndarray())


@contextmanager
def opened(clip: Path) -> "Iterator[tuple[InputContainer, VideoStream]]":
    """A file and its picture stream; all that a damaged file can do becomes NotDecodable."""
    import av  # noqa: PLC0415 - as above

    # The classes that 200 damaged files were seen to raise; a container without a codec is an AttributeError.
    troubles = (av.error.FFmpegError, OSError, ValueError, AttributeError, StopIteration, ArithmeticError)
    try:
        size = clip.stat().st_size
        if size > LARGEST_FILE:
            raise NotDecodable(f"{clip.name} is larger than what is looked into: {LARGEST_FILE >> 30} GiB.")
        # A level that is a number makes decoding threads call into Python, and they were seen to deadlock.
        av.logging.set_level(None)
        with av.open(str(clip), metadata_errors="replace") as container:
            stream = container.streams.best("video")
            if not isinstance(stream, av.VideoStream) or not stream.codec_context:
                raise NotDecodable(f"{clip.name} holds no picture.")
            if stream.codec_context.width * stream.codec_context.height > LARGEST_PICTURE:
                raise NotDecodable(f"The pictures in {clip.name} are larger than 8192×8192 pixels.")
            yield container, stream
    except FileNotFoundError:
        raise NotDecodable(f"The file {clip.name} is not where it was saved.") from None
    except troubles as error:
        raise NotDecodable(f"No picture could be read from {clip.name}.") from error


def _best(container: "InputContainer", stream: "VideoStream") -> "VideoFrame":
    # Frames that no other is built on are a quarter of the work, and are never missed here.
    stream.codec_context.skip_frame = "NONREF"
    rate = float(stream.average_rate or 0) or USUAL_RATE
    best: VideoFrame | None = None
    score = -1.0
    due, first = 0.0, _start(stream)
    deadline = time.monotonic() + PATIENCE
    for number, frame in enumerate(container.decode(stream)):
        at = number / rate if frame.time is None else frame.time - first
        if number and (number >= MOST_FRAMES or at >= FIRST_SECOND):
            break
        if number == 0 or at >= due:
            due = at + EVERY / rate - 0.5 / rate
            found = _score(frame)
            if found > score:
                best, score = frame, found
        if time.monotonic() > deadline:
            break
    if best is None:
        raise NotDecodable("The file holds no whole picture.")
    return best


def _start(stream: "VideoStream") -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _score(frame: "VideoFrame") -> float:
    wide, high = SAMPLE
    light = frame.reformat(width=wide, height=high, format="gray", interpolation="FAST_BILINEAR").to_ndarray()
    plain = not DARK <= float(light.mean()) <= BRIGHT
    return float(light.std()) * (PENALTY if plain else 1.0)


def _fitted(frame: "VideoFrame", stream: "VideoStream", width: int, tallest: int) -> tuple[int, int]:
    """The size in square pixels; some clips store pixels that are not square."""
    stretch = float(stream.sample_aspect_ratio or 1)
    shape = frame.width * stretch / frame.height
    high = max(1, round(width / shape))
    return (width, high) if high <= tallest else (max(1, round(tallest * shape)), tallest)
