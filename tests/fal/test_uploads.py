import asyncio
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from reelroom.fal.errors import (
    FalError,
    ForeignAddress,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
    UnfitFile,
    Unreachable,
)
from reelroom.fal.exchange import Exchange
from reelroom.fal.hosts import Hosts
from reelroom.fal.policy import checked_upload_url
from reelroom.fal.sources import look
from reelroom.fal.upload_values import Multipart, Source
from reelroom.fal.uploads import LIFETIME, PART, PARTS_LIVE, WHOLE, Uploads
from tests.fal.upload_fal import KEY, NOW, Asked, Hands, UploadFal, once, uploading

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PARTS = 12


@pytest.fixture
def picture(tmp_path: Path) -> Source:
    file = tmp_path / "meine Katze.png"
    file.write_bytes(PNG)
    return look(file)


@pytest.fixture
def film(tmp_path: Path) -> Source:
    """Eleven parts of 100 kB and a bit."""
    file = tmp_path / "film.mp4"
    file.write_bytes(b"\0\0\0\x18ftypisom" + random.Random(7).randbytes(1_150_000))
    return look(file)


async def kept_of(hands: Hands, source: Source) -> tuple[list[Multipart], FalError | None]:
    kept: list[Multipart] = []

    async def keep(multipart: Multipart) -> None:
        kept.append(multipart)

    try:
        await hands.uploads.send(source, keep=keep)
    except FalError as error:
        return kept, error
    return kept, None


async def test_a_file_is_one_post_of_its_bytes_with_a_token_and_without_the_key(picture: Source) -> None:
    async with uploading() as hands:
        uploaded = await hands.uploads.send(picture)
    assert hands.fal.files == {uploaded.url: PNG}
    assert uploaded.expires_at == NOW + LIFETIME
    _, sent = hands.fal.asked
    assert sent.headers["authorization"] == "Bearer tok1"
    assert sent.headers["content-type"] == "image/png"
    assert sent.headers["content-length"] == str(len(PNG))
    assert "transfer-encoding" not in sent.headers
    for name in ("x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"):
        assert sent.headers[name] == '{"expiration_duration_seconds": 2592000}'


async def test_the_name_of_the_file_is_not_told(picture: Source) -> None:
    async with uploading() as hands:
        await hands.uploads.send(picture)
    assert "Katze" not in str(hands.fal.asked)
    assert hands.fal.asked[1].headers["x-fal-file-name"] == f"{picture.sha256[:16]}.png"


async def test_progress_grows_to_the_whole_and_never_shrinks(film: Source) -> None:
    seen: list[tuple[int, int]] = []
    fal = UploadFal(bad=[once("/3", 500, b"", ""), once("/7", "cut")])
    async with uploading(fal) as hands:
        await hands.uploads.send(film, progress=lambda sent, total: seen.append((sent, total)))
    assert [sent for sent, _ in seen] == sorted(sent for sent, _ in seen)
    assert {total for _, total in seen} == {film.size}
    assert seen[-1][0] == film.size


async def test_a_token_serves_many_files_until_shortly_before_its_end(picture: Source) -> None:
    fal = UploadFal(token={"expires_at": NOW + 1000})
    async with uploading(fal) as hands:
        for later, tokens in ((0, 1), (900, 1), (939, 1), (940, 2), (969, 2), (970, 3)):
            hands.now[0] = NOW + later
            await hands.uploads.send(picture)
            assert hands.fal.tokens == tokens


@pytest.mark.parametrize(
    ("until", "life"),
    [
        ("2026-09-21T15:13:20Z", 3540),
        ("2026-09-21T15:13:20+00:00", 3540),
        ("2026-09-21T17:13:20+02:00", 3540),
        ("2026-09-21T15:13:20", 3540),
        (NOW + 3600, 3540),
        (NOW + 60, 30),
        ("2020-01-01T00:00:00Z", 30),
        (None, 600),
        ("soon", 600),
        (True, 600),
    ],
)
async def test_the_end_of_a_token_is_read_in_every_spelling(until: object, life: float) -> None:
    async with uploading(UploadFal(token={"expires_at": until})) as hands:
        for later, tokens in ((0, 1), (life - 1, 1), (life, 2)):
            hands.now[0] = NOW + later
            await hands.uploads.host.base()
            assert hands.fal.tokens == tokens


async def test_tokens_are_asked_for_once_by_many(film: Source) -> None:
    async with uploading() as hands:
        await hands.uploads.send(film)
    assert hands.fal.tokens == 1


