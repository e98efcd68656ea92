"""Whole MP4 files of any size: a small real clip, and behind it a box that players skip."""

import os
import struct
from pathlib import Path

import av
import numpy as np

BLOCK = 1 << 20


def write_clip(path: Path, size: int, *, sparse: bool = False) -> None:
    """Exactly `size` bytes. Noise, as video is to whoever copies it, or a hole that costs no disk."""
    _write_small(path)
    rest = size - path.stat().st_size
    with path.open("ab") as file:
        # A size of 1 says that the true one follows in 64 bits (ISO/IEC 14496-12, 4.2).
        file.write(struct.pack(">I4sQ", 1, b"free", rest))
        if sparse:
            file.truncate(size)
            return
        noise = os.urandom(BLOCK)
        left = rest - 16
        while left:
            left -= file.write(noise[:left])


def _write_small(path: Path) -> None:
    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for shade in range(0, 240, 20):
            picture = np.full((36, 64, 3), shade, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
