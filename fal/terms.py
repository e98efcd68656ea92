"""How FAL is asked to treat a request: the headers of a submit that serve us, and no others."""

import json
import re
from dataclasses import dataclass
from typing import Literal

DAY = 86_400
_WORD = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is None is not asked for, and FAL's own default holds. Durations are seconds.

    There is nothing here that keeps FAL from storing a request (`X-Fal-Store-IO: 0`): its listing is the
    only way back to one whose answer was lost. Raises ValueError for what FAL would not take.
    """

    priority: Literal["normal", "low"] | None = None
    start_within: float | None = None
    """FAL gives the request up with 504 when it has not begun by then; it is no limit on its run."""
    keep_media: int | None = 30 * DAY
    """How long FAL keeps the clips it makes: its own promise is a week, and a machine may be off for longer.
    Whoever knows the URL of a clip can read it meanwhile, so they are not kept for ever."""
    runner: str | None = None
    """A word that sends requests to the same runner, which is warm."""

    def __post_init__(self) -> None:
        if self.start_within is not None and not 1 < self.start_within <= 30 * DAY:
            raise ValueError(f"start_within is {self.start_within:g}; it takes more than 1 second.")
        if self.keep_media is not None and self.keep_media < 1:
            raise ValueError(f"keep_media is {self.keep_media}; it takes 1 second or more.")
        if self.runner is not None and not _WORD.fullmatch(self.runner):
            raise ValueError("runner takes one word of printable ASCII, up to 200 characters.")

    def headers(self) -> dict[str, str]:
        """The headers of FAL's queue API that say so (its page *Common parameters*)."""
        kept = {"expiration_duration_seconds": self.keep_media}
        asked = {
            "X-Fal-Queue-Priority": self.priority,
            "X-Fal-Request-Start-Timeout": None if self.start_within is None else f"{self.start_within:g}",
            "X-Fal-Object-Lifecycle-Preference": None if self.keep_media is None else json.dumps(kept),
            "X-Fal-Runner-Hint": self.runner,
        }
        return {name: value for name, value in asked.items() if value is not None}