async def test_a_token_that_is_refused_is_asked_for_anew_once(picture: Source) -> None:
    refused = (401, {"detail": "token expired"}, "")
    async with uploading(UploadFal(bad=[once("POST /cdn", *refused)])) as hands:
        assert (await hands.uploads.send(picture)).url in hands.fal.files
        assert hands.fal.tokens == 2
    async with uploading(UploadFal(bad=[once("POST /cdn", *refused, times=9)])) as hands:
        with pytest.raises(Refused, match="token expired"):
            await hands.uploads.send(picture)
        assert hands.fal.tokens == 2


async def test_a_key_without_money_is_refused_in_fals_words_and_nothing_is_uploaded(picture: Source) -> None:
    locked = (403, {"detail": "User is locked. Reason: Exhausted balance."}, "")
    async with uploading(UploadFal(bad=[once("/rest", *locked, times=9)])) as hands:
        with pytest.raises(Refused, match="Exhausted balance") as caught:
            await hands.uploads.send(picture)
    assert caught.value.reason == "balance"
    assert len(hands.fal.asked) == 1


@pytest.mark.parametrize(
    "token", [{"token": ""}, {"token": "a\r\nX: y"}, {"token": 7}, {"token_type": "B x"}]
)
async def test_a_token_that_cannot_be_one_is_not_used_and_not_repeated(
    picture: Source, token: dict[str, object]
) -> None:
    async with uploading(UploadFal(token=token)) as hands:
        with pytest.raises(NotUnderstood) as caught:
            await hands.uploads.send(picture)
    assert "X: y" not in str(caught.value)


@pytest.mark.parametrize(
    "base", ["https://evil.com", "http://127.0.0.1:1/cdn", "https://v3.fal.media.evil.com", 7]
)
async def test_a_foreign_host_named_for_uploads_gets_nothing(picture: Source, base: object) -> None:
    async with uploading(UploadFal(token={"base_url": base})) as hands:
        uploaded = await hands.uploads.send(picture)
        assert uploaded.url in hands.fal.files


async def test_a_file_that_is_said_to_be_elsewhere_is_not_taken_for_uploaded(picture: Source) -> None:
    for url in ("http://evil.com/x", "https://127.1/x", "javascript:x", "", None):
        answer = (200, {"access_url": url}, "")
        async with uploading(UploadFal(bad=[once("POST /cdn", *answer)])) as hands:
            with pytest.raises((ForeignAddress, NotUnderstood)):
                await hands.uploads.send(picture)


async def test_the_token_does_not_follow_the_url_of_an_upload_in_parts_to_another_host(film: Source) -> None:
    answer = (200, {"access_url": "https://evil.com/files/x", "uploadId": "u"}, "")
    async with uploading(UploadFal(bad=[once("/multipart", *answer)])) as hands:
        with pytest.raises(ForeignAddress):
            await hands.uploads.send(film)
        assert hands.fal.times("PUT") == 0


@pytest.mark.parametrize("upload_id", ["..", "", "a b", "a\u200b", 7, None])
async def test_an_upload_id_that_is_none_is_not_built_into_an_address(
    film: Source, upload_id: object
) -> None:
    def begun(asked: Asked) -> tuple[int, dict[str, object], str] | None:
        if not asked.path.endswith("/multipart"):
            return None
        return 200, {"access_url": f"http://{asked.headers['host']}/cdn/files/big", "uploadId": upload_id}, ""

    async with uploading(UploadFal(bad=[begun])) as hands:
        with pytest.raises(NotUnderstood, match="no id"):
            await hands.uploads.send(film)


async def test_an_upload_id_with_odd_characters_stays_one_segment(film: Source) -> None:
    def begun(asked: Asked) -> tuple[int, dict[str, object], str] | None:
        if not asked.path.endswith("/multipart"):
            return None
        return (
            200,
            {"access_url": f"http://{asked.headers['host']}/cdn/files/big", "uploadId": "a/../b?c"},
            "",
        )

    async with uploading(UploadFal(bad=[begun])) as hands:
        with pytest.raises(FalError):
            await hands.uploads.send(film)
        puts = [asked.path for asked in hands.fal.asked if asked.method == "PUT"]
    assert all(path.startswith("/cdn/files/big/multipart/a%2F..%2Fb%3Fc/") for path in puts)


PASSING = [(500, b"<html>", ""), (503, {"detail": "x"}, ""), (429, {}, "retry-after: 3\r\n"), "cut"]


