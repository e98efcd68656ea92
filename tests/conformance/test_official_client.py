import hashlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

import fal_client
import httpx
import pytest
from fal_client import Completed, FalClientHTTPError, FalClientTimeoutError, InProgress, Queued

from .conftest import FREE, SMALL, Official, Sandbox

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]


def is_clip(result: dict[str, Any]) -> bool:
    video = result["video"]
    data = httpx.get(video["url"]).content
    return data[4:8] == b"ftyp" and len(data) == video["file_size"]


async def test_submit_then_the_status_in_all_its_states_then_the_result(
    official: Official, sandbox: Sandbox
) -> None:
    sandbox.pace(queue_s=0.3, run_s=0.3)
    seed = secrets.randbelow(2**31)
    handle = await official("submit", FREE, SMALL | {"seed": seed})
    queued = await handle("status")
    assert isinstance(queued, Queued)
    assert queued.position >= 0
    at_work = await handle.until(InProgress)
    assert all(line["message"] and datetime.fromisoformat(line["timestamp"]) for line in at_work.logs)
    done = await handle.until(Completed)
    assert done.metrics["inference_time"] >= 0.3
    assert (done.error, done.error_type) == (None, None)
    result = await handle("get")
    assert result["seed"] == seed
    assert is_clip(result)
    request_id = handle.inner.request_id
    assert await official("result", FREE, request_id) == result
    assert isinstance(await official("status", FREE, request_id, with_logs=True), Completed)
    assert sandbox.entry(request_id)["posts"] == 1


async def test_subscribe_tells_of_every_step_with_logs(official: Official, sandbox: Sandbox) -> None:
    sandbox.pace(queue_s=0.2, run_s=0.6)
    ids: list[str] = []
    seen: list[fal_client.Status] = []
    result = await official(
        "subscribe", FREE, SMALL, with_logs=True, on_enqueue=ids.append, on_queue_update=seen.append
    )
    assert is_clip(result)
    assert sandbox.entry(ids[0])["state"] == "completed"
    assert {type(status) for status in seen} == {Queued, InProgress, Completed}
    last = seen[-1]
    assert isinstance(last, Completed)
    assert last.logs
    assert len(last.logs) > 3


async def test_run_gives_the_result_itself(official: Official) -> None:
    assert is_clip(await official("run", FREE, SMALL))


@pytest.mark.parametrize("endpoint", ["workflows/me/my-flow", "someone/an-app/with/a/long/path"])
async def test_every_kind_of_endpoint_id_finds_its_request(official: Official, endpoint: str) -> None:
    handle = await official("submit", endpoint, SMALL)
    again = await official("get_handle", endpoint, handle.inner.request_id)
    assert again.inner.status_url == handle.inner.status_url
    await again.until(Completed)
    assert is_clip(await official("result", endpoint, handle.inner.request_id))


async def test_headers_that_the_client_can_send_are_taken(official: Official) -> None:
    handle = await official(
        "submit", FREE, SMALL, priority="low", hint="a-runner", start_timeout=30, webhook_url=None
    )
    assert is_clip(await handle("get"))


async def test_a_request_in_line_and_one_at_work_can_be_cancelled(
    official: Official, sandbox: Sandbox
) -> None:
    sandbox.pace(queue_s=0, run_s=20)
    at_work = [await official("submit", FREE, SMALL | {"seed": n}) for n in range(2)]
    for handle in at_work:
        await handle.until(InProgress)
    waiting = await official("submit", FREE, SMALL | {"seed": 9})
    assert isinstance(await waiting("status"), Queued)
    for handle in (waiting, *at_work):
        assert await handle("cancel") is None
        await handle.until(Completed)
        with pytest.raises(FalClientHTTPError) as refused:
            await handle("get")
        assert (refused.value.status_code, refused.value.error_type) == (499, "client_cancelled")
        with pytest.raises(FalClientHTTPError) as twice:
            await handle("cancel")
        assert twice.value.status_code == 400
        assert twice.value.response.json() == {"status": "ALREADY_COMPLETED"}
        assert sandbox.entry(handle.inner.request_id)["billed"] is False


