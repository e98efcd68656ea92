"""A studio put together, with the tasks that keep it in step with other processes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.platform import Platform
from reelroom.store.errors import StoreError
from reelroom.store.library import Library
from reelroom.store.store import Store

from .bills import Bills
from .clock import Clock
from .holds import Holds
from .listing import Listing
from .money import Limits
from .rig import Reach, Rig
from .seams import Seams
from .seat import Seat
from .studio import Studio
from .threads import in_thread, settled
from .watch import Watch

log = logging.getLogger(__name__)

LATER = 30.0
"""Seconds until the engine's place is tried for again, when there was no way to FAL from it."""


@asynccontextmanager
async def open_studio(
    fal: Client,
    cdn: Cdn,
    store: Store,
    library: Library,
    *,
    origin: str,
    limits: Limits | None = None,
    seams: Seams | None = None,
    seat: Seat | None = None,
) -> AsyncIterator[Studio]:
    """Work on a library for as long as the block lasts. Leaving detaches from jobs and cancels none at FAL.

    Without a seat this is the engine. With one that another process has, this one gets it when it is free.
    """
    seams = seams or Seams()
    limits = limits or Limits()
    seat = seat or Seat(None, origin=origin, at=seams.clock.now(), no_spend=limits.no_spend)
    rig = _rig(_reach(fal, cdn, store, origin, seams), store, library, seat, limits, seams)

    async def another() -> Reach:
        return rig.reach if seat.way is None else _reach(*await seat.way(), store, origin, seams)

    async with asyncio.TaskGroup() as group:
        studio = Studio(rig, group, seat)
        watch = Watch(store, studio.heed, look=seams.look)
        await watch.begin()
        beside = [
            group.create_task(watch.run(), name="watch"),
            group.create_task(_lead(studio, seat, another, seams.claim, rig.bills), name="lead"),
        ]
        try:
            yield studio
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await studio.leave()


def _rig(reach: Reach, store: Store, library: Library, seat: Seat, limits: Limits, seams: Seams) -> Rig:
    return Rig(
        reach=reach,
        store=store,
        library=library,
        origin=seat.origin,
        sender=seat.name,
        clock=seams.clock,
        pace=seams.pace,
        step=seams.step,
        holds=Holds(store, seams.clock),
        limits=limits,
        # Only FAL itself has bills, and it is reached in one way.
        bills=Bills(_platform(reach.fal, seams), store, seat.origin, seams.clock, seams.pace.bills),
    )


def _reach(fal: Client, cdn: Cdn, store: Store, origin: str, seams: Seams) -> Reach:
    clock = seams.clock
    listing = Listing(_platform(fal, seams), store, origin, clock.steady, fresh=seams.pace.first_retry)
    return Reach(fal, cdn, listing)


def _platform(fal: Client, seams: Seams) -> Platform:
    return Platform(fal.exchange, sleep=partial(_sleep, seams.clock))


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.wait(asyncio.Event(), seconds)


async def _lead(
    studio: Studio, seat: Seat, way: Callable[[], Awaitable[Reach]], every: float, bills: Bills
) -> None:
    """Become the engine, and do what only the engine does beside the jobs."""
    await _claim(studio, seat, way, every)
    await bills.run()


async def _claim(studio: Studio, seat: Seat, way: Callable[[], Awaitable[Reach]], every: float) -> None:
    """Try for the engine's place until it is ours, and take up its work."""
    while not studio.leads:
        await asyncio.sleep(every)
        try:
            if await settled(in_thread(seat.take)):
                studio.move_in(await way())
            else:
                await studio.hand_over()
        except StoreError as error:
            log.warning("who does the work could not be looked up: %s", error)
        except Exception:
            log.exception("the engine's place was free, and there is no way to FAL from here")
            seat.release()
            await asyncio.sleep(LATER)
    while not studio.settled_in:
        try:
            await studio.settle_in()
        except StoreError as error:
            log.warning("what is unfinished could not be taken up yet: %s", error)
            await asyncio.sleep(every)
