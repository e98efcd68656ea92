"""What a request asks for, read from its input: words, size and length of the clip."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from reelroom.fal.clean import clean

FPS = 24
PIXELS_DRAWN = 260_000_000
"""Distinct pixels that one clip may cost: five seconds of 1080p. Larger clips repeat pictures."""
PIXELS_CODED = 1_600_000_000
"""Pixels that one clip may code: eight seconds of 4K. Larger clips have fewer frames per second."""
_NAMED = {"2k": 1440, "4k": 2160}


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip to render. Equal clips have equal bytes on one machine and PyAV version."""

    prompt: str
    model: str
    seed: int | None
    width: int
    height: int
    frames: int
    fps: int = FPS

    @property
    def hold(self) -> int:
        """How many frames each distinct picture stays."""
        return max(1, -(-self.frames * self.width * self.height // PIXELS_DRAWN))

    @property
    def digest(self) -> str:
        """32 hex digits that are the same for equal clips."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]


def clip_of(endpoint: str, input_: Mapping[str, object]) -> Clip:
    """The clip that an input asks for; what it leaves out, or says otherwise, has FAL's usual values."""
    prompt, seed = input_.get("prompt"), input_.get("seed")
    short = _short_side(input_.get("resolution"))
    width, height = _size(short, _ratio(input_.get("aspect_ratio")))
    seconds = _seconds(input_.get("duration"))
    load = seconds * width * height
    fps = next((rate for rate in (FPS, 12, 8) if rate * load < PIXELS_CODED), 6)
    return Clip(
        prompt=clean(prompt if isinstance(prompt, str) else "", limit=2000),
        model=endpoint,
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        width=width,
        height=height,
        frames=round(seconds * fps),
        fps=fps,
    )


def _seconds(given: object) -> float:
    """Seconds from `5`, `"5"` or `"4s"`, between 1 and 30; 5 where nothing else is said (`"auto"`)."""
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,6})?)s?", str(given).strip().lower())
    return min(30.0, max(1.0, float(match[1]))) if match else 5.0


def _short_side(given: object) -> int:
    """Pixels of the short side from `"720p"`, `"512P"`, `"4k"` or `1080`, between 144 and 2160; else 720."""
    text = str(given).strip().lower()
    match = re.fullmatch(r"(\d{1,5})p?", text)
    return min(2160, max(144, int(match[1]))) if match else _NAMED.get(text, 720)


def _ratio(given: object) -> float:
    """Width by height from `"16:9"`, at most 4 to 1 either way; 16:9 where nothing else is said."""
    match = re.fullmatch(r"(\d{1,4})\s*[:x/]\s*(\d{1,4})", str(given).strip().lower())
    if not match or not int(match[1]) or not int(match[2]):
        return 16 / 9
    return min(4.0, max(0.25, int(match[1]) / int(match[2])))


def _size(short: int, ratio: float) -> tuple[int, int]:
    long = short * max(ratio, 1 / ratio)
    even_long, even_short = round(long / 2) * 2, short // 2 * 2
    return (even_long, even_short) if ratio >= 1 else (even_short, even_long)
