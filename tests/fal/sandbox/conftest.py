"""A real sandbox on an ephemeral loopback port, and a client for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from reelroom.fal.sandbox.serve import running

TEXT = "fal-ai/fast-svd/text-to-video"
"""A model that declares neither duration nor resolution, so that SMALL, which renders quickly, will do."""
SMALL: dict[str, Any] = {"prompt": "a red fox crosses a frozen lake", "duration": "1", "resolution": "144p"}


@dataclass(frozen=True, slots=True)
class Caller:
    """What a test asks of the sandbox at `base`."""

    http: httpx.AsyncClient
    base: str

    async def submit(self, endpoint: str = TEXT, **more: object) -> dict[str, Any]:
        answer = await self.http.post(f"{self.base}/queue/{endpoint}", json=SMALL | more)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def until(self, ticket: dict[str, Any], *wanted: str) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while True:
                answer = await self.http.get(ticket["status_url"], params={"logs": "1"})
                body: dict[str, Any] = answer.json()
                if body["status"] in wanted:
                    assert answer.status_code == (200 if body["status"] == "COMPLETED" else 202)
                    return body
                await asyncio.sleep(0.02)

    async def video(self, **more: object) -> dict[str, Any]:
        """Submit, wait, and give the video of the result."""
        ticket = await self.submit(**more)
        await self.until(ticket, "COMPLETED")
        video: dict[str, Any] = (await self.http.get(ticket["response_url"])).json()["video"]
        return video

    async def pace(self, **knobs: object) -> httpx.Response:
        return await self.http.put(f"{self.base}/sandbox/pace", json=knobs)

    async def scenario(self, *rules: dict[str, object], **settings: object) -> None:
        """Set the scenario; raises for one that is refused."""
        document = {"settings": settings, "rule": list(rules)}
        answer = await self.http.put(f"{self.base}/sandbox/scenario", json=document)
        assert answer.status_code == 200, answer.text

    async def ledger(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self.http.get(f"{self.base}/sandbox/ledger")).json()
        return body


Start = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    @asynccontextmanager
    async def started(state: Path = tmp_path / "state", **how: Any) -> AsyncIterator[Caller]:
        limits = httpx.Timeout(15)
        async with running(state, **{"speed": 0.05} | how) as base, httpx.AsyncClient(timeout=limits) as http:
            yield Caller(http, base)

    return started


@pytest.fixture
async def sandbox(start: Start) -> AsyncIterator[Caller]:
    async with start() as caller:
        yield caller
