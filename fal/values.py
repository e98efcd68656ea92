"""What FAL said, as plain frozen values. Nothing heavy is imported here: screens read them too."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came, to be kept before it is read.

    A body over 4 MiB is not in `text`: it was streamed to `file`.
    """

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that FAL has taken: its id, and the URLs that passed the host policy or were rebuilt."""

    endpoint: str
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file of a result. Everything but `url` is a hint: the download is what counts."""

    url: str
    kind: Literal["video", "image", "audio"] = "video"
    content_type: str | None = None
    file_name: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Direct:
    """A submit reply that is the result itself: no request id, nothing to follow."""

    files: tuple[MediaFile, ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a model printed; `at` is FAL's own timestamp text."""

    message: str
    at: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """In line; `position` is the number of requests in front."""

    position: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """At work. Logs are a sliding window: the same line may come again."""

    logs: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Completed:
    """Over, which is not yet success: the result says how it ended."""

    error: str | None = None
    error_type: str | None = None
    inference_time: float | None = None
    """Seconds, where FAL measured it."""
    logs: tuple[LogLine, ...] = ()


Status = Queued | Running | Completed

CancelAnswer = Literal["removed", "requested", "already_completed", "not_found"]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished request: the media it holds, and the seed it says it used."""

    files: tuple[MediaFile, ...]
    seed: int | None = None
