"""The form filled in from what was made before, and clips that come and go."""

import asyncio
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from reelroom.store.ids import new_id
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui.app import Reelroom
from reelroom.tui.widgets.again import again
from reelroom.tui.widgets.draft import Draft
from tests.tui.stage import NOON, Stage, put

VEO = "fal-ai/veo3.1/fast"
INPUT = {"prompt": "a fox", "duration": "6s", "resolution": "720p", "aspect_ratio": "9:16", "seed": 7}
FILLED = Draft(prompt="a fox", models=(VEO,), length="6", shape="9:16", size="720p")


def job(number: int, project_id: str) -> Job:
    at = NOON + number
    return Job(
        id=new_id(at),
        origin="sandbox",
        endpoint=VEO,
        model="Veo 3.1 Fast",
        prompt="a fox",
        input=json.dumps(INPUT),
        project_id=project_id,
        created_at=at,
        state_since=at,
    )


async def library(stage: Stage, number: int) -> list[Media]:
    """So many saved jobs with a clip each, the newest first."""
    clips = []
    async with stage.store() as store:
        project = await store.active_project()
        for at in range(number):
            made = await put(store, job(at, project.id), JobState.DOWNLOADING)
            clip = Media(
                id=new_id(NOON + at),
                job_id=made.id,
                position=0,
                origin="sandbox",
                kind="video",
                path=f"{at}.mp4",
                sha256="0" * 64,
                bytes=1_900_000,
                created_at=NOON + at,
                project_id=project.id,
                prompt="a fox",
                endpoint=VEO,
                model="Veo 3.1 Fast",
                seen_at=1.0,
            )
            await store.save(made.id, [clip])
            clips.append(await store.clip(clip.id))
    return clips[::-1]


async def go_to(pilot: Pilot[str | None], app: Reelroom, pane: str) -> None:
    app.studio.action_tab(2 if pane == "jobs" else 3)
    await pilot.pause()


def test_the_seed_stays_open_since_the_same_one_makes_the_same_clip() -> None:
    assert again(VEO, "a fox", INPUT) == FILLED
    assert again(VEO, "a fox", {}) == Draft(prompt="a fox", models=(VEO,))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
@pytest.mark.parametrize(
    "keys", [("jobs", "m"), ("jobs", "enter", "m"), ("media", "m"), ("media", "enter", "m")]
)
async def test_m_fills_the_form_from_a_job_or_a_clip_and_goes_there(
    tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    stage = Stage(tmp_path)
    await library(stage, 2)
    app = stage.app()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await go_to(pilot, app, keys[0])
        for key in keys[1:]:
            await pilot.press(key)
            await pilot.pause()
            await pilot.pause()
        assert app.screen is app.studio
        assert app.studio.compose_pane.draft == FILLED
        assert app.focused is app.studio.compose_pane.upper.prompt
        assert app.focused.region.height > 0


async def test_what_was_typed_comes_back_with_an_undo(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await library(stage, 1)
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press(*"owl")
        await go_to(pilot, app, "jobs")
        await pilot.press("m")
        await pilot.pause()
        assert app.studio.compose_pane.draft.prompt == "a fox"
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert app.studio.compose_pane.draft.prompt == "owl"


async def test_the_prompt_that_was_sent_last_comes_back_while_none_is_typed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await library(stage, 1)
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert app.studio.compose_pane.draft == Draft(prompt="a fox")
        assert app.studio.check_action("again", ()) is False


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("mode", ["grid", "list"])
async def test_undo_selects_the_clip_that_came_back(tmp_path: Path, place: int, mode: str) -> None:
    stage = Stage(tmp_path)
    clips = await library(stage, 3)
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await go_to(pilot, app, "media")
        app.studio.media.view.action_show("list" if mode == "list" else "grid")
        await pilot.press(*(["down" if mode == "list" else "right"] * place))
        for key, total in (("d", 2), ("u", 3)):
            await pilot.press(key)
            async with asyncio.timeout(20):
                while app.studio.media.view.feed.window.total != total:
                    await pilot.pause()
        await pilot.pause()
        assert app.studio.media.view.current == clips[place]


async def test_without_a_player_the_key_says_where_the_clip_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await library(stage, 1)
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        for keys in (("o",), ("enter", "o")):
            app.clear_notifications()
            await go_to(pilot, app, "media")
            await pilot.press(*keys)
            await pilot.pause()
            assert [note.message for note in app._notifications] == ["No player opens 0.mp4 here."]
