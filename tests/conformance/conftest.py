"""FAL's own Python client, unchanged, against the sandbox as a process of its own."""

import asyncio
import gc
import inspect
import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client as constants
import httpx
import pytest

KEY = "conformance:0123456789abcdef"
FREE = "fal-ai/fast-svd/text-to-video"
"""A model that declares neither duration nor resolution, so that SMALL, which renders quickly, will do."""
SMALL: dict[str, Any] = {"prompt": "a red fox crosses a frozen lake", "duration": "1", "resolution": "144p"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The process, and what a test asks of it besides FAL's own addresses."""

    base: str
    pid: int

    def pace(self, **knobs: object) -> None:
        assert httpx.put(f"{self.base}/sandbox/pace", json=knobs).status_code == 200

    def scenario(self, **settings: object) -> None:
        body = {"settings": settings}
        assert httpx.put(f"{self.base}/sandbox/scenario", json=body).status_code == 200

    def entry(self, request_id: str) -> dict[str, Any]:
        """What the ledger says of a request."""
        submits = httpx.get(f"{self.base}/sandbox/ledger").json()["submits"]
        (entry,) = [submit for submit in submits if submit["request_id"] == request_id]
        return dict(entry)

    def leaks(self) -> list[str]:
        return [leak["path"] for leak in httpx.get(f"{self.base}/sandbox/ledger").json()["key_leaks"]]

    def peak(self) -> int:
        """Bytes of memory that the process ever held."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (peak,) = [line for line in lines if line.startswith("VmHWM")]
        return int(peak.split()[1]) * 1024


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("home")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("FAL_", "XDG_"))}
    command = [sys.executable, "-m", "reelroom.tui", "sandbox", "--port", "0", "--speed", "0.02"]
    with subprocess.Popen(
        command, env=environ | {"HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        try:
            said = running.stdout.readline().split()
            assert said[0] == "READY"
            with redirected(said[1]):
                yield Sandbox(said[1], running.pid)
        finally:
            running.terminate()
            running.wait(10)
            # The synchronous client never closes its upload connections; they go here, not in a later test.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()


@contextmanager
def redirected(base: str) -> Iterator[None]:
    """FAL's client with other hosts: it has no setting for all of them, only these module constants."""
    hosts = {
        "QUEUE_URL_FORMAT": f"{base}/queue/",
        "RUN_URL_FORMAT": f"{base}/run/",
        "REST_URL": f"{base}/rest",
        "CDN_URL": f"{base}/cdn",
    }
    usual = {name: getattr(constants, name) for name in hosts}
    for name, host in hosts.items():
        setattr(constants, name, host)
    try:
        yield
    finally:
        for name, host in usual.items():
            setattr(constants, name, host)


@pytest.fixture
def sandbox(process: Sandbox) -> Iterator[Sandbox]:
    yield process
    process.pace()
    process.scenario()


class Official:
    """The client, synchronous or not: its calls and those of its handles alike are awaited."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, name: str, *given: Any, **named: Any) -> Any:
        call = getattr(self.inner, name)
        if inspect.iscoroutinefunction(call):
            made = await call(*given, **named)
        else:
            made = await asyncio.to_thread(call, *given, **named)
        return Official(made) if hasattr(made, "status_url") else made

    async def until(self, kind: type[fal_client.Status]) -> Any:
        async with asyncio.timeout(10):
            while not isinstance(status := await self("status", with_logs=True), kind):
                await asyncio.sleep(0.02)
        return status


@pytest.fixture(params=["sync", "async"])
async def official(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Official]:
    del sandbox
    if request.param == "sync":
        plain = fal_client.SyncClient(key=KEY)
        yield Official(plain)
        plain._client.close()
    else:
        looping = fal_client.AsyncClient(key=KEY)
        yield Official(looping)
        await (await looping._client).aclose()
