"""The media panel: a search, the clips as a grid or a list, and their count in the title."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import DescendantBlur
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Input, TextArea

from reelroom.fal.clean import clean
from reelroom.store.records import Media, Page, Scope
from reelroom.tui import words
from reelroom.tui.messages import SearchChanged

from .clip_keys import ClipKeys
from .clip_view import ClipView
from .pane import Pane
from .pixels import Pixels
from .search_field import LONGEST_SEARCH, SearchField
from .strips import Span

SEARCH_AFTER = 0.12
"""Seconds without a key after which a search begins."""


class MediaPanel(Pane):
    """Shows the clips of a project, newest first, and holds no truth about them.

    The screen answers its PageWanted by `fill`, its PosterWanted by `show_poster`, and calls `note` for each
    clip that the feed tells of, and `reload` when another process has written.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/", id="media.search"),
    ]
    DEFAULT_CSS = """
    MediaPanel SearchField { display: none; }
    MediaPanel.-searching SearchField { display: block; }
    """

    project_id: var[str | None] = var[str | None](None)
    """The project whose clips are shown; None for all, "" for those of none."""
    can_play: var[bool] = var(default=False)
    restorable: var[str | None] = var[str | None](None)
    folder: var[str] = var("")
    now: var[float] = var(0.0)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        self.search = SearchField(placeholder="/ search prompt, model…")
        self.view = ClipView()
        super().__init__("Media", self.search, self.view, id=id)
        self._timer: Timer | None = None

    def fill(self, token: int, page: Page) -> None:
        """The clips that were asked for under this token."""
        self.view.fill(token, page)

    def not_filled(self, token: int) -> None:
        """They could not be read; what is shown stays."""
        self.view.feed.give_up(token)

    def show_poster(self, media_id: str, picture: Pixels | None) -> None:
        """A poster that was asked for; None if the clip has none."""
        self.view.show_poster(media_id, picture)

    def note(self, clip: Media) -> None:
        """A clip is new, or has changed."""
        self.view.note(clip)

    def reload(self) -> None:
        """Clips may have come or gone: read again what is in view."""
        self.view.reload()

    def reveal(self, clip: Media) -> None:
        """Select a clip that came back from the trash."""
        self.view.reveal(clip)

    def watch_project_id(self) -> None:
        """Another project."""
        self._search()

    def watch_can_play(self, can_play: bool) -> None:
        """Hand it on."""
        self.view.can_play = can_play

    def watch_restorable(self, restorable: str | None) -> None:
        """Hand it on."""
        self.view.restorable = restorable

    def watch_folder(self, folder: str) -> None:
        """Hand it on."""
        self.view.folder = folder

    def watch_now(self, now: float) -> None:
        """Hand it on."""
        self.view.now = now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The letter of the search is text while text is typed."""
        if action == "search":
            return not isinstance(self.screen.focused, TextArea | Input)
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """Show the search field, and go there."""
        self.add_class("-searching")
        self.search.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search once the typing pauses."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SEARCH_AFTER, self._search)

    def on_search_field_left(self) -> None:
        """Go to the clips that were found."""
        self._search()
        self.view.focus()

    def on_clip_keys_search_left(self, event: ClipKeys.SearchLeft) -> None:
        """Show all clips again."""
        event.stop()
        self.search.value = ""
        self._search()
        self.remove_class("-searching")

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """An empty search gives its line back."""
        if event.widget is self.search and not self.search.value:
            self.remove_class("-searching")

    def on_clip_view_counted(self, event: ClipView.Counted) -> None:
        """Say how many there are."""
        event.stop()
        window = self.view.feed.window
        if window.total is None:
            return
        clips = words.count(window.whole, "clip")
        count = f"{window.total:,} of {clips}" if self.view.searched else clips
        other = "grid" if self.view.mode == "list" else "list"
        hint = () if self.view.searched or not window.total else (Span(f"g {other}", "muted"),)
        self.right = (Span(count, "muted"), Span("newest first", "muted"), *hint)

    def _search(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        text = " ".join(clean(self.search.value, limit=LONGEST_SEARCH).split())
        scope = Scope(text, self.project_id)
        if scope != self.view.feed.scope:
            if text != self.view.searched:
                self.post_message(SearchChanged(text))
            self.view.search(scope)
