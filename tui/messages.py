"""What a person asks for: each widget turns a press into one of these, and the screen sees to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from reelroom.store.records import Media, Scope, Stretch

    from .studio.orders import Order
    from .widgets.draft import Draft


@dataclass
class GenerateRequested(Message):
    """Send these orders; the form is held until the screen says how it went."""

    project_id: str | None
    prompt: str
    orders: tuple[Order, ...]


@dataclass
class DraftChanged(Message):
    """The form of this project has changed, and is to be kept."""

    project_id: str | None
    draft: Draft


@dataclass
class JobOpened(Message):
    """Show everything about this job."""

    job_id: str


@dataclass
class CancelRequested(Message):
    """Ask FAL to cancel this job, or take it back where it was not sent yet."""

    job_id: str


@dataclass
class RetryRequested(Message):
    """Go on with this job now, or read FAL's answer again; it never pays."""

    job_id: str


@dataclass
class DismissRequested(Message):
    """Put this job away for good; the person was asked already."""

    job_id: str


@dataclass
class SendUnsentRequested(Message):
    """Send these intents, which an earlier process left unsent."""

    job_ids: tuple[str, ...]


@dataclass
class MoreRequested(Message):
    """Fill the form to make more like a job, or like a clip; `job_id` is None where none is known."""

    job_id: str | None
    endpoint: str
    prompt: str


@dataclass
class CopyRequested(Message):
    """Put this text on the terminal's clipboard; `what` names it for the toast, as in `request id`."""

    text: str
    what: str


@dataclass
class BoardCounts(Message):
    """How many jobs of the board need a person, are worked on, and were saved today."""

    needs_you: int
    working: int
    saved: int


@dataclass
class PageWanted(Message):
    """Read this stretch of clips, and hand it to the panel's `fill` with the token."""

    token: int
    scope: Scope
    stretch: Stretch


@dataclass
class PosterWanted(Message):
    """Hand the posters of these clips to the panel's `show_poster`, in this order, at this size in cells.

    The newest of these replaces the ones before: it names all that are still missing.
    """

    clips: tuple[Media, ...]
    cells_w: int
    cells_h: int
    ground: tuple[int, int, int]
    """Red, green and blue of the bars beside a clip of another shape."""

    def can_replace(self, message: Message) -> bool:
        """An older one of the same panel need not be handled any more."""
        return isinstance(message, PosterWanted) and message._sender is self._sender  # noqa: SLF001 - no other way


@dataclass
class SearchChanged(Message):
    """The clips are searched for this; an empty text shows all."""

    text: str


@dataclass
class ClipHighlighted(Message):
    """Another clip is selected, or none."""

    clip: Media | None


@dataclass
class ClipOpened(Message):
    """Show everything about this clip."""

    media_id: str


@dataclass
class TrashRequested(Message):
    """Put this clip into the trash; nothing is asked, since it can be undone."""

    media_id: str


@dataclass
class RestoreRequested(Message):
    """Take this clip out of the trash."""

    media_id: str


@dataclass
class PlayRequested(Message):
    """Open this clip in a player of this machine."""

    media_id: str
