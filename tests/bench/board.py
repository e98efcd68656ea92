"""CPU of the job board: 500 jobs that change ten times a second, against progress bars and against no jobs.

Run with `python -m tests.bench.board`. Every figure is CPU time of this process, and every ratio the median
of pairs measured in turn in one run, so that a busy machine weighs on both sides alike. The records are made
before the clock runs: what is measured is the screen.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from time import monotonic, process_time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, ProgressBar

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui.studio.progress import Progress
from reelroom.tui.widgets.jobs_board import JobBoard
from reelroom.tui.widgets.told import UsualTime

from .figures import ROUNDS, Figure, say, show

JOBS = 500
TICK = 0.1
TICKS = 20
BAR_TICKS = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """What the board is told in one tick."""

    jobs: dict[str, Job]
    progress: dict[str, Progress]
    now: float


def moments(count: int, jobs: int) -> list[Moment]:
    """So many ticks in which every job is another record, half of them running and half downloading."""
    start = 1_800_000_000.0
    first = [_job(number, start) for number in range(jobs)]
    return [_moment(first, start, step) for step in range(count)]


def _moment(first: list[Job], start: float, step: int) -> Moment:
    jobs = {job.id: replace(job, cost=Decimal(step % 100) / 100) for job in first}
    progress = {
        job.id: Progress(job_id=job.id, done=step * 50_000 + 1, total=400_000_000, rate=3.1e6)
        for job in first
    }
    return Moment(jobs, progress, start + step * TICK)


def _job(number: int, now: float) -> Job:
    return Job(
        id=f"job-{number:04}",
        origin="sandbox",
        endpoint=f"model-{number % 7}",
        model=f"Model {number % 7}",
        prompt="A red fox crosses a frozen lake at dawn",
        input="{}",
        state=JobState.RUNNING if number % 2 else JobState.DOWNLOADING,
        created_at=now - number,
        state_since=now - number % 50,
    )


class Bench(App[None]):
    """A field to type into, and what is measured below it."""

    def __init__(self, *measured: Widget) -> None:
        super().__init__()
        self._measured = measured

    def compose(self) -> ComposeResult:
        """The field has the focus."""
        yield Input()
        with VerticalScroll():
            yield from self._measured


Step = Callable[[Moment], None]


@asynccontextmanager
async def running(step: Step, *measured: Widget) -> AsyncIterator[Pilot[None]]:
    """The app with these widgets, warmed up."""
    # What the app before left behind (thousands of widgets) is not this one's to sweep up.
    gc.collect()
    async with Bench(*measured).run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for moment in moments(2, JOBS):
            step(moment)
            await pilot.pause()
        yield pilot


async def ticks(pilot: Pilot[None], step: Step, feed: list[Moment]) -> float:
    """CPU milliseconds of one tick, ten a second; a tick that takes longer delays the next."""
    used = process_time()
    for moment in feed:
        due = monotonic() + TICK
        step(moment)
        await pilot.pause()
        await asyncio.sleep(max(0.0, due - monotonic()))
    return 1000 * (process_time() - used) / len(feed)


async def keys(pilot: Pilot[None], step: Step, feed: list[Moment]) -> list[float]:
    """CPU milliseconds from a key press, in the very moment of a tick, until the field holds it."""
    box = pilot.app.query_one(Input)
    took = []
    for moment in feed:
        before = box.value
        used = process_time()
        step(moment)
        await pilot.press("x")
        assert box.value == before + "x"
        took.append(1000 * (process_time() - used))
    return took


def of_board(board: JobBoard) -> Step:
    """A tick sets all that a studio would set."""

    def step(moment: Moment) -> None:
        board.jobs, board.progress, board.now = moment.jobs, moment.progress, moment.now

    return step


def of_bars(bars: list[ProgressBar]) -> Step:
    """A tick gives each bar another number."""

    def step(moment: Moment) -> None:
        for bar, progress in zip(bars, moment.progress.values(), strict=True):
            bar.update(progress=progress.done or 0)

    return step


async def measure(rounds: int = ROUNDS) -> list[Figure]:
    """The ratios are medians over the rounds; each round measures all three in turn."""
    busy, empty = moments(TICKS, JOBS), moments(TICKS, 0)
    usual = {f"model-{number}": UsualTime(20, 30, 45) for number in range(7)}
    idle_ms, board_ms, bars_ms, key_ms = [], [], [], []
    for number in range(rounds):
        say(f"{JOBS} jobs and {JOBS} progress bars, {number + 1} of {rounds}")
        board = JobBoard()
        async with running(of_board(board), board) as pilot:
            idle_ms.append(await ticks(pilot, of_board(board), empty))
            board.usual = usual
            board_ms.append(await ticks(pilot, of_board(board), busy))
            key_ms += await keys(pilot, of_board(board), busy)
        bars = [ProgressBar(total=400_000_000) for _ in range(JOBS)]
        async with running(of_bars(bars), *bars) as pilot:
            bars_ms.append(await ticks(pilot, of_bars(bars), busy[:BAR_TICKS]))
    return _figures(idle_ms, board_ms, bars_ms, sorted(key_ms))


def _figures(idle: list[float], board: list[float], bars: list[float], keys: list[float]) -> list[Figure]:
    ours = f"{median(board):.1f} ms"
    return [
        Figure(
            "500 jobs, CPU of a tick of 500 ProgressBars",
            median(one / other for one, other in zip(board, bars, strict=True)),
            0.1,
            "x",
            f"{ours} and {median(bars):.1f} ms of CPU",
        ),
        Figure(
            "500 jobs, CPU of a tick without jobs",
            median(one / other for one, other in zip(board, idle, strict=True)),
            3.5,
            "x",
            f"{ours} and {median(idle):.1f} ms of CPU",
        ),
        Figure("key to handled with 500 jobs, p50", keys[len(keys) // 2], None, " ms", "CPU"),
        Figure("key to handled with 500 jobs, p99", keys[int(len(keys) * 0.99)], 50.0, " ms", "CPU"),
    ]


if __name__ == "__main__":
    show(asyncio.run(measure()))
