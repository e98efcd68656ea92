"""Webhooks: the end of a request, reported to an address of this machine, and signed as FAL signs."""

import asyncio
import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.requests import Request as Http
from starlette.responses import Response

from .answers import Json
from .ed25519 import public_key, sign
from .knobs import Knobs

ATTEMPT_S = 15.0
"""Seconds that FAL waits for an answer."""
USER = "sandbox"


Answer = Callable[[], Awaitable[Response]]
"""Waits for the end of a request; what its result answers."""


@asynccontextmanager
async def open_webhooks(state: Path, knobs: Knobs, clock: Callable[[], float]) -> AsyncIterator["Webhooks"]:
    """Webhooks that are delivered inside; what has not ended by the end of the block is not reported."""
    async with asyncio.TaskGroup() as tasks:
        webhooks = Webhooks(tasks, state, knobs, clock)
        yield webhooks
        webhooks.stop()


class Webhooks:
    """Delivers each report until someone takes it, or its tries are used up."""

    def __init__(
        self, tasks: asyncio.TaskGroup, state: Path, knobs: Knobs, clock: Callable[[], float]
    ) -> None:
        self._tasks, self._state, self._knobs, self._clock = tasks, state, knobs, clock
        self._living: set[asyncio.Task[None]] = set()

    async def keys(self, _http: Http) -> Response:
        """The public key, as a JSON Web Key Set."""
        x = base64.urlsafe_b64encode(public_key(seed_of(self._state))).rstrip(b"=").decode()
        return Json({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})

    def promise(self, url: str, request_id: str, answer: Answer) -> None:
        """Report the end of a request, when it comes; nothing is sent beyond this machine."""
        place = _place(url)
        if place is not None:
            task = self._tasks.create_task(self._report(place, request_id, answer), name="webhook")
            self._living.add(task)
            task.add_done_callback(self._living.discard)

    def stop(self) -> None:
        """Leave off all that is not delivered."""
        for task in self._living:
            task.cancel()

    async def _report(self, place: "Place", request_id: str, answer: Answer) -> None:
        body = _document(request_id, await answer())
        settings = self._knobs.settings
        for _ in range(settings.webhook_tries):
            head = _head(place, self._signed(request_id, body), len(body))
            if await _delivered(place, head + body):
                return
            await asyncio.sleep(settings.webhook_wait_s)

    def _signed(self, request_id: str, body: bytes) -> dict[str, str]:
        """FAL's four headers: the signature is over id, user, time and digest, each on a line."""
        moment = str(int(self._clock()))
        message = "\n".join((request_id, USER, moment, hashlib.sha256(body).hexdigest()))
        return {
            "x-fal-webhook-request-id": request_id,
            "x-fal-webhook-user-id": USER,
            "x-fal-webhook-timestamp": moment,
            "x-fal-webhook-signature": sign(seed_of(self._state), message.encode()).hex(),
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a webhook goes."""

    host: str
    port: int
    target: str


def _place(url: str) -> Place | None:
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return None
    target = quote(parts.path or "/", safe="/%") + (
        f"?{quote(parts.query, safe='=&%')}" if parts.query else ""
    )
    return Place(parts.hostname, port, target)


def _document(request_id: str, answer: Response) -> bytes:
    told: dict[str, object] = {"request_id": request_id, "gateway_request_id": request_id, "status": "OK"}
    if answer.status_code >= 300:
        told |= {"status": "ERROR", "error": f"Invalid status code: {answer.status_code}"}
    told["payload"] = json.loads(bytes(answer.body))
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def _head(place: Place, signed: dict[str, str], size: int) -> bytes:
    fields = {"host": place.host, "content-type": "application/json", "content-length": str(size), **signed}
    lines = [f"POST {place.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join([*lines, "connection: close"]) + "\r\n\r\n").encode("ascii")


async def _delivered(place: Place, message: bytes) -> bool:
    """Whether the other side answered 2xx in time."""
    try:
        async with asyncio.timeout(ATTEMPT_S):
            reader, writer = await asyncio.open_connection(place.host, place.port)
            try:
                writer.write(message)
                line = await reader.readline()
            finally:
                writer.transport.abort()
    except (OSError, ValueError, TimeoutError):
        return False
    return re.match(rb"HTTP/1\.[01] 2\d\d", line) is not None


def seed_of(state: Path) -> bytes:
    """The secret of this sandbox's signatures, made when it is first needed."""
    path = state / "webhook.key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        seed = secrets.token_bytes(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(seed)
        return seed
