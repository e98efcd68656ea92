"""The engine and the store as a screen sees them: nothing behind these names is loaded with them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from reelroom.store.records import Event, Job, Media, Page, Project, Scope, Stretch

from .orders import Order


class Shelf(Protocol):
    """What is kept; see `reelroom.store.store.Store`."""

    async def active_project(self) -> Project:
        """The project that new clips go to."""
        ...

    async def projects(self, *, archived: bool = False) -> list[Project]:
        """The projects, oldest first."""
        ...

    async def project_named(self, name: str) -> Project:
        """The project of this name, made when new."""
        ...

    async def activate(self, project_id: str) -> Project:
        """Make a project the active one."""
        ...

    async def rename_project(self, project_id: str, name: str) -> Project:
        """Give a project another name."""
        ...

    async def archive_project(self, project_id: str) -> Project:
        """Put a project out of sight."""
        ...

    async def job(self, job_id: str) -> Job:
        """One job."""
        ...

    async def jobs(
        self, *, unfinished: bool = False, origin: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """The newest jobs, newest last."""
        ...

    async def events(self, job_id: str) -> list[Event]:
        """A job's history."""
        ...

    async def running_times(self, *, limit: int = 500) -> dict[str, list[float]]:
        """How long jobs ran at FAL, in seconds, by endpoint."""
        ...

    async def media(
        self,
        query: str = "",
        *,
        project_id: str | None = None,
        trashed: bool = False,
        before: tuple[float, str] | None = None,
        limit: int | None = None,
    ) -> list[Media]:
        """Clips, newest first."""
        ...

    async def clip(self, media_id: str) -> Media:
        """One clip."""
        ...

    async def page(self, scope: Scope, stretch: Stretch) -> Page:
        """A stretch of clips."""
        ...

    async def trash(self, media_id: str) -> Media:
        """Take a clip out of sight."""
        ...

    async def restore(self, media_id: str) -> Media:
        """Take a clip out of the trash."""
        ...

    async def update_clip(self, media_id: str, **fields: object) -> Media:
        """Write fields of a clip."""
        ...

    async def counts(self, *, trashed: bool = False) -> dict[str | None, int]:
        """How many clips each project has."""
        ...

    async def draft(self, key: str) -> str | None:
        """Unsent text."""
        ...

    async def keep_draft(self, key: str, text: str) -> None:
        """Keep unsent text."""
        ...

    async def version(self) -> int:
        """A number that changes when another process has committed something."""
        ...

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Any]]:
        """Every change after its commit."""
        ...


class Engine(Protocol):
    """What does the work; see `reelroom.tui.studio.studio.Studio`."""

    @property
    def leads(self) -> bool:
        """Whether this process does the work."""
        ...

    @property
    def elsewhere(self) -> str | None:
        """Who else does the work, and what that means here; None where it is this process."""
        ...

    @property
    def sender(self) -> str | None:
        """The process that does the work, as the intents that it sends name it."""
        ...

    @property
    def posting(self) -> int:
        """How many POSTs are under way."""
        ...

    async def submit(self, orders: Sequence[Order]) -> list[Job]:
        """Commit intents and send them."""
        ...

    async def resume(self, *, send_unsent: bool = False) -> list[Job]:
        """Take up everything unfinished."""
        ...

    async def cancel(self, job_id: str) -> Job:
        """Ask FAL to cancel."""
        ...

    async def dismiss(self, job_id: str) -> Job:
        """Put a job away."""
        ...

    async def retry(self, job_id: str) -> Job:
        """Go on, or read the reply again."""
        ...

    async def send_unsent(self, job_ids: Sequence[str]) -> list[Job]:
        """Send intents that an earlier process left."""
        ...

    async def leave(self, *, patience: float = 15.0) -> None:
        """Stop; POSTs that have begun may still be answered."""
        ...


class NotKept(Exception):
    """The FAL key was not kept; `str()` is a sentence, and never holds it."""


class NoEngine(Exception):
    """The engine could not be started; `str()` says why, in people's words."""


class Pixels(Protocol):
    """A picture for half blocks."""

    @property
    def width(self) -> int:
        """Pixels, which are cells."""
        ...

    @property
    def height(self) -> int:
        """Pixels: two for each cell."""
        ...

    @property
    def rgb(self) -> bytes:
        """Rows from the top, three bytes a pixel."""
        ...


class Posters(Protocol):
    """Posters of the library; it blocks, and is called in worker threads."""

    def picture(
        self, media_id: str, file_name: str, cells_w: int, cells_h: int, ground: tuple[int, int, int]
    ) -> Pixels | None:
        """A clip's poster at a size in cells; None where there can be none."""
        ...


class Backstage(Protocol):
    """What the screen is given: the ways to open what it needs, and a few facts. All paths are absolute."""

    @property
    def practice(self) -> bool:
        """Whether nothing is ever charged here: the sandbox."""
        ...

    @property
    def ask_above(self) -> Decimal:
        """US dollars above which a run is asked about before it is sent."""
        ...

    @property
    def origin(self) -> str:
        """Where new jobs belong."""
        ...

    @property
    def data(self) -> Path:
        """The folder of the database, and of what FAL has listed."""
        ...

    @property
    def library(self) -> Path:
        """The folder of the clips."""
        ...

    @property
    def posters(self) -> Posters:
        """The posters of the clips."""
        ...

    @property
    def can_play(self) -> bool:
        """Whether a player would open on this machine: not over SSH."""
        ...

    async def play(self, file_name: str) -> None:
        """Open a clip of the library in a player; raises NoEngine with a sentence."""
        ...

    @property
    def log(self) -> Path:
        """The log file."""
        ...

    @property
    def key_source(self) -> str:
        """Where the key comes from, in words; never the key."""
        ...

    async def keep_key(self, text: str) -> str:
        """Keep the FAL key for the next start; says where. Raises NotKept."""
        ...

    def shelf(self) -> AbstractAsyncContextManager[Shelf]:
        """Open the store; raises NoEngine with a sentence."""
        ...

    def engine(self, shelf: Shelf) -> AbstractAsyncContextManager[Engine]:
        """Start the engine; raises NoEngine."""
        ...
