import asyncio
import json
import uuid
from typing import Any

import pytest

from .conftest import SMALL, TEXT, Caller, Start

SHORT = "/".join(TEXT.split("/")[:2])


async def test_a_submit_is_answered_with_an_id_and_its_three_addresses(sandbox: Caller) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL)
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["x-fal-request-id"] == body["request_id"]
    assert str(uuid.UUID(body["request_id"])) == body["request_id"]
    base = f"{sandbox.base}/queue/{SHORT}/requests/{body['request_id']}"
    assert (body["response_url"], body["status_url"], body["cancel_url"]) == (
        base,
        f"{base}/status",
        f"{base}/cancel",
    )
    assert body["status"] == "IN_QUEUE"
    assert body["queue_position"] >= 0


async def test_replies_name_the_host_that_was_asked(sandbox: Caller) -> None:
    host = {"host": "queue.example:8443"}
    body = (await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL, headers=host)).json()
    assert body["status_url"].startswith(f"http://queue.example:8443/queue/{SHORT}/requests/")


@pytest.mark.parametrize("host", ["[", "a b", "\u00fc", "x" * 500])
async def test_a_host_that_is_none_breaks_nothing(sandbox: Caller, host: str) -> None:
    for path in (f"queue/{TEXT}", "nothing", "cdn/files/x"):
        headers = {"host": host.encode("latin-1"), "authorization": "Key a:b"}
        answer = await sandbox.http.post(f"{sandbox.base}/{path}", json=SMALL, headers=headers)
        assert answer.status_code in {200, 400, 404}


async def test_a_request_passes_through_the_line_and_the_runner_to_its_video(sandbox: Caller) -> None:
    ticket = await sandbox.submit(seed=7)
    seen = [(await sandbox.until(ticket, state)) for state in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")]
    assert seen[0]["queue_position"] >= 0
    assert seen[0]["logs"] is None
    assert all(line["message"] and line["timestamp"] for line in seen[1]["logs"])
    assert len(seen[2]["logs"]) >= 5
    assert seen[2]["metrics"]["inference_time"] > 0
    assert "error" not in seen[2]
    result = (await sandbox.http.get(ticket["response_url"])).json()
    assert result["seed"] == 7
    name = ticket["request_id"].replace("-", "")
    assert result["video"]["url"] == f"{sandbox.base}/cdn/files/sandbox/{name}/output.mp4"
    assert result["video"]["content_type"] == "video/mp4"


async def test_log_lines_come_only_where_they_are_asked_for(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    for word, wanted in (("1", True), ("true", True), ("0", False), ("false", False)):
        body = (await sandbox.http.get(ticket["status_url"], params={"logs": word})).json()
        assert bool(body["logs"]) is wanted
    assert (await sandbox.http.get(ticket["status_url"])).json()["logs"] is None


@pytest.mark.parametrize(
    "form", ["{short}/requests/{id}", "{full}/requests/{id}", "any-one/else/requests/{id}"]
)
async def test_every_form_of_an_address_leads_to_the_request(sandbox: Caller, form: str) -> None:
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    path = f"{sandbox.base}/queue/" + form.format(short=SHORT, full=TEXT, id=ticket["request_id"])
    for tail in ("/status", "/status/"):
        assert (await sandbox.http.get(path + tail)).json()["status"] == "COMPLETED"
    for tail in ("", "/", "/response", "/response/"):
        answer = await sandbox.http.get(path + tail)
        assert answer.json()["video"]["file_size"] > 0
        assert answer.headers["x-fal-request-id"] == ticket["request_id"]


async def test_two_run_at_once_and_the_third_waits_with_a_position(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0.6)
    tickets = [await sandbox.submit(seed=number) for number in range(4)]
    await sandbox.until(tickets[1], "IN_PROGRESS")
    states = [(await sandbox.http.get(ticket["status_url"])).json() for ticket in tickets]
    assert [state["status"] for state in states] == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 2
    assert [state["queue_position"] for state in states[2:]] == [0, 1]
    for ticket in tickets:
        await sandbox.until(ticket, "COMPLETED")


async def test_the_number_of_runners_can_be_set(start: Start) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.pace(queue_s=0, run_s=5)
        first, second = [await sandbox.submit(seed=number) for number in range(2)]
        await sandbox.until(first, "IN_PROGRESS")
        await asyncio.sleep(0.1)
        assert (await sandbox.http.get(second["status_url"])).json()["status"] == "IN_QUEUE"


async def test_positions_only_ever_go_down(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0.4, run_s=0.1)
    tickets = [await sandbox.submit(seed=number) for number in range(3)]
    assert [ticket["queue_position"] for ticket in tickets] == sorted({t["queue_position"] for t in tickets})
    last, seen = tickets[-1], []
    while (body := (await sandbox.http.get(last["status_url"])).json())["status"] == "IN_QUEUE":
        seen.append(body["queue_position"])
        await asyncio.sleep(0.02)
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) > 1


async def test_a_result_asked_for_too_early_is_400(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    answer = await sandbox.http.get(ticket["response_url"])
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Request is still in progress"}


async def test_a_request_cancelled_in_line_never_runs(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=60)
    ticket = await sandbox.submit()
    answer = await sandbox.http.put(ticket["cancel_url"])
    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    body = await sandbox.until(ticket, "COMPLETED")
    assert body["error_type"] == "client_cancelled"
    result = await sandbox.http.get(ticket["response_url"])
    assert result.status_code == 499
    assert result.headers["x-fal-error-type"] == "client_cancelled"
    again = await sandbox.http.put(ticket["cancel_url"])
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})
    (entry,) = (await sandbox.ledger())["submits"]
    assert (entry["state"], entry["started_at"], entry["billed"]) == ("cancelled", None, False)


