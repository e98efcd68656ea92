"""The status as a stream of events."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import aconnect_sse

from .conftest import Caller


@asynccontextmanager
async def stream(
    sandbox: Caller, ticket: dict[str, Any], **params: str
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with aconnect_sse(sandbox.http, "GET", f"{ticket['status_url']}/stream", params=params) as source:
        assert source.response.status_code == 200

        async def events() -> AsyncIterator[dict[str, Any]]:
            async for event in source.aiter_sse():
                yield json.loads(event.data)

        yield events()


async def told(sandbox: Caller, ticket: dict[str, Any], **params: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(15), stream(sandbox, ticket, **params) as events:
        return [event async for event in events]


async def test_a_stream_tells_each_state_once_and_ends_with_the_last(sandbox: Caller) -> None:
    await sandbox.scenario(stream_tick_s=0.02)
    await sandbox.pace(queue_s=0.1, run_s=0.3)
    events = await told(sandbox, await sandbox.submit())
    states = [event["status"] for event in events]
    assert list(dict.fromkeys(states)) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert states.count("COMPLETED") == 1
    assert all(one != two for one, two in itertools.pairwise(events))
    assert all(event["logs"] is None for event in events)
    assert events[-1]["metrics"]["inference_time"] > 0


async def test_each_event_brings_only_the_new_log_lines(sandbox: Caller) -> None:
    await sandbox.scenario(stream_tick_s=0.02)
    await sandbox.pace(queue_s=0, run_s=0.4)
    ticket = await sandbox.submit()
    events = await told(sandbox, ticket, logs="1")
    lines = [line["message"] for event in events for line in event["logs"] or ()]
    everything = await sandbox.until(ticket, "COMPLETED")
    assert lines == [line["message"] for line in everything["logs"]]
    assert sum(bool(event["logs"]) for event in events) > 2


async def test_a_stream_of_a_request_that_is_over_says_so_and_ends(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    (event,) = await told(sandbox, ticket, logs="true")
    assert event["status"] == "COMPLETED"
    assert event["logs"]


async def test_a_cancel_ends_the_stream_at_once(sandbox: Caller) -> None:
    await sandbox.scenario(stream_tick_s=10)
    await sandbox.pace(queue_s=0, run_s=30)
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "IN_PROGRESS")
    async with asyncio.timeout(5), stream(sandbox, ticket) as events:
        assert (await anext(events))["status"] == "IN_PROGRESS"
        await sandbox.http.put(ticket["cancel_url"])
        assert [event["status"] async for event in events] == ["COMPLETED"]


async def test_a_silent_stream_says_that_it_lives(sandbox: Caller) -> None:
    await sandbox.scenario(stream_tick_s=0.02, stream_comment_s=0.1)
    await sandbox.pace(queue_s=0, run_s=5)
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "IN_PROGRESS")
    url = f"{ticket['status_url']}/stream"
    async with asyncio.timeout(5), sandbox.http.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-fal-request-id"] == ticket["request_id"]
        comments = 0
        async for line in answer.aiter_lines():
            comments += line.startswith(":")
            if comments == 2:
                break


@pytest.mark.parametrize("tail", ["/", "?logs=0"])
async def test_a_stream_has_the_forms_of_other_addresses(sandbox: Caller, tail: str) -> None:
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    answer = await sandbox.http.get(f"{ticket['status_url']}/stream{tail}")
    assert answer.text.startswith("data: {")
    assert (await sandbox.http.put(f"{ticket['status_url']}/stream")).status_code == 405


async def test_a_stream_of_an_unknown_request_is_404(sandbox: Caller) -> None:
    answer = await sandbox.http.get(f"{sandbox.base}/queue/a/b/requests/none/status/stream")
    assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})


async def test_a_listener_that_leaves_disturbs_no_one(sandbox: Caller) -> None:
    await sandbox.scenario(stream_tick_s=0.02)
    await sandbox.pace(queue_s=0, run_s=1)
    ticket = await sandbox.submit()
    for _ in range(3):
        async with stream(sandbox, ticket) as events:
            await anext(events)
    with pytest.raises(httpx.ReadTimeout):
        await sandbox.http.get(f"{ticket['status_url']}/stream", timeout=0.1)
    await sandbox.until(ticket, "COMPLETED")
