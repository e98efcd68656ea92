import asyncio
import io

import av
import httpx
import pytest

from .conftest import Caller


def decoded(data: bytes) -> tuple[int, int, int, float]:
    """Width, height, frames that decode, and frames per second."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = sum(1 for _ in container.decode(stream))
        assert stream.average_rate is not None
        return stream.width, stream.height, frames, float(stream.average_rate)


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({"resolution": "144p", "aspect_ratio": "16:9", "duration": 1}, (256, 144, 24)),
        ({"resolution": "144P", "aspect_ratio": "9:16", "duration": "2s"}, (144, 256, 48)),
        ({"resolution": 200, "aspect_ratio": "1:1", "duration": "auto"}, (200, 200, 120)),
    ],
)
async def test_a_clip_has_the_size_and_length_asked_for(
    sandbox: Caller, asked: dict[str, object], size: tuple[int, int, int]
) -> None:
    video = await sandbox.video(**asked)
    data = (await sandbox.http.get(video["url"])).content
    assert decoded(data) == (*size, 24.0)
    assert len(data) == video["file_size"]
    assert data.index(b"moov") < data.index(b"mdat")


async def test_a_download_announces_its_length_type_and_mark(sandbox: Caller) -> None:
    url = (await sandbox.video())["url"]
    whole, head = await sandbox.http.get(url), await sandbox.http.head(url)
    for answer in (whole, head):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["accept-ranges"] == "bytes"
        assert int(answer.headers["content-length"]) == len(whole.content)
    assert head.headers["etag"] == whole.headers["etag"]
    assert head.content == b""


async def test_a_part_of_a_file_is_exactly_that_part(sandbox: Caller) -> None:
    url = (await sandbox.video())["url"]
    data = (await sandbox.http.get(url)).content
    size = len(data)
    for asked, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1000, size),
        ("bytes=-50", size - 50, size),
        (f"bytes={size - 1}-{size + 999}", size - 1, size),
        (f"bytes=-{size * 2}", 0, size),
    ):
        part = await sandbox.http.get(url, headers={"range": asked})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.content == data[start:end]


async def test_a_range_beyond_the_end_is_416(sandbox: Caller) -> None:
    video = await sandbox.video()
    for asked in (f"bytes={video['file_size']}-", "bytes=-0"):
        answer = await sandbox.http.get(video["url"], headers={"range": asked})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{video['file_size']}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "lines=0-1", "bytes=0-1,5-9", "bytes=a-b"])
async def test_a_range_that_makes_no_sense_is_answered_with_the_whole(sandbox: Caller, asked: str) -> None:
    video = await sandbox.video()
    answer = await sandbox.http.get(video["url"], headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, video["file_size"])


async def test_a_range_of_another_version_is_answered_with_the_whole(sandbox: Caller) -> None:
    video = await sandbox.video()
    etag = (await sandbox.http.head(video["url"])).headers["etag"]
    same = await sandbox.http.get(video["url"], headers={"range": "bytes=100-", "if-range": etag})
    other = await sandbox.http.get(video["url"], headers={"range": "bytes=100-", "if-range": '"other"'})
    assert (same.status_code, len(same.content)) == (206, video["file_size"] - 100)
    assert (other.status_code, len(other.content)) == (200, video["file_size"])


async def test_the_media_rate_can_be_limited_and_a_broken_download_is_not_counted_whole(
    sandbox: Caller,
) -> None:
    video = await sandbox.video()
    await sandbox.pace(media_bytes_per_s=20_000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await sandbox.http.get(video["url"])
    await sandbox.pace()
    await sandbox.http.get(video["url"])
    async with asyncio.timeout(5):
        while True:
            (entry,) = (await sandbox.ledger())["submits"]
            if entry["downloads"]["broken"]:
                break
            await asyncio.sleep(0.02)
    counts = entry["downloads"]
    assert (counts["complete"], counts["broken"]) == (1, 1)
    assert video["file_size"] < counts["bytes"] < video["file_size"] + 30_000


@pytest.mark.parametrize(
    "name", ["0" * 32 + "/output.mp4", "../../sandbox.sqlite3", "%2e%2e/%2e%2e/sandbox.sqlite3", "x"]
)
async def test_no_path_leads_to_another_file(sandbox: Caller, name: str) -> None:
    url = (await sandbox.video())["url"]
    assert (await sandbox.http.get(f"{sandbox.base}/cdn/files/sandbox/{name}")).status_code == 404
    assert (await sandbox.http.get(url.replace("output", "other"))).status_code == 404
    assert (await sandbox.http.delete(url)).status_code == 405


async def test_a_clip_that_is_not_done_cannot_be_fetched(sandbox: Caller) -> None:
    ticket = await sandbox.submit()
    name = ticket["request_id"].replace("-", "")
    early = await sandbox.http.get(f"{sandbox.base}/cdn/files/sandbox/{name}/output.mp4")
    assert early.status_code == 404


async def test_a_key_at_the_media_host_is_noted_but_never_kept(sandbox: Caller) -> None:
    url = httpx.URL((await sandbox.video())["url"])
    assert (await sandbox.ledger())["key_leaks"] == []
    await sandbox.http.get(url, headers={"authorization": "Key id:very-secret"})
    await sandbox.http.post(
        f"{sandbox.base}/queue/fal-ai/x", json={}, headers={"authorization": "Key id:very-secret"}
    )
    ledger = await sandbox.ledger()
    (leak,) = ledger["key_leaks"]
    assert (leak["method"], leak["path"]) == ("GET", url.path)
    assert "very-secret" not in str(ledger)
