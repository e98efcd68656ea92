"""FAL's forms: addresses and JSON bodies. Pure functions; the facts are those of its queue documentation."""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Literal

from .requests import Request, State

Action = Literal["result", "status", "stream", "cancel"]
_ACTIONS: dict[str, Action] = {
    "": "result",
    "response": "result",
    "status": "status",
    "status/stream": "stream",
    "cancel": "cancel",
}
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}")
_NAMESPACES = {"workflows", "comfy"}
MEDIA_NAME = "output.mp4"


@dataclass(frozen=True, slots=True)
class Address:
    """What a queue path names: a request and what is asked of it."""

    request_id: str
    action: Action


def address(path: str) -> Address | None:
    """Read `owner/alias[/…]/requests/<id>[/status[/stream]|/response|/cancel][/]`; None for another form.

    FAL's clients use short and full forms, so only the request id decides.
    """
    parts = path.strip("/").split("/")
    if "requests" not in parts[1:]:
        return None
    at = len(parts) - 1 - parts[::-1].index("requests")
    rest = parts[at + 1 :]
    action = _ACTIONS.get("/".join(rest[1:]))
    return Address(rest[0], action) if at >= 2 and rest and action else None


def endpoint_of(path: str) -> str | None:
    """The endpoint id that a submit path names, in FAL's grammar; None where it is none."""
    parts = path.strip("/").split("/")
    if len(parts) == 1 and (bare := re.fullmatch(r"([0-9]+)-([a-zA-Z0-9-]+)", parts[0])):
        parts = [bare[1], bare[2]]
    if "requests" in parts[2:-1]:
        return None
    least = 3 if parts[0] in _NAMESPACES else 2
    if len(parts) < least or not all(_SEGMENT.fullmatch(part) for part in parts):
        return None
    return "/".join(parts)


def urls(origin: str, request: Request) -> dict[str, str]:
    """The addresses of a request in the short form that FAL sends; `origin` is the scheme and host asked."""
    parts = request.endpoint.split("/")
    app = "/".join(parts[: 3 if parts[0] in _NAMESPACES else 2])
    base = f"{origin}/queue/{app}/requests/{request.id}"
    return {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}


def submitted(origin: str, request: Request, position: int) -> dict[str, object]:
    """The answer to a submit."""
    return {
        "status": "IN_QUEUE",
        "request_id": request.id,
        "gateway_request_id": request.id,
        **urls(origin, request),
        "queue_position": position,
        "logs": None,
        "metrics": {},
    }


def status(
    origin: str,
    request: Request,
    position: int,
    logs: list[dict[str, object]] | None,
    *,
    errors: bool = True,
) -> dict[str, object]:
    """The answer to a status question; `error` and `error_type` only where it ended badly, and `errors`."""
    body: dict[str, object] = {"request_id": request.id, **urls(origin, request), "logs": logs, "metrics": {}}
    if request.state is State.QUEUED:
        return {"status": "IN_QUEUE", "queue_position": position, **body}
    if not request.state.over:
        return {"status": "IN_PROGRESS", **body}
    if request.started_at is not None and request.ended_at is not None:
        body["metrics"] = {"inference_time": round(request.ended_at - request.started_at, 3)}
    if request.failure and errors:
        body |= {"error": request.failure.message, "error_type": request.failure.error_type}
    return {"status": "COMPLETED", **body}


def media_request(path: str) -> str | None:
    """The id of the request whose file a path under /cdn names."""
    match = re.fullmatch(r"files/sandbox/([0-9a-f]{32})/[a-z0-9_]+\.[a-z0-9]+", path)
    return str(uuid.UUID(match[1])) if match else None


def media_url(origin: str, request: Request, name: str = MEDIA_NAME) -> str:
    """Where a file of a request, its clip unless another is named, is fetched."""
    return f"{origin}/cdn/files/sandbox/{request.id.replace('-', '')}/{name}"


def file(origin: str, request: Request) -> dict[str, object]:
    """The clip as FAL names a file."""
    assert request.clip is not None
    return {
        "url": media_url(origin, request),
        "content_type": "video/mp4",
        "file_name": MEDIA_NAME,
        "file_size": request.clip.size,
    }


def output(origin: str, request: Request) -> dict[str, object]:
    """The body of a good result: the video, and the seed if one was given."""
    video = file(origin, request)
    seed = json.loads(request.input).get("seed")
    return {"video": video} if seed is None else {"video": video, "seed": seed}
