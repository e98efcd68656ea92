"""Text from outside, in every place of ours that shows text: it is shown, and nothing obeys it."""

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from reelroom.store.ids import new_id
from reelroom.store.records import Job, Media
from reelroom.store.states import HoldUp, JobState
from reelroom.store.store import Store
from reelroom.tui import messages
from reelroom.tui.app import Reelroom
from reelroom.tui.screens.clip import ClipScreen
from reelroom.tui.screens.confirm import ConfirmScreen
from reelroom.tui.screens.job import JobScreen
from reelroom.tui.studio.errors import StudioError
from reelroom.tui.studio.orders import Order
from reelroom.tui.studio.progress import Progress
from tests.faults.program import Program
from tests.terminal import terminal
from tests.tui.hostile import PAYLOADS, drawn, forbidden, harms, storable
from tests.tui.stage import NOON, Stage, put

TALL = (180, 240)
"""A window in which every row is in view at once."""
STATES = (JobState.FAILED, JobState.UNKNOWN, JobState.RUNNING, JobState.QUEUED)


def job(text: str, number: int, project_id: str | None = None) -> Job:
    return Job(
        id=new_id(NOON - number),
        origin="sandbox",
        endpoint=text,
        model=text,
        prompt=text,
        input='{"prompt": "x", "style": "\\u001b[2J[/]"}',
        estimate=Decimal("0.10"),
        sender=text,
        project_id=project_id,
        created_at=NOON - number,
        state_since=NOON - number,
    )


def clip(text: str, number: int, job_id: str) -> Media:
    at = NOON - number
    return Media(
        id=new_id(at),
        job_id=job_id,
        position=0,
        origin=text,
        kind="video",
        path=f"{number}-no-poster-{text}".replace("/", "_").replace("\0", "_"),
        sha256=text,
        bytes=1000,
        created_at=at,
        width=1280,
        height=720,
        duration=5.0,
        codec=text,
        prompt=text,
        endpoint=text,
        model=text,
        request_id=text,
    )