async def test_a_cancel_by_id_reaches_the_request(official: Official, sandbox: Sandbox) -> None:
    sandbox.pace(queue_s=20)
    handle = await official("submit", FREE, SMALL)
    await official("cancel", FREE, handle.inner.request_id)
    assert sandbox.entry(handle.inner.request_id)["state"] == "cancelled"


async def test_an_input_that_does_not_fit_is_raised_with_its_list_of_errors(official: Official) -> None:
    handle = await official("submit", KLING, {"prompt": "a", "duration": "7", "cfg_scale": 3})
    done = await handle.until(Completed)
    assert (done.error, done.error_type) == ("Invalid status code: 422", "literal_error")
    with pytest.raises(FalClientHTTPError) as refused:
        await handle("get")
    assert refused.value.status_code == 422
    assert refused.value.response_headers["x-fal-request-id"] == handle.inner.request_id
    told: Any = refused.value.message
    assert [(entry["loc"], entry["type"]) for entry in told] == [
        (["body", "duration"], "literal_error"),
        (["body", "cfg_scale"], "less_than_equal"),
    ]


async def test_a_direct_run_raises_the_same_errors(official: Official) -> None:
    with pytest.raises(FalClientHTTPError) as refused:
        await official("run", KLING, {})
    (entry,) = refused.value.response.json()["detail"]
    assert (refused.value.status_code, entry["type"]) == (422, "missing")


async def test_what_is_not_there_is_404(official: Official) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for name in ("status", "result", "cancel"):
        with pytest.raises(FalClientHTTPError) as missing:
            await official(name, FREE, nobody)
        assert missing.value.status_code == 404


async def test_a_client_that_gives_up_cancels(official: Official, sandbox: Sandbox) -> None:
    sandbox.pace(queue_s=0, run_s=20)
    with pytest.raises(FalClientTimeoutError) as late:
        await official("subscribe", FREE, SMALL, client_timeout=1.2)
    assert late.value.request_id
    assert sandbox.entry(late.value.request_id)["state"] == "cancelled"


async def test_a_megabyte_is_uploaded_and_may_be_used_as_an_input(
    official: Official, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = len(sandbox.leaks())
    data = os.urandom(2**20)
    picture = tmp_path / "a picture.png"
    picture.write_bytes(data)
    url = await official("upload_file", picture)
    assert url.startswith(f"{sandbox.base}/cdn/files/")
    got = httpx.get(url)
    assert (got.content, got.headers["content-type"]) == (data, "image/png")
    by_bytes = await official(
        "upload", data, "image/png", lifecycle=fal_client.StorageSettings(expires_in="1h")
    )
    assert httpx.get(by_bytes).content == data
    assert len(sandbox.leaks()) == before
    given = {"image_url": url, "resolution": "144p", "duration": 1}
    assert is_clip(await official("subscribe", "fal-ai/stable-video", given))


async def test_the_older_storage_takes_a_file_too(official: Official) -> None:
    url = await official("upload", b"abc" * 1000, "image/png", "a.png", repository="fal")
    assert httpx.get(url).content == b"abc" * 1000


async def test_101_megabytes_go_in_parts_and_never_through_memory(
    official: Official, sandbox: Sandbox, tmp_path: Path
) -> None:
    large = tmp_path / "large.mp4"
    size = 101 * 2**20
    with large.open("wb") as file:
        file.truncate(size)
        for place in (0, 10 * 2**20 - 2, size - 4):
            file.seek(place)
            file.write(b"mark")
    before = sandbox.peak()
    url = await official("upload_file", large)
    assert sandbox.peak() - before < 48 * 2**20
    wanted, got = hashlib.sha256(), hashlib.sha256()
    with large.open("rb") as file:
        while piece := file.read(2**20):
            wanted.update(piece)
    with httpx.stream("GET", url) as answer:
        assert answer.headers["content-length"] == str(size)
        for piece in answer.iter_bytes():
            got.update(piece)
    assert got.hexdigest() == wanted.hexdigest()
    part = httpx.get(url, headers={"range": f"bytes={size - 4}-"})
    assert (part.status_code, part.content) == (206, b"mark")


async def test_an_upload_goes_elsewhere_when_its_token_is_refused(
    official: Official, sandbox: Sandbox
) -> None:
    sandbox.scenario(upload_token_s=0)
    url = await official("upload", b"abc", "image/png", "a.png")
    assert httpx.get(url).content == b"abc"
