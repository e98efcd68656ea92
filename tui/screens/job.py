"""Everything about one job: where it stands, FAL's own words, its history, what was sent."""

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from reelroom.store.records import Event, Job
from reelroom.store.states import JobState
from reelroom.tui import words
from reelroom.tui.desk import Desk
from reelroom.tui.theme import Paint, Role
from reelroom.tui.widgets.job_keys import JobKeys
from reelroom.tui.widgets.job_words import describe
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span
from reelroom.tui.widgets.told import UsualTime

from .facts import table
from .page import Page

PLAIN = {
    JobState.INTENT: "You asked for it. Written to disk first.",
    JobState.SUBMITTING: "Sending.",
    JobState.UNKNOWN: "No answer. It may have been charged, so it is not sent again.",
    JobState.QUEUED: "FAL took it. It is in line.",
    JobState.RUNNING: "It is being made.",
    JobState.CANCELLING: "You asked FAL to cancel it.",
    JobState.READY: "It is done. FAL's answer is kept.",
    JobState.DOWNLOADING: "The clip is being fetched.",
    JobState.SAVED: "The whole file was checked, and is in your library.",
    JobState.REJECTED: "FAL refused it.",
    JobState.FAILED: "It ended with an error. FAL's answer is kept.",
    JobState.CANCELLED: "It was cancelled.",
    JobState.EXPIRED: "FAL no longer has the file.",
    JobState.DISMISSED: "You put it away.",
}
"""The history in plain words."""

SETTINGS = {"duration": "Length", "aspect_ratio": "Shape", "resolution": "Size"}
"""The form's own words for what a request holds."""
SIDE_BY_SIDE = 110
"""Cells from which on history and request stand beside each other."""


class JobPage(JobKeys, VerticalScroll, can_focus=True):
    """The text of the page, with the keys that work for this job."""

    def __init__(self, desk: Desk, job_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._job_id = job_id
        self._events: Sequence[Event] = ()
        self.origin = desk.backstage.origin
        self.sender = desk.sender

    @property
    def current(self) -> Job | None:
        """The job of this page."""
        return self._desk.jobs.get(self._job_id)

    def compose(self) -> ComposeResult:
        """What it came to, then history and request beside or below each other."""
        yield Static(id="standing", markup=False)
        with Horizontal(id="halves"):
            with Pane("Log"):
                yield Static(id="history", markup=False)
            with Pane("Request", id="request-pane"):
                yield Static(id="request", markup=False)

    async def renew(self) -> None:
        """Read the history anew, and draw."""
        if self._desk.shelf is not None:
            self._events = await self._desk.shelf.events(self._job_id)
        job = self.current
        if job is None or not self.is_attached:
            return
        paint = Paint.of(self.app.current_theme)
        self.query_one("#standing", Static).update(_joined(self._standing(job), paint))
        self.query_one("#history", Static).update(_joined(self._history(), paint))
        self.query_one("#request", Static).update(table(_request(job), paint))
        self.refresh_bindings()

    def _standing(self, job: Job) -> Iterator[tuple[str, Role, bool]]:
        look = words.look_of(job)
        runs = self._desk.usual.get(job.endpoint)
        told = describe(
            job,
            self._desk.progress.get(job.id),
            UsualTime(*runs) if runs else None,
            self._desk.now,
            clip=self._desk.clips.get(job.id),
            origin=self.origin,
            sender=self.sender,
        )
        glyph = look.ascii if Paint.of(self.app.current_theme).ascii_only else look.glyph
        yield f"{glyph} {look.word}", look.role, True
        yield f"  {told.detail}\n", "text", False
        yield f"{told.sentence}\n\n", "muted", False
        yield f"Estimate {words.price(job.estimate, about=True)} · {_billed(job)}\n", "muted", False
        if job.request_id:
            yield f"Request {job.request_id}\n", "muted", False
        if self.armed:
            yield "\nPress D once more to put it away for good.\n", "attention", True

    def _history(self) -> Iterator[tuple[str, Role, bool]]:
        for event in self._events:
            yield f"{words.clock_time(event.at)}  ", "faint", False
            if event.kind == "state" and event.state is not None:
                bad = event.state in {JobState.FAILED, JobState.REJECTED, JobState.EXPIRED}
                if event.state is JobState.INTENT and event.text:
                    yield f"{event.text}\n", "text", False
                    continue
                yield PLAIN[event.state], "bad" if bad else "text", False
                yield f" {event.text}\n" if event.text else "\n", "muted", False
            elif event.kind == "log":
                yield f"FAL: {event.text}\n", "muted", False
            else:
                yield f"{event.text or 'Nothing holds it up any more.'}\n", "text", False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """It is open already, and there is only this one."""
        if action in {"open", "needs_me"}:
            return False
        return super().check_action(action, parameters)

    async def watch_armed(self) -> None:
        """Show what the next press does."""
        if self.is_mounted:
            await self.renew()


def _billed(job: Job) -> str:
    if job.origin == "sandbox":
        return "practice money"
    if job.cost is not None:
        return f"billed {words.price(job.cost)}"
    return "nothing charged" if job.billed is False else "not billed yet, as far as is known here"


def _request(job: Job) -> Iterator[tuple[str, str]]:
    yield "Prompt", job.prompt
    yield "", ""
    yield "Model", job.endpoint
    for name, value in json.loads(job.input).items():
        if name != "prompt":
            label = SETTINGS.get(name, name.replace("_", " ").capitalize())
            told = words.seed(value) if name == "seed" and isinstance(value, int) else value
            yield label, told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    yield "Made", words.date_time(job.created_at)
    yield "Job", job.id
    yield "Origin", job.origin


def _joined(parts: Iterator[tuple[str, Role, bool]], paint: Paint) -> Text:
    text = Text()
    for part, role, bold in parts:
        text.append(part, paint(role, bold=bold))
    return text


class JobScreen(Page):
    """One job, over the whole window."""

    CSS = """
    JobPage { padding: 1 1; scrollbar-size-vertical: 1; }
    JobPage #standing { padding: 0 1; margin-bottom: 1; }
    JobPage #halves { height: auto; }
    JobPage Pane { height: auto; }
    JobPage #request-pane { width: 50; }
    JobPage #history, JobPage #request { padding: 1; }
    JobScreen.-narrow JobPage #halves { layout: vertical; }
    JobScreen.-narrow JobPage #request-pane { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", key_display="esc", id="job.back"),
    ]

    def __init__(self, desk: Desk, job_id: str) -> None:
        super().__init__(desk)
        self._page = JobPage(desk, job_id)
        job = desk.jobs.get(job_id)
        self._model = job.model if job else "Job"

    def body(self) -> Iterator[Widget]:
        """The page under its title."""
        yield Pane(self._model, self._page, right=[Span("esc back", "muted")])

    def on_mount(self) -> None:
        """Draw, and keep the elapsed times right."""
        self._page.focus()
        self.call_after_refresh(self._page.renew)
        self.set_interval(1.0, self._page.renew)

    def on_resize(self, event: Resize) -> None:
        """Beside each other only where both have room."""
        self.set_class(event.size.width < SIDE_BY_SIDE, "-narrow")

    def action_back(self) -> None:
        """Go back to the studio."""
        self.dismiss()
