"""The end of the log, as it stands in the state folder: redacted there already."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import RichLog

from reelroom.fal.clean import clean
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span

LINES = 500


class LogScreen(Screen[None]):
    """The last lines, newest at the bottom."""

    CSS = "LogScreen RichLog { background: $background; scrollbar-size-vertical: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", key_display="esc", id="log.back"),
        Binding("y", "copy", "copy path", id="log.copy"),
    ]

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def compose(self) -> ComposeResult:
        """One pane, and the keys."""
        with Pane("Log", right=[Span(str(self._path), "muted")]):
            yield RichLog(wrap=True, markup=False, highlight=False)
        yield KeysLine()

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
        from reelroom.tui.messages import CopyRequested  # noqa: PLC0415 - messages know the screens' widgets

        self.post_message(CopyRequested(str(self._path), "path"))
