import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from reelroom.fal.sandbox.depot import Depot, Incomplete
from reelroom.fal.sandbox.tokens import MOST, Tokens

from .conftest import Caller, Start

PICTURE = bytes(range(256)) * 40
TOKEN = "storage/auth/token?storage_type=fal-cdn-v3"


async def asked(sandbox: Caller, path: str, **body: object) -> Any:
    answer = await sandbox.http.post(f"{sandbox.base}/rest/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def bearer(sandbox: Caller) -> dict[str, str]:
    return {"authorization": f"Bearer {(await asked(sandbox, TOKEN))['token']}"}


async def uploaded(sandbox: Caller, data: bytes = PICTURE, **headers: str) -> httpx.Response:
    about = {"content-type": "image/png", "x-fal-file-name": "a.png"} | await bearer(sandbox) | headers
    return await sandbox.http.post(f"{sandbox.base}/cdn/files/upload", content=data, headers=about)


async def begun(sandbox: Caller, token: dict[str, str]) -> tuple[str, str]:
    """The address of a file that is to come in parts, and that of its parts."""
    url = f"{sandbox.base}/cdn/files/upload/multipart"
    body = (await sandbox.http.post(url, headers=token)).json()
    return body["access_url"], f"{body['access_url']}/multipart/{body['uploadId']}"


async def test_an_upload_is_fetched_where_it_was_said_to_be(sandbox: Caller) -> None:
    answer = await uploaded(sandbox)
    assert answer.status_code == 200
    url = answer.json()["access_url"]
    assert url.startswith(f"{sandbox.base}/cdn/files/")
    assert url.endswith("/a.png")
    whole = await sandbox.http.get(url)
    assert (whole.status_code, whole.content) == (200, PICTURE)
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-length"] == str(len(PICTURE))
    mark = whole.headers["etag"]
    part = await sandbox.http.get(url, headers={"range": "bytes=10-19", "if-range": mark})
    assert (part.status_code, part.content) == (206, PICTURE[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(PICTURE)}"
    other = await sandbox.http.get(url, headers={"range": "bytes=10-19", "if-range": '"other"'})
    assert (other.status_code, other.content) == (200, PICTURE)
    head = await sandbox.http.head(url)
    assert (head.status_code, head.headers["etag"], head.content) == (200, mark, b"")


async def test_a_token_says_where_and_how_long_it_holds(sandbox: Caller) -> None:
    token = await asked(sandbox, TOKEN)
    assert token["token_type"] == "Bearer"
    assert token["base_url"] == f"{sandbox.base}/cdn"
    ends = datetime.fromisoformat(token["expires_at"])
    assert ends.tzinfo is not None
    assert 3500 < (ends - datetime.now(UTC)).total_seconds() <= 3600


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Key a:b"}])
async def test_an_upload_without_a_good_token_is_401_and_leaves_nothing(
    sandbox: Caller, header: dict[str, str], tmp_path: Path
) -> None:
    url = f"{sandbox.base}/cdn/files/upload"
    for path in (url, f"{url}/multipart"):
        answer = await sandbox.http.post(path, content=PICTURE, headers=header)
        assert answer.status_code == 401
        assert answer.json()["detail"]
    assert list((tmp_path / "state/sandbox-uploads").iterdir()) == []
    keyed = header.get("authorization", "").startswith("Key")
    assert bool((await sandbox.ledger())["key_leaks"]) is keyed


async def test_a_token_ends(sandbox: Caller) -> None:
    await sandbox.scenario(upload_token_s=0.2)
    token = await bearer(sandbox)
    url = f"{sandbox.base}/cdn/files/upload"
    assert (await sandbox.http.post(url, content=b"a", headers=token)).status_code == 200
    await asyncio.sleep(0.25)
    assert (await sandbox.http.post(url, content=b"a", headers=token)).status_code == 401


def test_only_the_newest_tokens_are_kept() -> None:
    tokens = Tokens()
    first, *_, last = [tokens.issue(10.0) for _ in range(MOST + 1)]
    assert not tokens.holds(f"Bearer {first}", 1.0)
    assert tokens.holds(f"Bearer {last}", 1.0)
    assert not tokens.holds(f"Bearer {last}", 10.0)
    assert not tokens.holds(last, 1.0)


async def test_parts_come_in_any_order_and_make_one_file(sandbox: Caller) -> None:
    token = await bearer(sandbox)
    url, parts = await begun(sandbox, token)
    pieces = {1: b"a" * 70_000, 2: b"b" * 70_000, 3: b"c"}
    listed = []
    for number in (3, 1, 2):
        answer = await sandbox.http.put(f"{parts}/{number}", content=pieces[number], headers=token)
        assert answer.status_code == 200
        assert answer.json() == {"partNumber": number, "etag": answer.headers["etag"]}
        listed.append(answer.json())
    assert (await sandbox.http.get(url)).status_code == 404
    done = await sandbox.http.post(f"{parts}/complete", json={"parts": listed}, headers=token)
    assert done.status_code == 200
    assert (await sandbox.http.get(url)).content == pieces[1] + pieces[2] + pieces[3]
    again = await sandbox.http.post(f"{parts}/complete", json={"parts": listed}, headers=token)
    assert again.status_code == 200


async def test_a_part_that_is_sent_again_takes_the_place_of_the_first(sandbox: Caller) -> None:
    token = await bearer(sandbox)
    url, parts = await begun(sandbox, token)
    old = (await sandbox.http.put(f"{parts}/1", content=b"old", headers=token)).json()
    new = (await sandbox.http.put(f"{parts}/1", content=b"new", headers=token)).json()
    refused = await sandbox.http.post(f"{parts}/complete", json={"parts": [old]}, headers=token)
    assert refused.status_code == 400
    await sandbox.http.post(f"{parts}/complete", json={"parts": [new]}, headers=token)
    assert (await sandbox.http.get(url)).content == b"new"


async def test_a_file_with_a_part_missing_is_refused_and_can_still_be_completed(sandbox: Caller) -> None:
    token = await bearer(sandbox)
    url, parts = await begun(sandbox, token)
    put = {n: (await sandbox.http.put(f"{parts}/{n}", content=b"x", headers=token)).json() for n in (1, 3)}
    missing = {"partNumber": 2, "etag": put[1]["etag"]}
    for listed in ([put[1], put[3]], [put[1], missing, put[3]], [], [put[1], put[1]], [put[3]]):
        answer = await sandbox.http.post(f"{parts}/complete", json={"parts": listed}, headers=token)
        assert answer.status_code == 400
        assert "art" in answer.json()["detail"]
    second = (await sandbox.http.put(f"{parts}/2", content=b"y", headers=token)).json()
    good = {"parts": [put[3], second, put[1]]}
    assert (await sandbox.http.post(f"{parts}/complete", json=good, headers=token)).status_code == 200
    assert (await sandbox.http.get(url)).content == b"xyx"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"parts": 1}', b'{"parts": [{"partNumber": "1"}]}', b"["]
)
async def test_a_completion_that_is_no_list_of_parts_is_422(sandbox: Caller, body: bytes) -> None:
    token = await bearer(sandbox)
    _, parts = await begun(sandbox, token)
    answer = await sandbox.http.post(f"{parts}/complete", content=body, headers=token)
    assert answer.status_code == 422


