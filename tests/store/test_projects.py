from collections.abc import Callable
from pathlib import Path

import pytest

from reelroom.store.errors import NameTaken, NotAllowed, NotFound
from reelroom.store.records import Job
from reelroom.store.store import open_store


async def test_a_project_is_made_when_new_and_does_not_become_active(path: Path) -> None:
    async with open_store(path) as store:
        first = await store.active_project()
        foxes = await store.project_named("  Foxes  in\nwinter ")
        assert foxes.name == "Foxes in winter"
        assert await store.project_named("foxes IN winter") == foxes
        assert await store.active_project() == first
        assert len(await store.projects()) == 2


@pytest.mark.parametrize("name", ["", "  ", "\n\t"])
async def test_a_project_needs_a_name(path: Path, name: str) -> None:
    async with open_store(path) as store:
        with pytest.raises(NotAllowed, match="needs a name"):
            await store.project_named(name)


async def test_the_active_project_is_remembered(path: Path) -> None:
    async with open_store(path) as store:
        foxes = await store.project_named("Foxes")
        await store.activate(foxes.id)
    async with open_store(path) as store:
        assert await store.active_project() == foxes
        with pytest.raises(NotFound):
            await store.activate("gone")
        assert await store.active_project() == foxes


async def test_deleting_the_active_project_makes_another_active_and_its_jobs_unfiled(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store, store.changes() as changes:
        first = await store.active_project()
        foxes = await store.activate((await store.project_named("Foxes")).id)
        (job,) = await store.add_jobs([new_job(project_id=foxes.id)])
        assert job.project_id == foxes.id
        assert await store.delete_project(foxes.id) == first
        assert await store.active_project() == first
        assert await store.projects() == [first]
        told = {change.id: change for change in [await anext(changes) for _ in range(3)]}
        assert told[job.id] == await store.job(job.id)
        assert told[job.id].project_id is None
        assert told[first.id] == first


async def test_the_last_project_can_neither_be_deleted_nor_archived(path: Path) -> None:
    async with open_store(path) as store:
        first = await store.active_project()
        foxes = await store.project_named("Foxes")
        await store.archive_project(foxes.id)
        for way in (store.delete_project, store.archive_project):
            with pytest.raises(NotAllowed, match="only project"):
                await way(first.id)
        assert await store.active_project() == first
        await store.delete_project(foxes.id)
        assert await store.projects(archived=True) == [first]


async def test_an_archived_project_is_out_of_sight_and_comes_back_when_it_is_made_active(path: Path) -> None:
    async with open_store(path) as store:
        first = await store.active_project()
        foxes = await store.project_named("Foxes")
        archived = await store.archive_project(first.id)
        assert archived.archived_at is not None
        assert await store.active_project() == foxes
        assert await store.projects() == [foxes]
        assert await store.projects(archived=True) == [archived, foxes]
        assert await store.activate(first.id) == first
        assert await store.projects() == [first, foxes]


async def test_a_project_is_renamed_but_never_to_the_name_of_another(path: Path) -> None:
    async with open_store(path) as store:
        foxes = await store.project_named("Foxes")
        assert (await store.rename_project(foxes.id, "FOXES")).name == "FOXES"
        await store.project_named("Owls")
        with pytest.raises(NameTaken, match="already a project “Owls”"):
            await store.rename_project(foxes.id, "owls")
        with pytest.raises(NotFound):
            await store.rename_project("gone", "Bears")
