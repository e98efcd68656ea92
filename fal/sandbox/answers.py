"""What every part of the server says and reads alike."""

import json

from starlette.requests import Request as Http
from starlette.responses import JSONResponse, Response

from .requests import Request

LARGEST_BODY = 64 * 2**20


class TooLarge(Exception):
    """A body over 64 MiB."""


class Json(JSONResponse):
    """JSON in ASCII: words from outside may hold half a surrogate pair, which UTF-8 cannot carry."""

    def render(self, content: object) -> bytes:
        """The body's bytes."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


async def read_body(http: Http) -> bytes:
    """The body of a request; raises TooLarge over 64 MiB."""
    parts, size = [], 0
    async for part in http.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def origin(http: Http) -> str:
    """The scheme and host that this request was sent to, so that replies hold behind any proxy."""
    host = http.headers.get("host")
    if not host:
        name, port = http.scope["server"]
        host = f"{name}:{port}"
    return f"{http.scope['scheme']}://{host}"


def not_found(http: Http) -> Response:
    """FAL's 404 for a path that is none of its own."""
    return Json({"detail": f"Path {http.scope['path'][:500]} not found"}, 404)


def not_allowed() -> Response:
    """FAL's 405 for a method that a path does not take."""
    return Json({"detail": "Method Not Allowed"}, 405)


def unprocessable(message: str, type_: str) -> Response:
    """FAL's 422 for a body that is no input at all."""
    return Json({"detail": [{"loc": ["body"], "msg": message, "type": type_}]}, 422)


def about(request: Request, response: Response) -> Response:
    """The answer with the header that names its request."""
    response.headers["x-fal-request-id"] = request.id
    return response
