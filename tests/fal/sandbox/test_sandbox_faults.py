"""Answers that go wrong on purpose, as a client sees them."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from .conftest import SMALL, TEXT, Caller

Rule = dict[str, object]


async def quick(sandbox: Caller, *rules: Rule, **settings: object) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario(*rules, **settings)


async def post(sandbox: Caller, **more: object) -> httpx.Response:
    return await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL | more)


async def over(sandbox: Caller) -> tuple[dict[str, Any], httpx.Response]:
    ticket = await sandbox.submit()
    return await sandbox.until(ticket, "COMPLETED"), await sandbox.http.get(ticket["response_url"])


async def fired(sandbox: Caller) -> dict[tuple[str, str], int]:
    return {(each["name"], each["step"]): each["times"] for each in (await sandbox.ledger())["rules"]}


async def counted(sandbox: Caller) -> int:
    return len((await sandbox.ledger())["submits"])


async def test_a_reset_before_anything_is_done_submits_nothing(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "post": 1, "cut": "before"})
    with pytest.raises(httpx.ReadError):
        await post(sandbox)
    assert await counted(sandbox) == 0
    assert (await post(sandbox)).status_code == 200
    assert await fired(sandbox) == {("rule 1", "submit"): 1}


async def test_a_lost_reply_leaves_a_submit_that_is_counted(sandbox: Caller) -> None:
    await quick(sandbox, {"name": "lost", "step": "submit", "cut": "after"})
    with pytest.raises(httpx.ReadError):
        await post(sandbox)
    assert await counted(sandbox) == 1
    assert await fired(sandbox) == {("lost", "submit"): 1}


async def test_an_end_without_a_reply_is_no_reset(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "cut": "after", "how": "close"})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await post(sandbox)
    assert await counted(sandbox) == 1


async def test_a_reply_that_never_comes_is_a_timeout_for_the_one_who_waits(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "post": 1, "cut": "after", "how": "hang"})
    with pytest.raises(httpx.ReadTimeout):
        await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, timeout=0.3)
    assert await counted(sandbox) == 1


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_body_can_be_cut_after_so_many_bytes(sandbox: Caller, how: str) -> None:
    await quick(sandbox, {"step": "media", "nth": 1, "cut": "body", "keep": 5000, "how": how})
    video = await sandbox.video()
    got = bytearray()
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):  # noqa: PT012 - it fails in the middle
        async with sandbox.http.stream("GET", video["url"]) as answer:
            assert int(answer.headers["content-length"]) == video["file_size"]
            async for piece in answer.aiter_raw():
                got += piece
    whole = (await sandbox.http.get(video["url"])).content
    assert bytes(got) == whole[:5000]
    (entry,) = (await sandbox.ledger())["submits"]
    assert (entry["downloads"]["broken"], entry["downloads"]["complete"]) == (1, 1)


async def test_a_stalled_body_ends_with_the_one_who_waits(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "media", "cut": "body", "how": "hang"})
    video = await sandbox.video()
    with pytest.raises(httpx.ReadTimeout):
        await sandbox.http.get(video["url"], timeout=0.3)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 422, 429, 500, 502, 503, 504, 418])
async def test_any_step_can_answer_with_any_status_in_fals_form(sandbox: Caller, status: int) -> None:
    await quick(
        sandbox,
        {"step": "submit", "post": "2-", "status": status},
        {"step": "status", "nth": 1, "status": status},
        {"step": "result", "nth": 1, "status": status, "headers": {"retry-after": "7"}},
        {"step": "cancel", "status": status},
        {"step": "media", "nth": 1, "status": status},
    )
    ticket = await sandbox.submit()
    refused = await post(sandbox)
    assert refused.status_code == status
    assert refused.json()["detail"]
    assert await counted(sandbox) == 1
    assert (await sandbox.http.get(ticket["status_url"])).status_code == status
    await sandbox.until(ticket, "COMPLETED")
    first = await sandbox.http.get(ticket["response_url"])
    assert (first.status_code, first.headers["retry-after"]) == (status, "7")
    assert (await sandbox.http.put(ticket["cancel_url"])).status_code == status
    url = (await sandbox.http.get(ticket["response_url"])).json()["video"]["url"]
    assert (await sandbox.http.get(url)).status_code == status
    assert (await sandbox.http.get(url)).status_code == 200


async def test_a_submit_can_be_counted_though_its_answer_is_an_error(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "status": 503, "acted": True})
    assert (await post(sandbox)).status_code == 503
    assert await counted(sandbox) == 1


BODIES = {
    "html": lambda answer: "<html>" in answer.text,
    "empty": lambda answer: answer.content == b"",
    "garbage": lambda answer: b"\xff\xfe" in answer.content,
    "truncated": lambda answer: answer.content.startswith(b'{"') and not answer.content.endswith(b"}"),
    "huge": lambda answer: len(answer.content) > 100_000,
    "zeros": lambda answer: set(answer.content) == {0} and len(answer.content) == 100_000,
    "bomb": lambda answer: len(answer.content) > 100_000 > answer.num_bytes_downloaded * 10,
}


@pytest.mark.parametrize("body", BODIES)
async def test_any_body_can_stand_in_for_the_true_one(sandbox: Caller, body: str) -> None:
    await quick(sandbox, {"step": "status", "body": body, "size": 100_000})
    ticket = await sandbox.submit()
    answer = await sandbox.http.get(ticket["status_url"])
    assert answer.status_code in {200, 202}
    assert BODIES[body](answer)


async def test_a_body_of_ones_own_and_fields_of_the_true_one_can_be_set(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"step": "submit", "post": 1, "json": {"hello": ["world"]}},
        {
            "step": "submit",
            "post": 2,
            "drop": ["request_id"],
            "set": {"status_url": "https://evil.example/x"},
        },
        {"step": "status", "nth": 1, "set": {"status": "PAUSED"}, "status": 200},
    )
    assert (await post(sandbox)).json() == {"hello": ["world"]}
    assert await counted(sandbox) == 0
    second = (await post(sandbox)).json()
    assert "request_id" not in second
    assert second["status_url"] == "https://evil.example/x"
    assert await counted(sandbox) == 1
    status = await sandbox.http.get(f"{second['response_url']}/status")
    assert (status.status_code, status.json()["status"]) == (200, "PAUSED")


async def test_a_submit_can_answer_with_the_result_itself(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "direct": True})
    answer = await post(sandbox)
    assert answer.status_code == 200
    assert (await sandbox.http.get(answer.json()["video"]["url"])).status_code == 200
    assert (await sandbox.ledger())["billed"] == 1


async def test_waits_come_before_and_after(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "submit", "before_s": 0.3, "after_s": 0.3})
    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(post(sandbox))
        await asyncio.sleep(0.15)
        assert await counted(sandbox) == 0
        await asyncio.sleep(0.3)
        assert await counted(sandbox) == 1
        assert not posting.done()
    assert posting.result().status_code == 200


async def test_a_download_can_be_slow(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "media", "bytes_per_s": 20_000})
    video = await sandbox.video()
    began = time.monotonic()
    got = await sandbox.http.get(video["url"], headers={"range": "bytes=0-9999"})
    assert len(got.content) == 10_000
    assert time.monotonic() - began > 0.3


async def test_a_part_can_be_refused_or_be_another_one(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"step": "media", "nth": 1, "no_range": True, "headers": {"etag": '"other"'}},
        {"step": "media", "nth": 2, "shift": 100},
        {
            "step": "media",
            "nth": 3,
            "status": 416,
            "body": "empty",
            "headers": {"content-range": "bytes */9"},
        },
        {"step": "media", "nth": 4, "headers": {"content-range": "bytes 5-9/10"}},
    )
    video = await sandbox.video()
    answers = [await sandbox.http.get(video["url"], headers={"range": "bytes=50-"}) for _ in range(5)]
    whole = answers[0]
    assert (whole.status_code, whole.headers["etag"]) == (200, '"other"')
    assert answers[1].headers["content-range"].startswith("bytes 150-")
    assert answers[1].content == whole.content[150:]
    assert (answers[2].status_code, answers[2].headers["content-range"]) == (416, "bytes */9")
    assert (answers[3].status_code, answers[3].headers["content-range"]) == (206, "bytes 5-9/10")
    assert answers[4].content == whole.content[50:]


async def test_a_length_can_be_a_lie(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"step": "media", "nth": 1, "length": 10_000_000},
        {"step": "media", "nth": 2, "length": 100},
        {"step": "media", "nth": 3, "unsized": True, "cut": "body", "keep": 3000, "how": "close"},
        {"step": "media", "nth": 4, "body": "truncated"},
    )
    video = await sandbox.video()
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await sandbox.http.get(video["url"])
    assert len((await sandbox.http.get(video["url"])).content) == 100
    unsized = await sandbox.http.get(video["url"])
    assert "content-length" not in unsized.headers
    assert "transfer-encoding" not in unsized.headers
    assert len(unsized.content) == 3000
    half = await sandbox.http.get(video["url"])
    assert len(half.content) == video["file_size"] // 2 == int(half.headers["content-length"])
    assert len((await sandbox.http.get(video["url"])).content) == video["file_size"]


async def test_an_endless_body_ends_with_the_one_who_reads_it(sandbox: Caller) -> None:
    await quick(sandbox, {"step": "media", "body": "endless"})
    video = await sandbox.video()
    got = 0
    async with sandbox.http.stream("GET", video["url"]) as answer:
        assert answer.headers["content-type"] == "video/mp4"
        async for piece in answer.aiter_raw():
            got += len(piece)
            if got > 3_000_000:
                break
    assert (await sandbox.http.get(f"{sandbox.base}/sandbox")).status_code == 200


async def stream(sandbox: Caller, ticket: dict[str, Any], timeout: float = 5) -> list[str]:
    lines = []
    url = f"{ticket['status_url']}/stream"
    try:
        async with sandbox.http.stream("GET", url, timeout=timeout) as answer:
            async for line in answer.aiter_lines():
                lines.append(line)  # noqa: PERF401  what came before an error counts
    except (httpx.TransportError, httpx.StreamError) as error:
        lines.append(type(error).__name__)
    return [line for line in lines if line]


async def test_a_stream_can_be_cut_go_silent_or_only_comment(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=3)
    await sandbox.scenario(
        {"step": "stream", "nth": 1, "cut": "body", "keep": 1},
        {"step": "stream", "nth": 2, "cut": "body", "keep": 1, "how": "hang"},
        {"step": "stream", "nth": 3, "cut": "body", "keep": 0, "how": "mute"},
        {"step": "stream", "nth": 4, "cut": "body", "keep": 0, "how": "close"},
        {"step": "stream", "nth": 5, "status": 404},
        {"step": "stream", "nth": 6, "body": "html"},
        stream_tick_s=0.05,
        stream_comment_s=0.1,
    )
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "IN_PROGRESS")
    cut = await stream(sandbox, ticket)
    assert cut[0].startswith("data: ")
    assert cut[1:] in (["ReadError"], ["RemoteProtocolError"])
    silent = await stream(sandbox, ticket, timeout=0.4)
    assert (silent[0][:6], silent[1:]) == ("data: ", ["ReadTimeout"])
    url = f"{ticket['status_url']}/stream"
    async with sandbox.http.stream("GET", url) as answer:
        seen = []
        async for line in answer.aiter_lines():
            seen += [line] if line else []
            if len(seen) == 3:
                break
    assert all(line.startswith(":") for line in seen)
    assert await stream(sandbox, ticket) == ["RemoteProtocolError"]
    missing = await sandbox.http.get(url)
    assert (missing.status_code, missing.json()) == (404, {"status": "NOT_FOUND"})
    assert "<html>" in (await sandbox.http.get(url)).text


async def test_faults_can_be_bound_to_the_time_since_the_submit(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"step": "status", "until_s": 0.3, "status": 404},
        {"step": "media", "from_s": 0.5, "status": 410, "body": "empty"},
    )
    ticket = await sandbox.submit()
    assert (await sandbox.http.get(ticket["status_url"])).status_code == 404
    await asyncio.sleep(0.35)
    await sandbox.until(ticket, "COMPLETED")
    url = (await sandbox.http.get(ticket["response_url"])).json()["video"]["url"]
    await asyncio.sleep(0.3)
    assert (await sandbox.http.get(url)).status_code == 410


async def test_a_rule_holds_for_the_endpoint_the_words_and_the_posts_it_names(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"name": "one", "endpoint": "fal-ai/veo*", "step": "submit", "status": 500},
        {"name": "two", "prompt": "RED fox", "post": "every 2", "step": "submit", "status": 501},
        {"name": "three", "post": "5-", "step": "submit", "status": 502},
    )
    veo = await sandbox.http.post(f"{sandbox.base}/queue/fal-ai/veo3.1", json={"prompt": "a cat"})
    assert veo.status_code == 500
    foxes = [(await post(sandbox)).status_code for _ in range(6)]
    assert foxes == [200, 501, 200, 501, 502, 501]
    assert await fired(sandbox) == {("one", "submit"): 1, ("two", "submit"): 3, ("three", "submit"): 1}


async def test_a_rule_for_one_request_leaves_the_others_alone(sandbox: Caller) -> None:
    await quick(
        sandbox, {"post": 2, "output": "null"}, {"post": 2, "step": "result", "nth": 1, "status": 500}
    )
    tickets = [await sandbox.submit(seed=number) for number in range(3)]
    for ticket in tickets:
        await sandbox.until(ticket, "COMPLETED")
    first = [(await sandbox.http.get(ticket["response_url"])) for ticket in tickets]
    assert [answer.status_code for answer in first] == [200, 500, 200]
    again = (await sandbox.http.get(tickets[1]["response_url"])).json()
    assert again == {"video": None}


async def test_other_areas_can_fail_too(sandbox: Caller) -> None:
    await quick(
        sandbox,
        {"step": "platform", "status": 429, "headers": {"retry-after": "1"}},
        {"step": "schema", "nth": 1, "status": 503, "body": "html"},
        {"step": "upload", "cut": "before"},
    )
    limited = await sandbox.http.get(f"{sandbox.base}/v1/models")
    assert (limited.status_code, limited.json()["error"]["type"]) == (429, "rate_limited")
    assert (await sandbox.http.get(f"{sandbox.base}/schema/x")).status_code == 503
    with pytest.raises(httpx.ReadError):
        await sandbox.http.post(f"{sandbox.base}/rest/storage/auth/token", json={})


async def test_the_sandbox_ends_while_answers_hang(start: Any) -> None:
    async with start() as sandbox:
        await quick(sandbox, {"step": "submit", "cut": "after", "how": "hang"})
        with pytest.raises(httpx.ReadTimeout):
            await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, timeout=0.2)
        reader, writer = await asyncio.open_connection(*sandbox.base.removeprefix("http://").split(":"))
        writer.write(b"POST /queue/a/b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
        await asyncio.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert await reader.read() == b""
    writer.close()


async def test_errors_have_the_forms_of_endpoints_that_are_not_migrated(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario(
        {"post": 1, "error": "one_of", "error_form": "text", "error_text": "No such length"},
        {"post": 2, "error": "one_of", "error_form": "bare"},
        {"post": 3, "error": "a_new_type", "error_status": 418},
        retry_header="both",
        status_errors=False,
    )
    answers = []
    for _ in range(3):
        status, result = await over(sandbox)
        assert "error" not in status
        assert result.headers["x-fal-retryable"] == "false"
        assert result.headers["x-fal-needs-retry"] == "0"
        answers.append((result.status_code, result.json()["detail"]))
    assert answers[0] == (422, "No such length")
    (entry,) = answers[1][1]
    assert set(entry) == {"loc", "msg", "type"}
    assert answers[2][0] == 418
