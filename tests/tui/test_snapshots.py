"""The main screens as they looked when someone last looked at them, at every size and in every manner.

`pytest tests/tui/test_snapshots.py --snapshot-update` takes the pictures anew.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot

from reelroom.store.states import JobState
from reelroom.tui.app import Reelroom
from reelroom.tui.screens.clip import ClipScreen
from reelroom.tui.screens.confirm import ConfirmScreen
from reelroom.tui.screens.job import JobScreen
from tests.tui.picture import picture
from tests.tui.scenes import JOBS, afternoon, name, progress
from tests.tui.stage import Stage

SIZES = {"60x20": (60, 20), "80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}
MANNERS = ("dark", "light", "no-color")
SCREENS = ("first-run", "studio", "jobs", "media", "clip", "job", "help", "confirm")
WAITING = ("_follow", "on_generate_requested")
"""Workers that end only when a person says so."""
Pictures = Mapping[str, str]


class TextFile(SingleFileSnapshotExtension):
    """One text file for each picture."""

    _write_mode = WriteMode.TEXT
    _file_extension: ClassVar[str] = "txt"


@pytest.fixture(scope="module")
def greenwich() -> Iterator[None]:
    """The program says times as the clock on the wall does: here it hangs in Greenwich."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


async def still(app: Reelroom, pilot: Pilot[str | None]) -> str:
    """The screen, once nothing works on it any more."""
    seen = ""
    async with asyncio.timeout(20):
        while True:
            await pilot.pause()
            busy = [worker for worker in app.workers if worker.is_running and worker.name not in WAITING]
            now = picture(app)
            if now == seen and not busy:
                return now
            seen = now


async def at_first(stage: Stage, size: tuple[int, int], manner: str) -> Pictures:
    """The screen of someone who opens it for the first time."""
    app = stage.app(no_color=manner == "no-color")
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        if manner == "light":
            await app.action_light()
        shown = await still(app, pilot)
        await stage.left(app)
    return {"first-run": shown}


async def in_the_afternoon(stage: Stage, size: tuple[int, int], manner: str) -> Pictures:
    """Every screen of a library that is at work."""
    failed = next(number for number, job in enumerate(JOBS) if job.state is JobState.FAILED)
    app = stage.app(no_color=manner == "no-color")
    shown: dict[str, str] = {}
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        if manner == "light":
            await app.action_light()
        app.desk.progress = progress()
        app.studio.news("progress")
        await pilot.pause(0.3)  # bars are painted four times a second at most
        shown["studio"] = await still(app, pilot)
        for number, tab in enumerate(("jobs", "media"), 2):
            app.studio._show_tab(number, focus=True)
            shown[tab] = await still(app, pilot)
        for page in (ClipScreen(app.desk, name(0x81)), JobScreen(app.desk, name(failed))):
            app.push_screen(page)
            shown["clip" if isinstance(page, ClipScreen) else "job"] = await still(app, pilot)
            await app.pop_screen()
        app.action_help()
        shown["help"] = await still(app, pilot)
        await app.pop_screen()
        app.studio._show_tab(1, focus=True)
        await pilot.press("ctrl+j")
        shown["confirm"] = await still(app, pilot)
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("escape")
        await stage.left(app)
    return shown


@pytest.fixture(scope="module", params=[(size, manner) for size in SIZES for manner in MANNERS], ids="-".join)
def pictures(request: Any, tmp_path_factory: pytest.TempPathFactory, greenwich: None) -> Pictures:
    """All screens at one size in one manner."""
    assert greenwich is None
    size, manner = request.param

    async def taken(folder: Path) -> Pictures:
        first = await at_first(Stage(folder / "empty"), SIZES[size], manner)
        return {**first, **await in_the_afternoon(await afternoon(folder), SIZES[size], manner)}

    return asyncio.run(taken(tmp_path_factory.mktemp(f"{size}-{manner}")))


@pytest.mark.parametrize("screen", SCREENS)
def test_it_looks_as_before(pictures: Pictures, screen: str, snapshot: SnapshotAssertion) -> None:
    assert pictures[screen] == snapshot(extension_class=TextFile)
