"""The network's own errors, in people's words; no traceback of httpx leaves the package."""

import asyncio
import socket
import ssl

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.connections import in_words
from reelroom.fal.errors import FalError, NotSent, Unreachable
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from tests.fal.loopback import Loopback, Peer, serving

KLING = "fal-ai/kling-video"


def caused(error: Exception, *causes: BaseException) -> Exception:
    """The error as httpx raises it: its cause three levels down."""
    inner: BaseException = error
    for cause in causes:
        inner.__cause__ = cause
        inner = cause
    return error


NAME = caused(httpx.ConnectError("[Errno -2] x"), OSError(), socket.gaierror(-2, "Name or service not known"))
CERTIFICATE = caused(httpx.ConnectError("self-signed"), ssl.SSLCertVerificationError("self-signed"))
REFUSED = caused(
    httpx.ConnectError("All connection attempts failed"), OSError(), ConnectionRefusedError(111, "x")
)
CASES = {
    "dns": (NAME, "no address was found for its name"),
    "certificate": (CERTIFICATE, "its TLS certificate was not accepted"),
    "tls": (caused(httpx.ConnectError("x"), ssl.SSLError(1, "wrong version")), "no TLS with it"),
    "refused": (REFUSED, "it took no connection"),
    "proxy": (httpx.ProxyError("407 Proxy Authentication Required"), "the proxy did not let it through: 407"),
    "connect timeout": (httpx.ConnectTimeout(""), "no connection in time"),
    "read timeout": (httpx.ReadTimeout(""), "silent for too long"),
    "reset": (httpx.ReadError("reset"), "the connection broke: reset"),
    "no http": (httpx.RemoteProtocolError("illegal"), "the connection ended early, or was no HTTP: illegal"),
    "deadline": (TimeoutError(), "not done in time"),
    "port": (ExceptionGroup("many", [OverflowError("port must be 0-65535")]), "port must be 0-65535"),
    "address": (httpx.InvalidURL("Invalid port"), "InvalidURL: Invalid port"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_of_the_network_says_what_it_means(name: str) -> None:
    error, words = CASES[name]
    assert words in in_words(error)


@pytest.mark.parametrize("name", ["dns", "certificate", "tls", "refused", "connect timeout", "proxy", "port"])
async def test_a_submit_says_it_too_and_that_nothing_was_sent(name: str) -> None:
    error, words = CASES[name]

    def away(_: httpx.Request) -> httpx.Response:
        raise error

    async with Client(Hosts.fal(), None, transport=httpx.MockTransport(away)) as api:
        with pytest.raises(NotSent, match="nothing was sent") as caught:
            await api.submit(KLING, {"prompt": "x"})
        assert words in str(caught.value)
        with pytest.raises(Unreachable):
            await api.status(api.ticket(KLING, "1"))
        with pytest.raises(Unreachable):
            await anext(api.watch(api.ticket(KLING, "1")))


def over_tls(place: Loopback) -> Hosts:
    return Hosts.at(place.base.replace("http:", "https:"))


async def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    async def plain(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(plain) as place, Client(over_tls(place), Key.parse("a:b")) as api:
        with pytest.raises(NotSent, match="no TLS with it"):
            await api.submit(KLING, {})
        with pytest.raises(Unreachable, match="no TLS with it"):
            await api.status(api.ticket(KLING, "1"))


async def test_a_closed_port_is_told_as_such() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with Client(Hosts.at(f"http://127.0.0.1:{taken.getsockname()[1]}"), None) as api:
            with pytest.raises(NotSent, match="it took no connection"):
                await api.submit(KLING, {})


@pytest.mark.parametrize("key", ["k\u200b:canary", "k\n:canary", "canary:\ud800"])
async def test_a_key_that_cannot_stand_in_a_header_is_no_traceback(key: str) -> None:
    async with Client(Hosts.at("http://127.0.0.1:9"), Key(key)) as api:
        for ask in (api.submit(KLING, {}), api.status(api.ticket(KLING, "1"))):
            with pytest.raises(FalError) as caught:
                async with asyncio.timeout(10):
                    await ask
            assert "canary" not in str(caught.value)
