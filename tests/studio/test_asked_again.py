"""The table of retries as the engine lives by it: how often FAL is sent a paid request, and asked for it."""

import json

import httpx
import pytest

from reelroom.fal.retries import TABLE, Then
from reelroom.store.states import HoldUp, JobState
from tests.fakes import Answer, page, reply
from tests.studio.room import Room, order

BOOM = {"detail": [{"loc": ["body", "x"], "msg": "boom", "type": "internal_server_error"}]}
CASES: dict[str, Answer] = {
    "not reached": httpx.ConnectError("refused"),
    "no answer": httpx.ReadTimeout("x"),
    "not understood": page(307),
    "busy": httpx.Response(429, json={"detail": "slow"}, headers={"retry-after": "2"}),
    "account": reply(403, detail="User is locked. Reason: Exhausted balance."),
    "not known": reply(404, status="NOT_FOUND"),
    "too early": reply(400, detail="Request is still in progress"),
    "start deadline": httpx.Response(504, json=BOOM, headers={"x-fal-request-timeout-type": "user"}),
    "gave up": page(408),
    "cancelled": reply(499, detail="Client cancelled", error_type="client_cancelled"),
    "refused": reply(422, **BOOM),
    "refused elsewhere": page(405),
    "model failed": httpx.Response(500, content=json.dumps(BOOM), headers={"x-fal-needs-retry": "1"}),
    "trouble": page(502),
}
ROWS = {row.name: row for row in TABLE}
WENT_ON = (Then.AGAIN, Then.WAIT, Then.HELD)


def test_every_row_is_here() -> None:
    assert set(CASES) == set(ROWS)


@pytest.mark.parametrize("name", CASES)
async def test_after_a_submit(room: Room, name: str) -> None:
    room.fal.submits = [CASES[name], room.fal._take]
    (job,) = await room.run([order()])
    then = ROWS[name].submit
    if then in (Then.AGAIN, Then.WAIT):
        assert (job.state, len(room.fal.posts)) == (JobState.SAVED, 2)
    else:
        assert (job.state, len(room.fal.posts)) == (
            JobState.REJECTED if then is Then.NO else JobState.UNKNOWN,
            1,
        )
        assert job.billed is (False if then is Then.NO else None)


@pytest.mark.parametrize("name", CASES)
async def test_after_a_question(room: Room, name: str) -> None:
    room.fal.statuses = [CASES[name], reply(200, status="COMPLETED")]
    (job,) = await room.run([order()])
    assert ROWS[name].question in WENT_ON
    held = ROWS[name].question is Then.HELD
    assert job.state is JobState.SAVED or (held and job.hold_up is HoldUp.AUTH)


@pytest.mark.parametrize("name", CASES)
async def test_after_a_result(room: Room, name: str) -> None:
    room.fal.results = [CASES[name], reply(200, video={"url": "http://127.0.0.1:9/cdn/files/a.mp4"})]
    (job,) = await room.run([order()])
    if ROWS[name].result is Then.ENDED:
        assert job.state is JobState.FAILED
    else:
        held = ROWS[name].result is Then.HELD
        assert job.state is JobState.SAVED or (held and job.hold_up is HoldUp.AUTH)
