"""Everything about one clip: its poster, what the file says of itself, and where it came from."""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from reelroom.store.errors import StoreError
from reelroom.store.records import Media
from reelroom.tui import messages, words
from reelroom.tui.desk import Desk
from reelroom.tui.studio.faces import Pixels
from reelroom.tui.theme import Paint
from reelroom.tui.widgets.painted import Painted
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.pixels import Poster
from reelroom.tui.widgets.strips import Span, fit, paint_line
from reelroom.tui.widgets.tones import shading_for

from .facts import table
from .page import Page

BESIDE = 110
"""Cells from which on the facts stand beside the poster."""
FACTS = 40
"""Cells for the facts there."""


class BigPoster(Painted):
    """One poster, 16:9, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._poster: Poster | None = None
        self._words = "poster soon"

    def show(self, picture: Pixels | None) -> None:
        """Draw it; None says that there is none."""
        self._words = "no poster"
        self._poster = Poster(picture, shading_for(self)) if picture else None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the picture, or of the word in its place."""
        width = self.size.width
        if self._poster is not None and y < self._poster.size[1]:
            row = self._poster.row(y, min(width, self._poster.size[0]))
            return (
                row if row.cell_length == width else Strip.join([row, Strip.blank(width - row.cell_length)])
            )
        said = self._words if self._poster is None and y == 0 else ""
        return paint_line([Span(fit(said, width), "faint")], width, self.paint)


class ClipScreen(Page):
    """One clip, over the whole window."""

    CSS = """
    ClipScreen #page { padding: 1 2; scrollbar-size-vertical: 1; }
    ClipScreen #top { height: auto; }
    ClipScreen #facts { padding-top: 1; width: 1fr; height: auto; }
    ClipScreen.-beside #top { layout: horizontal; }
    ClipScreen.-beside #facts { padding: 0 0 0 2; }
    ClipScreen #source { padding-top: 1; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('path')", "copy path", id="clip.copy_path"),
        Binding("p", "copy('prompt')", "copy prompt", id="clip.copy_prompt"),
        Binding("o", "play", "play", id="clip.play"),
        Binding("o", "play_elsewhere", "play", show=False, id="clip.play_elsewhere"),
        Binding("m", "more", "more like it", id="clip.more"),
        Binding("d", "trash", "trash", id="clip.trash"),
        Binding("escape,q", "back", "back", key_display="esc", id="clip.back"),
    ]

    def __init__(self, desk: Desk, media_id: str) -> None:
        super().__init__(desk)
        self._media_id = media_id
        self._clip: Media | None = None
        self._poster = BigPoster()
        self._facts = Static(id="facts", markup=False)
        self._source = Static(id="source", markup=False)
        top = Container(self._poster, self._facts, id="top")
        self._page = VerticalScroll(top, self._source, id="page")
        self._pane = Pane("Clip", self._page, right=[Span("esc back", "muted")])

    def body(self) -> Iterator[Widget]:
        """The poster, the facts, the source."""
        yield self._pane

    def on_mount(self) -> None:
        """Read the clip."""
        self._page.focus()

    def on_resize(self, event: Resize) -> None:
        """Facts beside the poster where there is room, else below; the poster is made to fit."""
        self.set_class(event.size.width >= BESIDE, "-beside")
        self._show()

    @work(exclusive=True)
    async def _show(self) -> None:
        shelf = self.desk.shelf
        if shelf is None:
            return
        try:
            clip = await shelf.clip(self._media_id)
            if clip.seen_at is None:
                clip = await shelf.update_clip(clip.id, seen_at=self.desk.now)
        except StoreError as error:
            self._facts.update(str(error))
            return
        self._clip = clip
        self._pane.label = " ".join(clip.prompt.split())[:60] or clip.model
        paint = Paint.of(self.app.current_theme)
        self._facts.update(table(_facts(clip), paint))
        self._source.update(table(self._origin(clip), paint))
        wide, high = self._room()
        self._poster.styles.width, self._poster.styles.height = wide, high
        ground = (35, 40, 51) if self.app.current_theme.dark else (229, 226, 219)
        picture = await asyncio.to_thread(
            self.desk.backstage.posters.picture, clip.id, clip.path, wide, high, ground
        )
        self._poster.show(picture)

    def _room(self) -> tuple[int, int]:
        width = self.size.width - 6
        if self.has_class("-beside"):
            width -= FACTS + 2
        high = max(4, self.size.height - 14)
        wide = max(16, min(width, high * 32 // 9))
        return wide, round(wide * 9 / 32)

    def _origin(self, clip: Media) -> Iterator[tuple[str, str]]:
        yield "Prompt", clip.prompt
        yield "", ""
        yield "Saved as", str(self._path(clip))
        yield "Checked", f"whole file, sha256 {clip.sha256}"
        yield "Made by", clip.endpoint
        yield "Request", clip.request_id or "none"
        yield "Origin", clip.origin

    def _path(self, clip: Media) -> str:
        return str(self.desk.backstage.library / clip.path)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Play is offered only where a player would open."""
        if action in {"play", "play_elsewhere"}:
            return self.desk.backstage.can_play == (action == "play")
        return True

    def action_copy(self, what: str) -> None:
        """Copy the path or the prompt."""
        if self._clip:
            text = self._path(self._clip) if what == "path" else self._clip.prompt
            self.post_message(messages.CopyRequested(text, what))

    def action_play(self) -> None:
        """Open it in a player."""
        self.post_message(messages.PlayRequested(self._media_id))

    def action_play_elsewhere(self) -> None:
        """Hear where it is, as no player opens here."""
        self.action_play()

    def action_more(self) -> None:
        """Fill the form from it."""
        if (clip := self._clip) is not None:
            self.post_message(messages.MoreRequested(clip.job_id, clip.endpoint, clip.prompt))

    def action_trash(self) -> None:
        """Put it into the trash, and go back to its neighbour."""
        self.dismiss()
        self.app.screen_stack[0].post_message(messages.TrashRequested(self._media_id))

    def action_back(self) -> None:
        """Go back to the studio."""
        self.dismiss()


def _facts(clip: Media) -> Iterator[tuple[str, str]]:
    yield "Model", clip.model
    picture = "unknown"
    if clip.width and clip.height:
        rate = f" · {clip.fps:g} fps" if clip.fps else ""
        picture = f"{clip.width}×{clip.height}{rate}"
    yield "Picture", picture
    yield "Length", words.clip_length(clip.duration) if clip.duration else "unknown"
    yield "Sound", {True: "yes", False: "none", None: "unknown"}[clip.has_audio]
    yield "Size", f"{words.size(clip.bytes)} · {clip.codec or 'unknown codec'}"
    cost = words.price(clip.cost) if clip.cost is not None else "not billed yet"
    yield "Cost", "practice money" if clip.origin == "sandbox" else cost
    yield "Made", words.date_time(clip.created_at)
    yield "Seed", "none" if clip.seed is None else words.seed(clip.seed)
