"""Room that is set aside while there is some, so that a full disk can still be recorded in the database.

All of it blocks, and is meant for a worker thread.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE = 1 << 20
"""Bytes: enough for the log of some hundred transactions."""
AGAIN = 32 << 20
"""Bytes that must be free before the reserve is set aside anew."""


class Reserve:
    """Allocated bytes beside the database, which mean nothing and may be given back at any time."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f".{database.name}.reserve")

    def take(self) -> bool:
        """Set the room aside if the disk has plenty; True if it is there. Failing at it is no error."""
        with suppress(OSError):
            if self._is_there():
                return True
            self._path.unlink(missing_ok=True)
            if shutil.disk_usage(self._path.parent).free < AGAIN:
                return False
            self._allocate()
            return True
        return False

    def _is_there(self) -> bool:
        try:
            return self._path.lstat().st_size >= SIZE
        except FileNotFoundError:
            return False

    def _allocate(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except BaseException:
            # A quota says no only now: an empty file is no reserve.
            self._path.unlink()
            raise
        finally:
            os.close(descriptor)

    def give_back(self) -> bool:
        """Free the room; True if there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
