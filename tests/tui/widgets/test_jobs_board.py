"""The job board in an app."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import messages
from reelroom.tui.studio.progress import Progress
from reelroom.tui.theme import themes
from reelroom.tui.widgets.board_view import count_spans
from reelroom.tui.widgets.jobs_board import JobBoard
from reelroom.tui.widgets.pane import Pane

Make = Callable[..., Job]
HOSTILE = (
    "[/]",
    "[/red]x",
    "[@click=app.quit()]x[/]",
    "[type=missing, input_value={'a': 1}]",
    "[red",
    "[link=file:///etc/passwd]x",
    "x\\[/]",
    "$nosuch {} %s",
    "👩‍👩‍👧‍👦 e\u0301\u0301 漢字",
    "word " * 2000,
    "",
)


class Desk(App[None]):
    """A pane with the board above a field; keeps the wishes that come up."""

    def __init__(self, *, focused: bool = True) -> None:
        super().__init__()
        self.wishes: list[Message] = []
        self.board = JobBoard()
        self._focused = focused

    def compose(self) -> ComposeResult:
        yield Pane("Jobs", self.board)
        yield Input()

    def on_mount(self) -> None:
        for theme in themes("true"):
            self.register_theme(theme)
        self.theme = "reelroom-dark"
        self.board.origin, self.board.sender = "sandbox", "me"
        (self.board if self._focused else self.query_one(Input)).focus()

    def on_board_counts(self, counts: messages.BoardCounts) -> None:
        parts = count_spans(counts.needs_you, counts.working, counts.saved)
        self.query_one(Pane).right = parts

    def _keep(self, message: Message) -> None:
        self.wishes.append(message)

    on_job_opened = on_cancel_requested = on_retry_requested = _keep
    on_dismiss_requested = on_send_unsent_requested = on_copy_requested = _keep


def lines(app: Desk) -> list[str]:
    """What stands on the screen, from top to bottom."""
    region = app.board.region
    painted = app.screen._compositor.render_strips()
    return [strip.text for strip in painted[region.y : region.bottom]]


def row_of(app: Desk, text: str) -> int:
    """The line of the board on which this text stands."""
    return next(at for at, line in enumerate(lines(app)) if text in line)


async def show(pilot: Pilot[None], noon: float, jobs: Iterable[Job]) -> Desk:
    app = pilot.app
    assert isinstance(app, Desk)
    app.board.now = noon
    app.board.jobs = {job.id: job for job in jobs}
    await pilot.pause()
    return app


def every_state(job: Make) -> list[Job]:
    return [job(state.value, state, ago=10 + at) for at, state in enumerate(JobState)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_every_state_stands_on_the_board_with_its_word(
    job: Make, noon: float, size: tuple[int, int]
) -> None:
    async with Desk().run_test(size=size, notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, every_state(job))
        seen = "\n".join(lines(app))
        await pilot.press("end")
        seen += "\n".join(lines(app))
        for word in ("waiting", "sending", "queued", "running", "saving", "saved", "may have been charged"):
            assert word in seen
        for word in ("refused", "failed", "cancelled", "expired", "dismissed", "cancelling"):
            assert word in seen


async def test_an_empty_board_names_the_key_that_fills_it(noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [])
        assert lines(app)[0].strip() == "No jobs yet. ^j makes the first clip."


async def test_the_first_job_takes_the_place_of_that_sentence(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [])
        await show(pilot, noon, [job("a")])
        assert "Working" in lines(app)[0]
        assert "No jobs" not in "".join(lines(app))
        await show(pilot, noon, [])
        assert "No jobs" in lines(app)[0]
        assert "running" not in "".join(lines(app))


async def test_the_counts_stand_in_the_title_of_the_pane(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a"), job("b", JobState.UNKNOWN), job("c", JobState.SAVED)])
        await pilot.pause()
        title = app.screen._compositor.render_strips()[0].text
        assert "━ Jobs ━" in title
        assert title.rstrip().endswith("1 needs you · 1 working · 1 saved ━")


async def test_the_rule_is_thin_where_the_focus_is_not(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a")])
        assert app.screen._compositor.render_strips()[0].text.startswith("─ Jobs ─")


async def test_without_the_focus_the_groups_share_the_room(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(size=(80, 14), notifications=True, tooltips=True) as pilot:
        app = await show(
            pilot,
            noon,
            [job("lost", JobState.UNKNOWN)]
            + [job(f"run-{n}") for n in range(20)]
            + [job(f"end-{n}", JobState.SAVED) for n in range(20)],
        )
        text = "\n".join(lines(app))
        assert "Working  " in text
        assert " of 20" in text
        assert "Finished today  " in text
        assert not app.board.show_vertical_scrollbar


async def test_with_the_focus_all_rows_scroll_and_the_selected_one_opens(job: Make, noon: float) -> None:
    async with Desk().run_test(size=(80, 14), notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job(f"run-{n:02}") for n in range(40)])
        assert app.board.selected == "job-run-00"
        await pilot.press("end")
        assert app.board.selected == "job-run-39"
        assert "run-39" in lines(app)[-2]
        assert lines(app)[-1].startswith("▌")
        await pilot.press("home")
        assert "Working" in lines(app)[0]


async def test_the_selection_follows_its_job(job: Make, noon: float) -> None:
    async with Desk().run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        jobs = [job(f"run-{n}", ago=100 - n) for n in range(4)]
        app = await show(pilot, noon, jobs)
        await pilot.press("down")
        chosen = app.board.selected
        assert chosen == "job-run-2"
        await show(pilot, noon, [*jobs, job("newer", ago=1), job("newest", ago=0)])
        assert app.board.selected == chosen
        moved = [
            replace(one, state=JobState.SAVED, ended_at=noon) if one.id == chosen else one for one in jobs
        ]
        await show(pilot, noon, moved)
        assert app.board.selected == chosen
        assert lines(app)[row_of(app, "run-2")].startswith("▌")


async def test_the_selection_moves_to_the_neighbour_of_a_job_that_is_gone(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        jobs = [job(f"run-{n}", ago=n) for n in range(4)]
        app = await show(pilot, noon, jobs)
        await pilot.press("down", "down")
        assert app.board.selected == "job-run-2"
        await show(pilot, noon, [one for one in jobs if one.id != "job-run-2"])
        assert app.board.selected == "job-run-3"
        await show(pilot, noon, [])
        assert app.board.selected is None


async def test_a_scrolled_board_stands_still_while_rows_come_above(job: Make, noon: float) -> None:
    async with Desk().run_test(size=(80, 14), notifications=True, tooltips=True) as pilot:
        jobs = [job(f"run-{n:02}", ago=100 + n) for n in range(40)]
        app = await show(pilot, noon, jobs)
        await pilot.press("end")
        before = row_of(app, "run-39")
        await show(pilot, noon, [*jobs, *(job(f"new-{n}", ago=n) for n in range(5))])
        assert row_of(app, "run-39") == before


async def test_only_the_row_that_changed_is_painted_again(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        jobs = {one.id: one for one in (job(f"run-{n}", ago=n) for n in range(8))}
        app = await show(pilot, noon, jobs.values())
        layouts = app.board._layout_updates
        before = dict(app.board._rows._drawn)
        queued = replace(jobs["job-run-3"], state=JobState.QUEUED, state_since=noon)
        app.board.jobs = jobs | {queued.id: queued}
        await pilot.pause()
        after = app.board._rows._drawn
        changed = [at for at in after if after[at] is not before.get(at)]
        assert changed == [row_of(app, "queued")]
        assert app.board._layout_updates == layouts


async def test_time_alone_paints_only_the_rows_that_show_it(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("run"), job("done", JobState.SAVED), job("soon", JobState.INTENT)])
        before = dict(app.board._rows._drawn)
        app.board.now = noon + 1
        await pilot.pause()
        after = app.board._rows._drawn
        assert [at for at in after if after[at] is not before.get(at)] == [row_of(app, "11 s")]


async def test_progress_that_comes_fast_is_painted_a_few_times_a_second(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a", JobState.DOWNLOADING)])
        app.board.frame = 3600.0
        app.board.progress = {"job-a": Progress(job_id="job-a", done=1, total=100)}
        await pilot.pause()
        assert "1 of 100" not in "".join(lines(app))
        app.board.now = noon + 1
        await pilot.pause()
        assert "1 of 100" in "".join(lines(app))


async def test_the_day_ends_and_what_was_finished_leaves(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a", JobState.SAVED)])
        assert "Finished today" in "".join(lines(app))
        app.board.now = noon + 86400
        await pilot.pause()
        assert "No jobs today. ^j makes a clip." in lines(app)[0]


async def offered(pilot: Pilot[None], noon: float, it: Job) -> set[str]:
    app = await show(pilot, noon, [it])
    await pilot.pause()
    active = app.screen.active_bindings.values()
    ids = {one.binding.id for one in active if one.enabled and one.node is app.board and one.binding.show}
    return {name.removeprefix("jobs.") for name in ids if name}


@pytest.mark.parametrize(
    ("fields", "works"),
    [
        ({"state": JobState.RUNNING}, {"open", "cancel", "copy_request"}),
        ({"state": JobState.SUBMITTING, "request_id": None}, {"open"}),
        ({"state": JobState.INTENT, "request_id": None}, {"open", "cancel", "dismiss"}),
        (
            {"state": JobState.INTENT, "request_id": None, "sender": "old"},
            {"open", "send", "cancel", "dismiss", "needs_me"},
        ),
        ({"state": JobState.UNKNOWN, "request_id": None}, {"open", "dismiss", "needs_me"}),
        (
            {"state": JobState.DOWNLOADING, "hold_up": HoldUp.DISK},
            {"open", "retry", "copy_request", "needs_me"},
        ),
        ({"state": JobState.FAILED, "reason": "no_media"}, {"open", "retry", "copy_request"}),
        ({"state": JobState.FAILED, "reason": "policy"}, {"open", "copy_request"}),
        ({"state": JobState.SAVED}, {"open", "copy_request"}),
        ({"state": JobState.RUNNING, "origin": "fal:abc"}, {"open", "copy_request"}),
    ],
)
async def test_only_what_works_for_the_selected_job_is_offered(
    job: Make, noon: float, fields: dict[str, object], works: set[str]
) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        assert await offered(pilot, noon, job("a", **fields)) == works | {"more"}


async def test_keys_become_wishes(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a")])
        await pilot.press("enter", "x", "y", "r", "s")
        opened, cancel, copied = app.wishes
        assert isinstance(opened, messages.JobOpened)
        assert isinstance(cancel, messages.CancelRequested)
        assert isinstance(copied, messages.CopyRequested)
        assert opened.job_id == cancel.job_id == "job-a"
        assert (copied.text, copied.what) == ("764cabcf-3e1b-4c0a-9d11-0123456789ab", "request id")


async def test_a_job_is_put_away_only_by_the_second_press(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        lost = [job("a", JobState.UNKNOWN), job("b", JobState.UNKNOWN)]
        app = await show(pilot, noon, lost)
        await pilot.press("D")
        assert "D again puts it away for good" in "".join(lines(app))
        assert not app.wishes
        await pilot.press("down", "up")
        assert "D again" not in "".join(lines(app))
        await pilot.press("D")
        assert not app.wishes
        await pilot.press("D")
        assert [type(wish) for wish in app.wishes] == [messages.DismissRequested]


async def test_the_exclamation_mark_goes_round_what_needs_a_person(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        lost = [job("a", JobState.UNKNOWN, ago=1), job("b", JobState.UNKNOWN, ago=2)]
        app = await show(pilot, noon, [*lost, job("c")])
        await pilot.press("end")
        for expected in ("job-a", "job-b", "job-a"):
            await pilot.press("exclamation_mark")
            assert app.board.selected == expected


async def test_a_click_on_a_folded_board_selects_the_row_that_was_seen(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(size=(80, 18), notifications=True, tooltips=True) as pilot:
        app = await show(
            pilot,
            noon,
            [job(f"run-{n:02}", ago=n) for n in range(30)]
            + [job(f"end-{n}", JobState.SAVED, ago=n) for n in range(9)],
        )
        await pilot.click(app.board, offset=(10, row_of(app, "end-1")))
        await pilot.pause()
        assert app.board.has_focus
        assert app.board.selected == "job-end-1"
        assert lines(app)[row_of(app, "end-1")].startswith("▌")


async def test_a_double_click_opens_the_row_that_was_seen(job: Make, noon: float) -> None:
    async with Desk(focused=False).run_test(size=(80, 18), notifications=True, tooltips=True) as pilot:
        app = await show(
            pilot,
            noon,
            [job(f"run-{n:02}", ago=n) for n in range(30)]
            + [job(f"end-{n}", JobState.SAVED, ago=n) for n in range(9)],
        )
        await pilot.click(app.board, offset=(10, row_of(app, "end-1")), times=2)
        await pilot.pause()
        (wish,) = app.wishes
        assert isinstance(wish, messages.JobOpened)
        assert wish.job_id == "job-end-1"


async def test_a_click_on_a_title_selects_nothing(job: Make, noon: float) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, [job("a", ago=1), job("b", ago=2)])
        await pilot.press("down")
        await pilot.click(app.board, offset=(5, 0), times=2)
        await pilot.pause()
        assert app.board.selected == "job-b"
        assert not app.wishes


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_from_outside_is_only_text(job: Make, noon: float, text: str) -> None:
    async with Desk().run_test(size=(100, 30), notifications=True, tooltips=True) as pilot:
        jobs = [
            replace(one, model=text or "m", prompt=text, detail=text, reason=text or None)
            for one in every_state(job)
        ]
        app = await show(pilot, noon, [*jobs, job("held", hold_up=HoldUp.AUTH, detail=text)])
        for _ in range(3):
            await pilot.press("down")
        await pilot.click(app.board, offset=(4, 3))
        await pilot.press("end")
        assert app.is_running
        assert all(cell_len(line) == 100 for line in lines(app))
        if 0 < len(text) < 14 and text.isascii():
            assert any(text in line for line in lines(app))


@pytest.mark.parametrize("names", [themes("256"), themes("16"), themes("true", plain=True)])
async def test_another_theme_paints_everything_anew(
    job: Make, noon: float, names: tuple[object, ...]
) -> None:
    async with Desk().run_test(notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, every_state(job))
        texts = lines(app)
        for theme in names:
            app.register_theme(theme)  # type: ignore[arg-type]
            app.theme = theme.name  # type: ignore[attr-defined]
            await pilot.pause()
            assert lines(app) == texts


async def test_ascii_draws_no_sign_of_ours_beyond_ascii(job: Make, noon: float) -> None:
    async with Desk().run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for theme in themes("256", ascii_only=True):
            pilot.app.register_theme(theme)
        pilot.app.theme = "reelroom-dark-256"
        app = await show(pilot, noon, every_state(job))
        assert all(line.isascii() for line in lines(app))


async def test_the_board_keeps_its_rows_through_every_size(job: Make, noon: float) -> None:
    async with Desk().run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        app = await show(pilot, noon, every_state(job))
        await pilot.press("end")
        chosen = app.board.selected
        for size in ((60, 20), (40, 8), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.board.selected == chosen
            assert all(len(line) == size[0] for line in lines(app))
            assert any(line.startswith("▌") for line in lines(app))
