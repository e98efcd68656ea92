"""How questions about a request end when it is over, too early, or not known: FAL's bodies and headers."""

import json

from starlette.responses import PlainTextResponse, Response

from .answers import Json
from .requests import Failure, Request
from .settings import Settings

LARGE = 10_000
"""Bytes of a result that FAL keeps for a shorter time."""
_BUSY: dict[str, object] = {
    "request_error": {"detail": "The queue of this endpoint is full", "error_type": "queue_full"},
    "model_error": {
        "detail": [{"loc": ["body"], "msg": "The queue is full", "type": "concurrent_requests_limit"}]
    },
    "text": {"detail": "The queue of this endpoint is full"},
}


def missing(action: str, settings: Settings) -> Response:
    """The 404 for a request that is not known, or not any more."""
    if action == "result" and settings.missing_result == "detail":
        return Json({"detail": "Request not found"}, 404)
    return Json({"status": "NOT_FOUND"}, 404)


def no_application(endpoint: str) -> Response:
    """The 404 for an endpoint that FAL does not have."""
    return Json({"detail": f"Application {endpoint[:200]!r} not found"}, 404)


def too_early(settings: Settings) -> Response:
    """The 400 for a result that is asked for before the end."""
    words = "Request is still in progress"
    return PlainTextResponse(words, 400) if settings.early_result == "text" else Json({"detail": words}, 400)


def too_many(settings: Settings) -> Response:
    """The 429 for a queue that is longer than the submit allows."""
    body = _BUSY.get(settings.full_queue)
    return Response(status_code=429) if body is None else Json(body, 429)


def failed(request: Request, failure: Failure, settings: Settings) -> Response:
    """The failure itself, replayed: its status, its body, and the headers that say what it was."""
    body = {"detail": json.loads(failure.detail)}
    if failure.request:
        body["error_type"] = failure.error_type
    status = settings.cancelled_result if failure.error_type == "client_cancelled" else failure.status
    answer = Json(body, status)
    answer.headers["x-fal-error-type"] = failure.error_type
    if settings.retry_header in {"needs_retry", "both"}:
        answer.headers["x-fal-needs-retry"] = "1" if failure.retryable else "0"
    if settings.retry_header in {"retryable", "both"}:
        answer.headers["x-fal-retryable"] = "true" if failure.retryable else "false"
    if failure.error_type == "request_timeout" and request.plan.start_within_s is not None:
        answer.headers["x-fal-request-timeout-type"] = "user"
    return answer


def expired(request: Request, size: int, settings: Settings, now: float) -> bool:
    """Whether FAL has dropped the result by now."""
    kept = settings.result_kept_s if size < LARGE else settings.large_result_kept_s
    assert request.ended_at is not None
    return kept is not None and now - request.ended_at > kept


def media_expired(request: Request, settings: Settings, now: float) -> bool:
    """Whether the links of a request are dead by now: by the wish of its submit, else by the settings."""
    kept = settings.media_kept_s if request.plan.media_kept_s is None else request.plan.media_kept_s
    return kept is not None and request.ended_at is not None and now - request.ended_at > kept
