"""A search above a list, as one types. What is pasted is made safe first."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Paste
from textual.message import Message
from textual.widgets import Input

from reelroom.fal.clean import clean
from reelroom.tui.theme import Paint

LONGEST_SEARCH = 100


class SearchField(Input):
    """The search above the models: `down` or `enter` goes to them, `esc` clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "clear", id="search.leave"),
        Binding("down,enter", "to_list", "to the list", show=False, id="search.to_list"),
    ]

    DEFAULT_CSS = """
    SearchField, SearchField:focus {
        border: none;
        border-left: vkey $border;
        height: 1;
        padding: 0 1;
        margin: 0 1;
        background: $panel;
        background-tint: $foreground 0%;
    }
    SearchField:focus { border-left: outer $accent; }
    SearchField>.input--cursor, SearchField:ansi>.input--cursor {
        color: $on-accent;
        background: $accent;
        text-style: $button-style;
    }
    SearchField>.input--placeholder { color: $text-muted; text-style: $faint-style; }
    SearchField.-ascii, SearchField.-ascii:focus { border-left: ascii $border; }
    SearchField.-ascii:focus { border-left: ascii $accent; }
    """

    class Left(Message):
        """The search is done with, and the models are wanted."""

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, max_length=LONGEST_SEARCH, select_on_focus=False)
        self.cursor_blink = False

    def on_mount(self) -> None:
        """The edge has an ASCII form as well."""
        self.set_class(Paint.of(self.app.current_theme).ascii_only, "-ascii")

    def action_leave(self) -> None:
        """Clear what was typed; an empty field is left."""
        if self.value:
            self.value = ""
        else:
            self.post_message(self.Left())

    def action_to_list(self) -> None:
        """Go on to the models, with the search as it is."""
        self.post_message(self.Left())

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        text = " ".join(clean(event.text[:LONGEST_SEARCH], limit=LONGEST_SEARCH).split())
        if text:
            self.insert_text_at_cursor(text)
