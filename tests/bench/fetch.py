"""`python -m tests.bench.fetch HOW BASE FOLDER NAME...`: the program's downloads, in a process of their own.

`together` has the engine save all names at once, `apart` one after the other. `bare` takes the same bytes by
the same client into the same kind of part, without digest, checks, fsync, sidecar and rows. Prints one JSON
object: CPU and wall seconds of the downloads alone, and the peak of the memory after each.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.records import Job, Output
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store
from reelroom.tui.studio.opening import open_studio
from reelroom.tui.studio.studio import Studio


async def add_job(store: Store, base: str, name: str) -> Output:
    """A job whose download comes next."""
    now = time.time()
    job = Job(
        id=new_id(now),
        origin=base,
        endpoint="bench/model",
        model="Bench",
        prompt=name,
        input="{}",
        created_at=now,
        state_since=now,
    )
    await store.add_jobs([job])
    output = Output(media_id=new_id(now), position=0, url=f"{base}/cdn/{name}", file_name=f"{job.id}.mp4")
    await store.move(job.id, JobState.SUBMITTING)
    await store.move(job.id, JobState.QUEUED, request_id=job.id)
    await store.move(job.id, JobState.READY, outputs=(output,))
    await store.move(job.id, JobState.DOWNLOADING)
    return output


async def saved(studio: Studio) -> None:
    """Take up what is there, and wait until it is saved."""
    jobs = await studio.resume()
    async for job in studio.settle([job.id for job in jobs]):
        if job.state is not JobState.SAVED:
            raise RuntimeError(f"{job.state}: {job.detail}")


async def bare(cdn: Cdn, library: Library, output: Output) -> None:
    """The bytes, and nothing else."""
    with library.open_part(output.media_id) as part:
        async with cdn.fetch(output.url) as body:
            async for chunk in body.chunks:
                part.write(chunk)


def peak_kib() -> int:
    """The most memory that this process has had so far (VmHWM)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


async def fetch(how: str, base: str, folder: Path, names: Sequence[str]) -> dict[str, object]:
    hosts = Hosts.at(base)
    library = Library(folder / "library")
    library.make()
    groups = [[name] for name in names] if how == "apart" else [names]
    cpu = wall = 0.0
    peaks = []
    async with (
        open_store(folder / "reelroom.db") as store,
        Client(hosts, None) as fal,
        Cdn(hosts) as cdn,
        open_studio(fal, cdn, store, library, origin=base) as studio,
    ):
        for group in groups:
            outputs = [await add_job(store, base, name) for name in group]
            used, began = time.process_time(), time.monotonic()
            if how == "bare":
                await asyncio.gather(*(bare(cdn, library, output) for output in outputs))
            else:
                await saved(studio)
            cpu, wall = cpu + time.process_time() - used, wall + time.monotonic() - began
            peaks.append(peak_kib())
    return {"cpu": cpu, "wall": wall, "peaks_kib": peaks}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(fetch(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))))
