"""What becomes of the one POST, on a real socket: NotSent may be repeated, NoAnswer never is."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.errors import NoAnswer, NotSent, Unreachable
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from tests.fal.loopback import Peer, Script, serving

MODEL = "fal-ai/x"
KEY = Key.parse("key-id:s3cret")
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"request_id": "a1"}'


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def close_at_once(peer: Peer) -> None:
    peer.writer.close()


async def reset_at_once(peer: Peer) -> None:
    peer.reset()


async def close_after_the_request(peer: Peer) -> None:
    await peer.request()


async def reset_after_the_request(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def garbage(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"\x00\xff\x16\x03 what is this\r\n\r\n")


async def half_a_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Le")


async def half_a_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK[:-8])


async def cut_chunks(peer: Peer) -> None:
    await peer.request()
    await peer.send(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"req\r\n')


async def huge_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 300_000 + b"\r\n\r\n")


async def hang(peer: Peer) -> None:
    await peer.request()
    await asyncio.sleep(30)


async def drip(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await peer.send(b" ")
        await asyncio.sleep(0.02)


IN_DOUBT = [close_at_once, reset_at_once, close_after_the_request, reset_after_the_request, garbage]
IN_DOUBT += [half_a_head, half_a_body, cut_chunks, huge_head, hang, drip]


@pytest.mark.parametrize("script", IN_DOUBT, ids=lambda script: script.__name__)
async def test_a_post_that_was_begun_and_not_answered_is_in_doubt_and_sent_once(script: Script) -> None:
    async with serving(script) as place, Client(place.hosts, KEY, timeout=0.2) as fal:
        with pytest.raises(NoAnswer):
            await fal.submit(MODEL, {"prompt": "x"})
        assert place.connections == 1
        assert len(place.requests) <= 1


@pytest.mark.parametrize("script", IN_DOUBT, ids=lambda script: script.__name__)
async def test_a_question_that_was_not_answered_may_be_asked_again(script: Script, tmp_path: Path) -> None:
    spill = tmp_path / ".reply"
    async with serving(script) as place, Client(place.hosts, KEY, timeout=0.2) as fal:
        with pytest.raises(Unreachable):
            await fal.result(fal.ticket(MODEL, "a1"), spill=spill)


async def test_a_refused_connection_sent_nothing() -> None:
    async with Client(Hosts.at(f"http://127.0.0.1:{free_port()}"), KEY) as fal:
        with pytest.raises(NotSent):
            await fal.submit(MODEL, {})
        with pytest.raises(Unreachable):
            await fal.status(fal.ticket(MODEL, "a1"))


async def test_a_failed_handshake_sent_nothing() -> None:
    async def no_tls(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(no_tls) as place:
        secure = Hosts.at(place.base.replace("http://", "https://"))
        async with Client(secure, KEY, timeout=2) as fal:
            with pytest.raises(NotSent):
                await fal.submit(MODEL, {})


@pytest.mark.parametrize("key", ["key:\u200bx", "key:x\n", "kéy:x"])
async def test_a_key_that_slipped_past_parsing_sends_nothing(key: str) -> None:
    async with serving(hang) as place, Client(place.hosts, Key(key)) as fal:
        with pytest.raises(NotSent):
            await fal.submit(MODEL, {})
        assert not place.requests


async def test_a_4xx_whose_page_was_cut_is_a_definite_answer() -> None:
    async def refuse(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 422 No\r\nContent-Length: 999\r\n\r\n<html>")

    async with serving(refuse) as place, Client(place.hosts, KEY) as fal:
        reply = await fal.submit(MODEL, {})
    assert (reply.status, reply.text) == (422, "<html>")


@pytest.mark.parametrize(
    "location", [b"data:x", b"https://[/", b"//:99999999", b"\xff\xfe", b"https://evil.com/"]
)
async def test_a_redirect_of_a_post_is_an_answer_whatever_it_points_to(location: bytes) -> None:
    async def redirect(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    async with serving(redirect) as place, Client(place.hosts, KEY) as fal:
        assert (await fal.submit(MODEL, {})).status == 307
        assert len(place.requests) == 1


async def test_every_post_has_a_connection_of_its_own_and_polls_share_theirs() -> None:
    async def keep_alive(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(OK)

    async with serving(keep_alive) as place, Client(place.hosts, KEY) as fal:
        ticket = fal.ticket(MODEL, "a1")
        await fal.status(ticket)
        assert place.connections == 1
        await fal.submit(MODEL, {})
        await fal.submit(MODEL, {})
        assert place.connections == 3
        await fal.status(ticket)
        assert place.connections == 3
        assert place.requests[1].startswith(b"POST /queue/fal-ai/x HTTP/1.1\r\n")
        assert b"Authorization: Key key-id:s3cret\r\n" in place.requests[1]


async def test_a_proxy_of_the_environment_is_not_used() -> None:
    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    code = (
        "import asyncio, sys\n"
        "from reelroom.fal.client import Client\n"
        "from reelroom.fal.hosts import Hosts\n"
        "async def main():\n"
        "    async with Client(Hosts.at(sys.argv[1])) as fal:\n"
        "        print((await fal.submit('fal-ai/x', {})).status)\n"
        "asyncio.run(main())\n"
    )
    async with serving(answer) as place:
        dead = f"http://127.0.0.1:{free_port()}"
        environment = {"ALL_PROXY": dead, "HTTP_PROXY": dead, "HTTPS_PROXY": dead, "PATH": "/usr/bin"}
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", code, place.base],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.stdout, done.stderr) == ("200\n", "")


async def test_a_post_that_is_cancelled_leaves_no_connection() -> None:
    async with serving(hang) as place, Client(place.hosts, KEY) as fal:
        task = asyncio.create_task(fal.submit(MODEL, {}))
        while not place.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_slow_answer_within_the_limit_is_an_answer() -> None:
    async def slow(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.3)
        await peer.send(OK)

    async with serving(slow) as place, Client(place.hosts, KEY, timeout=5) as fal:
        begun = time.monotonic()
        assert (await fal.submit(MODEL, {})).status == 200
        assert time.monotonic() - begun < 4


async def test_an_answer_outweighs_a_connection_that_does_not_close() -> None:
    class Stuck(Client):
        @asynccontextmanager
        async def _fresh(self, silence: float) -> AsyncIterator[httpx.AsyncClient]:
            async with super()._fresh(silence) as http:
                yield http
            raise httpx.CloseError("will not close")

    answer = httpx.MockTransport(lambda _: httpx.Response(200, text="{}"))
    async with Stuck(Hosts.fal(), KEY, transport=answer) as fal:
        assert (await fal.submit(MODEL, {})).status == 200
