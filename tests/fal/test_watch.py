import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.client import Client
from reelroom.fal.errors import (
    FalError,
    ForeignAddress,
    NotFound,
    NotUnderstood,
    Refused,
    Trouble,
    Unreachable,
)
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from reelroom.fal.values import Completed, LogLine, Queued, Running, Status, Ticket
from tests.fal.loopback import Peer, Script, serving

ENDPOINT = "fal-ai/veo3.1"
ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
KEY = Key.parse("key-id:s3cret-canary")
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)
DONE = {"status": "COMPLETED", "metrics": {"inference_time": 2.5}, "logs": None}


def event(**body: object) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def script(*pieces: bytes | float, end: bytes = b"0\r\n\r\n") -> Script:
    """A stream of these bytes, with pauses of that many seconds between them."""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD)
        for piece in pieces:
            if isinstance(piece, bytes):
                await peer.send(chunk(piece))
            else:
                await asyncio.sleep(piece)
        await peer.send(end)

    return play


def answer(status: int, body: str, content_type: str = "application/json", **headers: str) -> Script:
    async def play(peer: Peer) -> None:
        await peer.request()
        lines = {"content-type": content_type, "content-length": str(len(body)), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await peer.send(f"HTTP/1.1 {status} X\r\n{head}\r\n{body}".encode())

    return play


async def watched(
    play: Script, *, first: float = 5.0, silence: float = 5.0
) -> tuple[list[Status], FalError | None]:
    """What a stream tells, and how it ends."""
    told: list[Status] = []
    async with serving(play) as fal, Client(fal.hosts, KEY) as api:
        try:
            async with aclosing(api.watch(api.ticket(ENDPOINT, ID), first=first, silence=silence)) as stream:
                async for status in stream:
                    told.append(status)  # noqa: PERF401 - what came before an error counts
        except FalError as error:
            return told, error
        finally:
            assert api.exchange._free == 150
    return told, None


async def test_each_status_is_told_as_it_comes_up_to_the_last() -> None:
    logs = [{"message": "step 1", "timestamp": "t1", "level": "INFO"}]
    play = script(
        event(status="IN_QUEUE", queue_position=2),
        b": ping\n\n",
        event(status="IN_PROGRESS", logs=logs) + event(status="IN_PROGRESS", logs=None),
        event(**DONE),
        event(status="IN_QUEUE"),
    )
    told, error = await watched(play)
    assert error is None
    assert told == [
        Queued(2),
        Running((LogLine("step 1", "t1", "INFO"),)),
        Running(),
        Completed(None, None, 2.5),
    ]


async def test_the_stream_is_asked_for_beside_the_status_with_the_key() -> None:
    async with serving(script(event(**DONE))) as fal, Client(fal.hosts, KEY) as api:
        async with aclosing(api.watch(api.ticket(ENDPOINT, ID))) as stream:
            assert [status async for status in stream] == [Completed(None, None, 2.5)]
        head = fal.requests[0].decode().lower()
    assert head.startswith(f"get /queue/{ENDPOINT}/requests/{ID}/status/stream?logs=1 ")
    assert "accept: text/event-stream\r\n" in head
    assert "authorization: key key-id:s3cret-canary\r\n" in head


async def test_events_are_read_however_they_are_cut_and_ended() -> None:
    whole = event(status="IN_QUEUE", queue_position=1).replace(b"\n", b"\r\n") + b"event: status\r\nid: 7\r\n"
    whole += b'data: {"status":\ndata: "IN_PROGRESS", "logs": [{"message": "f\xc3\xbcnf"}]}\r\rretry: 3\n'
    whole += b'data:{"status":"COMPLETED"}\n\n'
    told, error = await watched(script(*(whole[at : at + 1] for at in range(len(whole)))))
    assert error is None
    assert told == [Queued(1), Running((LogLine("fünf"),)), Completed()]


async def test_an_early_end_is_no_ending_of_the_request() -> None:
    told, error = await watched(script(event(status="IN_PROGRESS")))
    assert told == [Running()]
    assert isinstance(error, Unreachable)
    assert "ended before" in str(error)


async def test_a_cut_is_no_ending_either() -> None:
    told, error = await watched(script(event(status="IN_PROGRESS"), end=b""))
    assert told == [Running()]
    assert isinstance(error, Unreachable)


async def test_a_silent_stream_is_given_up() -> None:
    told, error = await watched(script(event(status="IN_PROGRESS"), 5.0), silence=0.1)
    assert told == [Running()]
    assert isinstance(error, Unreachable)


async def test_comments_keep_a_stream_alive() -> None:
    pings = [b": ping\n\n", 0.1] * 6
    told, error = await watched(script(event(status="IN_PROGRESS"), *pings, event(**DONE)), silence=0.4)
    assert error is None
    assert len(told) == 2


async def test_a_stream_that_a_proxy_holds_back_is_given_up_soon() -> None:
    pings = [b": ping\n\n", 0.05] * 40
    told, error = await watched(script(*pings), first=0.2)
    assert told == []
    assert isinstance(error, Unreachable)
    assert "said nothing for 0.2 s" in str(error)


async def test_a_stream_whose_head_does_not_come_is_given_up_soon() -> None:
    async def mute(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(5)

    told, error = await watched(mute, first=0.2)
    assert told == []
    assert isinstance(error, Unreachable)


async def test_a_stream_that_waits_for_its_turn_is_not_given_up() -> None:
    async def slow(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.2)
        await peer.send(HEAD + chunk(event(**DONE)))

    async with serving(slow) as fal, Client(fal.hosts, KEY) as api:
        ticket = api.ticket(ENDPOINT, ID)
        streams = [api.watch(ticket, first=1) for _ in range(60)]
        first = [asyncio.ensure_future(anext(stream)) for stream in streams]
        await asyncio.sleep(0.05)
        assert not api.may_watch
        assert set(await asyncio.gather(*first)) == {Completed(None, None, 2.5)}
        assert api.may_watch
        for stream in streams:
            await stream.aclose()


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (answer(404, '{"detail": "Path not found"}'), NotFound),
        (answer(401, '{"detail": "No user found for Key ID and Secret"}'), Refused),
        (answer(405, ""), Refused),
        (answer(502, "<html>nginx</html>", "text/html"), Trouble),
        (answer(302, "", location="https://evil.com/"), NotUnderstood),
        (answer(200, '{"status": "IN_PROGRESS"}'), NotUnderstood),
        (answer(200, "x", "text/event-stream", **{"content-encoding": "gzip"}), NotUnderstood),
        (script(b"data: ping\n\n"), NotUnderstood),
        (script(b"data: [1]\n\n"), NotUnderstood),
        (script(b"data: " + b"x" * 70_000, *[b"x" * 70_000] * 70), NotUnderstood),
    ],
    ids=["404", "401", "405", "502", "302", "json", "gzip", "no json", "no object", "a line without end"],
)
async def test_what_is_no_stream_of_statuses_says_so(play: Script, kind: type[FalError]) -> None:
    told, error = await watched(play)
    assert told == []
    assert type(error) is kind


