"""Everything that can go wrong with what is kept, in people's words.

StoreError
├── StoreClosed      the store was left: nothing more is read or written
├── NewerDatabase    a newer Reelroom wrote the database, and this one leaves it alone
├── DamagedDatabase  the file is no database of Reelroom, or is broken
├── DatabaseGone     the file was removed or replaced while it was open
├── DatabaseBusy     another process held the database for too long: it may be tried again
├── RowRefused       the database refused what was to be written; nothing of it was kept
├── DiskTrouble      the disk failed at what was asked
│   ├── DiskFull     there is no room left
│   └── PartPoisoned the bytes of a part can no longer be trusted: it is begun anew
├── NotWritable      a folder or file may not be written (rights, read-only, a symbolic link)
│   └── LibraryElsewhere the folder of the clips is not there, or is another one
├── OverBudget       a budget forbids it: nothing was made, nothing sent
├── NotAllowed       the rules forbid it: a state that may not follow, the last project
├── NotFound         no job, clip, project or file answers to this name
├── Ambiguous        several do
├── NameTaken        another file or project bears this name
├── NotAVideo        the file is something else than a clip
├── Truncated        the file is a clip that ends too early
├── PartInUse        another process is writing this very part
└── EngineBusy       another process is the engine of this library

No exception of sqlite3, aiosqlite or the operating system leaves this package by itself.
"""

from datetime import UTC, datetime

from .records import Holder


class StoreError(Exception):
    """The root: `str()` is a sentence for people."""


class StoreClosed(StoreError):
    """The store was left before this was asked."""


class NewerDatabase(StoreError):
    """The database has a version that only a newer Reelroom knows; it was not touched."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer Reelroom: it has version {found}, and this one knows "
            f"versions up to {known}. Nothing was changed; open it with the newer Reelroom."
        )
        self.found = found
        self.known = known


class DamagedDatabase(StoreError):
    """The file is broken, emptied, or not a database of Reelroom."""


class DatabaseGone(StoreError):
    """The open file no longer bears its name, so that whatever is written to it would be lost."""


class DatabaseBusy(StoreError):
    """Another process kept the database locked; nothing was written, and it may be tried again."""


class RowRefused(StoreError):
    """The database refused a row; the whole transaction was undone."""


class DiskTrouble(StoreError):
    """The disk failed at a read or a write."""


class DiskFull(DiskTrouble):
    """No room is left, or a limit on the size of files was met."""


class PartPoisoned(DiskTrouble):
    """An fsync failed, so that nobody knows which bytes are on the disk; only a new file can be trusted."""


class NotWritable(StoreError):
    """A folder or file may not be written by this user, or not in this way."""


class LibraryElsewhere(NotWritable):
    """The library folder is not the one that this database's clips are in: a disk may not be mounted."""


class OverBudget(StoreError):
    """What was to be made would cost more than a budget leaves, or nobody knows what it would cost."""


class NotAllowed(StoreError):
    """What was asked would break a rule of the store."""


class NotFound(StoreError):
    """Nothing bears this name or id."""


class Ambiguous(StoreError):
    """More than one thing answers to this shortened id."""


class NameTaken(StoreError):
    """The name belongs to something else, and nothing is ever overwritten."""


class NotAVideo(StoreError):
    """The file is not an MP4 or WebM."""


class Truncated(StoreError):
    """The file begins as a clip and ends before its end."""


class PartInUse(StoreError):
    """Another process has this part open for writing."""


class EngineBusy(StoreError):
    """Another process holds the engine's lock."""

    def __init__(self, holder: Holder) -> None:
        who = "Another Reelroom" if holder.pid is None else f"Another Reelroom (process {holder.pid})"
        since = holder.since
        when = "" if since is None else f" since {datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M} UTC"
        super().__init__(f"{who} has been at work on this library{when}.")
        self.holder = holder
