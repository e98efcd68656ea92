import gzip
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.cdn import Cdn, Download, read_content_range
from reelroom.fal.errors import (
    BadDownload,
    ForeignAddress,
    LinkRefused,
    RateLimited,
    Trouble,
    Unreachable,
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


def ranged(request: httpx.Request) -> httpx.Response:
    """A media host that knows ranges, as RFC 9110 has it."""
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    headers = {"etag": '"v1"', "content-type": "video/mp4"}
    if "range" not in request.headers or request.headers.get("if-range", '"v1"') != '"v1"':
        return httpx.Response(200, content=BODY, headers=headers)
    if start >= len(BODY):
        return httpx.Response(416, headers={"content-range": f"bytes */{len(BODY)}"})
    headers["content-range"] = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
    return httpx.Response(206, content=BODY[start:], headers=headers)


async def test_a_fetch_gives_the_bytes_and_what_the_host_says_of_them() -> None:
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return ranged(request)

    async with mock(handler) as cdn:
        download, body = await taken(cdn)
    assert body == BODY
    assert (download.status, download.start, download.total) == (200, 0, len(BODY))
    assert (download.etag, download.content_type) == ('"v1"', "video/mp4")
    (request,) = asked
    assert request.headers["accept-encoding"] == "identity"
    assert not {"authorization", "cookie", "range", "x-fal-key"} & set(request.headers)


async def test_a_cut_download_goes_on_where_it_stopped() -> None:
    async with mock(ranged) as cdn:
        download, body = await taken(cdn, offset=1000, etag='"v1"')
    assert (download.status, download.start, download.total) == (206, 1000, len(BODY))
    assert body == BODY[1000:]


async def test_a_file_that_changed_comes_from_its_start() -> None:
    async with mock(ranged) as cdn:
        download, body = await taken(cdn, offset=1000, etag='"v0"')
    assert (download.status, download.start, body) == (200, 0, BODY)


async def test_a_weak_tag_is_compared_and_not_sent() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "if-range" not in request.headers
        return httpx.Response(206, content=b"x", headers={"content-range": "bytes 5-5/6", "etag": 'W/"2"'})

    async with mock(handler) as cdn:
        assert (await taken(cdn, offset=5, etag='W/"2"'))[0].start == 5
        with pytest.raises(BadDownload, match="has changed"):
            await taken(cdn, offset=5, etag='W/"1"')
        assert (await taken(cdn, offset=5))[1] == b"x"


@pytest.mark.parametrize(
    "content_range",
    ["bytes 0-5/6", "bytes 6-9/10", "bytes 5-4/6", "bytes 5-6/6", "bytes */6", "", "5-5/6", "bytes 5-5"],
)
async def test_a_part_that_is_not_the_one_asked_for_is_refused(content_range: str) -> None:
    headers = {"content-range": content_range} if content_range else {}
    async with mock(lambda _: httpx.Response(206, content=b"x", headers=headers)) as cdn:
        with pytest.raises(BadDownload):
            await taken(cdn, offset=5)


async def test_a_206_that_nobody_asked_for_must_begin_at_the_beginning() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            206, content=b"x", headers={"content-range": f"bytes {request.url.path[1:]}-9/10"}
        )

    async with mock(handler) as cdn:
        assert (await taken(cdn, "https://v3.fal.media/0"))[0].total == 10
        with pytest.raises(BadDownload):
            await taken(cdn, "https://v3.fal.media/3")


@given(st.text(max_size=30) | st.from_regex(r"\Abytes [0-9]{1,4}-[0-9]{1,4}/([0-9]{1,4}|\*)\Z"))
def test_a_content_range_is_read_or_refused(text: str) -> None:
    try:
        start, total = read_content_range(text)
    except BadDownload:
        return
    assert start >= 0
    assert total is None or start < total


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, LinkRefused),
        (403, LinkRefused),
        (404, LinkRefused),
        (410, LinkRefused),
        (416, BadDownload),
        (500, Trouble),
        (503, Trouble),
        (408, Trouble),
        (400, BadDownload),
        (204, BadDownload),
        (304, BadDownload),
    ],
)
async def test_an_answer_without_the_file_is_told_by_its_kind(status: int, error: type[Exception]) -> None:
    async with mock(lambda _: httpx.Response(status)) as cdn:
        with pytest.raises(error):
            await taken(cdn)


async def test_the_media_host_may_ask_to_wait() -> None:
    async with mock(lambda _: httpx.Response(429, headers={"retry-after": "9"})) as cdn:
        with pytest.raises(RateLimited) as caught:
            await taken(cdn)
    assert caught.value.after == 9


async def test_a_compressed_file_is_refused() -> None:
    packed, headers = gzip.compress(b"x"), {"content-encoding": "gzip"}
    async with mock(lambda _: httpx.Response(200, content=packed, headers=headers)) as cdn:
        with pytest.raises(BadDownload, match="compressed"):
            await taken(cdn)


async def test_redirects_are_followed_three_times_and_checked_each_time() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        left = int(request.url.params.get("left", 0))
        if not left:
            return httpx.Response(200, content=str(request.url.host).encode())
        return httpx.Response(302, headers={"location": f"https://v{left}.fal.media/x?left={left - 1}"})

    async with mock(handler) as cdn:
        assert (await taken(cdn, "https://v9.fal.media/x?left=3"))[1] == b"v1.fal.media"
        with pytest.raises(BadDownload, match="3 times"):
            await taken(cdn, "https://v9.fal.media/x?left=4")


async def test_a_relative_redirect_stays_on_its_host() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(307, headers={b"location": "../b ü.mp4".encode()})
        return httpx.Response(200, content=request.url.raw_path)

    async with mock(handler) as cdn:
        assert (await taken(cdn, "https://v3.fal.media/a"))[1] == b"/b%20%C3%BC.mp4"


@pytest.mark.parametrize(
    "location",
    [
        "http://v3.fal.media/x",
        "https://127.0.0.1/x",
        "http://localhost:1/",
        "file:///etc/passwd",
        "//10.0.0.1/",
        "https://u:p@v3.fal.media/",
        "ftp://v3.fal.media/",
        "data:video/mp4,x",
        "https://[::1]/",
        "https://[/",
        "http://:99999999/",
    ],
)
async def test_a_redirect_to_a_foreign_address_is_refused(location: str) -> None:
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"location": location})

    async with mock(handler) as cdn:
        with pytest.raises((ForeignAddress, BadDownload)):
            await taken(cdn)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "url", ["http://v3.fal.media/x", "https://127.0.0.1/", "file:///etc/passwd", "", "x" * 9999]
)
async def test_a_foreign_address_is_not_asked(url: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    async with mock(handler) as cdn:
        with pytest.raises(ForeignAddress) as caught:
            await taken(cdn, url)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.InvalidURL("x"),
        ExceptionGroup("x", [OSError()]),
    ],
)
async def test_a_media_host_that_does_not_answer_is_unreachable(error: Exception) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    async with mock(handler) as cdn:
        with pytest.raises(Unreachable):
            await taken(cdn)


async def test_an_error_of_the_reader_passes_as_it_is() -> None:
    async with mock(ranged) as cdn:

        async def read() -> None:
            async with cdn.fetch(URL) as download:
                async for _ in download.chunks:
                    raise OSError("disk full")

        with pytest.raises(OSError, match="disk full"):
            await read()
