"""The lock of the engine: one process at a time works on a library, and a dead one holds nothing."""

import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import EngineBusy
from .refusals import os_refusals


class EngineLock:
    """A context manager on a lock that the kernel takes back when its holder ends, however it ends.

    Entering raises EngineBusy, which names the holder, or NotWritable. The file stays: removing it would let
    two processes lock two files of the same name.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._descriptor = -1

    def __enter__(self) -> Self:
        with os_refusals(f"take the lock {self._path}"):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while self._descriptor < 0:
                self._descriptor = self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        # Closing alone would not do: a child that is being started holds the same lock until its exec.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
        self._descriptor = -1

    def _take(self) -> int:
        """The locked descriptor, or -1 when the file lost its name while it was waited for."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_in_place(descriptor):
                os.close(descriptor)
                return -1
            holder = json.dumps({"pid": os.getpid(), "since": self._clock()}).encode()
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, holder, 0)
        except BlockingIOError:
            busy = _busy(descriptor)
            os.close(descriptor)
            raise busy from None
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _is_in_place(self, descriptor: int) -> bool:
        mine = os.fstat(descriptor)
        try:
            named = self._path.lstat()
        except FileNotFoundError:
            return False
        return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


def _busy(descriptor: int) -> EngineBusy:
    try:
        holder = json.loads(os.pread(descriptor, 1000, 0))
        return EngineBusy(int(holder["pid"]), float(holder["since"]))
    except (ValueError, KeyError, TypeError):
        # The holder has taken the lock and not yet written who it is.
        return EngineBusy(None, None)
