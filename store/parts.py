"""A clip while it is being written: hidden, private, and refused wherever it is not what it seems."""

import ctypes
import errno
import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import NotWritable, PartInUse, PartPoisoned
from .refusals import os_refusals

KEEP_SIZE = 1


class Part:
    """An open part. Bytes are appended; `size` is how many it holds, also right after it was opened again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with os_refusals(f"open the part {path.name}"):
            self._descriptor = _open(path)
            self.size = os.fstat(self._descriptor).st_size

    def write(self, data: bytes | memoryview) -> None:
        """Append all of `data`; after DiskFull or DiskTrouble `size` says what was written of it."""
        rest = memoryview(data)
        with os_refusals(f"write to the part {self.path.name}"):
            while rest:
                written = os.pwrite(self._descriptor, rest, self.size)
                self.size += written
                rest = rest[written:]

    def allocate(self, total: int) -> None:
        """Have the disk set room aside for `total` bytes, so that it does not run out of it on the way.

        Raises DiskFull at once. What the part holds stays as long as it is; a file system that cannot do
        this does nothing.
        """
        with os_refusals(f"set room aside for the part {self.path.name}"):
            _allocate(self._descriptor, total)

    def truncate(self) -> None:
        """Throw away what it holds: the next byte is the first one."""
        with os_refusals(f"empty the part {self.path.name}"):
            os.ftruncate(self._descriptor, 0)
        self.size = 0

    def rewind(self, count: int) -> None:
        """Write the last `count` bytes once more; they stay on the disk until then."""
        self.size = max(0, self.size - count)

    def sync(self) -> None:
        """Bring the bytes to the disk.

        Raises PartPoisoned if that fails: the kernel may have dropped bytes and call the next fsync a
        success, so this file is not to be trusted again; Library.drop_part() and begin anew.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise PartPoisoned(
                f"The disk did not take the part {self.path.name} ({error.strerror}); it is fetched anew."
            ) from error

    def close(self) -> None:
        """Let go of it; the file stays."""
        if self._descriptor >= 0:
            # Closing alone would not do: a child that is being started holds the same lock until its exec.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _allocate(descriptor: int, total: int) -> None:
    """Linux's fallocate with KEEP_SIZE: Python's own would make the part look as long as the whole clip."""
    allocate = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if allocate is None or total <= 0:
        return
    arguments = (ctypes.c_int(descriptor), ctypes.c_int(KEEP_SIZE), ctypes.c_int64(0), ctypes.c_int64(total))
    if allocate(*arguments) and (number := ctypes.get_errno()) in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        raise OSError(number, os.strerror(number))


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if os.fstat(descriptor).st_nlink > 1:
            # A crash while it was given its plain name: that file is finished, and not to be written to.
            os.close(descriptor)
            descriptor = -1
            path.unlink()
            descriptor = os.open(path, flags | os.O_EXCL, 0o600)
        _take(descriptor, path)
    except BaseException:
        if descriptor >= 0:
            os.close(descriptor)
        raise
    return descriptor


def _take(descriptor: int, path: Path) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise NotWritable(f"Something else than a part of yours stands at {path.name}; it was not touched.")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PartInUse(f"Another process is writing the part {path.name}.") from None
    os.fchmod(descriptor, 0o600)
