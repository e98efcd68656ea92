"""The queue and the direct run, over HTTP."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request as Http
from starlette.responses import Response

from . import wire
from .answers import Json, TooLarge, about, not_allowed, not_found, origin, read_body, unprocessable
from .ledger import Ledger
from .line import Line
from .pace import Pace, times
from .requests import Request, State, canonical

DEEPEST = 200
"""Levels of an input; Python's JSON has a limit of its own, which depends on who asks."""


@dataclass(slots=True)
class Knobs:
    """The pace that holds now; a test may change it while the server runs."""

    speed: float
    pace: Pace = field(default_factory=Pace)


class QueueApi:
    """Submit, status, result, cancel and run."""

    def __init__(self, ledger: Ledger, line: Line, knobs: Knobs, clock: Callable[[], float]) -> None:
        self._ledger, self._line, self._knobs, self._clock = ledger, line, knobs, clock

    async def queue(self, http: Http) -> Response:
        """Everything under /queue."""
        path = http.path_params["path"]
        where = wire.address(path)
        if where is None:
            return await self._posted(http, path, self._submitted)
        if http.method != ("PUT" if where.action == "cancel" else "GET"):
            return not_allowed()
        request = self._ledger.request(where.request_id)
        if request is None:
            missing = {"detail": "Request not found"} if where.action == "result" else {"status": "NOT_FOUND"}
            return Json(missing, 404)
        answer = {"status": self._status, "result": self._result, "cancel": self._cancel}[where.action]
        return answer(http, request)

    async def run(self, http: Http) -> Response:
        """A direct run: the result itself is the answer."""
        return await self._posted(http, http.path_params["path"], self._ran)

    async def _posted(
        self, http: Http, path: str, answer: Callable[[Http, Request], Awaitable[Response]]
    ) -> Response:
        endpoint = wire.endpoint_of(path)
        if endpoint is None:
            return not_found(http)
        if http.method != "POST":
            return not_allowed()
        content = await _content(http)
        if isinstance(content, Response):
            return content
        await asyncio.sleep(self._knobs.pace.submit_before_s)
        request = self._count(endpoint, content)
        await asyncio.sleep(self._knobs.pace.submit_after_s)
        return await answer(http, request)

    def _count(self, endpoint: str, content: str) -> Request:
        queue_s, run_s = times(endpoint, content, speed=self._knobs.speed, pace=self._knobs.pace)
        request = Request(
            id=str(uuid.uuid4()),
            endpoint=endpoint,
            input=content,
            queue_s=queue_s,
            run_s=run_s,
            submitted_at=self._clock(),
        )
        self._ledger.add(request)
        self._line.join(request)
        return request

    async def _submitted(self, http: Http, request: Request) -> Response:
        body = wire.submitted(origin(http), request, self._line.position(request.id))
        return about(request, Json(body))

    async def _ran(self, http: Http, request: Request) -> Response:
        await self._line.ended(request.id)
        now = self._ledger.request(request.id)
        assert now is not None
        return self._result(http, now)

    def _status(self, http: Http, request: Request) -> Response:
        wanted = http.query_params.get("logs", "0").lower() in {"1", "true"}
        logs = (
            wire.log_lines(request, self._clock()) if wanted and request.state is not State.QUEUED else None
        )
        body = wire.status(origin(http), request, self._line.position(request.id), logs)
        return about(request, Json(body, 200 if request.state.over else 202))

    def _result(self, http: Http, request: Request) -> Response:
        if not request.state.over:
            return about(request, Json({"detail": "Request is still in progress"}, 400))
        failure = request.failure
        if failure is None:
            return about(request, Json(wire.output(origin(http), request)))
        body = {"detail": json.loads(failure.detail)}
        if request.state is State.CANCELLED:
            body["error_type"] = failure.error_type
        answer = about(request, Json(body, failure.status))
        answer.headers["x-fal-error-type"] = failure.error_type
        answer.headers["x-fal-needs-retry"] = "0"
        return answer

    def _cancel(self, _http: Http, request: Request) -> Response:
        if request.state.over:
            return about(request, Json({"status": "ALREADY_COMPLETED"}, 400))
        self._line.cancel(request)
        if request.state is State.QUEUED:
            return about(request, Json({"status": "OK"}))
        return about(request, Json({"status": "CANCELLATION_REQUESTED"}, 202))


async def _content(http: Http) -> str | Response:
    """The input as canonical JSON, or the answer that refuses it."""
    try:
        body = await read_body(http)
        # FAL's JavaScript client sends no body at all for an absent input.
        input_ = json.loads(body.decode("utf-8")) if body else {}
    except TooLarge:
        return Json({"detail": "Request body is larger than 64 MiB"}, 413)
    except (ValueError, RecursionError):
        return unprocessable("JSON decode error", "json_invalid")
    if not isinstance(input_, dict) or _deeper(input_, DEEPEST):
        return unprocessable("Input should be a valid dictionary", "dict_type")
    try:
        return canonical(input_)
    except (ValueError, RecursionError):
        return unprocessable("Input should hold finite numbers only", "finite_number")


def _deeper(value: object, most: int) -> bool:
    level = [value]
    for _ in range(most):
        dicts = [child for item in level if isinstance(item, dict) for child in item.values()]
        level = dicts + [child for item in level if isinstance(item, list) for child in item]
        if not level:
            return False
    return True
