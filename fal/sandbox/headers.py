"""What the headers and the query of a submit ask for, as fields of its plan."""

import json
from typing import TypedDict

from starlette.requests import Request as Http


class BadHeader(Exception):
    """A header that FAL cannot act upon; `str()` says which."""


class Wishes(TypedDict, total=False):
    """Fields of a Plan."""

    start_within_s: float
    media_kept_s: float
    stored: bool
    webhook: str


def wishes(http: Http) -> Wishes:
    """The plan's fields that the request names (FAL's common parameters); raises BadHeader.

    The priority, the runner hint and the retry budget are accepted, and change nothing here.
    """
    wished = Wishes()
    deadline = http.headers.get("x-fal-request-start-timeout") or http.headers.get("x-fal-request-timeout")
    if deadline is not None:
        wished["start_within_s"] = _seconds(deadline)
    if (kept := _lifetime(http.headers.get("x-fal-object-lifecycle-preference"))) is not None:
        wished["media_kept_s"] = kept
    if http.headers.get("x-fal-store-io") == "0":
        wished["stored"] = False
    if hook := http.query_params.get("fal_webhook"):
        wished["webhook"] = hook
    return wished


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    # FAL's page on submits names 0.1 s as the least.
    if not 0.1 < seconds < 1e7:
        raise BadHeader("The start timeout is a number of seconds above 0.1")
    return seconds


def _lifetime(given: str | None) -> float | None:
    """Seconds that media outlive the end of their request; None where that is not limited."""
    if given is None:
        return None
    try:
        seconds = json.loads(given)["expiration_duration_seconds"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadHeader("The object lifecycle preference is a JSON object of FAL's form") from None
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds < 1e12 else None
