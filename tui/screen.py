"""The studio on screen, put together: what it needs is opened behind it, after its first paint."""

from __future__ import annotations

import asyncio
import locale
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reelroom.fal.clean import clean
from reelroom.store.errors import StoreError

from .app import Reelroom
from .cli.ending import Code, Stop
from .cli.place import Place, choose_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    from .cli.context import Context
    from .media.posters import Posters
    from .settings import Settings
    from .studio.faces import Engine, Pixels, Shelf


def run(context: Context, _args: object) -> int:
    """Show the studio until it is left; returns the exit code."""
    settings = context.settings()
    found = context.key(ask=False)
    place = choose_place(settings, found)
    context.paths.make()
    source = "none" if found is None else found.source
    in_keyring = found is not None and found.key is None
    behind = Behind(context, settings, place, source, in_keyring)
    utf8 = "utf" in locale.getpreferredencoding(do_setlocale=False).lower()
    app = Reelroom(behind, ascii_only=not utf8)
    said = app.run()
    if said:
        sys.stderr.write(f"{said}\n")
    return Code.SAVED if app.return_code is None else app.return_code


@dataclass(frozen=True)
class Behind:
    """Opens the store and the engine for the screen. Nothing heavy is imported before it is asked to."""

    context: Context
    settings: Settings
    place: Place
    key_source: str
    key_in_keyring: bool = False
    """Whether the system keyring is asked for the key, once the screen is painted."""

    @property
    def practice(self) -> bool:
        """Whether nothing is ever charged here."""
        return not self.place.spends

    @property
    def ask_above(self) -> Decimal:
        """US dollars above which a run is asked about before it is sent."""
        return self.settings.ask_above_usd.value

    @property
    def origin(self) -> str:
        """Where new jobs belong."""
        return self.place.origin

    @property
    def data(self) -> Path:
        """The folder of the database, and of what FAL has listed."""
        return self.context.paths.data

    @property
    def library(self) -> Path:
        """The folder of the clips."""
        return self.settings.library.value

    @cached_property
    def posters(self) -> CachedPosters:
        """The posters of the clips: one set, since it makes one poster at a time."""
        return CachedPosters(self.library, self.context.paths.cache)

    @property
    def log(self) -> Path:
        """The log file."""
        return self.context.paths.log

    @property
    def can_play(self) -> bool:
        """Whether a player would open here: a display, and no SSH between."""
        return _player(self.context.environ) is not None

    async def play(self, file_name: str) -> None:
        """Open a clip in a player, as a process of its own that knows no key."""
        from .studio.faces import NoEngine  # noqa: PLC0415 - after the first paint

        player = _player(self.context.environ)
        if player is None:
            raise NoEngine(f"No player opens here. The clip is {clean(str(self.library / file_name))}")
        await asyncio.create_subprocess_exec(
            player,
            str(self.library / file_name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=dict(self.context.environ),
        )

    async def keep_key(self, text: str) -> str:
        """Keep the FAL key for the next start, in a thread: a keyring may hang."""
        from reelroom.fal.errors import BadKey  # noqa: PLC0415 - few ever give a key here
        from reelroom.fal.key import Key  # noqa: PLC0415 - as above

        from .cli.keyfile import keep_key  # noqa: PLC0415 - as above
        from .cli.log import hide  # noqa: PLC0415 - as above
        from .studio.faces import NotKept  # noqa: PLC0415 - as above

        try:
            key = Key.parse(text)
            hide(key)
            said = await asyncio.to_thread(keep_key, key, self.context.paths.key)
        except BadKey as error:
            raise NotKept(f"{error} Nothing was kept.") from None
        except OSError as error:
            raise NotKept(f"The key could not be kept: {error.strerror}.") from None
        first = " FAL_KEY is set, and goes before it." if self.context.given_key else ""
        return clean(f"{said} Key id {key.id}: it counts from the next start on.{first}")

    @asynccontextmanager
    async def shelf(self) -> AsyncIterator[Shelf]:
        """Open the store."""
        from reelroom.store.store import open_store  # noqa: PLC0415 - after the first paint

        async with open_store(self.context.paths.database) as store:
            yield store

    @asynccontextmanager
    async def engine(self, shelf: Shelf) -> AsyncIterator[Engine]:
        """Start the engine on the open store: its HTTP is imported in a thread, so that keys are heard."""
        await asyncio.to_thread(_import_engine)
        from reelroom.store.store import Store  # noqa: PLC0415 - as above

        from .cli.engine import open_engine_on  # noqa: PLC0415 - as above
        from .studio.faces import NoEngine  # noqa: PLC0415 - as above

        assert isinstance(shelf, Store)
        try:
            place = self.place
            if self.key_in_keyring:
                # Up to 2 s, and in a thread: over SSH a keyring may hang.
                place = choose_place(self.settings, await asyncio.to_thread(self.context.key))
            async with open_engine_on(shelf, self.context, self.settings, place) as engine:
                yield engine.studio
        except (Stop, StoreError) as error:
            raise NoEngine(str(error)) from error


def _import_engine() -> None:
    from .cli import engine  # noqa: F401, PLC0415 - the import itself is what takes the time


def _player(environ: Mapping[str, str]) -> str | None:
    if "SSH_CONNECTION" in environ or "SSH_TTY" in environ:
        return None
    if sys.platform == "darwin":
        return shutil.which("open")
    shown = "DISPLAY" in environ or "WAYLAND_DISPLAY" in environ
    return shutil.which("xdg-open") if shown else None


class CachedPosters:
    """The posters of a library; av, numpy and Pillow are imported with the first one."""

    def __init__(self, library: Path, cache: Path) -> None:
        self._library = library
        self._cache = cache

    @cached_property
    def _made(self) -> Posters:
        from .media.posters import Posters  # noqa: PLC0415 - see the class

        return Posters(self._library, self._cache)

    def picture(
        self, media_id: str, file_name: str, cells_w: int, cells_h: int, ground: tuple[int, int, int]
    ) -> Pixels | None:
        """A clip's poster at a size in cells; None where there can be none."""
        from .media.errors import PosterError  # noqa: PLC0415 - see the class

        try:
            return self._made.picture(media_id, file_name, cells_w, cells_h, ground)
        except PosterError:
            return None
