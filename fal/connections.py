"""HTTP connections as both clients open them: no environment, no cookies, no redirects, HTTP/1.1 only."""

import asyncio
import importlib
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

CONNECT_TIMEOUT = 10.0
"""Seconds to reach a host, TLS included."""

BACKED_CONNECT_TIMEOUT = 5.0
"""The same for a host that has another to stand in for it, as in FAL's own client."""

RAW_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    ExceptionGroup,
    OverflowError,
    OSError,
    ValueError,
    TimeoutError,
)
"""What httpx and the layers under it raise: a port out of range comes as an ExceptionGroup, a key with an
odd character as a UnicodeEncodeError. None of them leaves the package."""

_NOT_ONE_BYTE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    ExceptionGroup,
    OverflowError,
    UnicodeEncodeError,
)


def never_sent(error: BaseException) -> bool:
    """Whether it is certain that no byte of the request reached the other side."""
    return isinstance(error, _NOT_ONE_BYTE)


def told(error: BaseException) -> str:
    """An error of the network for a sentence: its kind, and its own words where it has any."""
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


async def warm() -> ssl.SSLContext:
    """The TLS settings, once what httpx would import in its first request has been imported in a thread."""
    return await asyncio.to_thread(_prepared)


def _prepared() -> ssl.SSLContext:
    for name in ("sniffio", "httpcore", "anyio", "anyio._backends._asyncio"):
        importlib.import_module(name)
    return httpx.create_ssl_context(trust_env=False)


def direct(tls: ssl.SSLContext, *, connections: int, kept: int) -> httpx.AsyncHTTPTransport:
    """A transport with at most that many connections, of which that many are kept for the next request."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=kept)
    return httpx.AsyncHTTPTransport(verify=tls, trust_env=False, http1=True, http2=False, limits=limits)


LOCATION = "reelroom.location"
"""The extension of a response in which its Location header is kept."""


async def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from a Location that it does not follow: it would read it, and an odd one is an error.

    After a POST that error would look as if nothing had been sent.
    """
    location = response.headers.pop("location", None)
    if location is not None:
        response.extensions[LOCATION] = location


def http_client(transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> httpx.AsyncClient:
    """A client that adds nothing of the machine's, and no secret: those are given per request."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"response": [_set_location_aside]},
        headers={"User-Agent": "reelroom", "Accept": "*/*", "Accept-Encoding": "identity"},
    )
