"""Each row of the table of retries, by name: what really comes after it, whatever is asked."""

import json
from collections.abc import Sequence

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.errors import (
    Failed,
    FalError,
    NoAnswer,
    NotFound,
    NotSent,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
    Unreachable,
)
from reelroom.fal.hosts import Hosts
from reelroom.fal.replies import read_result, read_submit
from reelroom.fal.retries import NO_ANSWER, NOT_REACHED, TABLE, Row, Seen, Then, row_for
from reelroom.fal.values import Reply

ENDPOINT = "fal-ai/veo3.1"
PAGE = "<html><h1>Bad Gateway</h1></html>"
BOOM = json.dumps({"detail": [{"loc": ["body", "x"], "msg": "boom", "type": "internal_server_error"}]})
USER = {"x-fal-request-timeout-type": "user"}

Case = tuple[int, str, dict[str, str]] | Exception
CASES: dict[str, Sequence[Case]] = {
    "not reached": (httpx.ConnectError("refused"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")),
    "no answer": (
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        OSError("x"),
    ),
    "not understood": ((307, "", {}), (304, PAGE, {})),
    "busy": ((429, '{"detail": "slow"}', {"retry-after": "7"}), (429, PAGE, {"x-fal-needs-retry": "1"})),
    "account": ((401, '{"detail": "x"}', {}), (402, "", {}), (403, '{"detail": "User is locked."}', {})),
    "not known": ((404, '{"status": "NOT_FOUND"}', {}), (404, PAGE, {})),
    "too early": ((400, '{"detail": "Request is still in progress"}', {}), (400, "Still in progress", {})),
    "start deadline": ((504, '{"detail": "x", "error_type": "request_timeout"}', USER), (504, PAGE, USER)),
    "gave up": ((408, PAGE, {}), (425, "", {}), (499, "", {})),
    "cancelled": ((499, '{"detail": "Client cancelled", "error_type": "client_cancelled"}', {}),),
    "refused": (
        (422, '{"detail": "too long"}', {}),
        (422, BOOM, {"x-fal-needs-retry": "1"}),
        (400, BOOM, {"x-fal-retryable": "true"}),
    ),
    "refused elsewhere": ((405, PAGE, {}), (407, PAGE, {}), (413, "", {})),
    "model failed": (
        (500, BOOM, {"x-fal-needs-retry": "1"}),
        (500, '{"detail": "Internal Server Error"}', {}),
        (503, "", {"x-fal-error-type": "runner_disconnected"}),
        (503, '{"detail": "no"}', {"x-fal-needs-retry": "0"}),
        (504, '{"detail": "Request timed out", "error_type": "request_timeout"}', {}),
    ),
    "trouble": (
        (500, PAGE, {}),
        (502, PAGE, {}),
        (503, '{"detail": "Service Unavailable"}', {}),
        (503, '{"detail": "Service Unavailable"}', {"x-fal-needs-retry": "1"}),
        (599, "", {}),
    ),
}
ROWS = {row.name: row for row in TABLE}
AGAIN = (Unreachable, Trouble, NotUnderstood, NotFound, Refused)
"""What the engine asks again for; that it does is in tests/studio/test_asked_again.py."""
AFTER_SUBMIT: dict[Then, tuple[type[FalError], ...]] = {
    Then.AGAIN: (NotSent,),
    Then.WAIT: (RateLimited,),
    Then.NO: (Refused,),
    Then.DOUBT: (NoAnswer, Trouble, NotUnderstood),
}
AFTER_QUESTION: dict[Then, tuple[type[FalError], ...]] = {
    Then.AGAIN: AGAIN,
    Then.WAIT: (RateLimited,),
    Then.HELD: (Refused,),
    Then.ENDED: (Failed,),
}


def fal(case: Case) -> Client:
    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(case, Exception):
            raise case
        status, text, headers = case
        return httpx.Response(status, text=text, headers=headers)

    return Client(Hosts.fal(), None, transport=httpx.MockTransport(answer))


def test_every_row_has_its_cases() -> None:
    assert set(CASES) == set(ROWS)
    assert all(CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_an_answer_falls_into_its_row(name: str) -> None:
    for case in CASES[name]:
        if not isinstance(case, Exception):
            status, text, headers = case
            fault = text[:1] == "{" or "x-fal-error-type" in headers
            kind = headers.get("x-fal-error-type", "typed" if "type" in text else "")
            form = (fault and "detail" in text) or "x-fal-error-type" in headers
            assert row_for(Seen(Reply(status, text, headers), form, kind, text)).name == name


@pytest.mark.parametrize("name", CASES)
async def test_after_a_submit(name: str) -> None:
    for case in CASES[name]:
        async with fal(case) as api:
            with pytest.raises(AFTER_SUBMIT[ROWS[name].submit]):
                read_submit(Hosts.fal(), ENDPOINT, await api.submit(ENDPOINT, {"prompt": "x"}))


@pytest.mark.parametrize("name", CASES)
async def test_after_a_question(name: str) -> None:
    for case in CASES[name]:
        async with fal(case) as api:
            ticket = api.ticket(ENDPOINT, "1")
            for ask in (api.status(ticket), anext(api.watch(ticket))):
                with pytest.raises(AFTER_QUESTION[ROWS[name].question]) as caught:
                    await ask
                account = isinstance(caught.value, Refused) and caught.value.reason in (
                    "auth",
                    "balance",
                    "locked",
                )
                assert account is (ROWS[name].question is Then.HELD)


@pytest.mark.parametrize("name", CASES)
async def test_after_a_result(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    spill = tmp_path_factory.mktemp("spill") / ".reply"
    for case in CASES[name]:
        async with fal(case) as api:
            with pytest.raises(AFTER_QUESTION[ROWS[name].result]) as caught:
                read_result(await api.result(api.ticket(ENDPOINT, "1"), spill=spill))
            account = isinstance(caught.value, Refused) and caught.value.reason in (
                "auth",
                "balance",
                "locked",
            )
            assert account is (ROWS[name].result is Then.HELD)


def test_a_submit_is_repeated_only_where_nothing_can_have_been_sent_or_accepted() -> None:
    repeated = {row.name for row in TABLE if row.submit in (Then.AGAIN, Then.WAIT)}
    assert repeated == {"not reached", "busy"}


def test_no_question_is_given_up_by_the_table() -> None:
    assert {row.question for row in TABLE} == {Then.AGAIN, Then.WAIT, Then.HELD}


@pytest.mark.parametrize("status", [100, 300, *range(400, 600)])
@pytest.mark.parametrize("form", [True, False])
def test_every_answer_outside_2xx_has_a_row(status: int, form: bool) -> None:
    row = row_for(Seen(Reply(status), form, "x" if form else "", ""))
    assert isinstance(row, Row)
    assert row not in (NOT_REACHED, NO_ANSWER)


async def test_a_wait_that_fal_names_is_capped() -> None:
    async with fal((429, "", {"retry-after": "86400"})) as api:
        with pytest.raises(RateLimited) as caught:
            await api.status(api.ticket(ENDPOINT, "1"))
    assert caught.value.after == 300


def test_a_start_deadline_is_told_as_one_and_was_not_billed() -> None:
    reply = Reply(504, '{"detail": "Timed out", "error_type": "request_timeout"}', USER)
    with pytest.raises(Failed, match="did not begin within the time that was asked for: Timed out") as caught:
        read_result(reply)
    assert caught.value.billed is False
    with pytest.raises(Refused, match="took nothing: Timed out"):
        read_submit(Hosts.fal(), ENDPOINT, reply)
