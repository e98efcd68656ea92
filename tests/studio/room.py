"""An engine on a fake FAL and a real store."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.store.library import Library
from reelroom.store.lock import EngineLock
from reelroom.store.records import Job, Media
from reelroom.store.store import Store, open_store
from reelroom.tui.studio.money import Limits
from reelroom.tui.studio.opening import open_studio
from reelroom.tui.studio.orders import Order
from reelroom.tui.studio.pace import Pace
from reelroom.tui.studio.seams import Seams, no_step
from reelroom.tui.studio.seat import Seat
from reelroom.tui.studio.studio import Studio
from tests.fakes import BASE, FakeFal, FastClock

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
HAILUO = "fal-ai/minimax/hailuo-2.3/pro/text-to-video"


def order(endpoint: str = KLING, prompt: str = "a red fox", **more: object) -> Order:
    return Order(endpoint=endpoint, model="Kling", prompt=prompt, input={"prompt": prompt}, **more)


@dataclass
class Room:
    """One library folder and database, on which engines are opened one after another."""

    folder: Path
    fal: FakeFal
    clock: FastClock

    @property
    def library(self) -> Library:
        return Library(self.folder / "library")

    @asynccontextmanager
    async def engine(
        self,
        *,
        step: Callable[[str], None] = no_step,
        origin: str = BASE,
        pace: Pace | None = None,
        streams: int = 150,
        library: Library | None = None,
        limits: Limits | None = None,
        shared: bool = False,
    ) -> AsyncIterator[Studio]:
        """An engine; with `shared` one that keeps to the lock, so that several may be opened at once."""
        hosts = Hosts.at(BASE)
        limits = limits or Limits()
        lock = EngineLock(self.folder / "engine.lock") if shared else None
        seat = Seat(lock, origin=origin, at=self.clock.now(), no_spend=limits.no_spend)
        seat.take()
        async with (
            open_store(self.folder / "reelroom.db", clock=self.clock.now) as store,
            Client(hosts, None, transport=self.fal.transport, streams=streams) as fal,
            Cdn(hosts, transport=self.fal.transport) as cdn,
            open_studio(
                fal,
                cdn,
                store,
                library or self.library,
                origin=origin,
                limits=limits,
                seams=Seams(clock=self.clock, pace=pace or Pace(), step=step, look=0.01, claim=0.02),
                seat=seat,
            ) as studio,
        ):
            try:
                yield studio
            finally:
                await studio.leave()
                seat.release()

    async def run(self, orders: Sequence[Order] = (), **options: object) -> list[Job]:
        """Send the orders, or take up what is unfinished, and wait until nothing more can go on."""
        async with self.engine(**options) as studio:
            jobs = await studio.submit(orders) if orders else await studio.resume()
            ended = {job.id: job async for job in studio.settle([job.id for job in jobs], patience=60)}
            return [ended[job.id] for job in jobs]

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        async with open_store(self.folder / "reelroom.db", clock=self.clock.now) as store:
            yield store

    def sql(self, script: str) -> None:
        """Change the database behind the engine's back."""
        with closing(sqlite3.connect(self.folder / "reelroom.db")) as database:
            database.executescript(script)

    async def job(self) -> Job:
        """The only job."""
        async with self.store() as store:
            (job,) = await store.jobs()
        return job

    async def media(self) -> list[Media]:
        async with self.store() as store:
            return await store.media()

    def in_the_open(self) -> list[str]:
        """What stands in the library under a plain name."""
        return sorted(path.name for path in self.library.folder.iterdir() if not path.name.startswith("."))

    def sidecar(self, media: Media) -> dict[str, object]:
        return json.loads((self.library.folder / media.path).with_suffix(".json").read_text())
