"""One request as the sandbox keeps it, and how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .plan import Plan


class State(StrEnum):
    """Where a request stands. On the wire the last three are all COMPLETED."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to the request."""
        return self not in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Failure:
    """An ending without media: the HTTP status and body that the result replays."""

    status: int
    error_type: str
    message: str
    detail: str
    """The `detail` of the body, as JSON."""
    retryable: bool = False
    request: bool = False
    """An error of the queue itself, whose body names the type beside the detail; not one of the model."""


@dataclass(frozen=True, slots=True)
class Clipping:
    """A rendered file on the shelf."""

    file: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One submit. Times are seconds since 1970; `input` is canonical JSON."""

    id: str
    endpoint: str
    input: str
    queue_s: float
    run_s: float
    submitted_at: float
    state: State = State.QUEUED
    started_at: float | None = None
    ended_at: float | None = None
    failure: Failure | None = None
    clip: Clipping | None = None
    plan: Plan = field(default_factory=Plan)


def cancelled() -> Failure:
    """The ending that FAL gives a cancelled request: 499, `client_cancelled`."""
    message = "Request was cancelled"
    return Failure(499, "client_cancelled", message, json.dumps(message), request=True)


def broken() -> Failure:
    """The ending of a request whose clip could not be rendered."""
    entry = {"loc": ["body"], "msg": "The sandbox could not render the clip", "type": "internal_server_error"}
    return Failure(500, "internal_server_error", "Invalid status code: 500", json.dumps([entry]))


def canonical(input_: Mapping[str, object]) -> str:
    """An input as JSON with sorted keys, in ASCII; raises ValueError where it holds what JSON cannot say."""
    return json.dumps(input_, sort_keys=True, separators=(",", ":"), allow_nan=False)
