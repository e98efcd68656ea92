"""Bodies that are not the true ones: FAL's errors, a proxy's page, and what no client should trust."""

import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Final

from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Message

from .answers import Json
from .fault import Fault

PIECE = 2**16
PAGE = (
    "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_SAID = {
    400: "Bad request",
    401: "No user found for Key ID and Secret",
    402: "Payment required",
    403: "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.",
    404: "Request not found",
    408: "Request timed out",
    429: "Too many requests",
    500: "Internal server error",
    502: "The runner's answer was cut",
    503: "No runner could be scheduled",
    504: "Request timed out",
}
_TYPES = {
    400: "bad_request",
    500: "internal_error",
    502: "runner_incomplete_response",
    503: "runner_scheduling_failure",
    504: "request_timeout",
}
_PLATFORM = {
    401: "authorization_error",
    403: "authorization_error",
    404: "not_found",
    422: "validation_error",
    429: "rate_limited",
}


def made_up(fault: Fault, step: str) -> Response:
    """The answer in the place of the true one."""
    status = fault.status or 200
    if fault.json is not None:
        return Json(fault.json, status)
    make = _MADE.get(fault.body or "")
    return make(status, fault.size) if make else fal_error(status, step, fault.detail)


def fal_error(status: int, step: str, detail: object = None) -> Response:
    """FAL's own body for that status: of the queue, or of the platform API."""
    said = _SAID.get(status, f"Status {status}") if detail is None else detail
    if step == "platform":
        kind = _PLATFORM.get(status, "server_error")
        return Json({"error": {"type": kind, "message": said}}, status)
    if status == 404 and step in {"status", "stream", "cancel"} and detail is None:
        return Json({"status": "NOT_FOUND"}, status)
    if status == 422 and detail is None:
        said = [{"loc": ["body", "prompt"], "msg": "Value error", "type": "value_error"}]
    if (type_ := _TYPES.get(status)) is None:
        return Json({"detail": said}, status)
    return Json({"detail": said, "error_type": type_}, status, {"x-fal-error-type": type_})


def edited(fault: Fault, start: Message, body: bytes) -> Response:
    """The true answer with other fields, or its first half as if that were all."""
    if fault.body == "truncated":
        body = body[: len(body) // 2]
    elif isinstance(document := json.loads(body), dict):
        document = {name: value for name, value in document.items() if name not in fault.drop}
        body = json.dumps(document | (fault.set or {})).encode("ascii")
    answer = Response(body, start["status"])
    length = (b"content-length", str(len(body)).encode())
    answer.raw_headers = [pair for pair in start["headers"] if pair[0] != b"content-length"] + [length]
    return answer


def _noise(size: int) -> bytes:
    """Bytes without sense, the same each time; never UTF-8, never JSON."""
    blocks = (hashlib.sha256(number.to_bytes(4)).digest() for number in range(size // 32 + 1))
    return (b"\xff\xfe" + b"".join(blocks))[: max(2, size)]


async def _padded(size: int) -> AsyncIterator[bytes]:
    yield b'{"detail": "'
    async for piece in _zeros(size):
        yield b"x" * len(piece)
    yield b'"}'


async def _zeros(size: int) -> AsyncIterator[bytes]:
    while size > 0:
        yield bytes(min(size, PIECE))
        size -= PIECE


async def _packed(size: int) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    async for piece in _padded(size):
        yield packer.compress(piece)
    yield packer.flush()


def _page(status: int, _size: int) -> Response:
    return HTMLResponse(PAGE.format(status=status), status)


def _empty(status: int, _size: int) -> Response:
    return Response(status_code=status)


def _garbage(status: int, size: int) -> Response:
    return Response(_noise(min(size, PIECE)), status, media_type="application/json")


def _huge(status: int, size: int) -> Response:
    return StreamingResponse(_padded(size), status, media_type="application/json")


def _nothing_but_zeros(status: int, size: int) -> Response:
    return StreamingResponse(_zeros(size), status, {"content-length": str(size)}, "video/mp4")


def _endless(status: int, _size: int) -> Response:
    return StreamingResponse(_zeros(2**62), status, media_type="video/mp4")


def _bomb(status: int, size: int) -> Response:
    return StreamingResponse(_packed(size), status, {"content-encoding": "gzip"}, "application/json")


_MADE: Final[Mapping[str, Callable[[int, int], Response]]] = MappingProxyType(
    {
        "html": _page,
        "empty": _empty,
        "garbage": _garbage,
        "huge": _huge,
        "zeros": _nothing_but_zeros,
        "endless": _endless,
        "bomb": _bomb,
    }
)