async def test_a_request_cancelled_at_work_stops_and_frees_its_runner(start: Start) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.pace(queue_s=0, run_s=60)
        first = await sandbox.submit(seed=1)
        await sandbox.pace(queue_s=0, run_s=0)
        second = await sandbox.submit(seed=2)
        await sandbox.until(first, "IN_PROGRESS")
        answer = await sandbox.http.put(first["cancel_url"])
        assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
        await sandbox.until(second, "COMPLETED")
        assert (await sandbox.http.get(first["response_url"])).status_code == 499
        assert (await sandbox.ledger())["billed"] == 1


async def test_a_finished_request_cannot_be_cancelled(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    answer = await sandbox.http.put(ticket["cancel_url"])
    assert (answer.status_code, answer.json()) == (400, {"status": "ALREADY_COMPLETED"})
    assert (await sandbox.http.get(ticket["response_url"])).status_code == 200


async def test_an_unknown_request_is_404(sandbox: Caller) -> None:
    base = f"{sandbox.base}/queue/{SHORT}/requests/{uuid.uuid4()}"
    for answer in (await sandbox.http.get(f"{base}/status"), await sandbox.http.put(f"{base}/cancel")):
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    assert (await sandbox.http.get(base)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "queue/alone",
        "queue/a/../b",
        "queue/a/b%0Ac",
        "rest/x",
        "nothing",
        "",
    ],
)
async def test_a_path_that_is_none_of_fals_is_404_in_its_form(sandbox: Caller, path: str) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/{path}", json=SMALL)
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("not found")


@pytest.mark.parametrize("endpoint", ["workflows/me/flow/sub", "comfy/me/graph", "110602490-lora"])
async def test_every_form_of_an_endpoint_id_is_taken(sandbox: Caller, endpoint: str) -> None:
    ticket = await sandbox.submit(endpoint)
    app = {"workflows": "workflows/me/flow", "comfy": "comfy/me/graph"}.get(
        endpoint.split("/", maxsplit=1)[0], "110602490/lora"
    )
    assert f"/queue/{app}/requests/" in ticket["status_url"]
    await sandbox.until(ticket, "COMPLETED")


async def test_a_wrong_method_is_405(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    assert (await sandbox.http.post(ticket["cancel_url"])).status_code == 405
    assert (await sandbox.http.put(ticket["status_url"])).status_code == 405
    assert (await sandbox.http.get(f"{sandbox.base}/queue/{TEXT}")).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b'"x"',
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"[" * 100_000,
        b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
async def test_a_body_that_is_no_input_is_422_at_once(sandbox: Caller, body: bytes) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", content=body)
    assert answer.status_code == 422
    (entry,) = answer.json()["detail"]
    assert entry["loc"] == ["body"]
    assert entry["msg"]
    assert (await sandbox.ledger())["submits"] == []


@pytest.mark.parametrize(
    ("given", "type_"),
    [({}, "missing"), ({"prompt": "x" * 20_001}, "string_too_long"), ({"prompt": 3}, "string_type")],
)
async def test_a_missing_prompt_shows_only_at_the_result(
    sandbox: Caller, given: dict[str, Any], type_: str
) -> None:
    ticket = (await sandbox.http.post(f"{sandbox.base}/queue/fal-ai/veo3.1", json=given)).json()
    body = await sandbox.until(ticket, "COMPLETED")
    assert body["error"]
    assert body["error_type"] == type_
    result = await sandbox.http.get(ticket["response_url"])
    assert result.status_code == 422
    (entry,) = result.json()["detail"]
    assert (entry["loc"], entry["type"]) == (["body", "prompt"], type_)
    assert (await sandbox.ledger())["billed"] == 0


async def test_a_model_that_needs_no_words_renders_without_them(sandbox: Caller) -> None:
    given = {"image_url": "https://example.com/a.png", "duration": 1, "resolution": "144p"}
    endpoint = "fal-ai/stable-video"
    ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{endpoint}", json=given)).json()
    assert "error" not in await sandbox.until(ticket, "COMPLETED")


async def test_a_direct_run_answers_with_the_result_itself(sandbox: Caller) -> None:
    good = await sandbox.http.post(f"{sandbox.base}/run/{TEXT}", json=SMALL)
    assert good.status_code == 200
    assert (await sandbox.http.get(good.json()["video"]["url"])).status_code == 200
    assert (await sandbox.ledger())["submits"][0]["request_id"] == good.headers["x-fal-request-id"]
    bad = await sandbox.http.post(f"{sandbox.base}/run/{TEXT}", json={})
    assert bad.status_code == 422


HOSTILE = [
    "\x1b]0;owned\x07\x1b[31m",
    "[/] [red]x[/red]",
    "../../etc/passwd\x00",
    "\u202eevil\u2066",
    "\ud800 lone",
    "🦊" * 300,
    "x" * 50_000,
]


async def test_hostile_words_neither_break_the_server_nor_reach_a_path(sandbox: Caller) -> None:
    for prompt in HOSTILE:
        text = json.dumps(SMALL | {"prompt": prompt})
        ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", content=text)).json()
        assert "error" not in await sandbox.until(ticket, "COMPLETED")
        url = (await sandbox.http.get(ticket["response_url"])).json()["video"]["url"]
        assert (await sandbox.http.get(url)).status_code == 200
    given = [entry["input"]["prompt"] for entry in (await sandbox.ledger())["submits"]]
    assert given == HOSTILE
