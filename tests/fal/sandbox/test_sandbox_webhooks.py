"""Webhooks and their signatures, and the proxy that FAL's JavaScript client goes through."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from reelroom.fal.sandbox.ed25519 import public_key, sign

from .conftest import SMALL, TEXT, Caller

VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]
"""Tests 1 and 2 of RFC 8032, 7.1: secret, public key, message, signature."""


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(secret: str, public: str, message: str, signature: str) -> None:
    seed = bytes.fromhex(secret)
    assert public_key(seed).hex() == public
    assert sign(seed, bytes.fromhex(message)).hex() == signature


Delivery = tuple[dict[str, str], bytes]


@asynccontextmanager
async def listener(*answers: bytes) -> AsyncIterator[tuple[str, asyncio.Queue[Delivery]]]:
    """A server that takes webhooks and answers with these statuses in turn, the last one from then on."""
    came: asyncio.Queue[Delivery] = asyncio.Queue()
    left = list(answers)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line) | {"": head[0]}
        came.put_nowait((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 " + (left.pop(0) if len(left) > 1 else left[0]) + b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?x=1", came


async def submit(sandbox: Caller, hook: str, **more: object) -> dict[str, Any]:
    url, params = f"{sandbox.base}/queue/{TEXT}", {"fal_webhook": hook}
    answer = await sandbox.http.post(url, json=SMALL | more, params=params)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_a_webhook_reports_the_result_and_is_signed(sandbox: Caller, tmp_path: Path) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    async with asyncio.timeout(15), listener(b"200 OK") as (hook, came):
        ticket = await submit(sandbox, hook)
        headers, body = await came.get()
    told = json.loads(body)
    assert headers[""] == "POST /hook?x=1 HTTP/1.1"
    assert told["request_id"] == told["gateway_request_id"] == ticket["request_id"]
    assert told["status"] == "OK"
    assert told["payload"] == (await sandbox.http.get(ticket["response_url"])).json()
    names = ("request-id", "user-id", "timestamp")
    lines = [headers[f"x-fal-webhook-{name}"] for name in names] + [hashlib.sha256(body).hexdigest()]
    seed = (tmp_path / "state/webhook.key").read_bytes()
    assert headers["x-fal-webhook-signature"] == sign(seed, "\n".join(lines).encode()).hex()
    (key,) = (await sandbox.http.get(f"{sandbox.base}/rest/.well-known/jwks.json")).json()["keys"]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    assert base64.urlsafe_b64decode(key["x"] + "=") == public_key(seed)


async def test_a_failure_is_reported_as_one_and_tried_again_until_it_is_taken(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario({"error": "one_of"}, webhook_tries=3, webhook_wait_s=0.05)
    async with asyncio.timeout(15), listener(b"500 No", b"302 Found", b"204 Yes") as (hook, came):
        await submit(sandbox, hook)
        told = [json.loads((await came.get())[1]) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert came.empty()
    assert told[0] == told[1] == told[2]
    assert (told[0]["status"], told[0]["error"]) == ("ERROR", "Invalid status code: 422")
    assert told[0]["payload"]["detail"][0]["type"] == "one_of"


@pytest.mark.parametrize(
    "hook",
    [
        "https://example.com/h",
        "http://10.0.0.1/h",
        "http://127.0.0.1@example.com/h",
        "http://[",
        "ftp://127.0.0.1/",
    ],
)
async def test_nothing_is_reported_beyond_this_machine(sandbox: Caller, hook: str) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    ticket = await submit(sandbox, hook)
    await sandbox.until(ticket, "COMPLETED")


async def test_a_hook_where_no_one_listens_disturbs_no_one(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario(webhook_wait_s=0.01)
    ticket = await submit(sandbox, "http://127.0.0.1:9/none")
    await sandbox.until(ticket, "COMPLETED")
    assert (await sandbox.http.get(ticket["response_url"])).status_code == 200


async def test_the_proxy_leads_to_each_of_fals_hosts(sandbox: Caller) -> None:
    proxy = f"{sandbox.base}/proxy"

    def to(url: str) -> dict[str, str]:
        return {"x-fal-target-url": url}

    posted = await sandbox.http.post(proxy, json=SMALL, headers=to(f"https://queue.fal.run/{TEXT}"))
    ticket = posted.json()
    app = "/".join(TEXT.split("/")[:2])
    base = f"https://queue.fal.run/{app}/requests/{ticket['request_id']}"
    async with asyncio.timeout(15):
        while True:
            status = (await sandbox.http.get(proxy, headers=to(f"{base}/status?logs=1"))).json()
            if status["status"] == "COMPLETED":
                break
            await asyncio.sleep(0.02)
    assert status["logs"]
    assert (await sandbox.http.get(proxy, headers=to(base))).json()["video"]["url"].startswith(sandbox.base)
    late = await sandbox.http.put(proxy, headers=to(f"{base}/cancel"))
    assert late.json() == {"status": "ALREADY_COMPLETED"}
    models = await sandbox.http.get(proxy, headers=to("https://api.fal.ai/v1/models?limit=1"))
    assert len(models.json()["models"]) == 1
    ran = await sandbox.http.post(proxy, json=SMALL, headers=to(f"https://fal.run/{TEXT}"))
    assert ran.json()["video"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://queue.fal.run/a/b",
        "https://evil.example/a/b",
        "https://queue.fal.run@evil.example/",
        "https://[",
    ],
)
async def test_the_proxy_leads_nowhere_else(sandbox: Caller, url: str) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/proxy", json=SMALL, headers={"x-fal-target-url": url})
    assert answer.status_code == 412
    assert "x-fal-target-url" in answer.json()["detail"]
