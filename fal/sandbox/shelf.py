"""The folder of rendered clips. A file has a plain name only when it is whole."""

import hashlib
import secrets
import threading
from pathlib import Path

from .clip import Clip
from .requests import Clipping


class Shelf:
    """Rendered clips by their content: equal wishes share one file. The functions block."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        for part in folder.glob(".*.part"):
            part.unlink(missing_ok=True)

    def make(self, clip: Clip, stop: threading.Event) -> Clipping:
        """The clip's file, rendered unless it is there; raises what render() raises."""
        # Loading PyAV, numpy and Pillow takes a third of a second, which READY must not wait for.
        from .render import render  # noqa: PLC0415

        path = self._folder / f"{clip.digest}.mp4"
        if not path.exists():
            part = self._folder / f".{clip.digest}.{secrets.token_hex(4)}.part"
            try:
                render(clip, part, stop)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        data = path.read_bytes()
        return Clipping(path.name, len(data), f'"{hashlib.sha256(data).hexdigest()[:32]}"')

    def read(self, clip: Clipping, start: int, count: int) -> bytes:
        """Bytes of a file, opened for each piece: a download that breaks off leaves nothing open."""
        with (self._folder / clip.file).open("rb") as file:
            file.seek(start)
            return file.read(count)
