import random
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from reelroom.store.media import INSERT
from reelroom.store.records import Key, Media, Page, Scope, Stretch
from reelroom.store.rows import media_values
from reelroom.store.store import Store, open_store

ALL = Scope()


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with open_store(path) as opened:
        yield opened


def clip(number: int, *, at: float | None = None, prompt: str = "a red fox") -> Media:
    return Media(
        id=f"{number:08d}-0000-7000-8000-000000000000",
        job_id=None,
        position=0,
        origin="sandbox",
        kind="video",
        path=f"{number}.mp4",
        sha256="0" * 64,
        bytes=10,
        created_at=float(number) if at is None else at,
        prompt=prompt,
    )


def key(media: Media) -> Key:
    return media.created_at, media.id


async def add(store: Store, clips: Iterable[Media]) -> None:
    rows = [media_values(media) for media in clips]
    await store._database.write(lambda connection: connection.executemany(INSERT, rows))


async def ids(store: Store, scope: Scope = ALL) -> list[str]:
    return [media.id for media in await store.media(scope.query, project_id=scope.project_id)]


async def test_a_page_is_what_a_walk_over_all_clips_finds_there(store: Store) -> None:
    pick = random.Random(5)
    await add(store, [clip(n, at=float(pick.randrange(50))) for n in range(2600)])
    everything = await ids(store)
    for start in (0, 1, 999, 1000, 1001, 1999, 2000, 2530):
        page = await store.page(ALL, Stretch(start=start, count=60))
        assert (page.start, page.total) == (start, 2600)
        assert [media.id for media in page.clips] == everything[start : start + 60]


async def test_a_page_past_the_end_is_the_last_one(store: Store) -> None:
    await add(store, map(clip, range(30)))
    page = await store.page(ALL, Stretch(start=500, count=20))
    assert (page.start, len(page.clips)) == (10, 20)
    page = await store.page(ALL, Stretch(start=0, count=500))
    assert (page.start, len(page.clips)) == (0, 30)


async def test_an_empty_library_has_an_empty_page(store: Store) -> None:
    nothing = await store.page(ALL, Stretch(start=0, count=20, anchor=(1.0, "x"), selected=(1.0, "x")))
    assert nothing == Page(start=0, total=0, whole=0, clips=(), anchor=0, near=None)


@pytest.mark.parametrize("number", [0, 1, 500, 1000, 1599, 2500])
async def test_a_key_keeps_its_clip_when_newer_ones_come(store: Store, number: int) -> None:
    await add(store, map(clip, range(2501)))
    mine = key(clip(number))
    before = await store.page(ALL, Stretch(start=0, count=1, anchor=mine, selected=mine))
    await add(store, map(clip, range(3000, 3007)))
    after = await store.page(ALL, Stretch(start=-3, count=9, anchor=mine, selected=mine))
    assert before.anchor == 2500 - number
    assert after.anchor == 2507 - number
    assert after.near == (2507 - number, await store.clip(mine[1]))
    assert mine[1] in {media.id for media in after.clips}


async def test_the_neighbour_takes_the_place_of_a_trashed_clip(store: Store) -> None:
    await add(store, map(clip, range(10)))
    mine = clip(4)
    await store.trash(mine.id)
    page = await store.page(ALL, Stretch(start=0, count=3, selected=key(mine)))
    assert page.near is not None
    assert (page.near[0], page.near[1].id, page.total) == (5, clip(3).id, 9)
    oldest = clip(0)
    await store.trash(oldest.id)
    page = await store.page(ALL, Stretch(start=0, count=3, selected=key(oldest)))
    assert page.near is not None
    assert page.near[1].id == clip(1).id


async def test_a_search_counts_its_hits_and_the_whole(store: Store) -> None:
    await add(store, [clip(n, prompt="STORM at sea" if n % 3 else "a fox") for n in range(90)])
    page = await store.page(Scope("storm sea"), Stretch(start=10, count=5, selected=key(clip(1))))
    assert (page.total, page.whole) == (60, 90)
    assert [media.id for media in page.clips] == (await ids(store, Scope("storm sea")))[10:15]
    assert page.near == (59, await store.clip(clip(1).id))


async def test_a_project_has_pages_of_its_own(store: Store) -> None:
    project = await store.active_project()
    await add(store, [clip(n) for n in range(5)])
    page = await store.page(Scope(project_id=project.id), Stretch(start=0, count=5))
    assert (page.total, page.whole, page.clips) == (0, 0, ())
    page = await store.page(Scope(project_id=""), Stretch(start=0, count=5))
    assert (page.total, page.whole, len(page.clips)) == (5, 5, 5)
