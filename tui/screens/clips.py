"""What the media panel asks for, answered from the store: clips, posters, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work

from reelroom.store.errors import StoreError

from .page import Page

if TYPE_CHECKING:
    from reelroom.tui import messages
    from reelroom.tui.widgets.media_panel import MediaPanel  # it comes after the first paint


class ClipWishes(Page):
    """A page with a media panel."""

    media: MediaPanel

    def on_clip_opened(self, message: messages.ClipOpened) -> None:
        """Show everything about a clip."""
        from .clip import ClipScreen  # noqa: PLC0415 - with its first look

        self.app.push_screen(ClipScreen(self.desk, message.media_id))

    @work(group="pages")
    async def on_page_wanted(self, wanted: messages.PageWanted) -> None:
        """Read a stretch of clips for the panel."""
        shelf = self.desk.shelf
        try:
            if shelf is None:
                self.media.not_filled(wanted.token)
            else:
                self.media.fill(wanted.token, await shelf.page(wanted.scope, wanted.stretch))
        except StoreError as error:
            self.media.not_filled(wanted.token)
            self.notice.text = str(error)

    @work(exclusive=True, group="posters")
    async def on_poster_wanted(self, wanted: messages.PosterWanted) -> None:
        """Bring posters one after another; a newer wish takes the place of this one."""
        for clip in wanted.clips:
            size = wanted.cells_w, wanted.cells_h
            picture = await asyncio.to_thread(
                self.desk.backstage.posters.picture, clip.id, clip.path, *size, wanted.ground
            )
            self.media.show_poster(clip.id, picture)

    async def on_trash_requested(self, message: messages.TrashRequested) -> None:
        """Put a clip into the trash; the panel moves on to its neighbour."""
        await self._set_trashed(message.media_id, trashed=True)

    async def on_restore_requested(self, message: messages.RestoreRequested) -> None:
        """Take the last one out again."""
        await self._set_trashed(message.media_id, trashed=False)

    async def _set_trashed(self, media_id: str, *, trashed: bool) -> None:
        shelf = self.desk.shelf
        if shelf is None:
            return
        try:
            clip = await (shelf.trash(media_id) if trashed else shelf.restore(media_id))
        except StoreError as error:
            self.app.notify(str(error), severity="warning", markup=False)
            return
        self.media.restorable = media_id if trashed else None
        if trashed:
            self.media.reload()
        else:
            self.media.reveal(clip)
        self.app.clear_notifications()
        said = "Moved to trash. u puts it back." if trashed else "Put back."
        self.app.notify(said, markup=False)
