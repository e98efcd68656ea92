"""The lock of the engine: one process at a time works on a library, and a dead one holds nothing."""

import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import EngineBusy
from .records import Holder
from .refusals import os_refusals


class EngineLock:
    """A context manager on a lock that the kernel takes back when its holder ends, however it ends.

    The file stays: removing it would let two processes lock two files of the same name. It says who the
    holder is, for those who find the lock taken.
    """

    def __init__(
        self, path: Path, holder: Holder | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._holder = holder or Holder()
        self._clock = clock
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Whether the lock is held here."""
        return self._descriptor >= 0

    def take(self) -> None:
        """Take the lock, or raise EngineBusy, which names the holder, or NotWritable; never waits."""
        with os_refusals(f"take the lock {self._path}"):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while self._descriptor < 0:
                self._descriptor = self._take()

    def tell(self, holder: Holder) -> None:
        """Say of oneself what others may have to know; process and time are added."""
        self._holder = holder
        if self.held:
            self._write(self._descriptor)

    def release(self) -> None:
        """Let go of the lock, if it is held here."""
        if not self.held:
            return
        os.ftruncate(self._descriptor, 0)
        # Closing alone would not do: a child that is being started holds the same lock until its exec.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _take(self) -> int:
        """The locked descriptor, or -1 when the file lost its name while it was waited for."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_in_place(descriptor):
                os.close(descriptor)
                return -1
            self._write(descriptor)
        except BlockingIOError:
            busy = _busy(descriptor)
            os.close(descriptor)
            raise busy from None
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _write(self, descriptor: int) -> None:
        told = replace(self._holder, pid=os.getpid(), since=self._clock())
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(told)).encode(), 0)

    def _is_in_place(self, descriptor: int) -> bool:
        mine = os.fstat(descriptor)
        try:
            named = self._path.lstat()
        except FileNotFoundError:
            return False
        return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


def _busy(descriptor: int) -> EngineBusy:
    try:
        said = json.loads(os.pread(descriptor, 4000, 0))
        return EngineBusy(
            Holder(
                pid=int(said["pid"]),
                since=float(said["since"]),
                sender=_text(said.get("sender")),
                origin=_text(said.get("origin")),
                base=_text(said.get("base")),
                no_spend=said.get("no_spend") is True,
            )
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # The holder has taken the lock and not yet written who it is.
        return EngineBusy(Holder())


def _text(said: object) -> str | None:
    return said if isinstance(said, str) else None
