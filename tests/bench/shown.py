"""From the rename of a clip to its title in the media panel: the real program on a pty, clip after clip.

Run with `python -m tests.bench.shown`. The rename is seen by a look into the library each millisecond; the
title counts where it is written below the title of the panel, and not in the rows of the board above it.
"""

import asyncio
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

from reelroom.store.store import open_store
from reelroom.tui.widgets.draft import Draft

from .children import serving
from .figures import Figure, say, show
from .published import hurry
from .window import Window

CLIPS = 60
DRAFT = Draft(models=("fal-ai/pixverse/v6/text-to-video",), length="1", size="360p")
"""The smallest clip that there is: making it is no part of what is measured."""
PLACED = re.compile(rb"\x1b\[(\d+);\d+H")
LOOK = 0.001
"""Seconds between two looks into the folder; by so much a figure may be too small."""


class Renames(threading.Thread):
    """Looks for new clips: their names, and when each was there first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, float] = {}
        self.over = threading.Event()
        self._folder = folder

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(LOOK):
            for path in self._folder.glob("[!.]*.mp4"):
                self.seen.setdefault(path.name, time.monotonic())


def rows_of(written: bytes, text: bytes) -> list[int]:
    """The lines (from 1) in which a text was written."""
    return [_row_at(written, found.start()) for found in re.finditer(re.escape(text), written)]


def _row_at(written: bytes, at: int) -> int:
    """The line of what was written there: back to where the cursor was put last. Posters are long."""
    while (at := written.rfind(b"\x1b[", 0, at)) >= 0:
        if placed := PLACED.match(written, at):
            return int(placed[1])
    return 0


def in_panel(written: bytes, text: bytes, panel: int) -> bool:
    """Whether a text was written below the line of the panel's title."""
    return any(row > panel for row in rows_of(written, text))


def waits(base: str, home: Path) -> list[float]:
    """Milliseconds from the rename to the title, for each clip."""
    library = home / "data" / "library"
    library.mkdir(parents=True, mode=0o700)
    asyncio.run(_fill_in(home / "data" / "reelroom.db"))
    renames = Renames(library)
    environ = dict(os.environ, REELROOM_HOME=str(home), REELROOM_FAL_URL=base)
    program = str(Path(sys.executable).with_name("reelroom"))
    with Window([program], environ) as window:
        window.until(lambda written: rows_of(written, b"No clips yet"), "the empty panel")
        panel = max(rows_of(window.written, b" Media "))
        window.until(lambda written: b"Generate" in written, "the form")
        renames.start()
        try:
            return [_wait(window, renames, panel, number) for number in range(CLIPS)]
        finally:
            renames.over.set()
            renames.join()


async def _fill_in(path: Path) -> None:
    async with open_store(path) as store:
        project = await store.active_project()
        await store.keep_draft(f"compose:{project.id}", DRAFT.to_json())


def _wait(window: Window, renames: Renames, panel: int, number: int) -> float:
    title = f"heron {number:04}"
    # What is drawn for the clip before, its poster among it, is not this one's.
    time.sleep(0.3)
    window.forget()
    window.send(title.encode())
    window.until(lambda written: b"10 letters" in written, "the number of letters")
    window.send(b"\n")
    shown = window.until(lambda written: in_panel(written, title.encode(), panel), title)
    return 1000 * (shown - max(renames.seen.values()))


def measure() -> list[Figure]:
    say(f"{CLIPS} clips from rename to panel")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        program = Path(sys.executable).with_name("reelroom")
        with serving("env", f"REELROOM_HOME={home}/served", program, "sandbox") as base:
            hurry(base)
            took = sorted(waits(base, home / "own"))
    note = f"{len(took)} clips, one after the other, max {took[-1]:.1f} ms"
    return [
        Figure("rename to the clip in the panel, p50", took[len(took) // 2], 50, " ms", note),
        Figure("rename to the clip in the panel, p95", took[int(len(took) * 0.95)], 50, " ms"),
    ]


if __name__ == "__main__":
    show(measure())
