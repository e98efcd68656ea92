import base64
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.cdn import Cdn, Download
from reelroom.fal.datauri import read_data_uri
from reelroom.fal.errors import (
    BadDownload,
)
from reelroom.fal.hosts import Hosts

URL = "https://v3.fal.media/files/b/0a1b2c3d/clip.mp4"
BODY = bytes(range(256)) * 400


def mock(handler: Callable[[httpx.Request], httpx.Response]) -> Cdn:
    return Cdn(Hosts.fal(), transport=httpx.MockTransport(handler))


async def taken(
    cdn: Cdn, url: str = URL, *, offset: int = 0, etag: str | None = None
) -> tuple[Download, bytes]:
    async with cdn.fetch(url, offset=offset, etag=etag) as download:
        return download, b"".join([chunk async for chunk in download.chunks])


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request.url)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 49_152, 49_153, 200_000])
async def test_a_data_uri_is_served_like_a_file(size: int) -> None:
    content = (BODY * 3)[:size]
    uri = "data:video/mp4;base64," + base64.b64encode(content).decode()
    async with mock(never) as cdn:
        download, body = await taken(cdn, uri)
    assert body == content
    assert (download.status, download.start, download.total) == (200, 0, size)
    assert download.content_type == "video/mp4"


@given(st.binary(max_size=400), st.booleans(), st.booleans())
def test_any_content_comes_back_from_its_data_uri(content: bytes, padded: bool, quoted: bool) -> None:
    text = base64.b64encode(content).decode()
    text = text if padded else text.rstrip("=")
    text = text.replace("+", "%2B").replace("=", "%3D") if quoted else text
    embedded = read_data_uri(f"data:;base64,{text}")
    assert b"".join(embedded.pieces()) == content
    assert (embedded.size, embedded.content_type) == (len(content), None)


def test_a_plain_data_uri_is_percent_decoded() -> None:
    embedded = read_data_uri("data:text/plain;charset=utf-8,a%20b%00")
    assert (b"".join(embedded.pieces()), embedded.size) == (b"a b\x00", 4)


@pytest.mark.parametrize(
    "uri", ["data:video/mp4;base64", "data:;base64,a", "data:;base64,ab=c", "data:;base64,a\u00fcbc"]
)
async def test_a_broken_data_uri_is_a_bad_download(uri: str) -> None:
    async with mock(never) as cdn:
        with pytest.raises(BadDownload):
            await taken(cdn, uri)


async def test_a_data_uri_is_bounded() -> None:
    async with mock(never) as cdn:
        with pytest.raises(BadDownload, match="64 MiB"):
            await taken(cdn, "data:;base64," + "A" * (90 * 2**20))
