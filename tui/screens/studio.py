"""The page a person works on: compose, jobs and media, beside each other or behind tabs."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from reelroom.fal.catalogue import Catalogue
from reelroom.store.errors import StoreError
from reelroom.tui import messages, words
from reelroom.tui.desk import Desk
from reelroom.tui.studio.errors import StudioError
from reelroom.tui.studio.faces import Posters
from reelroom.tui.widgets.compose import ComposePane
from reelroom.tui.widgets.draft import Draft
from reelroom.tui.widgets.header import Header, HeaderPressed, Notice
from reelroom.tui.widgets.job_rows import start_of_day
from reelroom.tui.widgets.jobs_board import JobBoard
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.media_panel import MediaPanel
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span
from reelroom.tui.widgets.tabs_line import TabPressed, TabsLine
from reelroom.tui.widgets.told import UsualTime

from .clip import ClipScreen
from .job import JobScreen
from .projects import ProjectsScreen
from .sizes import SMALLEST, size_class

SIZES = ("wide", "normal", "small", "tiny", "below")


class StudioScreen(Screen[None]):
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

    def __init__(self, desk: Desk, posters: Posters) -> None:
        super().__init__()
        self._desk = desk
        self._posters = posters
        self.header = Header()
        self.notice = Notice()
        self.tabs_line = TabsLine()
        self.compose_pane = ComposePane(Catalogue.load(), id="compose")
        self.board = JobBoard()
        self.jobs_pane = Pane("Jobs", self.board, id="jobs")
        self.media = MediaPanel(id="media")
        self._draft_of: str | None = None

    def compose(self) -> ComposeResult:
        """The header, the panes, the keys."""
        yield self.header
        yield self.notice
        yield self.tabs_line
        with Horizontal(id="room"):
            yield self.compose_pane
            with Vertical(id="right"):
                yield self.jobs_pane
                yield self.media
        yield Static(id="too-small", markup=False)
        yield KeysLine()

    def on_mount(self) -> None:
        """What does not depend on the library."""
        backstage = self._desk.backstage
        self.header.practice = self.compose_pane.sandbox = backstage.practice
        self.board.origin = backstage.origin
        self.media.folder = str(backstage.library)
        self.media.can_play = backstage.can_play
        self._tick()
        self.set_interval(1.0, self._tick)
        self.compose_pane.upper.prompt.focus()

    def _tick(self) -> None:
        self.board.now = self.media.now = self._desk.now

    # What comes down.

    def news(self, what: str) -> None:
        """The desk says what has changed; see `Desk`."""
        if not self.is_mounted:
            return
        if what == "progress":
            self.board.progress = self._desk.progress
            return
        if what == "media":
            for clip in self._desk.take_newest():
                self.media.note(clip)
            self.board.clips = self._desk.clips
            self._count_unseen()
            return
        if what == "projects":
            self._load_projects()
            return
        if what == "engine":
            self.board.sender = self._desk.sender
        if what in ("ready", "elsewhere"):
            self._load_all(first=what == "ready")
        self.board.jobs = self._desk.jobs
        self._head()

    def _load_all(self, *, first: bool) -> None:
        self.board.usual = {name: UsualTime(*runs) for name, runs in self._desk.usual.items()}
        self.board.clips = self._desk.clips
        self._take_project()
        if not first:
            self.media.reload()

    def _head(self) -> None:
        self.header.spent = words.price(self._desk.spent_today(start_of_day(self._desk.now)))
        self.notice.text, self.notice.bad = self._desk.notice()

    @work(exclusive=True, group="projects")
    async def _load_projects(self) -> None:
        await self._desk.refresh_projects()
        self._take_project()

    def _take_project(self) -> None:
        project = self._desk.project
        if project is None:
            return
        self.header.project = project.name
        self.media.project_id = project.id
        if project.id != self._draft_of:
            self._draft_of = project.id
            self._load_draft(project.id)
        self._count_unseen()

    def _count_unseen(self) -> None:
        unseen = (clip for clip in self._desk.clips.values() if clip.seen_at is None)
        active = self._desk.project
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

    # What a person asks for.

    def action_generate(self) -> None:
        """Generate from wherever the focus is."""
        self.compose_pane.action_generate()

    @work(exclusive=True, group="generate")
    async def on_generate_requested(self, request: messages.GenerateRequested) -> None:
        """Commit the intents; only then may the form clear."""
        self.compose_pane.sending = True
        try:
            jobs = await self._desk.generate(request.orders)
        except (StudioError, StoreError) as error:
            self.compose_pane.not_submitted()
            self.app.notify(str(error), severity="warning", markup=False)
        else:
            self.compose_pane.submitted()
            models = words.count(len({job.endpoint for job in jobs}), "model")
            self.app.notify(f"Sent to {models}.", markup=False)
        finally:
            self.compose_pane.sending = False

    async def on_draft_changed(self, change: messages.DraftChanged) -> None:
        """Keep what is typed, so that no crash loses it."""
        await self._keep(change.project_id, change.draft)

    async def _keep(self, project_id: str | None, draft: Draft) -> None:
        if self._desk.shelf is None or project_id is None:
            return
        try:
            await self._desk.shelf.keep_draft(f"compose:{project_id}", draft.to_json())
        except StoreError as error:
            self.notice.text = str(error)

    async def keep_draft_now(self) -> None:
        """Keep the draft before leaving."""
        await self._keep(self._draft_of, self.compose_pane.draft)

    @work(exclusive=True, group="draft")
    async def _load_draft(self, project_id: str) -> None:
        if self._desk.shelf is not None:
            text = await self._desk.shelf.draft(f"compose:{project_id}")
            self.compose_pane.load(Draft.from_json(text), project_id)

    def on_job_opened(self, message: messages.JobOpened) -> None:
        """Show everything about a job."""
        self.app.push_screen(JobScreen(self._desk, message.job_id))

    def on_clip_opened(self, message: messages.ClipOpened) -> None:
        """Show everything about a clip."""
        self.app.push_screen(ClipScreen(self._desk, self._posters, message.media_id))

    # Clips.

    @work(group="pages")
    async def on_page_wanted(self, wanted: messages.PageWanted) -> None:
        """Read a stretch of clips for the panel."""
        shelf = self._desk.shelf
        try:
            if shelf is None:
                self.media.not_filled(wanted.token)
            else:
                self.media.fill(wanted.token, await shelf.page(wanted.scope, wanted.stretch))
        except StoreError as error:
            self.media.not_filled(wanted.token)
            self.notice.text = str(error)

    @work(exclusive=True, group="posters")
    async def on_poster_wanted(self, wanted: messages.PosterWanted) -> None:
        """Bring posters one after another; a newer wish takes the place of this one."""
        for clip in wanted.clips:
            size = wanted.cells_w, wanted.cells_h
            picture = await asyncio.to_thread(self._posters.picture, clip.id, clip.path, *size, wanted.ground)
            self.media.show_poster(clip.id, picture)

    async def on_trash_requested(self, message: messages.TrashRequested) -> None:
        """Put a clip into the trash; the panel moves on to its neighbour."""
        await self._set_trashed(message.media_id, trashed=True)

    async def on_restore_requested(self, message: messages.RestoreRequested) -> None:
        """Take the last one out again."""
        await self._set_trashed(message.media_id, trashed=False)

    async def _set_trashed(self, media_id: str, *, trashed: bool) -> None:
        shelf = self._desk.shelf
        if shelf is None:
            return
        try:
            await (shelf.trash(media_id) if trashed else shelf.restore(media_id))
        except StoreError as error:
            self.app.notify(str(error), severity="warning", markup=False)
            return
        self.media.restorable = media_id if trashed else None
        self.media.reload()
        self.app.clear_notifications()
        said = "Moved to trash. u puts it back." if trashed else "Put back."
        self.app.notify(said, markup=False)

    # Projects.

    def on_header_pressed(self, event: HeaderPressed) -> None:
        """A word of the header was clicked."""
        if event.word == "project":
            self.action_projects()
        elif event.word == "commands":
            self.app.action_command_palette()
        else:
            self.app.run_worker(self.app.run_action("help"))

    @work(exclusive=True, group="project-sheet")
    async def action_projects(self) -> None:
        """Choose, make, rename or archive a project."""
        shelf = self._desk.shelf
        if shelf is None:
            return
        sheet = ProjectsScreen(self._desk.projects, self._desk.project, await shelf.counts())
        chosen = await self.app.push_screen_wait(sheet)
        if chosen is None:
            return
        await self.keep_draft_now()
        try:
            await self._desk.change_project(*chosen)
        except (StoreError, StudioError) as error:
            self.app.notify(str(error), severity="warning", markup=False)
        self._take_project()
