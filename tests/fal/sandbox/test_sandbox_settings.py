"""What can be set of the sandbox, and what a submit may ask for in its headers."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from reelroom.fal.sandbox.model_errors import KINDS
from reelroom.fal.sandbox.plan import Plan
from reelroom.fal.sandbox.requests import Request
from reelroom.fal.sandbox.settings import Settings, listed

from .conftest import SMALL, TEXT, Caller, Start


async def ended(sandbox: Caller, ticket: dict[str, Any]) -> tuple[dict[str, Any], httpx.Response]:
    status = await sandbox.until(ticket, "COMPLETED")
    return status, await sandbox.http.get(ticket["response_url"])


async def test_a_submit_that_may_not_wait_so_long_ends_with_a_504_of_its_own(start: Start) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.pace(queue_s=60)
        for name in ("x-fal-request-timeout", "x-fal-request-start-timeout"):
            url = f"{sandbox.base}/queue/{TEXT}"
            ticket = (await sandbox.http.post(url, json=SMALL, headers={name: "0.2"})).json()
            status, result = await ended(sandbox, ticket)
            assert status["error_type"] == "request_timeout"
            assert result.status_code == 504
            assert result.headers["x-fal-request-timeout-type"] == "user"
            assert result.json()["error_type"] == "request_timeout"
        assert (await sandbox.ledger())["billed"] == 0


async def test_a_request_that_began_in_time_is_not_stopped(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0.5)
    url, headers = f"{sandbox.base}/queue/{TEXT}", {"x-fal-request-timeout": "0.3"}
    ticket = (await sandbox.http.post(url, json=SMALL, headers=headers)).json()
    _, result = await ended(sandbox, ticket)
    assert result.status_code == 200


async def test_those_behind_a_request_that_gave_up_go_on(start: Start) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.pace(queue_s=0, run_s=0.6)
        first = await sandbox.submit(seed=1)
        await sandbox.until(first, "IN_PROGRESS")
        url, headers = f"{sandbox.base}/queue/{TEXT}", {"x-fal-request-timeout": "0.2"}
        second = (await sandbox.http.post(url, json=SMALL | {"seed": 2}, headers=headers)).json()
        third = await sandbox.submit(seed=3)
        assert (await ended(sandbox, second))[1].status_code == 504
        assert (await ended(sandbox, third))[1].status_code == 200


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-fal-request-timeout", "soon"),
        ("x-fal-request-start-timeout", "0.1"),
        ("x-fal-request-timeout", "nan"),
        ("x-fal-object-lifecycle-preference", "{"),
        ("x-fal-object-lifecycle-preference", "[]"),
    ],
)
async def test_a_header_that_says_nothing_is_a_bad_request_and_nothing_is_submitted(
    sandbox: Caller, header: str, value: str
) -> None:
    url = f"{sandbox.base}/queue/{TEXT}"
    answer = await sandbox.http.post(url, json=SMALL, headers={header: value})
    assert answer.status_code == 400
    assert answer.json()["error_type"] == "bad_request"
    assert (await sandbox.ledger())["submits"] == []


async def test_a_priority_and_a_runner_hint_are_accepted(sandbox: Caller) -> None:
    headers = {"x-fal-queue-priority": "low", "x-fal-runner-hint": "h1", "x-fal-no-retry": "1"}
    answer = await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("form", ["request_error", "model_error", "text", "empty"])
async def test_a_queue_longer_than_the_submit_allows_is_429(start: Start, form: str) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.scenario(full_queue=form)
        await sandbox.pace(queue_s=60)
        await sandbox.submit()
        url, most = f"{sandbox.base}/queue/{TEXT}", {"fal_max_queue_length": "0"}
        refused = await sandbox.http.post(url, json=SMALL, params=most)
        assert refused.status_code == 429
        assert bool(refused.content) is (form != "empty")
        for most_ in ("1", "x"):
            params = {"fal_max_queue_length": most_}
            assert (await sandbox.http.post(url, json=SMALL, params=params)).status_code == 200
        other = await sandbox.http.post(f"{sandbox.base}/queue/fal-ai/veo3.1", json=SMALL, params=most)
        assert other.status_code == 200
        assert len((await sandbox.ledger())["submits"]) == 4


async def test_media_live_as_long_as_the_submit_asked(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    headers = {"x-fal-object-lifecycle-preference": '{"expiration_duration_seconds": 0.5}'}
    ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, headers=headers)).json()
    _, result = await ended(sandbox, ticket)
    url = result.json()["video"]["url"]
    assert (await sandbox.http.get(url)).status_code == 200
    await asyncio.sleep(0.6)
    assert (await sandbox.http.get(url)).status_code == 404
    for forever in ('{"expiration_duration_seconds": null}', '{"expiration_duration_seconds": 31536000}'):
        headers = {"x-fal-object-lifecycle-preference": forever}
        assert (
            await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, headers=headers)
        ).status_code == 200


async def test_results_and_media_can_be_dropped_after_a_while(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario(result_kept_s=0.3, media_kept_s=0.3, media_gone=410)
    ticket = await sandbox.submit()
    _, result = await ended(sandbox, ticket)
    await asyncio.sleep(0.4)
    gone = await sandbox.http.get(ticket["response_url"])
    assert (gone.status_code, gone.json()) == (404, {"detail": "Request not found"})
    assert (await sandbox.http.get(result.json()["video"]["url"])).status_code == 410
    assert (await sandbox.http.get(ticket["status_url"])).json()["status"] == "COMPLETED"


async def test_the_status_can_be_unknown_for_a_while_after_the_submit(sandbox: Caller) -> None:
    await sandbox.scenario(status_404_s=0.3)
    ticket = await sandbox.submit()
    for tail in ("", "/stream"):
        answer = await sandbox.http.get(f"{ticket['status_url']}{tail}")
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    await asyncio.sleep(0.35)
    await sandbox.until(ticket, "COMPLETED")


async def test_the_logs_of_a_status_can_be_a_window_that_slides(sandbox: Caller) -> None:
    await sandbox.scenario({"logs": 20}, log_window_s=0.2)
    await sandbox.pace(queue_s=0, run_s=1)
    ticket = await sandbox.submit()
    seen: list[str] = []
    most = 0
    while (body := (await sandbox.http.get(f"{ticket['status_url']}?logs=1")).json())[
        "status"
    ] != "COMPLETED":
        lines = [line["message"] for line in body["logs"] or ()]
        most = max(most, len(lines))
        seen += [line for line in lines if line not in seen]
        await asyncio.sleep(0.02)
    assert 0 < most < 10
    assert seen[0] == "Step 1 of 20"
    assert len(seen) > 10


async def test_a_failed_request_prints_its_traceback_as_json(sandbox: Caller) -> None:
    await sandbox.scenario({"error": "internal_server_error", "logs": ["one", "two"]})
    ticket = await sandbox.submit()
    body = await sandbox.until(ticket, "COMPLETED")
    assert [line["level"] for line in body["logs"]] == ["INFO", "INFO", "ERROR"]
    assert body["logs"][-1]["message"].startswith('{"traceback": "Traceback')


@pytest.mark.parametrize("type_", KINDS)
async def test_every_documented_error_is_replayed_by_the_result(sandbox: Caller, type_: str) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario({"error": type_})
    status, result = await ended(sandbox, await sandbox.submit())
    kind = KINDS[type_]
    assert status["error"]
    assert status["error_type"] == type_
    assert result.status_code == kind.status
    assert result.headers["x-fal-error-type"] == type_
    assert result.headers["x-fal-needs-retry"] == ("1" if kind.retryable else "0")
    body = result.json()
    if kind.request:
        assert (body["detail"], body["error_type"]) == (kind.said, type_)
    else:
        (entry,) = body["detail"]
        assert (entry["type"], entry["msg"], entry.get("ctx")) == (type_, kind.said, kind.ctx)
        assert entry["url"].endswith(f"#{type_}")
    assert (await sandbox.ledger())["billed"] == 0


@pytest.mark.parametrize(("mode", "states"), [("goes_on", 202), ("too_late", 400)])
async def test_a_cancel_can_come_too_late(sandbox: Caller, mode: str, states: int) -> None:
    await sandbox.pace(queue_s=0, run_s=0.3)
    await sandbox.scenario({"cancel": mode})
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "IN_PROGRESS")
    assert (await sandbox.http.put(ticket["cancel_url"])).status_code == states
    _, result = await ended(sandbox, ticket)
    assert result.status_code == 200
    assert (await sandbox.ledger())["billed"] == 1


async def test_a_cancel_in_line_can_answer_like_one_at_work(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=60)
    await sandbox.scenario(cancel_in_line="requested", cancelled_result=500)
    ticket = await sandbox.submit()
    answer = await sandbox.http.put(ticket["cancel_url"])
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert (await ended(sandbox, ticket))[1].status_code == 500


async def test_a_result_that_is_early_or_missing_can_be_said_in_other_words(sandbox: Caller) -> None:
    await sandbox.scenario(early_result="text", missing_result="status")
    ticket = await sandbox.submit()
    early = await sandbox.http.get(ticket["response_url"])
    assert (early.status_code, early.text) == (400, "Request is still in progress")
    missing = await sandbox.http.get(f"{sandbox.base}/queue/a/b/requests/none")
    assert missing.json() == {"status": "NOT_FOUND"}


async def test_a_media_host_can_be_one_without_parts_names_or_sizes(sandbox: Caller) -> None:
    await sandbox.scenario(media_ranges=False, media_etag=False, media_length=False)
    url = (await sandbox.video())["url"]
    answer = await sandbox.http.get(url, headers={"range": "bytes=5-"})
    assert answer.status_code == 200
    assert not {"accept-ranges", "etag", "content-length"} & set(answer.headers)


def test_the_listing_shows_what_the_settings_let_it_show() -> None:
    request = Request(id="1", endpoint="a/b", input="{}", queue_s=0, run_s=1, submitted_at=100.0)
    over = replace(request, ended_at=110.0)
    assert not listed(request, Settings(), 200.0)
    assert listed(request, Settings(listing_unfinished=True), 100.0)
    assert listed(over, Settings(), 110.0)
    assert not listed(over, Settings(listing_lag_s=5), 114.0)
    assert listed(over, Settings(listing_lag_s=5), 115.0)
    assert not listed(over, Settings(listing="off"), 200.0)
    assert not listed(replace(over, plan=Plan(listed=False)), Settings(), 200.0)


async def test_a_folder_of_an_earlier_version_is_taken_over(start: Start, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with sqlite3.connect(state / "sandbox.sqlite3") as old:
        old.executescript("""
            CREATE TABLE request (
              id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, input TEXT NOT NULL,
              queue_s REAL NOT NULL, run_s REAL NOT NULL,
              submitted_at REAL NOT NULL, state TEXT NOT NULL, started_at REAL, ended_at REAL,
              status INTEGER, error_type TEXT, message TEXT, detail TEXT, file TEXT, size INTEGER, etag TEXT
            ) STRICT;
            INSERT INTO request (id, endpoint, input, queue_s, run_s, submitted_at, state)
            VALUES ('a1', 'fal-ai/veo3.1', '{"prompt":"a","duration":"1","resolution":"144p"}',
              0, 0, 0, 'queued');
            INSERT INTO request
            VALUES ('a2', 'a/b', '{}', 0, 0, 0, 'cancelled', 1, 2,
              499, 'client_cancelled', 'x', '"x"', NULL, NULL, NULL);
        """)
    old.close()
    async with start() as sandbox:
        await sandbox.until({"status_url": f"{sandbox.base}/queue/a/b/requests/a1/status"}, "COMPLETED")
        result = await sandbox.http.get(f"{sandbox.base}/queue/a/b/requests/a2")
        assert (result.status_code, result.json()) == (499, {"detail": "x", "error_type": "client_cancelled"})
