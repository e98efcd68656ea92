"""What every page has: the header at the top, what holds the program up below it, the keys at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from reelroom.tui.widgets.header import Header, Notice
from reelroom.tui.widgets.keys_line import KeysLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.widget import Widget

    from reelroom.tui.desk import Desk
    from reelroom.tui.widgets.header import HeaderPressed

MOVES = frozenset({"up", "down", "left", "right", "page up", "page down", "first", "last"})
"""The actions of the arrow keys and their like, which are told of together."""


class Page(Screen[None]):
    """A page of the studio; `body` is what it shows."""

    BLANK: ClassVar[bool] = True

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.header = Header()
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """The frame, and the body in it."""
        yield self.header
        yield self.notice
        yield from self.body()
        yield KeysLine()

    def body(self) -> Iterator[Widget]:
        """The widgets of the page."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Say at once whether this is practice."""
        self.header.practice = self.desk.backstage.practice
        if self.desk.project is not None or self.desk.trouble is not None:
            self.head()

    def news(self, what: str) -> None:
        """The desk says what has changed; see `Desk`."""
        if self.is_mounted and what != "progress":
            self.head()

    def head(self) -> None:
        """Draw the header and the notice from the desk."""
        from reelroom.tui import words  # noqa: PLC0415 - after the first paint
        from reelroom.tui.standing import held_up, spent, start_of_day  # noqa: PLC0415 - as above

        project = self.desk.project
        self.header.project = project.name if project else ""
        jobs = self.desk.jobs.values()
        today = start_of_day(self.desk.now)
        self.header.spent = words.price(spent(jobs, today, practice=self.desk.backstage.practice))
        trouble = self.desk.trouble or self.desk.elsewhere
        self.notice.text, self.notice.bad = (trouble, False) if trouble else held_up(jobs, today)

    async def on_header_pressed(self, event: HeaderPressed) -> None:
        """A word of the header was clicked."""
        if event.word == "commands":
            self.app.action_command_palette()
        else:
            await self.run_action({"project": "projects"}.get(event.word, f"app.{event.word}"))
