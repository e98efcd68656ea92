"""HTTP connections as both clients open them: no environment, no cookies, no redirects, HTTP/1.1 only."""

import asyncio
import importlib
import socket
import ssl
from collections.abc import Iterator
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


def in_words(error: BaseException) -> str:
    """An error of the network for a sentence: what it means, and its own words where it has any."""
    if isinstance(error, httpx.LocalProtocolError):
        return "a header cannot be sent"  # h11 repeats the header, which may be the key
    causes = list(_causes(error))
    meaning = next((words for kind, words in _MEANINGS for one in causes if isinstance(one, kind)), None)
    own = " ".join(str(causes[-1] if isinstance(error, ExceptionGroup) else error).split())[:200]
    kind = meaning or type(error).__name__
    return f"{kind}: {own}" if own else kind


_MEANINGS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "no address was found for its name"),
    (ssl.SSLCertVerificationError, "its TLS certificate was not accepted"),
    (ssl.SSLError, "no TLS with it"),
    (ConnectionRefusedError, "it took no connection"),
    (httpx.ConnectTimeout, "no connection in time"),
    (httpx.ProxyError, "the proxy did not let it through"),
    (httpx.ConnectError, "no connection"),
    (httpx.ReadTimeout, "silent for too long"),
    (httpx.WriteTimeout, "it took no more bytes"),
    (TimeoutError, "not done in time"),
    (httpx.RemoteProtocolError, "the connection ended early, or was no HTTP"),
    (httpx.NetworkError, "the connection broke"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it came from: httpx says `ConnectError` for a name, a port and a certificate."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        inner = seen.exceptions[0] if isinstance(seen, ExceptionGroup) else None
        seen = inner or seen.__cause__ or seen.__context__


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
