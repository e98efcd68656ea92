"""The clips of the panel, as posters or as lines: one widget draws whatever is in view of any number."""

from textual.color import Color
from textual.events import Blur, Focus, Resize
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from reelroom.store.records import Media, Page, Scope
from reelroom.tui.messages import ClipHighlighted, PageWanted, PosterWanted

from . import clip_words
from .clip_feed import Question
from .clip_keys import Mode
from .clip_moves import ClipMoves
from .media_grid import Card, Grid
from .media_list import Rows
from .painted import Painted
from .pixels import Pixels
from .poster_shelf import PosterShelf
from .shading import Shading
from .strips import Span, cut, paint_line
from .tones import shading_for

NO_CLIPS = "No clips yet. ^j makes the first one."
WIDE_ENOUGH = (110, 30)
"""The size of the terminal from which on posters and rows are given more room."""
MINUTE = 60
DARK_GROUND, LIGHT_GROUND = (35, 40, 51), (229, 226, 219)


class ClipView(ClipMoves, Painted, can_focus=True):
    """Posts PageWanted and PosterWanted for what it lacks; `fill` and `show_poster` bring it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ClipView { height: 1fr; width: 100%; }
    """

    now: var[float] = var(0.0)
    """The time of day, in seconds since 1970; ages are as of then."""

    class Counted(Message):
        """How many clips there are was read anew."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._shelf = PosterShelf(Shading("true"))

    # What comes down.

    def on_mount(self) -> None:
        """Ask for the first clips."""
        self._shelf = PosterShelf(shading_for(self))
        self._ask(self.feed.search(self.feed.scope))

    def search(self, scope: Scope) -> None:
        """Show other clips."""
        self.searched = scope.query
        if self.is_mounted:
            self._ask(self.feed.search(scope))
        else:
            self.feed.scope = scope

    def reload(self) -> None:
        """Clips have come or gone: read again, and leave what is looked at where it is."""
        self._ask(self.feed.reload())

    def reveal(self, clip: Media) -> None:
        """Select a clip that came back from the trash."""
        self._ask(self.feed.reveal(clip))
        self._say(ClipHighlighted(clip))
        self.refresh_bindings()

    def fill(self, token: int, page: Page) -> None:
        """The answer to a PageWanted."""
        before = self.current
        self._ask(self.feed.take(token, page))
        self.moved(before)
        self._say(self.Counted())

    def note(self, clip: Media) -> None:
        """Take a clip's new record; it is read anew where others move because of it."""
        before = self.current
        if self.feed.change(clip):
            self.refresh()
        elif self.feed.welcome(clip):
            self.moved(before)
            self._say(self.Counted())
        else:
            self.reload()

    def show_poster(self, media_id: str, picture: Pixels | None) -> None:
        """A poster that was wanted; None if there is none."""
        self._shelf.put(media_id, picture)
        self.refresh()

    def watch_now(self, before: float, now: float) -> None:
        """Ages are in words, which change with the minute."""
        if self.mode == "list" and now // MINUTE != before // MINUTE:
            self._reshape()

    def watch_mode(self, _mode: Mode) -> None:
        """The other way to show them, with the same clip selected."""
        self._reshape()
        self._say(self.Counted())

    def repaint(self) -> None:
        """Other colours: the posters are shaded anew, and asked for on their new ground."""
        self._shelf = PosterShelf(shading_for(self))
        self.moved(self.current)

    def on_resize(self, _event: Resize) -> None:
        """The cards are laid out anew."""
        self._reshape()

    def on_focus(self, _event: Focus) -> None:
        """The frame is drawn in the accent, round a clip that stays the same."""
        self.feed.focus()
        self.moved(self.current)

    def on_blur(self, _event: Blur) -> None:
        """The frame is drawn quietly, and newer clips may take its place."""
        self.feed.blur()
        self.refresh()

    # What is asked for.

    def _ask(self, question: Question | None) -> None:
        if question is not None:
            self._say(PageWanted(question.token, question.scope, question.stretch))

    def _say(self, message: Message) -> None:
        """Post a message as this widget's own.

        A message made while the panel's code runs, as in its watchers, would count as the panel's, and
        Textual stops a message at the widget that sent it.
        """
        self.post_message(message.set_sender(self))

    def moved(self, before: Media | None) -> None:
        """The view or the selection is another: draw it, and ask for what it lacks."""
        self._ask(self.feed.more())
        size = self.shape.poster
        view = self.feed.view
        ahead = range(view.first, min(view.total, view.end + view.rows * view.columns))
        wanted = self._shelf.to_ask(filter(None, (self.feed.window[place] for place in ahead)), size)
        if wanted and self.size:
            self._say(PosterWanted(wanted, *size, self._ground()))
        if (before and before.id) != (self.current and self.current.id):
            self._say(ClipHighlighted(self.current))
            self.refresh_bindings()
        self.refresh()

    def _reshape(self) -> None:
        width, height = self.size
        if not (self.is_mounted and width and height):
            return
        least = self.app.size
        roomy = least.width >= WIDE_ENOUGH[0] and least.height >= WIDE_ENOUGH[1]
        if self.mode == "grid":
            self.shape = Grid(width, height, 24 if roomy else 18)
        else:
            self.shape = Rows(width, height, roomy, self.now)
        self.feed.shape(self.shape.columns, self.shape.rows)
        self.moved(self.current)

    def _ground(self) -> tuple[int, int, int]:
        panel = self.paint.palette.panel
        if panel.startswith("ansi"):
            return DARK_GROUND if self.app.current_theme.dark else LIGHT_GROUND
        return Color.parse(panel).rgb

    # What is drawn.

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: usually each cell of a poster would go through filters meant for text."""
        return [self._line(y).crop(crop.x, crop.right) for y in crop.line_range]

    def _line(self, y: int) -> Strip:
        shape, view = self.shape, self.feed.view
        if not self.feed.window.total:
            return self._empty(y)
        if y < shape.header and isinstance(shape, Rows):
            return shape.headings(self.paint)
        row, line = divmod(y - shape.header, shape.pitch)
        if row >= view.rows:
            return Strip.blank(self.size.width, self.paint("text"))
        cards = [self._card(view.place(row, column)) for column in range(view.columns)]
        return shape.line(line, cards, self.paint).adjust_cell_length(self.size.width, self.paint("text"))

    def _card(self, place: int | None) -> Card | None:
        if place is None:
            return None
        clip = self.feed.window[place]
        selected = place == self.feed.place
        if clip is None:
            return Card(None, selected=selected, focused=self.has_focus)
        poster = self._shelf.get(clip.id, self.shape.poster)
        return Card(clip, poster, self._shelf.hopeless(clip.id), selected, self.has_focus)

    def _empty(self, y: int) -> Strip:
        text = ""
        if y == min(1, self.size.height - 1) and self.feed.window.total == 0:
            text = NO_CLIPS
            if self.searched:
                text = f"Nothing matches “{self.searched}”. esc clears the search."
        short = cut(text, self.size.width - 2, clip_words.end(self.paint))
        return paint_line([Span(" " + short, "muted")], self.size.width, self.paint)
