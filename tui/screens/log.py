"""The end of the log, as it stands in the state folder: redacted there already."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import RichLog

from reelroom.fal.clean import clean
from reelroom.tui.desk import Desk
from reelroom.tui.messages import CopyRequested
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span

from .page import Page

LINES = 500


class LogScreen(Page):
    """The last lines, newest at the bottom."""

    CSS = "LogScreen RichLog { background: $background; scrollbar-size-vertical: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", key_display="esc", id="log.back"),
        Binding("y", "copy", "copy path", id="log.copy"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._path = desk.backstage.log

    def body(self) -> Iterator[Widget]:
        """One pane."""
        log = RichLog(wrap=True, markup=False, highlight=False)
        yield Pane("Log", log, right=[Span(str(self._path), "muted")])

    def on_mount(self) -> None:
        """Read the end of the file."""
        log = self.query_one(RichLog)
        try:
            lines = self._path.read_text("utf-8", "replace").splitlines()[-LINES:]
        except OSError:
            lines = []
        for line in lines or ["Nothing was written to the log yet."]:
            log.write(clean(line))
        log.focus()

    def action_back(self) -> None:
        """Go back to the studio."""
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the log's path."""
        self.post_message(CopyRequested(str(self._path), "path"))
