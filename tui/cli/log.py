"""The log file: it turns over at 1 MB, is its owner's only, and never holds the key."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from reelroom.tui.paths import make_private

if TYPE_CHECKING:
    from reelroom.fal.key import Key

LARGEST = 1_000_000
KEPT = 3
SHORTEST_SECRET = 8
"""A shorter half would strike out ordinary words."""
LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class Redacting(logging.Formatter):
    """Lines and tracebacks with the key's value struck out, wherever it came from."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(LINE)
        self._secrets = secrets

    def hide(self, secrets: tuple[str, ...]) -> None:
        """Strike these out as well from now on."""
        self._secrets = tuple(sorted({*self._secrets, *secrets}, key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, redacted after everything else was put into it."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "[key]")
        return text


class PrivateFile(RotatingFileHandler):
    """A rotating file with mode 0600, whatever the umask; made with the first line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name logging calls
        """A log that cannot be written (a full disk) disturbs nobody, and prints nothing."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        make_private(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="backslashreplace")


def secrets_of(given: str | None, key: Key | None) -> tuple[str, ...]:
    """What must never be written: FAL_KEY as given, the key, and its secret half. The id part is public."""
    found = {given.strip()} if given and given.strip() else set()
    if key is not None:
        whole = key.header().removeprefix("Key ")
        secret = whole.partition(":")[2]
        found |= {whole, secret} if len(secret) >= SHORTEST_SECRET else {whole}
    return tuple(sorted(found, key=len, reverse=True))


def hide(key: Key) -> None:
    """Strike a key out that was found after the log was opened."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Redacting):
            handler.formatter.hide(secrets_of(None, key))


def open_log(path: Path, secrets: tuple[str, ...]) -> logging.Handler:
    """Send everything of note to the log file; the caller takes the handler off again."""
    handler = PrivateFile(path)
    handler.setFormatter(Redacting(secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("reelroom").setLevel(logging.INFO)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Take the handler off, and close its file."""
    logging.getLogger().removeHandler(handler)
    handler.close()