async def test_leaving_a_stream_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + chunk(event(status="IN_PROGRESS")))
        assert await peer.reader.read() == b""
        gone.set()

    async with serving(play) as fal, Client(fal.hosts, KEY) as api:
        async with aclosing(api.watch(api.ticket(ENDPOINT, ID))) as stream:
            assert await anext(stream) == Running()
        async with asyncio.timeout(5):
            await gone.wait()


async def test_only_so_many_streams_are_open_at_once() -> None:
    async with (
        serving(script(event(status="IN_PROGRESS"), 5.0)) as fal,
        Client(fal.hosts, KEY, streams=2) as api,
    ):
        ticket = api.ticket(ENDPOINT, ID)
        async with aclosing(api.watch(ticket)) as one, aclosing(api.watch(ticket)) as two:
            await anext(one)
            assert api.may_watch
            await anext(two)
            assert not api.may_watch
        assert api.may_watch


async def test_a_foreign_stream_is_not_asked() -> None:
    foreign = "https://queue.fal.run.evil.com/a/b/requests/x"
    ticket = Ticket(ENDPOINT, ID, status_url=foreign, response_url=foreign, cancel_url=foreign)
    async with Client(Hosts.fal(), KEY, transport=httpx.MockTransport(lambda _: httpx.Response(200))) as api:
        with pytest.raises(ForeignAddress):
            await anext(api.watch(ticket))


def test_the_reader_of_streams_is_loaded_with_the_first_of_them() -> None:
    code = "import sys, reelroom.fal.client; print('httpx_sse' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


LINES = st.sampled_from(
    ["data: ", "data:", ": ping", "event: x", "\n", "\r\n", "\r", "id: 1\0", "retry: x", "\ufeff"]
)
BODIES = st.sampled_from(
    ['{"status":"IN_PROGRESS"}', '{"status": 5, "logs": [1]}', "{", "null", '{"status":"COMPLETED"}']
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES.map(str.encode) | BODIES.map(str.encode) | st.binary(max_size=20), max_size=20))
async def test_no_bytes_of_a_stream_raise_anything_but_a_fal_error(pieces: list[bytes]) -> None:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    def fal(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body())

    async with Client(Hosts.fal(), KEY, transport=httpx.MockTransport(fal)) as api:
        with suppress(FalError):
            async with aclosing(api.watch(api.ticket(ENDPOINT, ID))) as stream:
                assert [status async for status in stream][-1:] != [Running()]
