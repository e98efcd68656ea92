"""The files of a command on their way to FAL, with their progress on stderr."""

import asyncio
import time
from collections.abc import Mapping

from reelroom.fal.errors import FalError, Refused, UnfitFile, Unreachable
from reelroom.fal.sources import shown
from reelroom.fal.upload_values import Source
from reelroom.fal.uploads import Uploads
from reelroom.store.reasons import REASONS
from reelroom.tui import bars, words
from reelroom.tui.studio.clock import SystemClock
from reelroom.tui.studio.depot import Depot

from .ending import Code, Stop
from .engine import Engine
from .terminal import Terminal

_REDRAW = 0.1
_BAR = 14


async def upload(engine: Engine, terminal: Terminal, sources: Mapping[str, Source]) -> dict[str, str]:
    """The URL of each file, by its stand-in. Raises Stop where one of them cannot be sent."""
    urls: dict[str, str] = {}
    if not sources:
        return urls
    try:
        async with Uploads(engine.fal.exchange) as uploads:
            depot = Depot(
                uploads, engine.cdn, engine.store, engine.fal.hosts, engine.studio.origin, SystemClock()
            )
            for stand_in, source in sources.items():
                urls[stand_in] = await _one(depot, source, terminal)
    except FalError as error:
        raise Stop(
            _code(error), f"{str(error).rstrip('.')}. No job was made, and nothing was spent."
        ) from error
    except asyncio.CancelledError:
        terminal.say("The upload was stopped: no job was made, and nothing was spent.")
        raise
    finally:
        terminal.draw(())
    return urls


async def _one(depot: Depot, source: Source, terminal: Terminal) -> str:
    line = _Line(terminal, source)
    placed = await depot.place(source, line.show)
    terminal.draw(())
    name, size = shown(source.path), words.size(source.size)
    if placed.sent:
        terminal.say(f"{name} is uploaded ({size}).")
    else:
        terminal.say(f"{name} was uploaded before, and is used again.")
    return placed.url


class _Line:
    """One line that grows: a bar and the bytes on a terminal, a sentence at the start elsewhere."""

    def __init__(self, terminal: Terminal, source: Source) -> None:
        self._terminal = terminal
        self._name = shown(source.path)
        self._drawn = 0.0

    def show(self, sent: int, total: int) -> None:
        if not self._terminal.live:
            if not self._drawn and sent < total:
                self._terminal.say(f"Uploading {self._name} ({words.size(total)}).")
            self._drawn = 1.0
            return
        now = time.monotonic()
        if now - self._drawn < _REDRAW:
            return
        self._drawn = now
        style = self._terminal.style
        bar = bars.known(sent, total, _BAR, unicode=style.unicode)
        said = f" {words.sizes(sent, total)}"
        room = self._terminal.width - _BAR - words.cells(said) - 11
        name = words.cut(style.spell(self._name), max(8, room), style.mark)
        self._terminal.draw(
            [
                (
                    ("Uploading ", "text"),
                    (f"{name} ", "text"),
                    (bar.filled, "bar"),
                    (bar.rest, "track"),
                    (said, "muted"),
                )
            ]
        )


def _code(error: FalError) -> Code:
    if isinstance(error, Refused) and REASONS[error.reason].of_account:
        return Code.KEY
    if isinstance(error, UnfitFile):
        return Code.USAGE
    return Code.UNREACHABLE if isinstance(error, Unreachable) else Code.OTHERWISE
