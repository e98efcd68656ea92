"""The FAL key: from the environment, else from a file that only its owner can read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reelroom.tui.paths import make_private

if TYPE_CHECKING:
    from pathlib import Path

    from reelroom.fal.key import Key

LONGEST = 4096
"""Bytes; a key is far shorter."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, and where it was found."""

    key: Key
    source: str


def find_key(given: str | None, file: Path) -> FoundKey | None:
    """The key of FAL_KEY (`given`), else of the file; None where there is none.

    Raises BadKey, and OSError where the file is there and cannot be read.
    """
    own = given is not None and bool(given.strip())
    text = given if own else _read(file)
    if text is None:
        return None
    from reelroom.fal.key import Key  # noqa: PLC0415 - practice needs none

    return FoundKey(Key.parse(text), "FAL_KEY" if own else "key file")


def keep_key(key: Key, file: Path) -> None:
    """Write the key where `find_key` looks: whole or not at all, mode 0600."""
    make_private(file.parent)
    part = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    part.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o600), "w", encoding="ascii") as out:
        out.write(key.header().removeprefix("Key ") + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def forget_key(file: Path) -> bool:
    """Remove the kept key; False where none was kept."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


def _read(file: Path) -> str | None:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as opened:
        if os.fstat(opened.fileno()).st_mode & 0o077:
            os.fchmod(opened.fileno(), 0o600)
        return opened.read(LONGEST).decode("utf-8", "replace")
