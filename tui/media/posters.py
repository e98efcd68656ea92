"""Posters: made once from a clip's best early frame, kept as JPEG, drawn from there at any size in cells.

Everything here blocks and is meant for worker threads.
"""

import os
import re
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from .decode import best_frame
from .errors import MissingPoster, PosterError

FOLDER = ".posters"
WIDTH = 320
TALLEST = 640
QUALITY = 85
SLACK = 2
"""Pixels: bars thinner than this are rounding, and the picture is stretched over them."""

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels for half blocks: `rgb` holds rows from the top, three bytes a pixel."""

    width: int
    """In pixels, which is cells."""
    height: int
    """In pixels: two for each cell."""
    rgb: bytes


def poster_path(cache: Path, media_id: str) -> Path:
    """Where the poster of a clip is kept; raises PosterError for an id that could not be ours."""
    if not _NAME.fullmatch(media_id):
        raise PosterError("A poster is kept under a clip's id, and this is none.")
    return cache / FOLDER / f"{media_id}.jpg"


def make_poster(clip: Path, cache: Path, media_id: str) -> Path:
    """Decode the first second of a clip and keep its best frame; raises PosterError.

    The JPEG is 320 pixels wide, or 640 high where that is less. A reader never sees half of one.
    """
    path = poster_path(cache, media_id)
    image = best_frame(clip, WIDTH, TALLEST)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                image.save(file, "JPEG", quality=QUALITY)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PosterError(f"The poster could not be kept in {path.parent}: {error.strerror}.") from error
    return path


def load_poster(
    path: Path, cells_w: int, cells_h: int, ground: tuple[int, int, int] = (0x23, 0x28, 0x33)
) -> Picture:
    """A kept poster in exactly `cells_w` x `cells_h` cells, fitted whole on `ground`, never cropped.

    Raises MissingPoster, or PosterError for a file that is no picture any more.
    """
    import PIL.Image  # noqa: PLC0415 - only who looks at posters pays for it

    wide, high = cells_w, 2 * cells_h
    try:
        with PIL.Image.open(path, formats=("JPEG",)) as kept:
            kept.draft("RGB", (wide * 2, high * 2))
            image = kept.convert("RGB")
    except FileNotFoundError:
        raise MissingPoster("The poster is not made yet.") from None
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError) as error:
        raise PosterError(f"The poster {path.name} in the cache is damaged.") from error
    # In a single line nothing but its colours can be seen.
    inner = (wide, high) if cells_h == 1 else _fit(image.width, image.height, wide, high)
    small = image.resize(inner, PIL.Image.Resampling.BOX)
    if inner != (wide, high):
        page = PIL.Image.new("RGB", (wide, high), ground)
        page.paste(small, ((wide - inner[0]) // 2, (high - inner[1]) // 2))
        small = page
    return Picture(wide, high, small.tobytes())


def _fit(width: int, height: int, wide: int, high: int) -> tuple[int, int]:
    scale = min(wide / width, high / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    return (wide, high) if wide - inner[0] + high - inner[1] <= SLACK else inner


class Posters:
    """The posters of one library; one clip is decoded at a time, however many threads ask."""

    def __init__(self, library: Path, cache: Path) -> None:
        self._library = library
        self._cache = cache
        self._turn = threading.Semaphore(1)

    def picture(
        self, media_id: str, file_name: str, cells_w: int, cells_h: int, ground: tuple[int, int, int]
    ) -> Picture:
        """A clip's poster at a size in cells, made when it is missing or damaged; raises PosterError."""
        path = poster_path(self._cache, media_id)
        try:
            return load_poster(path, cells_w, cells_h, ground)
        except MissingPoster:
            self.make(media_id, file_name)
        except PosterError:
            path.unlink(missing_ok=True)
            self.make(media_id, file_name)
        return load_poster(path, cells_w, cells_h, ground)

    def make(self, media_id: str, file_name: str) -> Path:
        """Make a clip's poster ahead of its being looked at; raises PosterError."""
        path = poster_path(self._cache, media_id)
        with self._turn:
            return path if path.exists() else make_poster(self._library / file_name, self._cache, media_id)

    def forget(self, media_id: str) -> None:
        """Remove a clip's poster, when its file is gone for good."""
        poster_path(self._cache, media_id).unlink(missing_ok=True)
