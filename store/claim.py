"""Which folder is the library: the one that bears the mark that the database knows.

A disk that is not mounted leaves an empty folder behind, or none; without the mark it would look like a new
library, and clips would be written where nobody finds them.
"""

import asyncio
import uuid
from pathlib import Path

from .errors import LibraryElsewhere
from .library import Library, read_mark, write_mark
from .records import Media
from .store import Store

KEY = "library"
LOOKED_AT = 50
"""Clips that are looked for in a folder without a mark."""


async def open_library(store: Store, folder: Path, *, take: bool = False) -> Library:
    """The library of this database in `folder`, which is made and marked if nothing was ever kept.

    A folder that is not there, or is another one, is left alone: every use of the library then raises
    LibraryElsewhere until it is back. Raises LibraryElsewhere at once for a folder that belongs to another
    database. With `take` the folder is made this database's library whatever it was: a person said so.
    """
    known = await store.setting(KEY)
    found = await asyncio.to_thread(read_mark, folder)
    clips = [*await store.media(limit=LOOKED_AT), *await store.media(trashed=True, limit=LOOKED_AT)]
    if known is None:
        if found is not None and not clips and not take:
            raise LibraryElsewhere(
                f"The library {folder} was made with another database, and this one is empty."
                " `reelroom doctor --fix` reads the clips in."
            )
        known = found or str(uuid.uuid4())
        await store.set_setting(KEY, known)
    library = Library(folder, known)
    if found is None and (take or not clips or await asyncio.to_thread(_holds, library, clips)):
        await asyncio.to_thread(library.make)
    elif take and found != known:
        await asyncio.to_thread(write_mark, folder, known)
    elif found not in {None, known}:
        raise LibraryElsewhere(
            f"The library {folder} was made with another database, and not with this one."
            " `reelroom doctor --fix` makes it this database's own."
        )
    return library


def _holds(library: Library, clips: list[Media]) -> bool:
    """Whether the folder has any of the clips: it was filled before folders were marked, or lost its mark."""
    return any((library.folder / clip.path).exists() for clip in clips)
