"""What a question to the Platform API asks for: ids, a page of a listing, and a stretch of time."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from starlette.datastructures import QueryParams

MOST_IDS = 50
Item = TypeVar("Item")


class Unfit(ValueError):
    """A question that the Platform API does not take; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: how many entries, and how many come before it."""

    limit: int
    number: int

    def cut(self, name: str, items: Iterable[Item], shown: Callable[[Item], object]) -> dict[str, object]:
        """The body that carries this page, and the cursor of the next one if there is more."""
        start = (self.number - 1) * self.limit
        found = list(islice(items, start, start + self.limit + 1))
        more = len(found) > self.limit
        cursor = b64encode(str(self.number + 1).encode()).decode() if more else None
        return {name: [shown(item) for item in found[: self.limit]], "next_cursor": cursor, "has_more": more}


def ids(query: QueryParams, name: str, *, needed: bool = False) -> list[str]:
    """The ids of a parameter that is repeated, or has commas; raises Unfit for none or too many."""
    given = [part for value in query.getlist(name) for part in value.split(",") if part]
    if (needed and not given) or len(given) > MOST_IDS:
        raise Unfit(f"{name}: between 1 and {MOST_IDS} are accepted")
    return given


def page(query: QueryParams, *, usual: int, most: int) -> Page:
    """The page asked for; raises Unfit for a limit or a cursor that is none."""
    limit = query.get("limit", str(usual))
    if not limit.isdecimal() or not 1 <= int(limit[:9]) <= most:
        raise Unfit(f"limit: a number from 1 to {most} is accepted")
    try:
        number = b64decode(query.get("cursor") or "MQ==", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        number = ""
    if not number.isdecimal() or not 1 <= int(number[:9]) <= 10**8:
        raise Unfit("cursor: it is none of this listing")
    return Page(int(limit), int(number))


def one_of(query: QueryParams, name: str, choices: tuple[str, ...]) -> str | None:
    """A word out of some; None where it is not given; raises Unfit."""
    value = query.get(name)
    if value is not None and value not in choices:
        raise Unfit(f"{name}: {' or '.join(choices)} is accepted")
    return value


def moment(query: QueryParams, name: str, usual: float) -> float:
    """Seconds since 1970 from an ISO 8601 text, in UTC unless it says otherwise; raises Unfit."""
    value = query.get(name)
    if value is None:
        return usual
    try:
        # A plus sign that was not escaped arrives as a space.
        read = datetime.fromisoformat(value.replace(" ", "+", 1) if "T" in value else value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise Unfit(f"{name}: a moment in ISO 8601 is accepted") from error


def stamp(at: float | None) -> str | None:
    """A moment as the Platform API writes it."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
