"""What is behind the screen in tests: a real store with an engine that only writes down what it is asked."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rich.color import ColorSystem
from textual.pilot import Pilot

from reelroom.store.ids import new_id
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store
from reelroom.tui.app import Reelroom
from reelroom.tui.studio.faces import Engine, NoEngine, NotKept, Shelf
from reelroom.tui.studio.orders import Order, canonical

NOON = 1_795_089_600.0
"""19 November 2026, 12:00 UTC."""
TRUE_COLOUR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


ROADS: Mapping[JobState, tuple[JobState, ...]] = {
    JobState.INTENT: (),
    JobState.SUBMITTING: (JobState.SUBMITTING,),
    JobState.UNKNOWN: (JobState.SUBMITTING, JobState.UNKNOWN),
    JobState.REJECTED: (JobState.SUBMITTING, JobState.REJECTED),
    JobState.QUEUED: (JobState.SUBMITTING, JobState.QUEUED),
    JobState.RUNNING: (JobState.SUBMITTING, JobState.QUEUED, JobState.RUNNING),
    JobState.CANCELLING: (JobState.SUBMITTING, JobState.QUEUED, JobState.CANCELLING),
    JobState.FAILED: (JobState.SUBMITTING, JobState.QUEUED, JobState.RUNNING, JobState.FAILED),
    JobState.DOWNLOADING: (JobState.SUBMITTING, JobState.READY, JobState.DOWNLOADING),
}
"""How a job comes to a state."""


async def put(store: Store, job: Job, state: JobState, **ending: object) -> Job:
    """Make a job and take it to a state, which gets the fields of its ending."""
    made = (await store.add_jobs([job]))[0]
    for step in ROADS[state]:
        made = await store.move(made.id, step, **(ending if step is ROADS[state][-1] else {}))
    return made


@dataclass
class Clock:
    """A clock that stands."""

    at: float = NOON

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True, slots=True)
class Picture:
    """A poster of one colour above another."""

    width: int
    height: int
    rgb: bytes


class FlatPosters:
    """A poster for each clip but those whose file name says that there is none."""

    def picture(
        self, media_id: str, file_name: str, cells_w: int, cells_h: int, ground: tuple[int, int, int]
    ) -> Picture | None:
        if "no-poster" in file_name:
            return None
        shade = hashlib.sha256(media_id.encode()).digest()[0]
        upper = bytes((90, 110, shade)) * (cells_w * cells_h)
        lower = bytes((30, shade, 60)) * (cells_w * cells_h)
        assert len(ground) == 3
        return Picture(cells_w, cells_h * 2, upper + lower)


@dataclass
class QuietEngine:
    """Commits what it is asked for, and sends nothing anywhere."""

    store: Store
    clock: Callable[[], float]
    sender: str | None = "this engine"
    leads: bool = True
    elsewhere: str | None = None
    posting: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def submit(self, orders: Sequence[Order]) -> list[Job]:
        return await self.store.add_jobs([self._intent(order) for order in orders])

    def _intent(self, order: Order) -> Job:
        now = self.clock()
        return Job(
            id=new_id(now),
            origin="sandbox",
            endpoint=order.endpoint,
            model=order.model,
            prompt=order.prompt,
            input=canonical(order.input),
            project_id=order.project_id,
            sender=self.sender,
            estimate=order.estimate,
            created_at=now,
            state_since=now,
        )

    async def resume(self, *, send_unsent: bool = False) -> list[Job]:
        assert not send_unsent
        return []

    async def cancel(self, job_id: str) -> Job:
        return await self._note("cancel", job_id)

    async def dismiss(self, job_id: str) -> Job:
        await self._note("dismiss", job_id)
        return await self.store.move(job_id, JobState.DISMISSED)

    async def retry(self, job_id: str) -> Job:
        return await self._note("retry", job_id)

    async def _note(self, what: str, job_id: str) -> Job:
        self.asked.append((what, job_id))
        return await self.store.job(job_id)

    async def send_unsent(self, job_ids: Sequence[str]) -> list[Job]:
        return [await self._note("send", job_id) for job_id in job_ids]

    async def leave(self, *, patience: float = 15.0) -> None:
        assert patience


@dataclass
class Stage:
    """A Backstage on a folder of its own."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    practice: bool = True
    origin: str = "sandbox"
    key_source: str = "none"
    can_play: bool = False
    ask_above: Decimal = Decimal(5)
    shown_library: Path | None = None
    refusal: str = ""
    """Why there is no engine; empty where there is one."""
    kept: list[str] = field(default_factory=list)
    """The keys that were given on the screen."""
    engines: list[QuietEngine] = field(default_factory=list)
    opened: int = 0
    """How many stores the screen holds open."""

    @property
    def data(self) -> Path:
        return self.folder

    @property
    def library(self) -> Path:
        return self.shown_library or self.folder / "library"

    @property
    def database(self) -> Path:
        return self.folder / "library.db"

    @property
    def log(self) -> Path:
        return self.folder / "reelroom.log"

    @property
    def posters(self) -> FlatPosters:
        return FlatPosters()

    async def keep_key(self, text: str) -> str:
        if ":" not in text:
            raise NotKept("Half of the FAL key is missing.")
        self.kept.append(text)
        return "Kept in the system keyring."

    async def play(self, file_name: str) -> None:
        raise NoEngine(f"No player opens {file_name} here.")

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """The very store that the screen opens."""
        async with open_store(self.database, clock=self.clock) as store:
            yield store

    @asynccontextmanager
    async def shelf(self) -> AsyncIterator[Shelf]:
        async with self.store() as store:
            self.opened += 1
            try:
                yield store
            finally:
                self.opened -= 1

    @asynccontextmanager
    async def engine(self, shelf: Shelf) -> AsyncIterator[Engine]:
        if self.refusal:
            raise NoEngine(self.refusal)
        assert isinstance(shelf, Store)
        self.engines.append(QuietEngine(shelf, self.clock))
        yield self.engines[-1]

    async def shown(self, app: Reelroom, pilot: Pilot[str | None]) -> None:
        """Wait until the studio shows what is in the store."""
        async with asyncio.timeout(20):
            while not (self.engines or app.desk.trouble) or app.studio.media.view.feed.window.total is None:
                await pilot.pause()
        await pilot.pause()

    async def left(self, app: Reelroom) -> None:
        """Leave, and wait until the store is closed."""
        await app.action_leave()
        async with asyncio.timeout(20):
            while self.opened:
                await asyncio.sleep(0.01)

    def app(self, *, no_color: bool = False) -> Reelroom:
        """The studio as it is started, in true colour whatever terminal the tests run on."""
        environ = TRUE_COLOUR | ({"NO_COLOR": "1"} if no_color else {})
        app = Reelroom(self, environ=environ, clock=self.clock)
        app.console._color_system = ColorSystem.TRUECOLOR
        return app
