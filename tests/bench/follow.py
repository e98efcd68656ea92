"""`python -m tests.bench.follow HOW BASE JOBS STREAMS SECONDS`: running jobs followed, in their own process.

`streams` reads a status stream for each by the client; `engine` has the engine do it, with its rows and its
published progress; `polls` asks for each once a second. Prints one JSON object: CPU seconds and updates in
that time, and how much more memory than one job takes (KiB).
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.store.ids import new_id
from reelroom.store.library import Library
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import open_store
from reelroom.tui.studio.opening import open_studio
from reelroom.tui.studio.progress import Progress

ENDPOINT = "bench/model"


class Seen:
    """How many updates came, and for how many jobs."""

    def __init__(self) -> None:
        self.updates = 0
        self.jobs: set[object] = set()

    def one(self, job: object) -> None:
        self.updates += 1
        self.jobs.add(job)

    async def all(self, jobs: int) -> None:
        async with asyncio.timeout(60):
            while len(self.jobs) < jobs:
                await asyncio.sleep(0.05)


def resident_kib() -> int:
    """The memory that this process holds now (VmRSS)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def streamed(fal: Client, seen: Seen, number: int) -> None:
    async with aclosing(fal.watch(fal.ticket(ENDPOINT, f"job-{number}"))) as statuses:
        async for _ in statuses:
            seen.one(number)


async def polled(fal: Client, seen: Seen, number: int) -> None:
    ticket = fal.ticket(ENDPOINT, f"job-{number}")
    loop = asyncio.get_running_loop()
    due = loop.time() + number / 100
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        await fal.status(ticket)
        seen.one(number)
        due += 1


Follow = Callable[[int, int], Awaitable[None]]


@asynccontextmanager
async def by_client(
    fal: Client, seen: Seen, how: Callable[[Client, Seen, int], Awaitable[None]]
) -> AsyncIterator[Follow]:
    tasks: list[asyncio.Task[None]] = []

    async def begin(first: int, last: int) -> None:
        tasks.extend(asyncio.ensure_future(how(fal, seen, number)) for number in range(first, last))

    try:
        yield begin
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def by_engine(fal: Client, hosts: Hosts, seen: Seen) -> AsyncIterator[Follow]:
    """The engine on a store of its own; every progress that it publishes is an update."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        library = Library(folder / "library")
        library.make()
        store = await stack.enter_async_context(open_store(folder / "reelroom.db"))
        cdn = await stack.enter_async_context(Cdn(hosts))
        publish = store.publish

        def counted(value: object, key: object) -> None:
            if isinstance(value, Progress):
                seen.one(value.job_id)
            publish(value, key)

        store.publish = counted  # the feed keeps the latest of each job only: each is counted where it enters
        studio = await stack.enter_async_context(open_studio(fal, cdn, store, library, origin="bench"))

        async def begin(first: int, last: int) -> None:
            now = time.time()
            jobs = [
                Job(
                    id=new_id(now),
                    origin="bench",
                    endpoint=ENDPOINT,
                    model="Bench",
                    prompt="x",
                    input="{}",
                    created_at=now,
                    state_since=now,
                )
                for _ in range(first, last)
            ]
            for job in await store.add_jobs(jobs):
                await store.move(job.id, JobState.SUBMITTING)
                await store.move(job.id, JobState.QUEUED, request_id=job.id)
            await studio.resume()

        yield begin


async def follow(how: str, base: str, jobs: int, streams: int, seconds: float) -> dict[str, float]:
    hosts = Hosts.at(base)
    seen = Seen()
    async with AsyncExitStack() as stack:
        fal = await stack.enter_async_context(Client(hosts, None, streams=streams))
        if how == "engine":
            begin = await stack.enter_async_context(by_engine(fal, hosts, seen))
        else:
            begin = await stack.enter_async_context(
                by_client(fal, seen, streamed if how == "streams" else polled)
            )
        await begin(0, 1)
        await seen.all(1)
        alone = resident_kib()
        await begin(1, jobs)
        await seen.all(jobs)
        await asyncio.sleep(2)
        return await measured(fal, base, seen, seconds) | {"kib": resident_kib() - alone}


async def measured(fal: Client, base: str, seen: Seen, seconds: float) -> dict[str, float]:
    async def sent() -> int:
        return int((await fal.exchange.ask("GET", f"{base}/sent", authorized=False)).text)

    sent_before, seen_before, cpu, began = await sent(), seen.updates, time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu, wall = time.process_time() - cpu, time.monotonic() - began
    return {
        "cpu": cpu,
        "wall": wall,
        "updates": seen.updates - seen_before,
        "sent": await sent() - sent_before,
    }


if __name__ == "__main__":
    how, base, jobs, streams, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(follow(how, base, int(jobs), int(streams), float(seconds)))))
