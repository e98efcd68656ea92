"""FAL's Platform API, as far as a client of models needs it."""

import json
from collections import deque
from collections.abc import Callable
from typing import Literal

from starlette.requests import Request as Http
from starlette.responses import Response

from .answers import Json, TooLarge, origin, read_body
from .asked import Unfit
from .knobs import Knobs
from .past import Past
from .platform_models import Models, Unknown

Kind = Literal[
    "authorization_error", "validation_error", "not_found", "rate_limited", "server_error", "not_implemented"
]


class PlatformApi:
    """Everything under /v1."""

    def __init__(self, models: Models, past: Past, knobs: Knobs, clock: Callable[[], float]) -> None:
        self._models, self._past, self._knobs, self._clock = models, past, knobs, clock
        self._asked: deque[float] = deque()

    async def platform(self, http: Http) -> Response:
        """The answer to one question; every refusal has the Platform API's own form of error."""
        path = http.path_params["path"].strip("/")
        if refused := self._refused(http, path):
            return refused
        try:
            answer = await self._answer(http, path)
        except Unfit as error:
            return trouble(400, "validation_error", str(error))
        except Unknown as error:
            return trouble(404, "not_found", str(error))
        if answer is None:
            return trouble(404, "not_found", f"There is no {http.method} {path[:200]}")
        return Json(answer)

    async def _answer(self, http: Http, path: str) -> object:
        query, now = http.query_params, self._clock()
        answers: dict[tuple[str, str], Callable[[], object]] = {
            ("GET", "models"): lambda: self._models.listed(query),
            ("GET", "models/pricing"): lambda: self._models.prices(query),
            ("GET", "models/requests/by-endpoint"): lambda: self._past.requests(
                query, origin(http), self._knobs.settings, now
            ),
            ("GET", "models/billing-events"): lambda: self._past.charges(query, now),
            ("GET", "account/billing"): lambda: self._past.account(query, now),
        }
        if (http.method, path) == ("POST", "models/pricing/estimate"):
            return self._models.estimate(await _object(http))
        answer = answers.get((http.method, path))
        return None if answer is None else answer()

    def _refused(self, http: Http, path: str) -> Response | None:
        """The answer to a question that is not for this key, or one too many."""
        settings = self._knobs.settings
        # Models may be read by anyone (FAL's document of the Platform API); the rest is an account's own.
        if settings.platform_key and path != "models" and not _has_key(http):
            return trouble(401, "authorization_error", "Authentication is required")
        if settings.listing == "forbidden" and path == "models/requests/by-endpoint":
            return trouble(403, "authorization_error", "This key may not read requests")
        now = self._clock()
        while self._asked and self._asked[0] <= now - 60:
            self._asked.popleft()
        if settings.platform_per_minute is not None and len(self._asked) >= settings.platform_per_minute:
            return trouble(429, "rate_limited", "Rate limit exceeded")
        self._asked.append(now)
        return None


def trouble(status: int, kind: Kind, message: str) -> Response:
    """The Platform API's error body."""
    return Json({"error": {"type": kind, "message": message}}, status)


def _has_key(http: Http) -> bool:
    kind, _, key = http.headers.get("authorization", "").partition(" ")
    return kind == "Key" and bool(key.strip())


async def _object(http: Http) -> dict[str, object]:
    try:
        body = json.loads(await read_body(http))
    except (ValueError, RecursionError, TooLarge) as error:
        raise Unfit("The body is a JSON object") from error
    if not isinstance(body, dict):
        raise Unfit("The body is a JSON object")
    return body
