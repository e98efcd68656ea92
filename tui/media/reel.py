"""A clip decoded once, forward, on a thread of its own, to small frames that are played from memory."""

import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .decode import USUAL_RATE, opened
from .errors import NotDecodable

if TYPE_CHECKING:
    import numpy as np
    from av import VideoFrame, VideoStream
    from av.container import InputContainer

    Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]

LIMIT = 64 << 20
"""Bytes of frames, over everything that is shown at once."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a clip: its number from 0, its time in seconds from the first, rows of RGB pixels."""

    number: int
    time: float
    pixels: "Pixels"


class Reel:
    """The frames of a clip, as far as they are decoded. It is open from the start, until `close`.

    The frames fit `width` x `height` pixels whole. Where they would take more than `limit` bytes, every
    second one is given up, as often as it takes: the whole clip stays in reach. Any thread may ask.
    """

    def __init__(self, clip: Path, width: int, height: int, *, limit: int = LIMIT) -> None:
        self._clip = clip
        self._box = width, height
        self._limit = limit
        self._frames: list[Frame] = []
        self._times: list[float] = []
        self._bytes = 0
        self._every = 1
        self._trouble: str | None = None
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"reel {clip.name}", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        """Whether no frame will be added any more."""
        return not self._thread.is_alive()

    @property
    def trouble(self) -> str | None:
        """Why decoding ended before the end of the file, as a sentence; None where it did not."""
        return self._trouble

    @property
    def count(self) -> int:
        """Frames that can be shown now."""
        return len(self._frames)

    @property
    def every(self) -> int:
        """1 where each frame is kept, 2 where every second is, and so on."""
        return self._every

    @property
    def held(self) -> int:
        """Bytes of the frames."""
        return self._bytes

    @property
    def last(self) -> Frame:
        """The last frame so far. There must be one."""
        with self._lock:
            return self._frames[-1]

    def index_at(self, seconds: float) -> int:
        """Which frame is shown at a time: the last that begins before, else the first."""
        with self._lock:
            return max(0, bisect_right(self._times, seconds + 1e-6) - 1)

    def frame(self, index: int) -> Frame:
        """A frame by its place among those kept, the nearest where there is none so far out."""
        with self._lock:
            return self._frames[max(0, min(index, len(self._frames) - 1))]

    def wait(self, seconds: float) -> bool:
        """Wait for the first frame or the end of trying; whether there is a frame."""
        with self._news:
            self._news.wait_for(lambda: self._frames or self._over.is_set(), seconds)
            return bool(self._frames)

    def close(self, *, keep: int = 0) -> None:
        """End the decoding, and return when its thread is gone; at most `keep` bytes of frames stay."""
        self._over.set()
        self._thread.join()
        with self._lock:
            while self._frames and self._bytes > keep:
                self._thin()

    def _run(self) -> None:
        try:
            for frame in self._decoded():
                self._add(frame)
            if not self._frames and not self._over.is_set():
                self._trouble = f"{self._clip.name} holds no whole picture."
        except NotDecodable as trouble:
            self._trouble = str(trouble)
        finally:
            self._over.set()
            with self._news:
                self._news.notify_all()

    def _decoded(self) -> Iterator[Frame]:
        with opened(self._clip) as (container, stream):
            # All frames are wanted, so they are worth more than one thread.
            stream.thread_type = "AUTO"
            rate = float(stream.average_rate or 0) or USUAL_RATE
            first: float | None = None
            for number, frame in enumerate(self._pictures(container, stream)):
                # Most of the work is the scaling: what would be given up at once is not scaled.
                if number % self._every:
                    continue
                at = number / rate if frame.time is None else frame.time
                first = at if first is None else first
                wide, high = fitted(frame, stream, *self._box)
                small = frame.reformat(width=wide, height=high, format="rgb24", interpolation="AREA")
                yield Frame(number, max(at - first, 0.0), cast("Pixels", small.to_ndarray()))

    def _pictures(self, container: "InputContainer", stream: "VideoStream") -> "Iterator[VideoFrame]":
        """Packet by packet, so that a file without pictures cannot hold up who wants to leave."""
        for packet in container.demux(stream):
            for frame in packet.decode():
                if self._over.is_set():
                    return
                yield frame
            if self._over.is_set():
                return

    def _add(self, frame: Frame) -> None:
        with self._news:
            # A clock that goes backwards stands in damaged files; the list stays in order.
            if self._times and frame.time < self._times[-1]:
                frame = Frame(frame.number, self._times[-1], frame.pixels)
            self._frames.append(frame)
            self._times.append(frame.time)
            self._bytes += frame.pixels.nbytes
            while self._bytes > self._limit and len(self._frames) > 1:
                self._thin()
            self._news.notify_all()

    def _thin(self) -> None:
        if len(self._frames) == 1:
            self._frames.clear()
        del self._frames[1::2]
        self._times = [frame.time for frame in self._frames]
        self._bytes = sum(frame.pixels.nbytes for frame in self._frames)
        self._every *= 2


def fitted(frame: "VideoFrame", stream: "VideoStream", width: int, height: int) -> tuple[int, int]:
    """The largest size in pixels that shows a frame whole, of an even height; stored pixels may be oblong."""
    shape = frame.width * float(stream.sample_aspect_ratio or 1) / frame.height
    scale = min(width / shape, float(height))
    wide, high = max(1, round(scale * shape)), max(2, 2 * round(scale / 2))
    return min(wide, width), min(high, height)


def stretched(pixels: "Pixels", width: int, height: int) -> "Pixels":
    """The nearest pixels at another size, in the shape of the old: rough, and there at once."""
    high, wide = pixels.shape[:2]
    scale = min(width / wide, height / high)
    columns, rows = max(1, int(wide * scale)), max(2, 2 * int(high * scale / 2))
    from_rows = [row * high // rows for row in range(rows)]
    from_columns = [column * wide // columns for column in range(columns)]
    return pixels[from_rows][:, from_columns]
