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
from reelroom.tui.studio.errors import WorkedElsewhere
from reelroom.tui.studio.opening import open_studio
from reelroom.tui.studio.seat import Seat
from reelroom.tui.studio.studio import Studio
from reelroom.tui.studio.threads import in_thread, settled

from .child import START, run_sandbox
from .context import Context
from .ending import Code, Stop
from .fresh import kept_fresh
from .place import Place

log = logging.getLogger(__name__)

NOWHERE = "http://127.0.0.1:9"
AFTER = 10.0
"""Seconds from the start until the database is copied: first what a person waits for."""
LOOK = 3600.0
"""Seconds until it is looked whether the copy of a day is due: a studio may stay open for weeks."""


TOLD = 0.5
"""Seconds that a process has, which has just taken the lock, to say who it is."""


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
    """The engine of the library, or its place beside the process that is; says which.

    Raises Stop with code 1 where another process is at work and takes nothing from this one.
    """
    context.paths.make()
    async with (
        open_store(context.paths.database) as store,
        _engine_on(store, context, settings, place) as engine,
    ):
        try:
            engine.studio.check()
        except WorkedElsewhere as error:
            raise Stop(Code.OTHERWISE, str(error)) from error
        if elsewhere := engine.studio.elsewhere:
            context.terminal.say(elsewhere)
        yield engine


@asynccontextmanager
async def open_engine_on(
    store: Store, context: Context, settings: Settings, place: Place
) -> AsyncIterator[Engine]:
    """The same on a store that is open already, as the screen has it; nothing is refused."""
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
        seat = Seat(
            EngineLock(context.paths.lock),
            origin=place.origin,
            at=time.time(),
            no_spend=settings.limits.no_spend,
        )
        stack.callback(seat.release)
        await _ask_for(seat)
        ways = _Ways(stack, seat, context, settings, place)
        fal, cdn = await ways.first()
        seat.way = ways.own if place.hosts is None else None
        studio = await stack.enter_async_context(
            open_studio(
                fal,
                cdn,
                store,
                library,
                origin=place.origin,
                limits=settings.limits,
                seams=context.seams,
                seat=seat,
            )
        )
        await stack.enter_async_context(_backed_up(context, seat))
        yield Engine(studio, store, library, fal, cdn)


async def _ask_for(seat: Seat) -> None:
    """Take the engine's place, or learn who has it."""
    deadline = time.monotonic() + TOLD
    while not seat.take() and seat.holder.sender is None and time.monotonic() < deadline:  # noqa: ASYNC110 - see below
        # Another process, which has no event of ours to set.
        await asyncio.sleep(TOLD / 10)


class _Ways:
    """How FAL is reached; the own sandbox is that of the engine, and starts with it."""

    def __init__(
        self, stack: AsyncExitStack, seat: Seat, context: Context, settings: Settings, place: Place
    ) -> None:
        self._stack = stack
        self._seat = seat
        self._context = context
        self._keep = settings.media_days.value * DAY or None
        self._place = place

    async def first(self) -> tuple[Client, Cdn]:
        """From the start on: beside an engine its sandbox is reached, as soon as it says where that is."""
        if self._place.hosts is not None:
            return await self._open(self._place.hosts)
        deadline = time.monotonic() + START
        while not self._seat.take() and self._seat.holder.base is None and self._seat.refusal() is None:
            if time.monotonic() > deadline:
                raise Stop(Code.OTHERWISE, f"{EngineBusy(self._seat.holder)} Its sandbox does not start.")
            await asyncio.sleep(TOLD / 10)
        if self._seat.taken:
            return await self.own()
        # An engine that takes nothing from here has none for us; nothing is ever asked of this address.
        return await self._open(Hosts.at(self._seat.holder.base or NOWHERE))

    async def own(self) -> tuple[Client, Cdn]:
        """By a sandbox of our own, which others may use as well."""
        context = self._context
        base = await self._stack.enter_async_context(run_sandbox(context.paths, context.environ))
        self._seat.tell(base)
        return await self._open(Hosts.at(base))

    async def _open(self, hosts: Hosts) -> tuple[Client, Cdn]:
        client = Client(hosts, self._place.key, terms=Terms(keep_media=self._keep))
        fal = await self._stack.enter_async_context(client)
        return fal, await self._stack.enter_async_context(Cdn(hosts))


@asynccontextmanager
async def _backed_up(context: Context, seat: Seat) -> AsyncIterator[None]:
    """Copy the database once a day, beside the work; leaving breaks a copy off."""
    stop = threading.Event()
    async with asyncio.TaskGroup() as group:
        copying = group.create_task(_copy_daily(context, seat, stop), name="daily copy of the database")
        try:
            yield
        finally:
            stop.set()
            copying.cancel()


async def _copy_daily(context: Context, seat: Seat, stop: threading.Event) -> None:
    paths = context.paths
    wait = AFTER
    while True:
        await asyncio.sleep(wait)
        wait = LOOK
        if not seat.taken:
            # One process does it.
            continue
        copy = partial(back_up, paths.database, paths.backups, time.time(), go_on=lambda: not stop.is_set())
        try:
            if made := await settled(in_thread(copy)):
                log.info("the database was copied to %s", made)
        except StoreError:
            log.exception("the database could not be copied")
