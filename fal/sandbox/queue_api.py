"""The queue and the direct run, over HTTP."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.requests import Request as Http
from starlette.responses import Response, StreamingResponse

from . import endings, wire
from .answers import Json, TooLarge, about, not_allowed, not_found, origin, read_body, unprocessable
from .headers import BadHeader, wishes
from .knobs import Knobs
from .ledger import Ledger
from .line import Line
from .logs import log_lines
from .matcher import Matcher, Question
from .outputs import Outputs
from .pace import times
from .questions import QUESTION
from .requests import Request, State, canonical
from .stream import StatusStream
from .webhooks import Webhooks

DEEPEST = 200
"""Levels of an input; Python's JSON has a limit of its own, which depends on who asks."""


class QueueApi:
    """Submit, status, result, cancel and run."""

    def __init__(
        self,
        ledger: Ledger,
        outputs: Outputs,
        line: Line,
        matcher: Matcher,
        webhooks: Webhooks,
        knobs: Knobs,
        clock: Callable[[], float],
    ) -> None:
        self._ledger, self._outputs, self._line = ledger, outputs, line
        self._matcher, self._webhooks, self._knobs, self._clock = matcher, webhooks, knobs, clock

    async def queue(self, http: Http) -> Response:
        """Everything under /queue."""
        path = http.path_params["path"]
        where = wire.address(path)
        if where is None:
            return await self._posted(http, path, self._submitted)
        if http.method != ("PUT" if where.action == "cancel" else "GET"):
            return not_allowed()
        request = self._ledger.request(where.request_id)
        if request is None or self._is_hidden(request, where.action):
            return endings.missing(where.action, self._knobs.settings)
        answer = {
            "status": self._status,
            "stream": self._stream,
            "result": self._result,
            "cancel": self._cancel,
        }[where.action]
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
        if refused := self._refused(http, endpoint):
            return refused
        content = await _content(http)
        if isinstance(content, Response):
            return content
        await asyncio.sleep(self._knobs.pace.submit_before_s)
        most = http.query_params.get("fal_max_queue_length", "")
        if most.isdecimal() and self._line.waiting(endpoint) > int(most[:9]):
            return endings.too_many(self._knobs.settings)
        try:
            request = self._count(http, endpoint, content)
        except BadHeader as bad:
            return Json({"detail": str(bad), "error_type": "bad_request"}, 400)
        await asyncio.sleep(self._knobs.pace.submit_after_s)
        return await answer(http, request)

    def _refused(self, http: Http, endpoint: str) -> Response | None:
        if http.method != "POST":
            return not_allowed()
        known = self._knobs.settings.unknown_endpoints == "accepted" or endpoint in self._outputs.facts
        return None if known else endings.no_application(endpoint)

    def _count(self, http: Http, endpoint: str, content: str) -> Request:
        request_id = str(uuid.uuid4())
        wished = wishes(http)
        question = http.scope.get(QUESTION, Question(step="submit", endpoint=endpoint))
        plan = replace(self._matcher.plan(request_id, question), **wished)
        queue_s, run_s = times(endpoint, content, speed=self._knobs.speed, pace=self._knobs.pace)
        request = Request(
            id=request_id,
            endpoint=endpoint,
            input=content,
            queue_s=queue_s if plan.queue_s is None else plan.queue_s,
            run_s=run_s if plan.run_s is None else plan.run_s,
            submitted_at=self._clock(),
            plan=plan,
        )
        self._ledger.add(request)
        self._line.join(request)
        return request

    async def _submitted(self, http: Http, request: Request) -> Response:
        if request.plan.webhook:
            self._webhooks.promise(request.plan.webhook, request.id, lambda: self._ran(http, request))
        body = wire.submitted(origin(http), request, self._line.position(request.id))
        return about(request, Json(body))

    async def _ran(self, http: Http, request: Request) -> Response:
        await self._line.ended(request.id)
        now = self._ledger.request(request.id)
        assert now is not None
        return self._result(http, now)

    def _is_hidden(self, request: Request, action: str) -> bool:
        """Whether this part of FAL has not heard of the request yet."""
        age = self._clock() - request.submitted_at
        return action in {"status", "stream"} and age < self._knobs.settings.status_404_s

    def _status(self, http: Http, request: Request) -> Response:
        settings = self._knobs.settings
        logs = None
        if _logs_wanted(http) and request.state is not State.QUEUED:
            logs = log_lines(request, self._clock(), settings.log_window_s)
        body = self._said(http, request, logs)
        return about(request, Json(body, 200 if request.state.over else 202))

    def _said(self, http: Http, request: Request, logs: list[dict[str, object]] | None) -> dict[str, object]:
        position = self._line.position(request.id)
        return wire.status(origin(http), request, position, logs, errors=self._knobs.settings.status_errors)

    def _stream(self, http: Http, request: Request) -> Response:
        stream = StatusStream(
            lambda: self._ledger.request(request.id),
            lambda now, lines: self._said(http, now, None if now.state is State.QUEUED else lines),
            self._line,
            self._knobs.settings,
            self._clock,
        )
        events = stream.events(logs=_logs_wanted(http))
        headers = {"cache-control": "no-store"}
        return about(request, StreamingResponse(events, 200, headers, "text/event-stream"))

    def _result(self, http: Http, request: Request) -> Response:
        settings = self._knobs.settings
        if not request.state.over:
            return about(request, endings.too_early(settings))
        if request.failure:
            return about(request, endings.failed(request, request.failure, settings))
        answer = Json(self._outputs.body(origin(http), request))
        if endings.expired(request, len(answer.body), settings, self._clock()):
            return endings.missing("result", settings)
        return about(request, answer)

    def _cancel(self, _http: Http, request: Request) -> Response:
        if request.state.over or request.plan.cancel == "too_late":
            return about(request, Json({"status": "ALREADY_COMPLETED"}, 400))
        if request.plan.cancel == "stops":
            self._line.cancel(request)
        if request.state is State.QUEUED and self._knobs.settings.cancel_in_line == "ok":
            return about(request, Json({"status": "OK"}))
        return about(request, Json({"status": "CANCELLATION_REQUESTED"}, 202))


def _logs_wanted(http: Http) -> bool:
    """FAL's clients spell it 1, 0, true and false; without it there are none."""
    return http.query_params.get("logs", "0").lower() in {"1", "true"}


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
