"""`python -m tests.bench.paint`: the first frame on a pty 120x40, against a bare Textual hello."""

import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reelroom.store.ids import new_id
from reelroom.store.store import open_store

from .figures import ROUNDS, Figure, say, show
from .window import Window

KEPT = Path("build/bench/libraries")
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello from textual")
Hello().run()
"""
ROW = """
INSERT INTO media (id, position, project_id, origin, kind, path, sha256, bytes, width, height, duration, fps,
  codec, has_audio, prompt, endpoint, model, favourite, search, created_at)
VALUES (?, 0, ?, 'sandbox', 'video', ?, ?, 2000000, 1280, 720, 5, 24,
  'h264', 0, ?, 'fal-ai/x', 'Kling', 0, ?, ?)
"""


def library(rows: int) -> Path:
    """A home whose library has so many clips, made once; the files themselves are not there."""
    home = KEPT / str(rows)
    path = home / "data" / "reelroom.db"
    if not path.exists():
        say(f"making a library of {rows:,} rows")
        asyncio.run(_fill(path, rows))
    return home.absolute()


async def _fill(path: Path, rows: int) -> None:
    unfinished = path.with_name("unfinished.db")
    unfinished.unlink(missing_ok=True)
    async with open_store(unfinished) as store:
        project = (await store.active_project()).id
    with sqlite3.connect(unfinished) as database:
        database.executemany(ROW, (_row(number, project) for number in range(rows)))
    database.close()
    unfinished.rename(path)


def _row(number: int, project: str) -> tuple[object, ...]:
    at = 1_700_000_000 + number * 7.0
    prompt = f"a red fox crosses frozen lake number {number}"
    return new_id(at), project, f"clip-{number}.mp4", f"{number:064x}", prompt, f"{prompt} kling", at


def first_frame(command: Sequence[str], seen: bytes, environ: dict[str, str]) -> tuple[float, float]:
    """CPU and wall seconds until a program has written `seen`; then it is ended."""
    with Window(command, environ) as window:
        at = window.until(lambda written: seen in written, repr(seen))
        return window.cpu, at - window.began


def main() -> None:
    """Print the ratios: medians of interleaved rounds, CPU first, since wall is noisy on a loaded machine."""
    program = str(Path(sys.executable).with_name("reelroom"))
    homes = {rows: library(rows) for rows in (100, 10_000, 1_000_000)}
    hello: list[tuple[float, float]] = []
    frames: dict[int, list[tuple[float, float]]] = {rows: [] for rows in homes}
    clips: dict[int, list[tuple[float, float]]] = {rows: [] for rows in homes}
    forms: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        plain = dict(os.environ, REELROOM_HOME=folder)
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            hello.append(first_frame([sys.executable, "-c", HELLO], b"hello from textual", plain))
            environ = dict(os.environ, REELROOM_HOME=str(homes[10_000]))
            forms.append(first_frame([program], b"Generate", environ))
            for rows, home in homes.items():
                environ = dict(os.environ, REELROOM_HOME=str(home))
                frames[rows].append(first_frame([program], b"Media", environ))
                clips[rows].append(first_frame([program], b"clips", environ))
    cpu, wall = _medians(hello)
    show(
        [
            Figure("bare Textual hello, CPU", cpu, unit=" s"),
            Figure("bare Textual hello, wall", wall, unit=" s"),
            Figure("first frame, 10,000 clips / hello, CPU", _ratio(frames[10_000], hello, 0), 1.30),
            Figure("first frame, 10,000 clips / hello, wall", _ratio(frames[10_000], hello, 1), 1.30),
            Figure(
                "first frame, 1,000,000 / 100 clips, CPU", _ratio(frames[1_000_000], frames[100], 0), 1.10
            ),
            Figure("the whole form, 10,000 clips / hello, CPU", _ratio(forms, hello, 0)),
            Figure("clips counted and shown, 10,000 / hello, CPU", _ratio(clips[10_000], hello, 0)),
            Figure("clips shown, 1,000,000 / 100 clips, CPU", _ratio(clips[1_000_000], clips[100], 0), 1.10),
        ]
    )


def _medians(runs: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def _ratio(these: list[tuple[float, float]], those: list[tuple[float, float]], which: int) -> float:
    return statistics.median(one[which] / other[which] for one, other in zip(these, those, strict=True))


if __name__ == "__main__":
    main()
