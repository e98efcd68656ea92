"""The FAL key: from the environment, else from the system keyring, else from a file for its owner alone.

The file says which of the last two it is: either it holds the key, or it holds the key's id and that the
keyring has the rest. So nothing asks a keyring that was never given a key, and the id is known at once.
"""

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
IN_KEYRING = "in the system keyring: "
"""How a file begins that only names the key's id; no key holds a blank."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, and where it was found. Its value is None while the keyring has not been asked for it."""

    id: str
    source: str
    key: Key | None


def find_key(given: str | None, file: Path, *, ask: bool = True) -> FoundKey | None:
    """The key of FAL_KEY (`given`), else of keyring or file; None where there is none.

    Raises BadKey, NoKeyring, and OSError where the file is there and cannot be read. With `ask` false the
    keyring is not asked.
    """
    own = given is not None and bool(given.strip())
    text = given if own else _read(file)
    if text is None:
        return None
    from reelroom.fal.key import Key  # noqa: PLC0415 - practice needs none

    if not own and text.startswith(IN_KEYRING):
        return _in_keyring(text.removeprefix(IN_KEYRING).strip(), ask=ask)
    key = Key.parse(text)
    return FoundKey(key.id, "FAL_KEY" if own else "key file, mode 0600", key)


def _in_keyring(key_id: str, *, ask: bool) -> FoundKey:
    from reelroom.fal.key import Key  # noqa: PLC0415 - as above

    from .keyring import read_keyring  # noqa: PLC0415 - most have none

    return FoundKey(key_id, "the system keyring", Key.parse(read_keyring()) if ask else None)


def keep_key(key: Key, file: Path) -> str:
    """Keep the key in the system keyring, else in the file; says where. Raises OSError."""
    from .keyring import NoKeyring, write_keyring  # noqa: PLC0415 - as above

    text = key.header().removeprefix("Key ")
    try:
        write_keyring(text)
    except NoKeyring as error:
        _write(file, text)
        return f"{error} Kept in {file}, which only you can read (mode 0600)."
    _write(file, f"{IN_KEYRING}{key.id}")
    return "Kept in the system keyring."


def forget_key(file: Path) -> bool:
    """Remove the kept key; False where none was kept. Raises OSError and NoKeyring: then it stays."""
    text = _read(file)
    if text is None:
        return False
    if text.startswith(IN_KEYRING):
        from .keyring import empty_keyring  # noqa: PLC0415 - as above

        empty_keyring()
    file.unlink()
    return True


def _write(file: Path, text: str) -> None:
    """Whole or not at all, mode 0600."""
    make_private(file.parent)
    part = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    part.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o600), "w", encoding="ascii") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _read(file: Path) -> str | None:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as opened:
        if os.fstat(opened.fileno()).st_mode & 0o077:
            os.fchmod(opened.fileno(), 0o600)
        return opened.read(LONGEST).decode("utf-8", "replace")
