from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reelroom.store import media
from reelroom.store.errors import Ambiguous, NotAllowed, NotFound, RowRefused
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.store.store import Store, open_store


async def keep(store: Store, job: Job, clips: list[Media]) -> list[Media]:
    """The clips of one job, as they are kept."""
    (job,) = await store.add_jobs([job])
    await store.move(job.id, JobState.SUBMITTING)
    await store.move(job.id, JobState.READY)
    await store.move(job.id, JobState.DOWNLOADING)
    await store.save(
        job.id, [replace(clip, job_id=job.id, position=place) for place, clip in enumerate(clips)]
    )
    return [await store.clip(clip.id) for clip in clips]


async def test_a_clip_comes_back_as_it_was_given(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    job = new_job()
    clip = new_clip(
        job,
        width=1920,
        height=1080,
        duration=5.04,
        fps=24.0,
        codec="h264",
        has_audio=False,
        seed=7,
        cost=Decimal("0.35"),
        request_id="req-1",
        rating=4,
        favourite=True,
        tags=("fox", "ice"),
        seen_at=5.0,
    )
    async with open_store(path) as store:
        assert await keep(store, job, [clip]) == [clip]
        assert await store.clip_at(clip.path) == clip
        assert await store.clip_at("other.mp4") is None


async def test_pages_follow_each_other_without_a_gap_or_a_repeat_while_clips_arrive(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        # Many of the same moment: the id decides between them.
        clips = await keep(store, new_job(), [new_clip(created_at=float(n // 7)) for n in range(50)])
        seen: list[Media] = []
        before: tuple[float, str] | None = None
        while page := await store.media(before=before, limit=8):
            seen += page
            before = (page[-1].created_at, page[-1].id)
            await keep(store, new_job(), [new_clip(created_at=1000.0)])
    assert seen == sorted(clips, key=lambda clip: (clip.created_at, clip.id), reverse=True)


@pytest.mark.parametrize(("project_id", "index"), [(None, "media_shown"), ("p", "media_shown_of_project")])
async def test_a_page_is_read_from_an_index_and_sorts_nothing(
    path: Path, project_id: str | None, index: str
) -> None:
    question, given = media.page("", project_id=project_id, trashed=False, before=(1.0, "x"), limit=10)
    async with open_store(path) as store:
        plan = await store._database.read(
            lambda c: [row["detail"] for row in c.execute("EXPLAIN QUERY PLAN " + question, given)]
        )
    assert any(f"USING INDEX {index} (" in step and "created_at" in step for step in plan)
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN media") for step in plan)


async def test_all_words_must_match_somewhere_in_any_case_and_nothing_in_them_is_special(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    fox = new_clip(prompt="A red FOX crosses", model="Veo 3", endpoint="fal-ai/veo3", tags=("Winter",))
    owl = new_clip(prompt="Ein ÜBERGROSSER Uhu, 100%", model="Kling", endpoint="fal-ai/kling")
    async with open_store(path) as store:
        await keep(store, new_job(), [fox, owl])
        found = {
            query: [clip.path for clip in await store.media(query)]
            for query in ("red fox", "fox red winter", "VEO3 fox", "red uhu", "übergroßer", "100%", "_", "")
        }
    assert found == {
        "red fox": [fox.path],
        "fox red winter": [fox.path],
        "VEO3 fox": [fox.path],
        "red uhu": [],
        "übergroßer": [owl.path],
        "100%": [owl.path],
        "_": [],
        "": [owl.path, fox.path],
    }


async def test_a_new_tag_is_found_and_a_removed_one_is_not(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        (clip,) = await keep(store, new_job(), [new_clip(tags=("draft",))])
        changed = await store.update_clip(clip.id[-8:], tags=("best", "best"), width=640, favourite=True)
        assert (changed.tags, changed.width, changed.favourite) == (("best",), 640, True)
        assert await store.media("best") == [changed]
        assert await store.media("draft") == []


async def test_what_belongs_to_the_save_is_not_changed_afterwards(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        (clip,) = await keep(store, new_job(), [new_clip()])
        for field in ("id", "job_id", "path", "trashed_at", "colour"):
            with pytest.raises(TypeError, match=field):
                await store.update_clip(clip.id, **{field: "x"})
        with pytest.raises(RowRefused, match="does not exist"):
            await store.update_clip(clip.id, project_id="gone")
        assert await store.clip(clip.id) == clip


async def test_the_trash_hides_a_clip_until_it_is_restored(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store, store.changes() as changes:
        one, other = await keep(store, new_job(), [new_clip(), new_clip()])
        trashed = await store.trash(one.id)
        assert trashed.trashed_at is not None
        assert await store.trash(one.id) == trashed
        assert await store.media() == [other]
        assert await store.media(trashed=True) == [trashed]
        assert await store.restore(one.id) == one
        assert await store.media(trashed=True) == []
        told = {change.id: change for change in [await anext(changes) for _ in range(3)]}
        assert told[one.id] == one


async def test_a_clip_is_forgotten_only_from_the_trash_and_its_job_says_so(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        (clip,) = await keep(store, new_job(), [new_clip(tags=("fox",))])
        with pytest.raises(NotAllowed, match="not in the trash"):
            await store.remove(clip.id)
        await store.trash(clip.id)
        assert (await store.remove(clip.id)).path == clip.path
        assert [*await store.media(), *await store.media(trashed=True)] == []
        with pytest.raises(NotFound):
            await store.restore(clip.id)
        assert clip.job_id is not None
        assert (await store.job(clip.job_id)).terminal
        assert clip.path in (await store.events(clip.job_id))[-1].text


async def test_the_kept_counts_always_equal_counting(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    async with open_store(path) as store:
        foxes = await store.project_named("Foxes")
        owls = await store.project_named("Owls")
        in_foxes = await keep(store, new_job(project_id=foxes.id), [new_clip() for _ in range(4)])
        await keep(store, new_job(project_id=owls.id), [new_clip() for _ in range(2)])
        (unfiled,) = await keep(store, new_job(), [new_clip()])
        await store.trash(in_foxes[0].id)
        await store.trash(unfiled.id)
        await store.update_clip(in_foxes[1].id, project_id=owls.id)
        assert await store.counts() == {foxes.id: 2, owls.id: 3}
        assert await store.counts(trashed=True) == {foxes.id: 1, None: 1}
        await store.delete_project(foxes.id)
        assert await store.counts() == {None: 2, owls.id: 3}
        assert await store.counts(trashed=True) == {None: 2}
        await store._database.write(lambda c: c.execute("DELETE FROM media WHERE id = ?", (unfiled.id,)))
        assert await store.counts(trashed=True) == {None: 1}
        assert len(await store.media(project_id=owls.id)) == 3


async def test_a_clip_is_found_by_the_end_that_its_file_name_bears(
    path: Path, new_job: Callable[..., Job], new_clip: Callable[..., Media]
) -> None:
    one = new_clip(id="0192aaaa-0000-7000-8000-00000000beef")
    other = new_clip(id="0192bbbb-0000-7000-8000-00000000cafe")
    async with open_store(path) as store:
        await keep(store, new_job(), [one, other])
        assert (await store.clip("0000beef")).id == one.id
        with pytest.raises(Ambiguous, match="more than one clip"):
            await store.clip("0192")
        with pytest.raises(NotFound, match="no clip “9999”"):
            await store.trash("9999")