async def test_parts_of_another_upload_are_not_found(sandbox: Caller) -> None:
    token = await bearer(sandbox)
    url, _ = await begun(sandbox, token)
    for path in (f"{url}/multipart/{'0' * 32}/1", url.replace("/up/", "/up/0") + "/multipart/x/1"):
        assert (await sandbox.http.put(path, content=b"x", headers=token)).status_code == 404
    _, parts = await begun(sandbox, token)
    for number in (0, 10_001):
        assert (await sandbox.http.put(f"{parts}/{number}", content=b"x", headers=token)).status_code == 400
    assert (await sandbox.http.get(f"{parts}/1", headers=token)).status_code == 405


@pytest.mark.parametrize("storage", ["gcs", "fal-cdn-v3"])
async def test_a_signed_address_takes_a_file_without_a_token(sandbox: Caller, storage: str) -> None:
    path = f"storage/upload/initiate?storage_type={storage}"
    body = await asked(sandbox, path, file_name="a b.mp4", content_type="video/mp4")
    unsigned = body["upload_url"].partition("?")[0]
    assert (await sandbox.http.put(unsigned, content=PICTURE)).status_code == 403
    assert (await sandbox.http.put(body["upload_url"], content=PICTURE)).status_code == 200
    got = await sandbox.http.get(body["file_url"])
    assert (got.content, got.headers["content-type"]) == (PICTURE, "video/mp4")


async def test_a_signed_address_takes_parts_and_answers_them_in_json(sandbox: Caller) -> None:
    path = "storage/upload/initiate-multipart?storage_type=fal-cdn-v3"
    body = await asked(sandbox, path, file_name="a.mp4", content_type="video/mp4")
    address, query = body["upload_url"].split("?")
    parts = [(await sandbox.http.put(f"{address}/{n}?{query}", content=b"ab")).json() for n in (1, 2)]
    assert [part["partNumber"] for part in parts] == [1, 2]
    done = await sandbox.http.post(f"{address}/complete?{query}", json={"parts": parts})
    assert done.status_code == 200
    assert (await sandbox.http.get(body["file_url"])).content == b"abab"


async def test_an_upload_expires_when_its_lifecycle_says_so(sandbox: Caller) -> None:
    lifecycle = '{"expiration_duration_seconds": 0.3}'
    url = (await uploaded(sandbox, **{"x-fal-object-lifecycle-preference": lifecycle})).json()["access_url"]
    assert (await sandbox.http.get(url)).status_code == 200
    await asyncio.sleep(0.35)
    assert (await sandbox.http.get(url)).status_code == 404
    kept = (await uploaded(sandbox, **{"x-fal-object-lifecycle": "nonsense"})).json()["access_url"]
    assert (await sandbox.http.get(kept)).status_code == 200


