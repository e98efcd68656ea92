"""The media panel over real libraries: first paint, pages and jumps from 100 to 1,000,000 clips, and posters.

Run with `python -m tests.bench.panel`. CPU is that of the whole process, the database's thread included; the
ratios are medians of pairs measured in turn in one run. Every poster is a picture that is there already, so
that drawing them is in the figures and decoding is not; that has figures of its own.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import av
import numpy as np
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reelroom.store.store import Store, open_store
from reelroom.tui.media.posters import load_poster, make_poster
from reelroom.tui.messages import PageWanted, PosterWanted
from reelroom.tui.theme import theme_name, themes
from reelroom.tui.widgets.media_panel import MediaPanel

from .figures import ROUNDS, Figure, say, show
from .library import FOLDER, library

FEW, SOME, MANY, MOST = 100, 1_000, 10_000, 1_000_000
PAGES = 40
JUMPS = 20


@dataclass(frozen=True, slots=True)
class Flat:
    """A picture of noise."""

    width: int
    height: int
    rgb: bytes


class Bench(App[None]):
    """The panel, answered out of a store as the screen does it."""

    CSS = "MediaPanel { height: 1fr; }"

    def __init__(self, store: Store) -> None:
        super().__init__()
        for theme in themes("true"):
            self.register_theme(theme)
        self.theme = theme_name("true")
        self.panel = MediaPanel()
        self._store = store
        self._noise = random.Random(1).randbytes(60_000)
        self._answered = asyncio.Event()

    def compose(self) -> ComposeResult:
        """The panel alone."""
        yield self.panel

    async def on_page_wanted(self, wish: PageWanted) -> None:
        """Read what is asked for."""
        self.panel.fill(wish.token, await self._store.page(wish.scope, wish.stretch))
        self._answered.set()

    def on_poster_wanted(self, wish: PosterWanted) -> None:
        """Hand out noise."""
        size = 6 * wish.cells_w * wish.cells_h
        picture = Flat(wish.cells_w, 2 * wish.cells_h, self._noise[:size])
        for clip in wish.clips:
            self.panel.show_poster(clip.id, picture)

    async def settled(self, pilot: Pilot[None]) -> None:
        """Wait until all clips in view are there and drawn."""
        feed = self.panel.view.feed
        while feed.window.total is None or feed.window.gap(feed.view.first, feed.view.end) is not None:
            self._answered.clear()
            await self._answered.wait()
        await pilot.pause()


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    """The panel over a library, with its first clips on the screen."""
    async with open_store(path) as store:
        app = Bench(store)
        async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
            await app.settled(pilot)
            yield app, pilot


async def first_paint(path: Path) -> float:
    """CPU milliseconds from opening the store to the first clips on the screen."""
    used = process_time()
    async with running(path):
        return 1000 * (process_time() - used)


async def pages(path: Path) -> float:
    """CPU milliseconds of one page further down, the median of many."""
    took = []
    async with running(path) as (app, pilot):
        for _ in range(PAGES):
            used = process_time()
            app.panel.view.action_page(1)
            await app.settled(pilot)
            took.append(1000 * (process_time() - used))
    return median(took)


async def jumps(path: Path, count: int) -> float:
    """CPU milliseconds of a jump to a clip anywhere, the median of many."""
    took = []
    pick = random.Random(4)
    async with running(path) as (app, pilot):
        for _ in range(JUMPS):
            place = pick.randrange(count)
            used = process_time()
            app.panel.view._select(place)
            await app.settled(pilot)
            took.append(1000 * (process_time() - used))
    return median(took)


def film() -> Path:
    """Two seconds of 1080p at 24 frames a second, noisy, that come out of the dark: about 10 Mbit/s."""
    path = FOLDER / "poster-1080p.mp4"
    if path.exists():
        return path
    say(f"a clip in 1080p, kept as {path}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(1)
    squares = noise.integers(0, 255, (135, 240, 3)).repeat(8, 0).repeat(8, 1)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 1920, 1080, "yuv420p", 10_700_000
        for number in range(48):
            moving = np.roll(squares, 3 * number, 1) * 0.5 + np.roll(squares, -2 * number, 0) * 0.3
            grain = noise.integers(-6, 6, (1080, 1920, 1))
            frame = np.clip(moving * min(1, number / 12) + grain, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def posters(rounds: int) -> tuple[float, float, float]:
    """Milliseconds of making a poster (wall and CPU) and of loading one: medians, without the imports."""
    clip = film()
    cold, work, cached = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        make_poster(clip, Path(folder), "warm")
        for number in range(rounds):
            began, used = perf_counter(), process_time()
            path = make_poster(clip, Path(folder), f"poster-{number}")
            cold.append(1000 * (perf_counter() - began))
            work.append(1000 * (process_time() - used))
            began = perf_counter()
            load_poster(path, 28, 8)
            cached.append(1000 * (perf_counter() - began))
    return median(cold), median(work), median(cached)


async def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Each round measures every library in turn."""
    paths = {count: await library(count) for count in (FEW, SOME, MANY, MOST)}
    await first_paint(paths[FEW])
    paint: dict[int, list[float]] = {FEW: [], MOST: []}
    page: dict[int, list[float]] = {SOME: [], MOST: []}
    jump: dict[int, list[float]] = {MANY: [], MOST: []}
    for number in range(rounds):
        say(f"panels, {number + 1} of {rounds}")
        for count, took in paint.items():
            took.append(await first_paint(paths[count]))
        for count, took in page.items():
            took.append(await pages(paths[count]))
        for count, took in jump.items():
            took.append(await jumps(paths[count], count))
    cold, work, cached = await asyncio.to_thread(posters, rounds)
    return [
        _ratio("first paint of the panel, 1,000,000 clips to 100", paint[MOST], paint[FEW], 1.10),
        _ratio("a page further, 1,000,000 clips to 1,000", page[MOST], page[SOME], 1.15),
        _ratio("a jump anywhere, 1,000,000 clips to 10,000", jump[MOST], jump[MANY], 2.0),
        Figure("poster of a 1080p clip, cold", cold, 350, " ms", f"{work:.0f} ms of CPU"),
        Figure("poster, cached", cached, 5, " ms"),
    ]


def _ratio(what: str, ours: list[float], other: list[float], bound: float) -> Figure:
    value = median(one / two for one, two in zip(ours, other, strict=True))
    return Figure(what, value, bound, "x", f"{median(ours):.1f} and {median(other):.1f} ms of CPU")


if __name__ == "__main__":
    show(asyncio.run(measure()))
