"""The plain records that cross layers: frozen, made of standard types, importing nothing heavy.

Times are seconds since 1970 (UTC). Money is US dollars as Decimal; None is unknown, and never zero.
"""

from dataclasses import dataclass
from decimal import Decimal

from .reasons import REASONS, Reason
from .states import TERMINAL, HoldUp, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A named group of clips. One is always active."""

    id: str
    name: str
    created_at: float
    archived_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One clip that a reply promises: where it is fetched, and the name it will bear in the library."""

    media_id: str
    position: int
    url: str
    file_name: str
    kind: str = "video"
    content_type: str | None = None
    size: int | None = None
    """Bytes as FAL states them: a hint that may be wrong."""
    etag: str | None = None
    """The media host's mark of the bytes that the part holds, so that a resume never splices two files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One paid request, from the wish to the saved clip."""

    id: str
    origin: str
    """`fal:<key id>`, `sandbox`, or the base URL given: the only place where this job is ever taken up."""
    endpoint: str
    model: str
    """The model's name for people, as it was when the job was made."""
    prompt: str
    input: str
    """The whole input that is sent, as canonical JSON."""
    project_id: str | None = None
    seed: int | None = None
    state: JobState = JobState.INTENT
    reason: str | None = None
    """One word of `reasons.REASONS` that says why the job ended or waits."""
    detail: str | None = None
    """A sentence for people; FAL's own words where it gave any, cleaned."""
    hold_up: HoldUp | None = None
    estimate: Decimal | None = None
    cost: Decimal | None = None
    billed: bool | None = None
    """Whether FAL charged for it; None where no one here can know."""
    sender: str | None = None
    """The process that made the intent, and the only one that sends it without being asked again."""
    replaces: str | None = None
    """The id of the job that this one is a resubmit of."""
    request_id: str | None = None
    status_url: str | None = None
    response_url: str | None = None
    cancel_url: str | None = None
    outputs: tuple[Output, ...] = ()
    created_at: float
    state_since: float
    submitted_at: float | None = None
    """When the POST was begun."""
    ended_at: float | None = None

    @property
    def terminal(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in TERMINAL

    @property
    def why(self) -> Reason | None:
        """Why it ended or waits; what holds it up comes first."""
        word = self.reason if self.hold_up is None or self.terminal else self.hold_up.value
        return REASONS.get(word) if word else None

    @property
    def rereadable(self) -> bool:
        """Whether it ended, and reading FAL's reply again may still bring its clip without paying."""
        bad = self.state in {JobState.FAILED, JobState.EXPIRED}
        return bad and self.why is not None and self.why.rereadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One clip in the library. Widths are pixels, durations seconds, probed from the file itself."""

    id: str
    job_id: str | None
    position: int
    origin: str
    kind: str
    path: str
    """The file's name relative to the library folder."""
    sha256: str
    bytes: int
    created_at: float
    project_id: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    has_audio: bool | None = None
    prompt: str = ""
    endpoint: str = ""
    model: str = ""
    seed: int | None = None
    cost: Decimal | None = None
    request_id: str | None = None
    rating: int | None = None
    favourite: bool = False
    tags: tuple[str, ...] = ()
    seen_at: float | None = None
    trashed_at: float | None = None


Key = tuple[float, str]
"""Where a clip stands among all others, newest first: when it was made, and its id."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which clips: those out of the trash that hold all words of the query; project "" is none, None any."""

    query: str = ""
    project_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which of them: `count` clips from a place, or from `start` places after (before: negative) a key."""

    start: int
    count: int
    anchor: Key | None = None
    selected: Key | None = None
    """A clip whose place is asked for as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of clips, newest first. A place is the number of clips that are newer."""

    start: int
    """The place of the first clip here."""
    total: int
    """How many clips match what was searched for."""
    whole: int
    """How many there are without the search."""
    clips: tuple[Media, ...]
    anchor: int | None = None
    """The place of the key that was asked about, whether or not its clip is still there."""
    near: tuple[int, Media] | None = None
    """The selected clip and its place; if it is gone, the one that took its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a job ends whose clips are kept: saved, or with fewer of them than were promised."""

    state: JobState = JobState.SAVED
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a job's history, never changed afterwards."""

    id: int
    job_id: str
    at: float
    kind: str
    """`state`, `hold_up`, `log` (the model's own words) or `note` (ours)."""
    state: JobState | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A reply of FAL as it came, before anything was read out of it."""

    job_id: str
    kind: str
    """`submit` or `result`."""
    status: int
    body: str | None
    file: str | None
    """A dot-file of the library that holds a body over 4 MiB."""
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent along with requests, and where it is at FAL."""

    origin: str
    sha256: str
    url: str
    content_type: str
    bytes: int
    uploaded_at: float
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """A long file of which FAL has some parts: their numbers, from 1, and its marks of them."""

    origin: str
    sha256: str
    url: str
    upload_id: str
    part_size: int
    begun_at: float
    parts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most that may be spent, in US dollars: on one run, since a moment, or on a project."""

    name: str
    """What a sentence begins with: `Today's budget`."""
    usd: Decimal
    of_run: bool = False
    """Whether only the jobs that are being made count."""
    since: float | None = None
    project_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that has the engine's lock, as it says itself; None for what it has not said."""

    pid: int | None = None
    since: float | None = None
    sender: str | None = None
    """Its name on the intents that it is to send; None for a process that sends nothing."""
    origin: str | None = None
    base: str | None = None
    """Where its own sandbox answers."""
    no_spend: bool = False
    """Whether it was told to send nothing."""


Change = Project | Job | Media
