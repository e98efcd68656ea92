"""A clip like many that models make: a photo with a slow camera move, for tests and benches of the player."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

ZOOM = 0.22
"""How much nearer the camera has come at the end."""


def photo(width: int, height: int, seed: int = 7) -> NDArray[np.uint8]:
    """A made-up photo: detail falls with its fineness as in real ones (1/f), with a few hills."""
    random = np.random.default_rng(seed)
    across, down = np.fft.fftfreq(width)[None, :], np.fft.fftfreq(height)[:, None]
    fineness = np.hypot(across * width / height, down) + 1 / height
    planes = []
    common = random.standard_normal((height, width))
    for _ in range(3):
        noise = 0.8 * common + 0.2 * random.standard_normal((height, width))
        plane = np.real(np.fft.ifft2(np.fft.fft2(noise) / fineness))
        planes.append((plane - plane.mean()) / plane.std())
    texture = np.stack(planes, axis=2)
    x, y = np.linspace(0, 1, width)[None, :], np.linspace(0, 1, height)[:, None]
    sky = np.stack([90 + 140 * y + 0 * x, 90 + 80 * y + 0 * x, 160 - 60 * y + 0 * x], axis=2)
    hill = 0.62 - 0.12 * np.sin(7 * x) ** 2 - 0.05 * np.cos(23 * x)
    land = np.stack([50 + 60 * y + 0 * x, 45 + 55 * y + 0 * x, 60 + 10 * y + 0 * x], axis=2)
    scene = np.where((y > hill)[..., None], land + 33 * texture, sky + 19 * texture)
    return np.clip(scene, 0, 255).astype(np.uint8)


def write_moving(
    path: Path,
    *,
    width: int = 1280,
    height: int = 720,
    rate: int = 24,
    frames: int = 120,
    codec: str = "libx264",
) -> None:
    """The photo, zoomed into slowly. The suffix of the path names the container."""
    large = photo(width, height)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "veryfast", "crf": "20"}
        for number in range(frames):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(_zoomed(large, number / frames), format="rgb24"))
            )
        container.mux(stream.encode())


def _zoomed(large: NDArray[np.uint8], done: float) -> NDArray[np.uint8]:
    """Bilinear, as a camera has no pixels to jump by."""
    height, width = large.shape[:2]
    scale = 1 / (1 + ZOOM * done)
    x = (np.arange(width) - width / 2) * scale + width / 2
    y = (np.arange(height) - height / 2) * scale + height / 2
    left, top = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    across, down = (x - left)[None, :, None].astype(np.float32), (y - top)[:, None, None].astype(np.float32)
    rows = large[top] * (1 - down) + large[top + 1] * down
    return (rows[:, left] * (1 - across) + rows[:, left + 1] * across).astype(np.uint8)
