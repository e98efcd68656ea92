"""`/proxy`, as FAL's JavaScript client uses one: the true address is in a header."""

from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import Json

HEADER: Final = "x-fal-target-url"
PREFIXES: Final = MappingProxyType(
    {
        "queue.fal.run": "/queue",
        "queue.falrun.com": "/queue",
        "fal.run": "/run",
        "falrun.com": "/run",
        "rest.fal.ai": "/rest",
        "rest.alpha.fal.ai": "/rest",
        "v3.fal.media": "/cdn",
        "api.fal.ai": "",
        "fal.ai": "/schema",
    }
)
"""Where each of FAL's hosts is here; the platform API has its /v1 in the path."""


class Proxy:
    """An ASGI application in front of another one; it asks no other server, whatever the header names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at the address that the header names."""
        if scope["type"] != "http" or scope["path"].rstrip("/") != "/proxy":
            await self._app(scope, receive, send)
            return
        path, query = _target(Headers(scope=scope).get(HEADER, ""))
        if path is None:
            refused = Json({"detail": f"The header {HEADER} names no address of FAL."}, 412)
            await refused(scope, receive, send)
            return
        await self._app(
            {**scope, "path": path, "raw_path": path.encode(), "query_string": query.encode()}, receive, send
        )


def _target(url: str) -> tuple[str | None, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, ""
    if parts.scheme != "https" or parts.netloc not in PREFIXES:
        return None, ""
    return PREFIXES[parts.netloc] + parts.path, parts.query
