"""The parts put together in the order they need each other, and taken apart in reverse."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from reelroom.fal.cdn import Cdn
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.fal.terms import DAY, Terms
from reelroom.store.backup import back_up
from reelroom.store.claim import open_library
from reelroom.store.errors import EngineBusy, StoreError
from reelroom.store.library import Library
from reelroom.store.lock import EngineLock
from reelroom.store.mounts import ADVICE, remote_file_system
from reelroom.store.store import Store, open_store
from reelroom.tui.settings import Settings
from reelroom.tui.studio.studio import Studio, open_studio
from reelroom.tui.studio.threads import in_thread, settled

from .child import run_sandbox
from .context import Context
from .ending import Code, Stop
from .fresh import kept_fresh
from .place import Place

log = logging.getLogger(__name__)

AFTER = 10.0
"""Seconds from the start until the database is copied: first what a person waits for."""
LOOK = 3600.0
"""Seconds until it is looked whether the copy of a day is due: a studio may stay open for weeks."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What a command works with."""

    studio: Studio
    store: Store
    library: Library
    fal: Client
    cdn: Cdn


@asynccontextmanager
async def open_engine(context: Context, settings: Settings, place: Place) -> AsyncIterator[Engine]:
    """The lock first, so that a second process writes nothing; then store, sandbox, client and studio.

    Raises Stop with code 1 where another process is at work.
    """
    context.paths.make()
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(EngineLock(context.paths.lock))
        except EngineBusy as error:
            raise Stop(Code.OTHERWISE, f"{error} Nothing was done here; wait for it, or end it.") from error
        store = await stack.enter_async_context(open_store(context.paths.database))
        yield await stack.enter_async_context(_engine_on(store, context, settings, place))


@asynccontextmanager
async def open_engine_on(
    store: Store, context: Context, settings: Settings, place: Place
) -> AsyncIterator[Engine]:
    """An engine on a store that is open already, as the screen has it. Raises EngineBusy."""
    with EngineLock(context.paths.lock):
        async with (
            _engine_on(store, context, settings, place) as engine,
            kept_fresh(engine.fal, place, context.paths.data),
        ):
            yield engine


@asynccontextmanager
async def _engine_on(
    store: Store, context: Context, settings: Settings, place: Place
) -> AsyncIterator[Engine]:
    library = await open_library(store, settings.library.value)
    for path in (context.paths.database, library.folder):
        if kind := remote_file_system(path):
            log.warning("%s is on a network file system (%s): %s", path, kind, ADVICE)
    async with AsyncExitStack() as stack:
        hosts = place.hosts
        if hosts is None:
            hosts = Hosts.at(await stack.enter_async_context(run_sandbox(context.paths, context.environ)))
        terms = Terms(keep_media=settings.media_days.value * DAY or None)
        fal = await stack.enter_async_context(Client(hosts, place.key, terms=terms))
        cdn = await stack.enter_async_context(Cdn(hosts))
        studio = await stack.enter_async_context(
            open_studio(
                fal,
                cdn,
                store,
                library,
                origin=place.origin,
                limits=settings.limits,
                seams=context.seams,
            )
        )
        await stack.enter_async_context(_backed_up(context))
        yield Engine(studio, store, library, fal, cdn)


@asynccontextmanager
async def _backed_up(context: Context) -> AsyncIterator[None]:
    """Copy the database once a day, beside the work; leaving breaks a copy off."""
    stop = threading.Event()
    async with asyncio.TaskGroup() as group:
        copying = group.create_task(_copy_daily(context, stop), name="daily copy of the database")
        try:
            yield
        finally:
            stop.set()
            copying.cancel()


async def _copy_daily(context: Context, stop: threading.Event) -> None:
    paths = context.paths
    wait = AFTER
    while True:
        await asyncio.sleep(wait)
        wait = LOOK
        copy = partial(back_up, paths.database, paths.backups, time.time(), go_on=lambda: not stop.is_set())
        try:
            if made := await settled(in_thread(copy)):
                log.info("the database was copied to %s", made)
        except StoreError:
            log.exception("the database could not be copied")
