"""The words of Reelroom: states, numbers, prices, sizes, durations and ages, spelled in one place.

`humanize` is imported where it is used: most commands never need it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from reelroom.store.states import HoldUp, JobState

if TYPE_CHECKING:
    from reelroom.store.records import Job  # the first paint does without the records

Role = Literal["text", "muted", "faint", "accent", "good", "attention", "bad", "bar", "track"]

_SCALES: Final[Mapping[str, float]] = MappingProxyType({"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12})

MINUTE = 60
HOUR = 3600
DAY = 86400
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown: glyph, word and colour always together."""

    glyph: str
    ascii: str
    word: str
    role: Role


LOOKS: Final[Mapping[JobState, Look]] = MappingProxyType(
    {
        JobState.INTENT: Look("◌", ".", "waiting", "muted"),
        JobState.SUBMITTING: Look("↑", "^", "sending", "text"),
        JobState.UNKNOWN: Look("?", "?", "may have been charged", "attention"),
        JobState.QUEUED: Look("⋯", ":", "queued", "text"),
        JobState.RUNNING: Look("▶", ">", "running", "text"),
        JobState.CANCELLING: Look("↶", "<", "cancelling", "muted"),
        JobState.READY: Look("↓", "v", "saving", "text"),
        JobState.DOWNLOADING: Look("↓", "v", "saving", "text"),
        JobState.SAVED: Look("✓", "+", "saved", "good"),
        JobState.REJECTED: Look("⊘", "/", "refused", "bad"),
        JobState.FAILED: Look("✗", "x", "failed", "bad"),
        JobState.CANCELLED: Look("−", "-", "cancelled", "muted"),
        JobState.EXPIRED: Look("∅", "0", "expired", "bad"),
        JobState.DISMISSED: Look("−", "-", "dismissed", "muted"),
    }
)

HELD_UP: Final[Mapping[HoldUp, Look]] = MappingProxyType(
    {
        HoldUp.DISK: Look("‖", "!", "disk full", "attention"),
        HoldUp.NETWORK: Look("‖", "!", "no network", "attention"),
        HoldUp.AUTH: Look("‖", "!", "key refused", "attention"),
        HoldUp.PERMISSION: Look("‖", "!", "no permission", "attention"),
    }
)

_ASCII: Final[Mapping[int, str]] = MappingProxyType(
    str.maketrans(
        {"·": ".", "≈": "~", "–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "’": "'", "×": "x"}
        | {"−": "-", "¢": "c", "↓": "v", "␛": "^["}
    )
)


def look_of(job: Job) -> Look:
    """The look of a job: what holds it up comes before its state."""
    if job.hold_up is not None and not job.terminal:
        return HELD_UP[job.hold_up]
    return LOOKS[job.state]


def price(amount: Decimal | None, *, about: bool = False) -> str:
    """US dollars: `$0.35`, `≈$0.35` for an estimate, `$0.004` below a cent, `unknown`."""
    if amount is None:
        return "unknown"
    mark = "≈" if about else ""
    if 0 < amount < CENT:
        digits = -amount.adjusted()
        return f"{mark}${round(amount, digits):f}"
    return f"{mark}${amount:,.2f}"


def job_price(job: Job) -> str:
    """What a job cost or may cost: billed, nothing, or about the estimate."""
    if job.cost is not None:
        return price(job.cost)
    if job.billed is False:
        return price(Decimal(0))
    return price(job.estimate, about=True)


def total(amounts: list[Decimal | None]) -> str:
    """The sum of estimates; what is unknown is counted, never added as nothing."""
    known = [amount for amount in amounts if amount is not None]
    missing = len(amounts) - len(known)
    if not missing:
        return price(sum(known, Decimal(0)), about=True)
    if not known:
        return "an unknown amount"
    return f"{price(sum(known, Decimal(0)), about=True)} and {missing} of unknown price"


def size(count: int) -> str:
    """Bytes in decimal units: `9.8 MB`."""
    import humanize  # noqa: PLC0415 - a cost only where it is used

    return humanize.naturalsize(count)


def sizes(done: int, whole: int) -> str:
    """Both sides in the unit of the whole, in three digits or so: `8.2 of 12.4 MB`, `170 of 923 kB`."""
    number, _, unit = size(whole).partition(" ")
    scale = _SCALES.get(unit)
    return (
        f"{_short(done / scale)} of {_short(float(number))} {unit}" if scale else f"{done} of {number} {unit}"
    )


def rate(speed: float) -> str:
    """Bytes a second: `3.1 MB/s`, `200 kB/s`."""
    number, _, unit = size(round(speed)).partition(" ")
    return f"{_short(float(number))} {unit}/s" if unit in _SCALES else f"{number} {unit}/s"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}"


def running_time(seconds: float) -> str:
    """`38 s`, `1 m 04 s`, `2 h 05 m`."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} m {whole % MINUTE:02d} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} m"


def usual_range(low: float, high: float) -> str:
    """A range of seconds, from one's own history: `55–70 s`, `2–3 m`, `1–2 h`."""
    step, unit = (1, "s") if high < 2 * MINUTE + 1 else (MINUTE, "m") if high < 2 * HOUR else (HOUR, "h")
    first, last = (round(low), round(high)) if step == 1 else (max(1, int(low // step)), -int(-high // step))
    return f"{last} {unit}" if first == last else f"{first}–{last} {unit}"


def clip_length(seconds: float) -> str:
    """`6.04 s`, `5.0 s`."""
    text = f"{seconds:.2f}"
    return f"{text.removesuffix('0')} s"


def age(at: float, now: float) -> str:
    """`3 minutes ago` up to a day, then `yesterday`, `Thu 14:02`, `3 Nov`, in local time."""
    if now - at < DAY:
        import humanize  # noqa: PLC0415 - as above

        return humanize.naturaltime(timedelta(seconds=max(0.0, now - at)))
    then, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    days = (today.date() - then.date()).days
    if days == 1:
        return "yesterday"
    if days < 7:
        return f"{then:%a %H:%M}"
    return f"{then.day} {then:%b}" if then.year == today.year else f"{then.day} {then:%b %Y}"


def clock_time(at: float) -> str:
    """`14:12:08`, in local time."""
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def day(at: float) -> str:
    """`27 Nov`, in local time."""
    then = datetime.fromtimestamp(at).astimezone()
    return f"{then.day} {then:%b}"


def date(at: float) -> str:
    """`27 Aug 2026`, in local time."""
    then = datetime.fromtimestamp(at).astimezone()
    return f"{then.day} {then:%b %Y}"


def date_time(at: float) -> str:
    """`3 Nov 2026 14:12`, in local time."""
    then = datetime.fromtimestamp(at).astimezone()
    return f"{then.day} {then:%b %Y %H:%M}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 job`, `2,500 jobs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seed(number: int) -> str:
    """In threes: `318 442 907`."""
    return f"{number:,}".replace(",", " ")


def short_id(identifier: str) -> str:
    """The last eight hex digits: the part of a version 7 id that tells two apart."""
    return identifier.replace("-", "")[-8:]


def in_ascii(text: str) -> str:
    """Our own signs spelled in ASCII; other people's letters are left to the terminal's encoding."""
    return text.translate(_ASCII)


def cells(text: str) -> int:
    """How many terminal cells a cleaned text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int, mark: str = "…") -> str:
    """The text in at most `width` cells, cut at its end with `mark`."""
    if cells(text) <= width:
        return text
    room = width - len(mark)
    kept = ""
    for char in text:
        room -= _cell(char)
        if room < 0:
            break
        kept += char
    return (kept.rstrip() + mark) if width >= len(mark) else ""
