from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reelroom.store.errors import RowRefused
from reelroom.store.records import UnfinishedUpload, Upload
from reelroom.store.store import Store, open_store
from reelroom.store.uploads import STALE
from tests.store.conftest import START

DAY = 86400.0
UPLOAD = Upload(
    origin="fal:abc",
    sha256="0" * 64,
    url="https://v3.fal.media/files/a.png",
    content_type="image/png",
    bytes=1000,
    uploaded_at=START,
    expires_at=START + 30 * DAY,
)
PARTS = UnfinishedUpload(
    origin="fal:abc",
    sha256="0" * 64,
    url="https://v3.fal.media/files/a.mp4",
    upload_id="up1",
    part_size=10 * 2**20,
    begun_at=START,
    parts=((1, '"e1"'), (3, '"e3"')),
)


@pytest.fixture
async def store(path: Path, clock: Callable[[], float]) -> AsyncIterator[Store]:
    async with open_store(path, clock=clock) as store:
        yield store


async def found(store: Store, upload: Upload = UPLOAD, *, until: float = START) -> Upload | None:
    return await store.uploads.find(upload.origin, upload.sha256, until=until)


async def test_an_upload_is_found_by_its_content_after_opening_again(path: Path) -> None:
    async with open_store(path, clock=lambda: START) as store:
        await store.uploads.keep(UPLOAD)
    async with open_store(path) as store:
        assert await found(store) == UPLOAD
        assert await found(store, replace(UPLOAD, sha256="1" * 64)) is None


async def test_an_upload_of_another_origin_is_none_of_ours(store: Store) -> None:
    await store.uploads.keep(UPLOAD)
    assert await found(store, replace(UPLOAD, origin="sandbox")) is None


async def test_an_upload_is_found_only_if_it_lives_long_enough(store: Store) -> None:
    await store.uploads.keep(UPLOAD)
    assert await found(store, until=UPLOAD.expires_at) == UPLOAD
    assert await found(store, until=UPLOAD.expires_at + 1) is None


async def test_a_later_upload_of_the_same_content_takes_the_place_of_the_first(store: Store) -> None:
    await store.uploads.keep(UPLOAD)
    later = replace(UPLOAD, url="https://v3.fal.media/files/b.png", expires_at=START + 60 * DAY)
    await store.uploads.keep(later)
    assert await found(store) == later
    await store.uploads.forget(later.origin, later.sha256)
    assert await found(store) is None


async def test_what_has_expired_is_taken_away_by_the_next_upload(path: Path) -> None:
    now = START
    async with open_store(path, clock=lambda: now) as store:
        await store.uploads.keep(UPLOAD)
        await store.uploads.keep_unfinished(replace(PARTS, sha256="2" * 64))
        now = START + 31 * DAY
        await store.uploads.keep(replace(UPLOAD, sha256="1" * 64, expires_at=now + DAY))
        assert await found(store, until=0) is None
        assert await store.uploads.unfinished("fal:abc", "2" * 64) is None
    assert STALE < 31 * DAY


async def test_what_fal_has_of_a_long_file_is_kept_until_all_of_it_is_there(path: Path) -> None:
    async with open_store(path, clock=lambda: START) as store:
        assert await store.uploads.unfinished(PARTS.origin, PARTS.sha256) is None
        await store.uploads.keep_unfinished(replace(PARTS, parts=()))
        await store.uploads.keep_unfinished(PARTS)
    async with open_store(path, clock=lambda: START) as store:
        assert await store.uploads.unfinished(PARTS.origin, PARTS.sha256) == PARTS
        assert await store.uploads.unfinished("sandbox", PARTS.sha256) is None
        await store.uploads.keep(UPLOAD)
        assert await store.uploads.unfinished(PARTS.origin, PARTS.sha256) is None


async def test_a_value_that_no_row_can_hold_is_refused(store: Store) -> None:
    with pytest.raises(RowRefused):
        await store.uploads.keep(replace(UPLOAD, url="\ud800"))
    assert await found(store) is None