async def test_an_upload_is_no_larger_than_allowed(sandbox: Caller, tmp_path: Path) -> None:
    await sandbox.scenario(upload_largest=1000)

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 300

    url = f"{sandbox.base}/cdn/files/upload"
    token = await bearer(sandbox)
    assert (await sandbox.http.post(url, content=b"x" * 1001, headers=token)).status_code == 413
    assert (await sandbox.http.post(url, content=slowly(), headers=token)).status_code == 413
    assert (await sandbox.http.post(url, content=b"x" * 1000, headers=token)).status_code == 200
    left = [path.name for path in (tmp_path / "state/sandbox-uploads").glob("*/*")]
    assert left.count("file") == 1
    assert [name for name in left if name.endswith((".part", ".coming"))] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b.png", "ä ö.png", "x" * 5000, ""])
async def test_a_name_is_never_a_path(sandbox: Caller, name: str, tmp_path: Path) -> None:
    path = "storage/upload/initiate?storage_type=gcs"
    body = await asked(sandbox, path, file_name=name, content_type="text/html\r\nx: y")
    assert (await sandbox.http.put(body["upload_url"], content=b"x")).status_code == 200
    got = await sandbox.http.get(body["file_url"])
    assert (got.content, got.headers["content-type"]) == (b"x", "application/octet-stream")
    assert {path.parent.parent.name for path in tmp_path.rglob("file")} == {"sandbox-uploads"}


async def test_uploads_and_their_parts_outlive_the_process(start: Start) -> None:
    async with start() as sandbox:
        whole = (await uploaded(sandbox)).json()["access_url"].removeprefix(sandbox.base)
        token = await bearer(sandbox)
        url, parts = (place.removeprefix(sandbox.base) for place in await begun(sandbox, token))
        first = await sandbox.http.put(f"{sandbox.base}{parts}/1", content=b"one", headers=token)
    async with start() as sandbox:
        assert (await sandbox.http.get(sandbox.base + whole)).content == PICTURE
        old = await sandbox.http.put(f"{sandbox.base}{parts}/2", content=b"two", headers=token)
        assert old.status_code == 401
        token = await bearer(sandbox)
        second = await sandbox.http.put(f"{sandbox.base}{parts}/2", content=b"two", headers=token)
        listed = {"parts": [first.json(), second.json()]}
        await sandbox.http.post(f"{sandbox.base}{parts}/complete", json=listed, headers=token)
        assert (await sandbox.http.get(sandbox.base + url)).content == b"onetwo"


async def test_what_was_abandoned_or_has_expired_is_swept_away_at_the_start(tmp_path: Path) -> None:
    now = [1000.0]
    depot = Depot(tmp_path / "uploads", lambda: now[0])
    abandoned, expiring = depot.begin("a", "image/png", None), depot.begin("b", "image/png", 50.0)
    kept = depot.begin("c", "image/png", None)
    for upload in (expiring, kept):
        mark = await depot.receive(upload, 1, pieces(b"x"), 10)
        await depot.complete(upload, [(1, mark)])
    (tmp_path / "uploads" / "rubbish").mkdir()
    now[0] += 100_000
    left = Depot(tmp_path / "uploads", lambda: now[0])
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [kept.id]
    assert left.upload(abandoned.id) is None
    assert left.upload("../" + kept.id) is None


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def test_a_part_is_named_by_its_bytes(tmp_path: Path) -> None:
    depot = Depot(tmp_path / "uploads", lambda: 0.0)
    upload = depot.begin("a", "image/png", None)
    data = os.urandom(3_000_001)
    mark = await depot.receive(upload, 1, pieces(data[:10], data[10:2_000_000], data[2_000_000:]), 2**30)
    assert mark == hashlib.sha256(data).hexdigest()[:32]
    with pytest.raises(Incomplete):
        await depot.complete(upload, [(1, "../" + mark)])
    whole = await depot.complete(upload, [(1, mark)])
    assert depot.file(whole).read_bytes() == data


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("storage/auth/token", b"{}", 400),
        ("storage/auth/token?storage_type=other", b"{}", 400),
        ("storage/upload/initiate?storage_type=gcs", b"[]", 422),
        ("storage/upload/initiate?storage_type=gcs", b"{", 422),
        ("tokens", b"{}", 422),
        ("nothing", b"{}", 404),
    ],
)
async def test_what_the_rest_host_does_not_know_is_refused(
    sandbox: Caller, path: str, content: bytes, status: int
) -> None:
    answer = await sandbox.http.post(f"{sandbox.base}/rest/{path}", content=content)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_realtime_token_is_a_bare_text(sandbox: Caller) -> None:
    token = await asked(sandbox, "tokens/", allowed_apps=["fast-svd"], token_expiration=120)
    assert isinstance(token, str)
    assert (await sandbox.http.get(f"{sandbox.base}/rest/tokens/")).status_code == 405
