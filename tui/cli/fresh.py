"""The catalogue kept up to date: on a wish, or once a day beside the studio."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from reelroom.fal.client import Client
from reelroom.fal.errors import FalError
from reelroom.fal.exchange import Exchange
from reelroom.fal.platform import Platform
from reelroom.fal.refresh import Refreshed, is_due, refresh

from .ending import Code, Stop
from .place import Place

log = logging.getLogger(__name__)

AFTER = 20.0
"""Seconds from the start until FAL is asked: first what a person waits for."""


def origin_of(place: Place) -> str:
    """Where the listing comes from, without the key that asks: FAL lists the same to every key."""
    return "fal" if place.origin.startswith("fal:") else place.origin


async def refresh_now(place: Place, folder: Path) -> Refreshed:
    """Ask what FAL lists, and keep it; raises FalError, and Stop with code 3 without a key or an address."""
    if place.hosts is None:
        raise Stop(
            Code.KEY,
            "There is no key to ask FAL with, and the practice server lists what shipped with Reelroom."
            " `reelroom key set` keeps a key.",
        )
    async with Exchange(place.hosts, place.key) as exchange:
        return await refresh(Platform(exchange), folder, time.time, origin=origin_of(place))


@asynccontextmanager
async def kept_fresh(
    client: Client, place: Place, folder: Path, *, after: float = AFTER
) -> AsyncIterator[None]:
    """Ask FAL for its listing beside the work, when the one that is kept is a day old; leaving breaks it off.

    Only FAL itself is asked. What goes wrong is logged and tried at the next start: nobody waits for it.
    """
    if not place.spends:
        yield
        return
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_refresh_daily(client, place, folder, after), name="daily listing of FAL")
        try:
            yield
        finally:
            asking.cancel()


async def _refresh_daily(client: Client, place: Place, folder: Path, after: float) -> None:
    await asyncio.sleep(after)
    origin = origin_of(place)
    if not await asyncio.to_thread(is_due, folder, origin, time.time()):
        return
    try:
        done = await refresh(Platform(client.exchange), folder, time.time, origin=origin)
    except FalError as error:
        log.warning("FAL's listing was not fetched: %s", error)
    else:
        log.info(
            "FAL lists %d models with video: %d new, %d gone", done.listed, len(done.new), len(done.gone)
        )