@pytest.mark.parametrize("answer", PASSING)
async def test_what_may_pass_is_tried_again_with_the_whole_file(picture: Source, answer: object) -> None:
    bad = once("POST /cdn", *(answer if isinstance(answer, tuple) else (answer,)), times=3)
    async with uploading(UploadFal(bad=[bad])) as hands:
        uploaded = await hands.uploads.send(picture)
        assert hands.fal.files == {uploaded.url: PNG}
    assert hands.slept == ([3, 3, 3] if isinstance(answer, tuple) and answer[0] == 429 else [1, 2, 4])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, b"", ""), Trouble),
        ((429, {}, ""), RateLimited),
        ("cut", Unreachable),
        ((413, {"detail": "too large"}, ""), Refused),
        ((200, b"<html>", ""), NotUnderstood),
        ((307, b"", "location: https://evil.com/\r\n"), NotUnderstood),
    ],
)
async def test_what_stays_is_told_by_its_kind(picture: Source, answer: object, error: type[FalError]) -> None:
    bad = once("POST /cdn", *(answer if isinstance(answer, tuple) else (answer,)), times=99)
    async with uploading(UploadFal(bad=[bad])) as hands:
        with pytest.raises(error) as caught:
            await hands.uploads.send(picture)
    assert "tok1" not in repr(caught.value)


async def test_a_host_that_takes_nothing_is_left_after_a_while(picture: Source) -> None:
    async with (
        uploading(UploadFal(slow=1.0)) as hands,
        Exchange(hands.place.hosts, KEY) as exchange,
        Uploads(exchange, stall=0.05, sleep=lambda _: asyncio.sleep(0)) as uploads,
    ):
        with pytest.raises(Unreachable):
            await uploads.send(picture)


async def test_a_long_file_goes_in_parts_a_few_at_a_time_and_arrives_whole(film: Source) -> None:
    async with uploading(UploadFal(slow=0.01)) as hands:
        uploaded = await hands.uploads.send(film)
    assert hands.fal.files == {uploaded.url: film.path.read_bytes()}
    assert hands.fal.times("PUT") == PARTS
    assert 1 < hands.fal.most_at_once <= 4
    begun = next(asked for asked in hands.fal.asked if asked.path.endswith("/multipart"))
    assert begun.headers["content-type"] == "video/mp4"
    assert "x-fal-object-lifecycle" in begun.headers


async def test_a_file_of_the_largest_single_size_is_still_one_post(tmp_path: Path) -> None:
    for size, puts in ((WHOLE * 1000, 0), (WHOLE * 1000 + 1, 11)):
        file = tmp_path / str(size)
        file.write_bytes(random.Random(1).randbytes(size))
        async with uploading(part=1000) as hands:
            await hands.uploads.send(look(file))
        assert hands.fal.times("PUT") == puts
    assert WHOLE * PART == 100 * 2**20


async def test_parts_that_fail_are_sent_again_by_themselves(film: Source) -> None:
    bad = [once("/2", "cut"), once("/5", 500, b"", ""), once("/12", 429, {}, ""), once("/complete", "cut")]
    async with uploading(UploadFal(bad=bad)) as hands:
        uploaded = await hands.uploads.send(film)
    assert hands.fal.files == {uploaded.url: film.path.read_bytes()}
    assert hands.fal.times("PUT") == PARTS + 3


async def test_a_part_without_a_mark_is_not_counted_as_there(film: Source) -> None:
    async with uploading(UploadFal(bad=[once("PUT", 200, {}, "", times=99)])) as hands:
        with pytest.raises(NotUnderstood, match="ETag"):
            await hands.uploads.send(film)
        assert hands.fal.times("complete") == 0


async def test_an_upload_that_broke_goes_on_with_the_parts_that_are_missing(film: Source) -> None:
    fal = UploadFal(bad=[once("/9", 400, {"detail": "no"}, "", times=99)])
    async with uploading(fal) as hands:
        kept, error = await kept_of(hands, film)
        assert isinstance(error, Refused)
        there = {number for number, _ in kept[-1].parts}
        assert there
        assert 9 not in there
        fal.bad.clear()
        fal.asked.clear()
        seen: list[int] = []
        uploaded = await hands.uploads.send(film, kept=kept[-1], progress=lambda sent, _: seen.append(sent))
        assert fal.times("PUT") == PARTS - len(there)
        assert fal.times("/multipart ") == 0
        assert seen[len(there) - 1] >= 100_000 * (len(there) - 1)
        assert uploaded.expires_at == NOW + LIFETIME
    assert fal.files == {uploaded.url: film.path.read_bytes()}


async def test_what_is_kept_only_ever_grows(film: Source) -> None:
    async with uploading() as hands:
        kept, _ = await kept_of(hands, film)
    assert [len(multipart.parts) for multipart in kept] == list(range(PARTS + 1))


