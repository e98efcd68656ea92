"""A clip as a real H.264 file: scenes drawn small, scaled up, lettered and encoded on one thread."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

from .clip import Clip
from .lettering import Patch, lettering
from .moods import look
from .scene import Scene

DRAWN_SHORT_SIDE = 224
"""Pixels of the short side that scenes are drawn at."""
# One thread and no run-time tuning: the bytes depend on nothing but the pictures.
_ENCODER = {"preset": "ultrafast", "tune": "zerolatency", "g": "48", "threads": "1", "flags": "+bitexact"}
_MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


class Stopped(Exception):
    """The rendering was told to end before the clip was whole."""


def render(clip: Clip, path: Path, stop: threading.Event) -> None:
    """Write the clip to `path` as MP4, in about a second; raises Stopped soon after `stop` is set.

    Raises OSError where the file cannot be written, and av.error.FFmpegError where the encoder fails.
    """
    with av.open(str(path), "w", format="mp4", options=_MUXER) as container:
        stream = container.add_stream("libx264", rate=clip.fps, options=_ENCODER | {"qp": _quality(clip)})
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, clip.fps)
        for number, frame in enumerate(_frames(clip)):
            if stop.is_set():
                raise Stopped
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(clip: Clip) -> Iterator[av.VideoFrame]:
    """All frames of the clip, of which each distinct picture may come several times."""
    scale = max(1.0, min(clip.width, clip.height) / DRAWN_SHORT_SIDE)
    width, height = round(clip.width / scale / 2) * 2, round(clip.height / scale / 2) * 2
    scene = Scene(look(clip.prompt, clip.model, clip.seed), width, height, clip.frames / clip.fps)
    words = lettering(clip)
    reformatter = VideoReformatter()
    for first in range(0, clip.frames, clip.hold):
        small = av.VideoFrame.from_ndarray(scene.picture(first / clip.frames), format="rgb24")
        frame = reformatter.reformat(
            small,
            clip.width,
            clip.height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            interpolation="BICUBIC",
        )
        for plane, patches in zip(frame.planes, words, strict=True):
            _put(plane, patches)
        for _ in range(min(clip.hold, clip.frames - first)):
            yield frame


def _quality(clip: Clip) -> str:
    """x264's quantiser: a little coarser above 1080p, where coding is most of the work."""
    return "29" if clip.width * clip.height > 1920 * 1080 else "23"


def _put(plane: av.video.plane.VideoPlane, patches: list[Patch]) -> None:
    whole: NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8).reshape(
        plane.height, plane.line_size
    )
    for patch in patches:
        patch.put(whole[:, : plane.width])
