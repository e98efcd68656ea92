"""The page a person works on: compose, jobs and media, beside each other or behind tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static, TextArea

from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.tabs_line import TabPressed, TabsLine

from .clips import ClipWishes
from .composing import ComposeWishes
from .sizes import SMALLEST, size_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.events import Resize, ScreenResume
    from textual.geometry import Size
    from textual.widget import Widget

    from reelroom.tui import messages
    from reelroom.tui.desk import Desk
    from reelroom.tui.widgets.jobs_board import JobBoard
    from reelroom.tui.widgets.strips import Span

TABBED = ("small", "tiny")
CLASSES = ("wide", "normal", *TABBED, "below", "tabbed", "tab-1", "tab-2", "tab-3")


class Room(Horizontal):
    """What holds the panes; nothing of it is seen."""

    BLANK: ClassVar[bool] = True


class StudioScreen(ComposeWishes, ClipWishes):
    """Hands down what the desk knows, and wishes up to the App.

    The board and the media panel have nothing to show before the library is open: `furnish` brings them,
    after the first paint.
    """

    AUTO_FOCUS = ""  # the prompt has it, which need not be searched for
    board: JobBoard

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5,ctrl+enter", "generate", "generate", key_display="^j", id="studio.generate"),
        Binding("tab", "app.focus_next", "next field", show=False, id="studio.next"),
        Binding("1", "tab(1)", "compose", show=False, id="studio.compose"),
        Binding("2", "tab(2)", "jobs", show=False, id="studio.jobs"),
        Binding("3", "tab(3)", "media", show=False, id="studio.media"),
        Binding("ctrl+o", "next_pane", "next pane", key_display="^o", id="studio.next_pane"),
        Binding("ctrl+r", "again", "last prompt", key_display="^r", id="studio.again"),
        Binding("ctrl+g", "projects", "projects", show=False, id="studio.projects"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.tabs_line = TabsLine()
        self.jobs_pane = Pane("Jobs", id="jobs")
        self.right = Vertical(self.jobs_pane, Pane("Media", id="media"), id="right")
        self.furnished = False

    def body(self) -> Iterator[Widget]:
        """The panes, beside each other or behind tabs."""
        yield self.tabs_line
        yield Room(self.compose_pane, self.right, id="room")
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        """What does not depend on the library."""
        self.compose_pane.sandbox = self.desk.backstage.practice
        self.set_focus(self.compose_pane.upper.prompt)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """All widgets were styled as they were made: for the first paint once is enough."""
        event.refresh_styles = event.refresh_styles and self.stack_updates > 0

    async def furnish(self) -> None:
        """Bring the board and the media panel into their panes."""
        from reelroom.tui.widgets.jobs_board import JobBoard  # noqa: PLC0415 - after the first paint
        from reelroom.tui.widgets.media_panel import MediaPanel  # noqa: PLC0415 - after the first paint

        backstage = self.desk.backstage
        self.board, self.media = JobBoard(), MediaPanel(id="media")
        self.board.origin = backstage.origin
        self.media.folder = str(backstage.library)
        self.media.can_play = backstage.can_play
        self._tick()
        with self.app.batch_update():
            await super().furnish()
            await self.query_one("#media", Pane).remove()
            await self.jobs_pane.mount(self.board)
            await self.right.mount(self.media)
        self.furnished = True
        self.set_interval(1.0, self._tick)

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
        if what in {"engine", "moved in"}:
            self.board.sender = self.desk.sender
        if what in ("ready", "elsewhere"):
            self._load_all(first=what == "ready")
        self.board.jobs = self.desk.jobs

    def _load_all(self, *, first: bool) -> None:
        from reelroom.tui.widgets.told import UsualTime  # noqa: PLC0415 - after the first paint

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
        self.jobs_pane.right = tuple(_counted(counts))

    # Sizes and panes.

    def on_resize(self, event: Resize) -> None:
        """Fold the panes to what has room."""
        self.fold(event.size)
        if self.has_class("below"):
            width, height = SMALLEST
            said = f"This window is {event.size.width}x{event.size.height}. Jobs go on."
            self.query_one("#too-small", Static).update(f"Reelroom needs {width}x{height}. {said}")
        elif self.furnished and self.focused is None:
            # What had the focus was hidden meanwhile.
            self.call_after_refresh(self._show_tab, self.tabs_line.active, focus=True)

    def fold(self, size: Size) -> None:
        """Name the size class, which the style sheet goes by; before the first paint, it costs nothing."""
        now = size_class(size.width, size.height)
        shown = {now, f"tab-{self.tabs_line.active}"} | ({"tabbed"} if now in TABBED else set())
        self.update_classes({name: name in shown for name in CLASSES}, animate=False)

    @property
    def _tabbed(self) -> bool:
        return self.has_class("tabbed")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Digits are text while text is typed, and pick a tab only where there are tabs."""
        if action == "tab":
            return self.furnished and self._tabbed and not isinstance(self.focused, TextArea | Input)
        if action == "next_pane":
            return self.furnished and not self.has_class("below")
        return super().check_action(action, parameters)

    def on_tab_pressed(self, event: TabPressed) -> None:
        """A tab was clicked."""
        self._show_tab(event.number, focus=True)

    def action_tab(self, number: int) -> None:
        """Show a pane."""
        self._show_tab(number, focus=True)

    def action_generate(self) -> None:
        """Generate from wherever the focus is; what is sent is what can be seen."""
        if self._tabbed and self.tabs_line.active != 1:
            self._show_tab(1, focus=True)
            return
        super().action_generate()

    def action_next_pane(self) -> None:
        """Go to the next pane, and to its tab."""
        panes = (self.compose_pane.upper, self.compose_pane.lower, self.jobs_pane, self.media)
        around = self.focused.ancestors if self.focused is not None else []
        now = next((number for number, pane in enumerate(panes) if pane in around), len(panes) - 1)
        following = (now + 1) % len(panes)
        self._show_tab((1, 1, 2, 3)[following], focus=True)
        if panes[following] is self.compose_pane.lower:
            self.compose_pane.lower.checklist.focus()

    def _show_tab(self, number: int, *, focus: bool) -> None:
        self.tabs_line.active = number
        self.fold(self.size)
        if focus:
            (self.compose_pane.upper.prompt, self.board, self.media.view)[number - 1].focus()

    def on_job_opened(self, message: messages.JobOpened) -> None:
        """Show everything about a job."""
        from .job import JobScreen  # noqa: PLC0415 - with its first look

        self.app.push_screen(JobScreen(self.desk, message.job_id))


def _counted(counts: messages.BoardCounts) -> Iterator[Span]:
    from reelroom.tui import words  # noqa: PLC0415 - after the first paint
    from reelroom.tui.widgets.strips import Span  # noqa: PLC0415 - as above

    if counts.needs_you:
        yield Span(words.count(counts.needs_you, "needs you", "need you"), "attention", bold=True)
    if counts.working:
        yield Span(f"{counts.working} working", "text")
    if counts.saved:
        yield Span(f"{counts.saved} saved today", "muted")