async def fill(store: Store, payloads: tuple[str, ...]) -> None:
    """Jobs, their history, clips and projects that all bear these texts, put in past every cleaning."""
    project = await store.active_project()
    for number, payload in enumerate(payloads):
        text = storable(payload)
        state = STATES[number % len(STATES)]
        made = await put(store, job(text, number), state, detail=text, request_id=f"{number} {text}")
        if state is JobState.QUEUED:
            await store.hold(made.id, HoldUp.DISK, text)
        await store.note(made.id, "log", [text, f"{text} again"])
        saved = await put(store, job(text, 1000 + number, project.id), JobState.DOWNLOADING)
        await store.save(saved.id, [clip(text, number, saved.id)])
        await store.project_named(text)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all of them in it, made once."""
    stage = Stage(tmp_path_factory.mktemp("filled"))

    async def make() -> None:
        async with stage.store() as store:
            await fill(store, PAYLOADS)

    asyncio.run(make())
    return stage.database


@pytest.fixture
def stage(tmp_path: Path, filled: Path) -> Stage:
    stage = Stage(tmp_path, shown_library=tmp_path / "lib\x1b[2J[/]\u202e")
    shutil.copy(filled, stage.database)
    return stage


@asynccontextmanager
async def opened(
    stage: Stage, size: tuple[int, int] = TALL
) -> AsyncIterator[tuple[Reelroom, Pilot[str | None]]]:
    """The studio on the filled library, as soon as it shows what is in it."""
    app = stage.app()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        try:
            yield app, pilot
        finally:
            await stage.left(app)


async def looked_at(app: Reelroom, pilot: Pilot[str | None]) -> list[str]:
    """The harm on the screen, once it has drawn; that it stands still is harm too."""
    await pilot.pause()
    assert app.is_running
    return harms(drawn(app))


async def test_the_whole_page_is_harmless(stage: Stage) -> None:
    stage.refusal = "".join(PAYLOADS[:6])
    async with opened(stage) as (app, pilot):
        app.desk.progress = {
            job_id: Progress(job_id=job_id, done=1, total=2, rate=3.0, log=PAYLOADS[at % len(PAYLOADS)])
            for at, job_id in enumerate(app.desk.jobs)
        }
        app.studio.news("progress")
        app.studio.board.focus()
        assert await looked_at(app, pilot) == []
        app.studio.media.view.focus()
        await pilot.press("g")
        assert await looked_at(app, pilot) == []


async def test_every_project_name_is_harmless(stage: Stage) -> None:
    async with opened(stage) as (app, pilot):
        for project in await app.desk.shelf.projects() if app.desk.shelf else []:
            await app.desk.change_project("open", project.id, "")
            app.studio.take_project()
            assert await looked_at(app, pilot) == [], project.name
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert await looked_at(app, pilot) == []
        await pilot.press("escape")


async def test_every_jobs_own_page_is_harmless(stage: Stage) -> None:
    async with opened(stage, (120, 40)) as (app, pilot):
        for one in [one for one in app.desk.jobs.values() if one.state is not JobState.SAVED]:
            app.push_screen(JobScreen(app.desk, one.id))
            assert await looked_at(app, pilot) == [], one.prompt
            app.pop_screen()


async def test_every_clips_own_page_is_harmless(stage: Stage) -> None:
    async with opened(stage, (120, 60)) as (app, pilot):
        assert app.desk.shelf is not None
        for one in await app.desk.shelf.media():
            app.push_screen(ClipScreen(app.desk, one.id))
            async with asyncio.timeout(5):
                while not any("Checked" in text for text, _meta in drawn(app)):
                    await pilot.pause()
            assert await looked_at(app, pilot) == [], one.prompt
            app.pop_screen()


async def test_every_toast_is_harmless(stage: Stage) -> None:
    async def refused(text: str) -> None:
        raise StudioError(text)

    async with opened(stage, (80, 24)) as (app, pilot):
        for payload in PAYLOADS:
            await app.attempt(refused(payload))
            assert await looked_at(app, pilot) == [], payload
        app.studio.post_message(messages.CopyRequested(PAYLOADS[13], PAYLOADS[17]))
        assert await looked_at(app, pilot) == []


async def test_every_search_is_harmless(stage: Stage) -> None:
    async with opened(stage, (120, 40)) as (app, pilot):
        for payload in PAYLOADS:
            app.studio.media.action_search()
            app.studio.media.search.value = payload
            app.studio.compose_pane.lower.search.value = payload
            app.studio.media.on_search_field_left()
            assert await looked_at(app, pilot) == [], payload


async def test_every_draft_is_harmless(stage: Stage) -> None:
    async with opened(stage, (120, 40)) as (app, pilot):
        assert app.desk.shelf is not None
        assert app.desk.project is not None
        for number, payload in enumerate(PAYLOADS):
            project = await app.desk.shelf.project_named(f"draft {number}")
            kept = '{"prompt": %s, "seed": %s, "models": [%s]}'
            quoted = '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else "?" for c in payload) + '"'
            await app.desk.shelf.keep_draft(f"compose:{project.id}", kept % (quoted, quoted, quoted))
            await app.desk.change_project("open", project.id, "")
            app.studio.take_project()
            assert await looked_at(app, pilot) == [], payload


async def test_a_question_is_harmless(stage: Stage) -> None:
    orders = [
        Order(endpoint=text, model=text, prompt=text, input={}, estimate=Decimal(1))
        for text in map(storable, PAYLOADS)
    ]
    async with opened(stage, (120, 60)) as (app, pilot):
        app.push_screen(ConfirmScreen(orders))
        assert await looked_at(app, pilot) == []
        assert "QQover" in "".join(text for text, _meta in drawn(app))


async def test_the_log_and_the_palette_are_harmless(stage: Stage) -> None:
    stage.log.write_text("\n".join(map(storable, PAYLOADS)))
    async with opened(stage, (120, 40)) as (app, pilot):
        app.action_log()
        assert await looked_at(app, pilot) == []
        app.pop_screen()
        app.action_command_palette()
        await pilot.press(*"[@cl")
        assert await looked_at(app, pilot) == []


OWN = re.compile(
    rb"\x1b\[\d*;?\d*H|\x1b\[[\d;]*m|\x1b\[\?[\d;]+(?:[hl]|\$p)|\x1b\[[<>]\d*u"
    rb"|\x1b\]22;[a-z-]*\x07|\x1b\]52;c;[A-Za-z0-9+/=]*\x07|[\r\n]"
)
"""What Textual sends for its own sake, and our clipboard: moves, styles, modes, the pointer. No erasing."""


@pytest.mark.slow
def test_no_byte_of_it_reaches_a_terminal(tmp_path: Path, filled: Path) -> None:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    shutil.copy(filled, home / "data/reelroom.db")
    program = Program()
    with terminal(program.command, program.environment(home, "http://127.0.0.1:9"), size=(120, 60)) as screen:
        screen.wait("34 clips")
        screen.go_to("Jobs")
        screen.key("end", "enter")
        screen.wait("esc back", "─ Request ─")
        screen.key("escape")
        screen.gone("esc back")
        screen.go_to("Media")
        screen.key("g", "end", "enter")
        screen.wait("esc back", "Checked")
        screen.key("y")
        screen.wait("Sent the path")
        screen.key("escape", "ctrl+g", "escape", "ctrl+q")
        screen.ends()
        raw, copied = bytes(screen.raw), [base64.b64decode(text) for text in screen.copied]
    text = OWN.sub(b"", raw).decode()
    assert [repr(text[max(0, at - 30) : at + 30]) for at, char in enumerate(text) if forbidden(char)] == []
    assert raw.count(b"\x1b[?1049l") == 1
    assert len(copied) == 1
    assert copied[0].startswith(bytes(home)), copied
