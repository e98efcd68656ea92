"""Whether there is room for what is about to be paid for: asked before any money moves."""

from reelroom.store.errors import DiskFull, StoreError
from reelroom.store.journal import Journal
from reelroom.store.library import Library

from .errors import NoRoom

CLIP = 32 << 20
"""Bytes that a clip may need: most have less than half of it."""
LEFT = 16 << 20
"""Bytes that stay free for the database, whatever is downloaded."""


def check_room(library: Library, journal: Journal, clips: int) -> None:
    """Raise where so many clips may not fit: DiskFull, or LibraryElsewhere where the library is not there.

    Blocks; also sets the room aside that FAL's replies are written into when the disk is full.
    """
    library.check_in_place()
    free, needed = library.free_bytes(), clips * CLIP + LEFT
    if free < needed:
        raise DiskFull(
            f"{library.folder} has {_mb(free)} free, and {clips} unfinished"
            f" {'clip' if clips == 1 else 'clips'} may need {_mb(needed)}."
        )
    journal.prepare()


def refuse_without_room(library: Library, journal: Journal, clips: int) -> None:
    """The same as an answer to a person who wants to generate: raises NoRoom."""
    try:
        check_room(library, journal, clips)
    except StoreError as error:
        raise NoRoom(f"{error} Nothing was sent.") from error


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
