"""From the rename of a clip to the change that a screen reads: 100 clips through the whole engine."""

import asyncio
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.store.library import Library
from reelroom.store.records import Change, Job
from reelroom.store.states import JobState
from reelroom.store.store import open_store
from reelroom.tui.studio.opening import open_studio
from reelroom.tui.studio.orders import Order
from reelroom.tui.studio.pace import Pace
from reelroom.tui.studio.progress import Progress
from reelroom.tui.studio.seams import Seams
from reelroom.tui.studio.studio import Studio

from .children import serving
from .figures import Figure, say, show

CLIPS = 110
INPUT = {"prompt": "a red fox", "duration": "1", "resolution": "144p", "seed": 7}


def measure() -> list[Figure]:
    say(f"{CLIPS} clips from rename to published change")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        program = Path(sys.executable).with_name("reelroom")
        with serving("env", f"REELROOM_HOME={home}/served", program, "sandbox") as base:
            waits = sorted(asyncio.run(_waits(base, home)))
    note = f"{len(waits)} clips, one after the other, max {waits[-1]:.1f} ms"
    return [
        Figure("rename to published change, p50", waits[len(waits) // 2], 30, " ms", note),
        Figure("rename to published change, p95", waits[int(len(waits) * 0.95)], 30, " ms"),
    ]


def hurry(base: str) -> None:
    request = urllib.request.Request(f"{base}/sandbox/pace", b'{"queue_s": 0, "run_s": 0}', method="PUT")
    urllib.request.urlopen(request).close()


async def _waits(base: str, home: Path) -> list[float]:
    """Milliseconds for each clip; one at a time, since the seam names the step and not the job."""
    await asyncio.to_thread(hurry, base)
    renamed: list[float] = []

    def step(name: str) -> None:
        if name == "renamed":
            renamed.append(time.perf_counter())

    hosts = Hosts.at(base)
    library = Library(home / "library")
    library.make()
    pace = Pace(first_poll=0.02, longest_poll=0.02)
    async with (
        open_store(home / "reelroom.db") as store,
        Client(hosts, None) as fal,
        Cdn(hosts) as cdn,
        open_studio(fal, cdn, store, library, origin=base, seams=Seams(pace=pace, step=step)) as studio,
        studio.changes() as changes,
    ):
        return [await _wait(studio, changes, renamed, number) for number in range(CLIPS)]


async def _wait(
    studio: Studio, changes: AsyncIterator[Change | Progress], renamed: list[float], number: int
) -> float:
    order = Order(
        endpoint="fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        model="Kling",
        prompt="a red fox",
        input=INPUT | {"number": number},
    )
    await studio.submit([order])
    async with asyncio.timeout(60):
        async for change in changes:
            if isinstance(change, Job) and change.state is JobState.SAVED:
                return 1000 * (time.perf_counter() - renamed.pop())
    raise subprocess.SubprocessError("the studio ended")


if __name__ == "__main__":
    show(measure())
