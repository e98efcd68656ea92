"""Everything about one clip: its poster, what the file says of itself, and where it came from."""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static

from reelroom.store.errors import StoreError
from reelroom.store.records import Media
from reelroom.tui import messages, words
from reelroom.tui.desk import Desk
from reelroom.tui.studio.faces import Posters
from reelroom.tui.theme import Paint, Role
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.painted import Painted
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.pixels import Pixels, Poster
from reelroom.tui.widgets.strips import Span, fit, paint_line
from reelroom.tui.widgets.tones import shading_for

WIDEST = 76
"""Cells of the poster at most."""


class BigPoster(Painted):
    """One poster, 16:9, as large as there is room."""

    DEFAULT_CSS = "BigPoster { width: 1fr; height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._poster: Poster | None = None
        self._words = "poster soon"

    def show(self, picture: Pixels | None) -> None:
        """Draw it; None says that there is none."""
        self._words = "no poster"
        self._poster = Poster(picture, shading_for(self)) if picture else None
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        """A line of the picture, or of the word in its place."""
        width = self.size.width
        if self._poster is not None and y < self._poster.size[1]:
            return self._poster.row(y, min(width, self._poster.size[0]))
        said = self._words if self._poster is None and y == 0 else ""
        return paint_line([Span(fit(said, width), "faint")], width, self.paint)


class ClipScreen(Screen[None]):
    """One clip, over the whole window."""

    CSS = """
    ClipScreen VerticalScroll { padding: 1 2; scrollbar-size-vertical: 1; }
    ClipScreen #facts { padding-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('path')", "copy path", id="clip.copy_path"),
        Binding("p", "copy('prompt')", "copy prompt", id="clip.copy_prompt"),
        Binding("o", "play", "play", id="clip.play"),
        Binding("d", "trash", "trash", id="clip.trash"),
        Binding("escape,q", "back", "back", key_display="esc", id="clip.back"),
    ]

    def __init__(self, desk: Desk, posters: Posters, media_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._posters = posters
        self._media_id = media_id
        self._clip: Media | None = None
        self._pane = Pane("Clip", VerticalScroll(id="page"), right=[Span("esc back", "muted")])

    def compose(self) -> ComposeResult:
        """The poster above the facts, and the keys."""
        yield self._pane
        yield KeysLine()

    async def on_mount(self) -> None:
        """Read the clip, and call it seen."""
        page = self.query_one("#page", VerticalScroll)
        await page.mount(BigPoster(), Static(id="facts", markup=False))
        page.focus()
        self._show()

    @work
    async def _show(self) -> None:
        shelf = self._desk.shelf
        if shelf is None:
            return
        try:
            clip = await shelf.clip(self._media_id)
            if clip.seen_at is None:
                clip = await shelf.update_clip(clip.id, seen_at=self._desk.now)
        except StoreError as error:
            self.query_one("#facts", Static).update(str(error))
            return
        self._clip = clip
        self._pane.label = " ".join(clip.prompt.split())[:60] or clip.model
        paint = Paint.of(self.app.current_theme)
        text = Text()
        for part, role in self._facts(clip):
            text.append(part, paint(role))
        self.query_one("#facts", Static).update(text)
        wide = min(WIDEST, max(16, self.size.width - 6), max(16, (self.size.height - 16) * 32 // 9))
        size = wide, round(wide * 9 / 32)
        ground = (35, 40, 51) if self.app.current_theme.dark else (229, 226, 219)
        picture = await asyncio.to_thread(self._posters.picture, clip.id, clip.path, *size, ground)
        poster = self.query_one(BigPoster)
        poster.styles.height = size[1]
        poster.show(picture)

    def _facts(self, clip: Media) -> Iterator[tuple[str, Role]]:
        picture = "unknown"
        if clip.width and clip.height:
            rate = f" · {clip.fps:g} fps" if clip.fps else ""
            picture = f"{clip.width}×{clip.height}{rate}"
        sound = {True: "yes", False: "none", None: "unknown"}[clip.has_audio]
        length = words.clip_length(clip.duration) if clip.duration else "unknown"
        cost = words.price(clip.cost) if clip.cost is not None else "not billed yet"
        rows = (
            ("Model", f"{clip.model}  {clip.endpoint}"),
            ("Picture", picture),
            ("Length", length),
            ("Sound", sound),
            ("Size", f"{words.size(clip.bytes)} · {clip.codec or 'unknown codec'}"),
            ("Cost", "practice, nothing is charged" if clip.origin == "sandbox" else cost),
            ("Made", words.date_time(clip.created_at)),
            ("Seed", "none" if clip.seed is None else words.seed(clip.seed)),
            ("Request", clip.request_id or "none"),
            ("Origin", clip.origin),
            ("Saved as", str(self._path(clip))),
            ("Checked", f"whole file, sha256 {clip.sha256}"),
        )
        for name, value in rows:
            yield f"{name:<10}", "muted"
            yield f"{value}\n", "text"
        yield "\nPrompt\n", "muted"
        yield clip.prompt, "text"

    def _path(self, clip: Media) -> str:
        return str(self._desk.backstage.library / clip.path)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Play only where a player would open."""
        return self._desk.backstage.can_play if action == "play" else True

    def action_copy(self, what: str) -> None:
        """Copy the path or the prompt."""
        if self._clip:
            text = self._path(self._clip) if what == "path" else self._clip.prompt
            self.post_message(messages.CopyRequested(text, what))

    def action_play(self) -> None:
        """Open it in a player."""
        self.post_message(messages.PlayRequested(self._media_id))

    def action_trash(self) -> None:
        """Put it into the trash, and go back to its neighbour."""
        self.dismiss()
        self.app.screen_stack[0].post_message(messages.TrashRequested(self._media_id))

    def action_back(self) -> None:
        """Go back to the studio."""
        self.dismiss()
