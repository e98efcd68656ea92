"""What is to become of one request, decided when it is submitted and kept with it."""

from dataclasses import dataclass
from typing import Any

from .forms import choice, either, flag, number, perhaps, table, taken, text, texts, whole

WAIT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The life of a request, where it is not the usual one. Seconds, unless a name says otherwise."""

    queue_s: float | None = taken(None, perhaps(number(0, WAIT_S)))
    run_s: float | None = taken(None, perhaps(number(0, WAIT_S)))
    logs: Any = taken(None, perhaps(either(whole(0, 10_000), texts())))
    """The lines printed at work: texts, or how many; the usual ones, if null."""
    output: Any = taken(None, perhaps(either(text(40), table())))
    """The form of the result: a name of `shapes.py`, or a template of its own."""
    error: str | None = taken(None, perhaps(text(100)))
    """The type of the error that it ends with."""
    error_status: int | None = taken(None, perhaps(whole(200, 599)))
    error_text: str | None = taken(None, perhaps(text(20_000)))
    error_form: str = taken("usual", choice("usual", "text", "bare"))
    """FAL's own form, a plain text instead of the list, or the list without `url` and `ctx`."""
    cancel: str = taken("stops", choice("stops", "goes_on", "too_late"))
    """What a cancel does: end it; be accepted while it runs on to its end; be told that it is over."""
    listed: bool = taken(default=True, form=flag())
    """Whether FAL's listing of requests ever shows it."""
    stored: bool = taken(default=True, form=flag())
    """Whether FAL keeps its payloads (`X-Fal-Store-IO`)."""
    media_kept_s: float | None = taken(None, perhaps(number()))
    start_within_s: float | None = taken(None, perhaps(number()))
    """Seconds until a request that has not begun by then ends with a 504."""
    webhook: str | None = taken(None, perhaps(text()))
