"""The page a person works on: compose, jobs and media, beside each other or behind tabs."""

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from reelroom.tui import messages, words
from reelroom.tui.desk import Desk
from reelroom.tui.widgets.jobs_board import JobBoard
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span
from reelroom.tui.widgets.tabs_line import TabPressed, TabsLine
from reelroom.tui.widgets.told import UsualTime

from .clips import ClipWishes
from .composing import ComposeWishes
from .job import JobScreen
from .sizes import SMALLEST, size_class

SIZES = ("wide", "normal", "small", "tiny", "below")


class StudioScreen(ComposeWishes, ClipWishes):
    """Hands down what the desk knows, and wishes up to the App."""

    CSS_PATH = "studio.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5,ctrl+enter", "generate", "generate", key_display="^j", id="studio.generate"),
        Binding("tab", "app.focus_next", "next field", show=False, id="studio.next"),
        Binding("1", "tab(1)", "compose", show=False, id="studio.compose"),
        Binding("2", "tab(2)", "jobs", show=False, id="studio.jobs"),
        Binding("3", "tab(3)", "media", show=False, id="studio.media"),
        Binding("ctrl+o", "next_pane", "next pane", key_display="^o", id="studio.next_pane"),
        Binding("ctrl+g", "projects", "projects", show=False, id="studio.projects"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.tabs_line = TabsLine()
        self.board = JobBoard()
        self.jobs_pane = Pane("Jobs", self.board, id="jobs")

    def body(self) -> Iterator[Widget]:
        """The panes, beside each other or behind tabs."""
        yield self.tabs_line
        right = Vertical(self.jobs_pane, self.media, id="right")
        yield Horizontal(self.compose_pane, right, id="room")
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        """What does not depend on the library."""
        backstage = self.desk.backstage
        self.compose_pane.sandbox = backstage.practice
        self.board.origin = backstage.origin
        self.media.folder = str(backstage.library)
        self.media.can_play = backstage.can_play
        self._tick()
        self.set_interval(1.0, self._tick)
        self.compose_pane.upper.prompt.focus()

    def _tick(self) -> None:
        self.board.now = self.media.now = self.desk.now

    # What comes down.

    def news(self, what: str) -> None:
        """The desk says what has changed; see `Desk`."""
        super().news(what)
        if not self.is_mounted:
            return
        if what == "progress":
            self.board.progress = self.desk.progress
            return
        if what == "media":
            for clip in self.desk.take_newest():
                self.media.note(clip)
            self.board.clips = self.desk.clips
            self._count_unseen()
            return
        if what == "projects":
            self._load_projects()
            return
        if what == "engine":
            self.board.sender = self.desk.sender
        if what in ("ready", "elsewhere"):
            self._load_all(first=what == "ready")
        self.board.jobs = self.desk.jobs

    def _load_all(self, *, first: bool) -> None:
        self.board.usual = {name: UsualTime(*runs) for name, runs in self.desk.usual.items()}
        self.board.clips = self.desk.clips
        self.take_project()
        if not first:
            self.media.reload()

    @work(exclusive=True, group="projects")
    async def _load_projects(self) -> None:
        await self.desk.refresh_projects()
        self.take_project()

    def take_project(self) -> None:
        """Show the clips and the draft of the active project."""
        project = self.desk.project
        if project is None:
            return
        self.head()
        self.media.project_id = project.id
        self.show_draft_of(project.id)
        self._count_unseen()

    def _count_unseen(self) -> None:
        unseen = (clip for clip in self.desk.clips.values() if clip.seen_at is None)
        active = self.desk.project
        self.tabs_line.unseen = sum(
            1 for clip in unseen if clip.trashed_at is None and active and clip.project_id == active.id
        )

    def on_board_counts(self, counts: messages.BoardCounts) -> None:
        """Put the numbers into the pane's title and the tab."""
        self.tabs_line.needs_you, self.tabs_line.working = counts.needs_you, counts.working
        parts = []
        if counts.needs_you:
            need = words.count(counts.needs_you, "needs you", "need you")
            parts.append(Span(need, "attention", bold=True))
        if counts.working:
            parts.append(Span(f"{counts.working} working", "text"))
        if counts.saved:
            parts.append(Span(f"{counts.saved} saved today", "muted"))
        self.jobs_pane.right = tuple(parts)

    # Sizes and panes.

    def on_resize(self, event: Resize) -> None:
        """Fold the panes to what has room."""
        now = size_class(event.size.width, event.size.height)
        for name in SIZES:
            self.set_class(name == now, name)
        width, height = SMALLEST
        said = f"This window is {event.size.width}x{event.size.height}. Jobs go on."
        self.query_one("#too-small", Static).update(f"Reelroom needs {width}x{height}. {said}")
        self._show_tab(self.tabs_line.active, focus=False)

    @property
    def _tabbed(self) -> bool:
        return self.has_class("small") or self.has_class("tiny")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Digits are text while text is typed, and pick a tab only where there are tabs."""
        if action == "tab":
            return self._tabbed and not isinstance(self.focused, TextArea | Input)
        if action == "next_pane":
            return not self.has_class("below")
        return True

    def on_tab_pressed(self, event: TabPressed) -> None:
        """A tab was clicked."""
        self._show_tab(event.number, focus=True)

    def action_tab(self, number: int) -> None:
        """Show a pane."""
        self._show_tab(number, focus=True)

    def action_next_pane(self) -> None:
        """Go to the next pane, or tab."""
        self._show_tab(self._pane_with_focus() % 3 + 1, focus=True)

    def _pane_with_focus(self) -> int:
        panes = (self.compose_pane, self.jobs_pane, self.media)
        focused = self.focused
        for number, pane in enumerate(panes, 1):
            if focused is not None and pane in focused.ancestors:
                return number
        return self.tabs_line.active if self._tabbed else 3

    def _show_tab(self, number: int, *, focus: bool) -> None:
        self.tabs_line.active = number
        for tab in (1, 2, 3):
            self.set_class(tab == number, f"tab-{tab}")
        if focus:
            (self.compose_pane.upper.prompt, self.board, self.media.view)[number - 1].focus()

    def on_job_opened(self, message: messages.JobOpened) -> None:
        """Show everything about a job."""
        self.app.push_screen(JobScreen(self.desk, message.job_id))
