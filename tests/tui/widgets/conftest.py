"""Jobs of every kind, as the screen gets them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from reelroom.store.records import Job
from reelroom.store.states import TERMINAL, JobState

NOON = 1_795_000_000.0 - 1_795_000_000.0 % 86400 + 43200


def make_job(name: str, state: JobState = JobState.RUNNING, ago: float = 10.0, **fields: Any) -> Job:
    at = NOON - ago
    given = {
        "origin": "sandbox",
        "endpoint": f"fal-ai/{name}",
        "model": name,
        "prompt": "A red fox crosses a frozen lake",
        "input": "{}",
        "estimate": Decimal("0.40"),
        "sender": "me",
        "request_id": "764cabcf-3e1b-4c0a-9d11-0123456789ab",
        "created_at": at,
        "state_since": at,
        "submitted_at": at,
        "ended_at": at if state in TERMINAL else None,
    }
    return Job(id=f"job-{name}", state=state, **(given | fields))


@pytest.fixture
def noon() -> float:
    return NOON


@pytest.fixture
def job() -> Callable[..., Job]:
    return make_job
