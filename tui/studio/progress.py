"""What is known right now and is not worth keeping."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The live side of a job: gone with the process, and never a truth of its own."""

    job_id: str
    position: int | None = None
    """Requests in front of it in FAL's line."""
    done: int | None = None
    """Bytes on disk."""
    total: int | None = None
    """Bytes in all; None while the server has not said."""
    rate: float | None = None
    """Bytes a second, over the last second or so."""
    log: str | None = None
    """The model's last line."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who does the work, told when that changes."""

    leads: bool
    """Whether it is this process."""
    sender: str | None
    """It, as the intents that it sends name it."""
    elsewhere: str | None
    """Who else it is, and what that means here, as a sentence."""
