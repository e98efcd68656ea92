"""Giving a finished file its plain name without ever overwriting another."""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

from .errors import NameTaken

NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EMLINK})
AT_FDCWD = -100
RENAME_NOREPLACE = 1


def _link(source: Path, target: Path) -> None:
    os.link(source, target, follow_symlinks=False)


def give_name(source: Path, target: Path, *, link: Callable[[Path, Path], None] = _link) -> None:
    """Rename `source` to `target` in one step, and do nothing more if that was done before a crash.

    Raises NameTaken where another file bears the name, and OSError. Where the file system has no hard links,
    Linux is asked for a rename that replaces nothing.
    """
    try:
        link(source, target)
    except FileExistsError:
        if not _same(source, target):
            raise NameTaken(f"There is already another file {target.name}; it was not touched.") from None
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        rename_without_replacing(source, target)
        return
    source.unlink()


def rename_without_replacing(source: Path, target: Path) -> None:
    """The kernel's renameat2 with RENAME_NOREPLACE; raises NameTaken and OSError."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        if rename(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), RENAME_NOREPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in {errno.EEXIST, errno.EINVAL, errno.ENOSYS}:
            raise OSError(number, os.strerror(number), str(target))
    # Neither call exists here (an old exFAT): but one engine writes the folder, to names with random digits.
    if os.path.lexists(target):
        raise NameTaken(f"There is already another file {target.name}; it was not touched.")
    source.rename(target)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk: without it a rename may be undone by a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _same(one: Path, other: Path) -> bool:
    first, second = one.lstat(), other.lstat()
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
