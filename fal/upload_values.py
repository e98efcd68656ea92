"""A file on its way to FAL, as plain frozen values. Moments are seconds since 1970, sizes are bytes."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when it was looked at; `modified` is in nanoseconds, as the file system keeps it."""

    path: Path
    size: int
    modified: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Where a file is at FAL, and until when."""

    url: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Multipart:
    """An upload in parts that is under way: what is needed to go on with it, in another process too.

    `parts` holds the number and ETag of each part that FAL has; the first number is 1.
    """

    url: str
    upload_id: str
    part_size: int
    begun_at: float
    parts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """Leave to upload. `base` is the host that FAL names for it, unchecked; `until` may be unknown."""

    header: str = field(repr=False)
    base: str
    until: float | None