async def test_an_upload_that_fal_has_forgotten_is_begun_anew(film: Source) -> None:
    gone = Multipart("", "up.gone", 100_000, NOW, ((1, '"e1-100000"'), (2, '"e2-100000"')))
    async with uploading() as hands:
        kept = replace(gone, url=f"{hands.place.base}/cdn/files/big")
        uploaded = await hands.uploads.send(film, kept=kept)
    assert hands.fal.files == {uploaded.url: film.path.read_bytes()}
    assert sum(asked.path.endswith("upload/multipart") for asked in hands.fal.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"begun_at": NOW - PARTS_LIVE},
        {"begun_at": NOW + 9999},
        {"part_size": 5_000},
        {"parts": ((PARTS + 1, '"x"'),)},
        {"parts": ((0, '"x"'),)},
    ],
)
async def test_an_upload_that_is_too_old_or_was_cut_otherwise_is_begun_anew(
    film: Source, change: dict[str, object]
) -> None:
    fal = UploadFal(bad=[once("/9", 400, {}, "", times=99)])
    async with uploading(fal) as hands:
        kept, _ = await kept_of(hands, film)
        fal.bad.clear()
        fal.asked.clear()
        await hands.uploads.send(film, kept=replace(kept[-1], **change))
        assert fal.times("PUT") == PARTS


async def test_a_file_that_changes_before_it_is_read_is_not_sent(picture: Source) -> None:
    picture.path.write_bytes(PNG + b"more")
    async with uploading() as hands:
        with pytest.raises(UnfitFile, match=r"meine Katze\.png changed"):
            await hands.uploads.send(picture)
        assert hands.fal.asked == []


async def test_a_file_that_changes_while_it_is_read_never_arrives_whole(film: Source) -> None:
    def change(sent: int, _total: int) -> None:
        if sent < 400_000:
            film.path.write_bytes(b"other" * 300_000 + b"%d" % sent)

    for part in (100_000, 1_000_000):
        source = look(film.path)
        async with uploading(part=part) as hands:
            with pytest.raises(UnfitFile, match=r"film\.mp4 changed"):
                await hands.uploads.send(source, progress=change)
            assert hands.fal.files == {}


async def test_other_bytes_under_the_old_size_and_date_are_noticed_all_the_same(film: Source) -> None:
    before = film.path.stat()
    content = bytearray(film.path.read_bytes())
    content[-1] ^= 1
    film.path.write_bytes(content)
    os.utime(film.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for part in (100_000, 1_000_000):
        async with uploading(part=part) as hands:
            with pytest.raises(UnfitFile, match="changed"):
                await hands.uploads.send(film)
            assert hands.fal.files == {}


async def test_a_file_that_is_gone_is_named(picture: Source) -> None:
    picture.path.unlink()
    async with uploading() as hands:
        with pytest.raises(UnfitFile, match=r"meine Katze\.png cannot be read"):
            await hands.uploads.send(picture)


async def test_an_upload_that_is_left_leaves_no_thread_of_it_and_no_open_file(film: Source) -> None:
    async with uploading(UploadFal(slow=0.2)) as hands:
        task = asyncio.ensure_future(hands.uploads.send(film))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert film.path not in held_open()


def held_open() -> set[Path]:
    """The files that this process has open (Linux)."""
    return {link.resolve() for link in Path("/proc/self/fd").iterdir()}


async def test_uploads_that_are_not_open_say_so(picture: Source) -> None:
    async with Exchange(Hosts.at("http://127.0.0.1:9")) as exchange:
        with pytest.raises((RuntimeError, Unreachable)):
            await Uploads(exchange, sleep=lambda _: asyncio.sleep(0)).send(picture)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://v3.fal.media", True),
        ("https://v3b.fal.media/files/b/x", True),
        ("https://fal.media/x", True),
        ("https://fal.media:444/x", False),
        ("http://v3.fal.media/x", False),
        ("https://notfal.media/x", False),
        ("https://fal.media.evil.com/x", False),
        ("https://user@v3.fal.media/x", False),
        ("https://queue.fal.run/x", False),
        ("ftp://v3.fal.media/x", False),
    ],
)
def test_only_fals_media_hosts_are_sent_files(url: str, fine: bool) -> None:
    if fine:
        assert checked_upload_url(Hosts.fal(), url) == url
    else:
        with pytest.raises(ForeignAddress):
            checked_upload_url(Hosts.fal(), url)
    with pytest.raises(ForeignAddress):
        checked_upload_url(Hosts.at("http://127.0.0.1:8"), url)


def test_a_base_of_ones_own_is_sent_files_and_no_other_port_of_it() -> None:
    hosts = Hosts.at("http://127.0.0.1:8000")
    assert checked_upload_url(hosts, "http://127.0.0.1:8000/cdn/files/upload")
    with pytest.raises(ForeignAddress):
        checked_upload_url(hosts, "http://127.0.0.1:8001/cdn/files/upload")
