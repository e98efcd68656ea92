"""Emptying the trash: the one place where a clip is removed for good, on a person's explicit word."""

from collections.abc import AsyncGenerator, Sequence

from reelroom.store.errors import NotAllowed, NotFound
from reelroom.store.library import Library
from reelroom.store.records import Media
from reelroom.store.store import Store

from .threads import in_thread, settled


async def remove_for_good(
    store: Store, library: Library, clips: Sequence[Media]
) -> AsyncGenerator[Media, None]:
    """Remove rows, files and sidecars of clips in the trash; each as soon as it is gone. The jobs stay.

    The row goes first: broken off after it, the file is a clip without a row, which `doctor` brings back. One
    that was restored meanwhile is left alone. Raises StoreError, LibraryElsewhere among them.
    """
    await settled(in_thread(library.check_in_place))
    for clip in clips:
        try:
            gone = await store.remove(clip.id)
        except (NotAllowed, NotFound):
            continue
        await settled(in_thread(library.remove, gone.path))
        yield gone
