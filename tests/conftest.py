"""What many tests stand on."""

import io
import shutil
from pathlib import Path

import pytest


def make_clip(*, frames: int = 12, width: int = 64, height: int = 36) -> bytes:
    """A small real MP4: H.264, 12 frames a second."""
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(frames):
            picture = np.full((height, width, 3), (n * 20 % 256, 80, 160), dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()


@pytest.fixture(scope="session")
def clip() -> bytes:
    return make_clip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project without what was built in it: a test may plant in it what it likes."""
    copy = tmp_path_factory.mktemp("checkout")
    built = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "build", "dist", "*.egg-info")
    shutil.copytree(Path(__file__).parent.parent, copy, ignore=built, dirs_exist_ok=True)
    return copy
