import asyncio
import resource
import sys

import pytest

from reelroom.fal.cdn import Cdn, Download
from reelroom.fal.errors import (
    Unreachable,
)
from tests.fal.loopback import Loopback, Peer, serving

URL = "https://v3.fal.media/files/b/0a1b2c3d/clip.mp4"
BODY = bytes(range(256)) * 400


async def taken(
    cdn: Cdn, url: str = URL, *, offset: int = 0, etag: str | None = None
) -> tuple[Download, bytes]:
    async with cdn.fetch(url, offset=offset, etag=etag) as download:
        return download, b"".join([chunk async for chunk in download.chunks])


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


async def fetched(place: Loopback, stall: float = 5.0) -> tuple[Download, bytes]:
    async with Cdn(place.hosts, stall=stall) as cdn:
        return await taken(cdn, f"{place.base}/cdn/a.mp4")


@pytest.mark.parametrize("with_head", [True, False])
@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
async def test_a_file_of_any_size_comes_whole(size: int, with_head: bool) -> None:
    body = (BODY * (size // len(BODY) + 1))[:size]

    async def serve(peer: Peer) -> None:
        await peer.request()
        head = HEAD + b"Content-Length: %d\r\n\r\n" % size
        if with_head:
            await peer.send(head + body)
        else:
            await peer.send(head)
            await asyncio.sleep(0.05)
            await peer.send(body)
        await asyncio.sleep(5)

    async with serving(serve) as place:
        download, got = await fetched(place)
    assert got == body
    assert download.total == size


async def test_bytes_beyond_the_stated_length_are_not_taken() -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_500)
        await asyncio.sleep(5)

    async with serving(serve) as place:
        assert (await fetched(place))[1] == b"x" * 100_000


async def test_chunked_and_unmeasured_bodies_come_whole() -> None:
    async def chunked(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            await peer.send(b"9c40\r\n" + b"x" * 40_000 + b"\r\n")
        await peer.send(b"0\r\n\r\n")

    async def until_close(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"\r\n" + b"x" * 120_000)

    for script in (chunked, until_close):
        async with serving(script) as place:
            download, body = await fetched(place)
        assert (download.total, body) == (None, b"x" * 120_000)


@pytest.mark.parametrize("sent", [0, 10, 300_000])
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_cut_download_is_unreachable_and_keeps_what_came(sent: int, how: str) -> None:
    async def cut(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * sent)
        await asyncio.sleep(0.1)
        if how == "reset":
            peer.reset()

    got = bytearray()
    async with serving(cut) as place, Cdn(place.hosts) as cdn:

        async def read() -> None:
            async with cdn.fetch(f"{place.base}/a") as download:
                async for chunk in download.chunks:
                    got.extend(chunk)

        with pytest.raises(Unreachable):
            await read()
    assert got == b"x" * sent


async def test_silence_is_a_stall() -> None:
    async def silent(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 10_000)
        await asyncio.sleep(30)

    async with serving(silent) as place:
        with pytest.raises(Unreachable):
            await fetched(place, stall=0.2)


async def test_a_drip_is_a_stall() -> None:
    async def drip(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 900000\r\n\r\n")
        while True:
            await peer.send(b"x")
            await asyncio.sleep(0.02)

    async with serving(drip) as place:
        with pytest.raises(Unreachable, match="stalled"):
            await asyncio.wait_for(fetched(place, stall=0.3), 10)


async def test_a_slow_reader_is_no_stall() -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 30\r\n\r\n" + b"x" * 10)
        for _ in range(2):
            await asyncio.sleep(0.05)
            await peer.send(b"x" * 10)

    async with (
        serving(serve) as place,
        Cdn(place.hosts, stall=0.3) as cdn,
        cdn.fetch(f"{place.base}/a") as download,
    ):
        got = b""
        async for chunk in download.chunks:
            got += chunk
            await asyncio.sleep(0.4)
    assert got == b"x" * 30


async def test_a_long_body_takes_no_more_memory_than_a_short_one() -> None:
    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: %d\r\n\r\n" % (300 * 2**20))
        block = b"x" * 2**20
        for _ in range(300):
            await peer.send(block)

    async with serving(serve) as place, Cdn(place.hosts) as cdn, cdn.fetch(f"{place.base}/a") as download:
        size = most = before = 0
        async for chunk in download.chunks:
            size += len(chunk)
            most = max(most, len(chunk))
            before = before or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert size == 300 * 2**20
    assert most <= 256 * 1024
    assert grown < 16 * 1024 or sys.platform == "darwin"


async def test_leaving_in_the_middle_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 300_000)
        try:
            await peer.reader.read()
        finally:
            closed.set()

    async with serving(serve) as place, Cdn(place.hosts) as cdn:
        async with cdn.fetch(f"{place.base}/a") as download:
            await anext(aiter(download.chunks))
        await asyncio.wait_for(closed.wait(), 5)


async def test_many_downloads_at_once_come_whole() -> None:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)

    async with serving(serve) as place, Cdn(place.hosts) as cdn:
        bodies = await asyncio.gather(*(taken(cdn, f"{place.base}/{n}") for n in range(40)))
    assert all(body == BODY for _, body in bodies)
