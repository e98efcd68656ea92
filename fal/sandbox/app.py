"""The sandbox as an ASGI application over a state folder."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Http
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from .answers import Json, not_allowed, not_found
from .cdn_api import CdnApi
from .checks import Checks
from .control_api import ControlApi
from .depot import Depot
from .documents import Documents
from .errors import CannotServe
from .facts import Facts
from .faults import Faults
from .knobs import Knobs
from .ledger import Ledger
from .line import open_line
from .matcher import Matcher
from .outputs import Outputs
from .pace import checked_speed
from .past import Past
from .platform_api import PlatformApi
from .platform_models import Models
from .proxy import Proxy
from .queue_api import QueueApi
from .rest_api import RestApi
from .scenario import Scenario
from .schema_api import SchemaApi
from .shelf import Shelf
from .tokens import Tokens
from .upload_api import UploadApi
from .webhooks import open_webhooks


@asynccontextmanager
async def sandbox_app(
    state: Path,
    *,
    speed: float = 1.0,
    slots: int = 2,
    clock: Callable[[], float] = time.time,
    patience: float = 10.0,
    scenario: Scenario | None = None,
    changed: Callable[[Scenario], None] = lambda _: None,
) -> AsyncIterator[ASGIApp]:
    """The application together with its life: inside, requests go on; outside, they are kept as they are.

    `speed` is a factor on all usual times, `slots` how many requests run at once (two at FAL, for a new
    account), `patience` the seconds to wait for another sandbox to leave the folder; `changed` is told of
    each scenario that is set. Raises CannotServe where the folder is not usable, and NotAccepted for a
    speed that is none.
    """
    knobs = Knobs(checked_speed(speed), changed=changed)
    async with _held(_lock_file(state), state, patience):
        with Ledger(state / "sandbox.sqlite3") as ledger:
            matcher = Matcher(ledger, knobs, clock)
            matcher.set(scenario or Scenario())
            async with _opened(state, ledger, matcher, knobs, slots=slots, clock=clock) as app:
                yield Proxy(Faults(app, matcher))


@asynccontextmanager
async def _opened(
    state: Path, ledger: Ledger, matcher: Matcher, knobs: Knobs, *, slots: int, clock: Callable[[], float]
) -> AsyncIterator[Starlette]:
    documents = Documents(Facts())
    outputs = Outputs(documents.facts, Shelf(state / "sandbox-media"))
    depot = Depot(state / "sandbox-uploads", clock)
    async with (
        open_line(ledger, outputs.shelf, Checks(documents), slots=slots, clock=clock) as line,
        open_webhooks(state, knobs, clock) as webhooks,
    ):
        queue = QueueApi(ledger, outputs, line, matcher, webhooks, knobs, clock)
        cdn = CdnApi(ledger, outputs, knobs, clock)
        platform = PlatformApi(Models(documents), Past(ledger, outputs), knobs, clock)
        yield _application(
            _every("/queue/{path:path}", queue.queue),
            _every("/run/{path:path}", queue.run),
            _every("/rest/.well-known/jwks.json", webhooks.keys),
            *_uploading(depot, ledger, knobs, clock),
            _every("/cdn/{path:path}", cdn.media),
            _every("/v1/{path:path}", platform.platform),
            _every("/schema/{path:path}", SchemaApi(documents, ledger, clock).document),
            *_controls(ControlApi(ledger, knobs, matcher)),
        )


def _uploading(depot: Depot, ledger: Ledger, knobs: Knobs, clock: Callable[[], float]) -> list[Route]:
    tokens = Tokens()
    uploads = UploadApi(depot, tokens, knobs, ledger, clock)
    file, put = "/cdn/files/up/{id}/{name}", "/cdn/put/{id}/{name}"
    return [
        _every("/cdn/files/upload", uploads.single),
        _every("/cdn/files/upload/multipart", uploads.multipart),
        _every(f"{file}/multipart/{{upload}}/{{number:int}}", uploads.part),
        _every(f"{file}/multipart/{{upload}}/complete", uploads.complete),
        _every(file, uploads.file),
        _every(put, uploads.signed),
        _every(f"{put}/{{number:int}}", uploads.signed_part),
        _every(f"{put}/complete", uploads.signed_complete),
        _every("/rest/{path:path}", RestApi(depot, tokens, knobs, clock).rest),
    ]


def _controls(control: ControlApi) -> list[Route]:
    return [
        Route("/sandbox", control.identity),
        Route("/sandbox/ledger", control.ledger),
        Route("/sandbox/pace", control.pace, methods=["PUT"]),
        Route("/sandbox/scenario", control.scenario, methods=["GET", "PUT", "DELETE"]),
    ]


def _every(path: str, answer: Callable[[Http], Awaitable[Response]]) -> Route:
    """All methods: which of them FAL takes is for the answer to say, in FAL's words."""
    return Route(path, answer, methods=["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])


def _application(*routes: Route) -> Starlette:
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone},
    )
    app.router.redirect_slashes = False
    return app


async def _refused(http: Http, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return not_found(http)
    return not_allowed() if error.status_code == 405 else Json({"detail": error.detail}, error.status_code)


async def _gone(_http: Http, _error: Exception) -> Response:
    """The other side left before its body was whole: nothing was submitted, and no one hears the answer."""
    return Response(status_code=499)


def _lock_file(state: Path) -> int:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(state / "sandbox.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotServe(f"The sandbox cannot use the folder {state}: {error.strerror}.") from error


@asynccontextmanager
async def _held(lock: int, state: Path, patience: float) -> AsyncIterator[None]:
    """Hold the folder with a lock that dies with this process; gives up after `patience` seconds."""
    deadline = time.monotonic() + patience
    try:
        while not _locked(lock):
            if time.monotonic() >= deadline:
                raise CannotServe(f"Another sandbox is at work in the folder {state}.")
            await asyncio.sleep(0.05)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
