"""A library in a list, and an app that answers the panel out of it as the screen does out of the store."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.message import Message

from reelroom.store.records import Key, Media, Page, Scope, Stretch
from reelroom.tui import messages
from reelroom.tui.theme import theme_name, themes
from reelroom.tui.widgets.media_panel import MediaPanel

NOON = 1_795_000_000.0


def make_clip(number: int, prompt: str = "", **fields: Any) -> Media:
    given = {
        "job_id": None,
        "position": 0,
        "origin": "sandbox",
        "kind": "video",
        "path": f"{number}.mp4",
        "sha256": "0" * 64,
        "bytes": 9_800_000,
        "created_at": NOON + number,
        "duration": 5.0,
        "model": f"Model {number % 3}",
        "prompt": prompt or f"clip number {number}",
        "seen_at": 1.0,
    }
    return Media(id=f"{number:08d}-0000-7000-8000-000000000000", **(given | fields))


def key(clip: Media) -> Key:
    return clip.created_at, clip.id


@dataclass
class Library:
    """Newest first, as the store would say it."""

    clips: list[Media] = field(default_factory=list)

    def add(self, *clips: Media) -> None:
        self.clips = sorted([*self.clips, *clips], key=key, reverse=True)

    def remove(self, media_id: str) -> Media:
        clip = next(clip for clip in self.clips if clip.id == media_id)
        self.clips.remove(clip)
        return clip

    def page(self, scope: Scope, stretch: Stretch) -> Page:
        hits = [clip for clip in self.clips if scope.query.casefold() in clip.prompt.casefold()]

        def place(wanted: Key) -> int:
            return bisect_left(hits, x=True, key=lambda clip: key(clip) <= wanted)

        anchor = None if stretch.anchor is None else place(stretch.anchor)
        start = max(0, min(stretch.start + (anchor or 0), len(hits) - stretch.count))
        near = None
        if stretch.selected is not None and hits:
            at = min(place(stretch.selected), len(hits) - 1)
            near = at, hits[at]
        clips = tuple(hits[start : start + stretch.count])
        return Page(
            start=start, total=len(hits), whole=len(self.clips), clips=clips, anchor=anchor, near=near
        )


@dataclass(frozen=True)
class FlatPicture:
    width: int
    height: int
    rgb: bytes


class PanelApp(App[None]):
    """The panel alone, with its wishes written down."""

    CSS = "MediaPanel { height: 1fr; }"

    def __init__(self, library: Library, *, theme: str = theme_name("true"), posters: bool = True) -> None:
        super().__init__(ansi_color=True if theme.endswith(("-plain", "-16")) else None)
        for depth in ("true", "256", "16"):
            for it in (*themes(depth), *themes(depth, plain=True)):
                self.register_theme(it)
        self.theme = theme
        self.library = library
        self.posters = posters
        self.wishes: list[Message] = []
        self.pages: list[messages.PageWanted] = []
        self.answering = True
        self.panel = MediaPanel()

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.now = NOON + 1000
        self.panel.view.focus()

    def on_page_wanted(self, wish: messages.PageWanted) -> None:
        self.pages.append(wish)
        if self.answering:
            self.panel.fill(wish.token, self.library.page(wish.scope, wish.stretch))

    def on_poster_wanted(self, wish: messages.PosterWanted) -> None:
        if self.posters:
            for clip in wish.clips:
                shade = int(clip.path.partition(".")[0]) % 250
                size = wish.cells_w * wish.cells_h * 2
                picture = FlatPicture(wish.cells_w, 2 * wish.cells_h, bytes((shade, 90, 200)) * size)
                self.panel.show_poster(clip.id, picture)

    def on_clip_opened(self, wish: messages.ClipOpened) -> None:
        self.wishes.append(wish)

    def on_trash_requested(self, wish: messages.TrashRequested) -> None:
        self.wishes.append(wish)

    def on_restore_requested(self, wish: messages.RestoreRequested) -> None:
        self.wishes.append(wish)

    def on_play_requested(self, wish: messages.PlayRequested) -> None:
        self.wishes.append(wish)

    def on_copy_requested(self, wish: messages.CopyRequested) -> None:
        self.wishes.append(wish)

    def on_search_changed(self, wish: messages.SearchChanged) -> None:
        self.wishes.append(wish)

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return [strip.text for strip in self.screen._compositor.render_strips()]

    @property
    def in_view(self) -> list[str]:
        """The ids of the clips that are in view, in order."""
        feed = self.panel.view.feed
        clips = [feed.window[place] for place in range(feed.view.first, feed.view.end)]
        return [clip.id for clip in clips if clip is not None]


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def clip() -> Callable[..., Media]:
    return make_clip


@pytest.fixture
def panel_app() -> type[PanelApp]:
    return PanelApp
