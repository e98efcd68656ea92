"""`doctor`: looks for what is wrong with the database, the library and their rights, and mends it."""

import argparse
import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.store import backup
from reelroom.store.claim import open_library
from reelroom.store.errors import DamagedDatabase, EngineBusy, LibraryElsewhere, NotFound
from reelroom.store.library import Library
from reelroom.store.lock import EngineLock
from reelroom.store.mounts import ADVICE, remote_file_system
from reelroom.store.store import Store, open_store
from reelroom.tui import words
from reelroom.tui.studio.doctor import Doctor, Finding, modes

from .context import Context
from .ending import Code, Stop
from .place import Place, choose_place

WEEK = 7 * 86_400.0
"""Seconds for which FAL keeps clips at least."""
APART = 300.0
"""Seconds by which clocks may differ: what another program sent in that time would be taken in, too."""
REPAINT = 0.2
"""Seconds between two lines of progress."""


def run(context: Context, args: argparse.Namespace) -> int:
    """Print each finding on stdout; returns 0 where nothing is wrong any more, else 1."""
    library = Library(context.settings(args).library.value)
    with ExitStack() as stack:
        if args.fix:
            # What is mended must not be at work at the same time.
            _lock(stack, context)
        visit = _Visit(context, library, partial(_place, context, args), fix=args.fix, quick=args.quick)
        return asyncio.run(visit.pay())


def _place(context: Context, args: argparse.Namespace) -> Place | None:
    """Where there is a listing to ask; None without a key or an address."""
    try:
        place = choose_place(context.settings(args), context.key())
    except Stop:
        return None
    return None if place.hosts is None else place


def _lock(stack: ExitStack, context: Context) -> None:
    context.paths.make()
    try:
        stack.enter_context(EngineLock(context.paths.lock))
    except EngineBusy as error:
        raise Stop(Code.OTHERWISE, f"{error} Nothing was mended; wait for it, or end it.") from error


class _Visit:
    """One look over everything, in the order in which the parts need each other."""

    def __init__(
        self,
        context: Context,
        library: Library,
        place: Callable[[], Place | None],
        *,
        fix: bool,
        quick: bool,
    ) -> None:
        self._context = context
        self._library = library
        self._place = place
        self._begun_anew = False
        self._fix = fix
        self._quick = quick
        self._found = 0
        self._open = 0
        self._drawn = 0.0

    async def pay(self) -> int:
        """Look, and tell; returns the exit code."""
        for finding in await asyncio.to_thread(modes, self._private(), mend=self._fix):
            self._tell(finding)
        for finding in await asyncio.to_thread(self._mounts):
            self._tell(finding)
        if await self._database():
            async with AsyncExitStack() as stack:
                store = await stack.enter_async_context(open_store(self._context.paths.database))
                library = await self._claim(store)
                if library is None:
                    return self._sum_up()
                doctor = Doctor(store, library, mend=self._fix, quick=self._quick, told=self._progress)
                async for finding in doctor.look():
                    self._tell(finding)
                if self._fix:
                    await self._ask_listing(store)
        self._context.terminal.draw(())
        return self._sum_up()

    async def _claim(self, store: Store) -> Library | None:
        """The library, if it is there or was just made this database's own."""
        folder = self._library.folder
        try:
            library = await open_library(store, folder)
            await asyncio.to_thread(library.check_in_place)
        except LibraryElsewhere as error:
            self._tell(Finding(str(error), "the folder is made this database's library"))
            return await open_library(store, folder, take=True) if self._fix else None
        return library

    def _mounts(self) -> list[Finding]:
        paths = {self._context.paths.database, self._library.folder}
        return [
            Finding(f"{clean(str(path))} is on a network file system ({kind}): {ADVICE}.")
            for path in sorted(paths)
            if (kind := remote_file_system(path))
        ]

    def _private(self) -> list[Path]:
        paths = self._context.paths
        database = [paths.database.with_name(paths.database.name + end) for end in backup.SIDE_FILES]
        folders = [paths.data, paths.config, paths.state, paths.cache, self._library.folder]
        return [*folders, *database, *backup.copies(paths.backups), paths.key, paths.log]

    async def _database(self) -> bool:
        """Whether there is a database to go on with, be it a new one."""
        path = self._context.paths.database
        try:
            await asyncio.to_thread(backup.check, path)
        except NotFound:
            if not self._anything_kept():
                return False
            self._tell(Finding(f"The database {clean(str(path))} is gone.", self._cure()))
        except DamagedDatabase as error:
            self._tell(Finding(str(error), f"it is set aside, and {self._cure()}"))
        else:
            return True
        if self._fix:
            await self._rebuild(path)
        return self._fix

    def _anything_kept(self) -> bool:
        folder, paths = self._library.folder, self._context.paths
        if paths.database.with_name(f"{paths.database.name}-wal").exists() or backup.copies(paths.backups):
            return True
        return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())

    def _cure(self) -> str:
        copies = backup.copies(self._context.paths.backups)
        begin = "the newest copy takes its place" if copies else "a new one is made"
        return f"{begin}; what is missing is read from the sidecars of the clips"

    async def _rebuild(self, path: Path) -> None:
        aside = await asyncio.to_thread(backup.set_aside, path, time.time())
        if aside is not None:
            self._context.terminal.say(f"The old database is kept as {clean(str(aside))}.")
        copy = await asyncio.to_thread(backup.put_back, path, self._context.paths.backups, time.time())
        self._begun_anew = copy is None
        if copy is not None:
            self._context.terminal.say(f"Restored the copy of {words.date_time(copy.stat().st_mtime)}.")

    async def _ask_listing(self, store: Store) -> None:
        """What was sent since the copy was made, or in the days for which FAL keeps clips, are jobs again."""
        if self._begun_anew:
            await store.set_setting(backup.UNLISTED_SINCE, str(time.time() - WEEK))
        since = await store.setting(backup.UNLISTED_SINCE)
        if not since:
            return
        from .relist import jobs_again  # noqa: PLC0415 - loads the HTTP client

        sentence, done = await jobs_again(store, self._place(), float(since) - APART)
        if done:
            await store.set_setting(backup.UNLISTED_SINCE, "")
        self._context.terminal.say(sentence)

    def _progress(self, done: int, whole: int) -> None:
        if time.monotonic() - self._drawn >= REPAINT:
            self._drawn = time.monotonic()
            self._context.terminal.draw([((f"Reading the clips: {words.sizes(done, whole)}", "muted"),)])

    def _tell(self, finding: Finding) -> None:
        self._found += 1
        mended = self._fix and finding.mending is not None
        self._open += not mended
        terminal = self._context.terminal
        terminal.put(
            (
                ("mended  " if mended else "found   ", "good" if mended else "attention"),
                (finding.sentence, "text"),
            )
        )
        if finding.mending is not None:
            verb = "Done:" if mended else "`reelroom doctor --fix`:"
            terminal.put((("        ", "text"), (f"{verb} {finding.mending}.", "muted")))

    def _sum_up(self) -> int:
        say = self._context.terminal.say
        if not self._found:
            say("Nothing is wrong.")
        elif self._open:
            say(f"{words.count(self._found, 'finding')}, {self._open} of them open.")
        else:
            say(f"{words.count(self._found, 'finding')}, all of them mended.")
        return Code.OTHERWISE if self._open else Code.SAVED
