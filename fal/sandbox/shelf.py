"""The folder of rendered clips. A file has a plain name only when it is whole."""

import hashlib
import secrets
import threading
from pathlib import Path

from .clip import Clip
from .companions import content
from .requests import Clipping


class Shelf:
    """Rendered clips by their content: equal wishes share one file. The functions block."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._companions: dict[str, Clipping] = {}
        for part in folder.glob(".*.part"):
            part.unlink(missing_ok=True)

    def make(self, clip: Clip, stop: threading.Event) -> Clipping:
        """The clip's file, rendered unless it is there; raises what render() raises."""
        # Loading PyAV, numpy and Pillow takes a third of a second, which READY must not wait for.
        from .render import render  # noqa: PLC0415 - see above

        path = self._folder / f"{clip.digest}.mp4"
        if not path.exists():
            part = self._folder / f".{clip.digest}.{secrets.token_hex(4)}.part"
            try:
                render(clip, part, stop)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        data = path.read_bytes()
        return Clipping(path.name, len(data), _mark(data))

    def companion(self, suffix: str) -> Clipping:
        """The small file of another kind that results may hold beside a clip, made once."""
        if suffix not in self._companions:
            path, data = self._folder / f"companion.{suffix}", content(suffix)
            part = self._folder / f".companion.{secrets.token_hex(4)}.part"
            part.write_bytes(data)
            part.replace(path)
            self._companions[suffix] = Clipping(path.name, len(data), _mark(data))
        return self._companions[suffix]

    def read(self, clip: Clipping, start: int, count: int) -> bytes:
        """Bytes of a file, opened for each piece: a download that breaks off leaves nothing open."""
        with (self._folder / clip.file).open("rb") as file:
            file.seek(start)
            return file.read(count)


def _mark(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'
