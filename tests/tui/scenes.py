"""An afternoon in a library: a job of every kind and a few clips, the same ones every time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from reelroom.store.records import Job, Media
from reelroom.store.states import HoldUp, JobState
from reelroom.store.store import Store
from reelroom.tui.studio.progress import Progress
from reelroom.tui.widgets.draft import Draft
from tests.tui.stage import NOON, ROADS, Clock, Stage

ORIGIN = "fal:4f1d92ab"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
VEO = "fal-ai/veo3.1"
VIDU = "fal-ai/vidu/q3/text-to-video"
NAMES = {KLING: "Kling 2.5 Turbo Pro", VEO: "Veo 3.1", VIDU: "Vidu Q3"}
DRAFT = Draft(prompt="a lighthouse in a storm, waves break over the rocks", models=(VEO, KLING), copies="2")


@dataclass(frozen=True)
class Shown:
    """One job as it comes to be: how many seconds ago it was asked for, and how it stands."""

    endpoint: str
    prompt: str
    ago: float
    state: JobState
    ending: Mapping[str, object] = field(default_factory=dict)
    hold_up: tuple[HoldUp, str] | None = None
    log: tuple[str, ...] = ()


REFUSED = "The prompt was flagged by the content filter."
JOBS = (
    Shown(VIDU, "fog rolls down a mountain pass", 7200, JobState.SAVED),
    Shown(KLING, "a red fox crosses a frozen lake", 5400, JobState.SAVED),
    Shown(KLING, "雨の中の鷺 — a heron in the rain, seen from below the surface", 3600, JobState.SAVED),
    Shown(KLING, "[b]brackets[/b] are only letters", 2400, JobState.SAVED),
    Shown(
        VEO,
        "a crowd runs from the square",
        1500,
        JobState.REJECTED,
        {"reason": "policy", "detail": REFUSED, "billed": False},
    ),
    Shown(
        VEO,
        "a paper boat in a gutter",
        900,
        JobState.FAILED,
        {"reason": "model_error", "detail": "Internal server error", "request_id": "764cabcf-b745-4b3e"},
        log=("loading weights", "step 12 of 50"),
    ),
    Shown(VIDU, "a paper boat in a gutter", 600, JobState.UNKNOWN, {"detail": "No answer came within 30 s."}),
    Shown(
        VIDU,
        "salt flats at dawn",
        420,
        JobState.DOWNLOADING,
        {"request_id": "0a6e55c1-7a52-4e0e"},
        hold_up=(HoldUp.DISK, "214 MB needed, 96 MB free."),
    ),
    Shown(KLING, "a tram turns a corner at night", 38, JobState.RUNNING, {"request_id": "9c2f00d4-11aa"}),
    Shown(VEO, "a tram turns a corner at night", 21, JobState.QUEUED, {"request_id": "5d1e7f20-92cc-4c55"}),
    Shown(KLING, "snow falls upwards", 70, JobState.DOWNLOADING, {"request_id": "e2b0a9f3-5c1d-4a08"}),
)


def name(number: int) -> str:
    """An id that looks like one, and is always the same."""
    return f"019b2e{number:02x}-0000-7000-8000-0000000000{number:02x}"


def job(number: int, shown: Shown, project_id: str) -> Job:
    return Job(
        id=name(number),
        origin=ORIGIN,
        endpoint=shown.endpoint,
        model=NAMES[shown.endpoint],
        prompt=shown.prompt,
        input='{"aspect_ratio":"16:9","duration":"5"}',
        project_id=project_id,
        estimate=Decimal("0.35"),
        sender="this engine",
        created_at=NOON - shown.ago,
        state_since=NOON - shown.ago,
    )


def clip(number: int, of: Job) -> Media:
    kinds = ((1920, 1080, 5.0, 24.0), (1280, 720, 6.04, 30.0), (720, 1280, 5.0, 24.0), (960, 960, 8.0, 16.0))
    width, height, duration, fps = kinds[number % len(kinds)]
    return Media(
        id=name(0x80 + number),
        job_id=of.id,
        position=0,
        origin=ORIGIN,
        kind="video",
        path=f"20261119-{'no-poster' if number == 0 else 'clip'}-0000{number:04}.mp4",
        sha256=f"{number:02x}" * 32,
        bytes=9_800_000 + number * 1_234_567,
        created_at=of.created_at + 60,
        project_id=of.project_id,
        width=width,
        height=height,
        duration=duration,
        fps=fps,
        codec="h264",
        has_audio=number == 1,
        prompt=of.prompt,
        endpoint=of.endpoint,
        model=of.model,
        seed=318_442_907,
        cost=Decimal("0.35") if number % 2 else None,
        request_id=f"{number:08x}-1111-2222",
        seen_at=NOON if number < 2 else None,
    )


async def furnish(store: Store, clock: Clock) -> None:
    """Put the jobs and clips in, each at its own moment."""
    project = await store.active_project()
    for number, shown in enumerate(JOBS):
        clock.at = NOON - shown.ago
        made = (await store.add_jobs([job(number, shown, project.id)]))[0]
        for step in road(shown.state):
            clock.at += 10 if step is JobState.READY else 1
            last = step is shown.state
            made = await store.move(made.id, step, **(shown.ending if last else {}))
            if step is JobState.RUNNING:
                await store.note(made.id, "log", shown.log)
        if shown.hold_up:
            await store.hold(made.id, *shown.hold_up)
        if shown.state is JobState.SAVED:
            await store.save(made.id, [clip(number, made)])
    clock.at = NOON
    await store.keep_draft(f"compose:{project.id}", DRAFT.to_json())


def road(state: JobState) -> Iterator[JobState]:
    """The steps to a state; clips were made by FAL before they came."""
    if state in {JobState.SAVED, JobState.DOWNLOADING}:
        yield from (*ROADS[JobState.RUNNING], JobState.READY, JobState.DOWNLOADING)
    else:
        yield from ROADS[state]


def progress() -> dict[str, Progress]:
    """What is known of the jobs at work right now."""
    numbers = {shown.prompt + shown.endpoint: name(at) for at, shown in enumerate(JOBS)}
    queued = numbers["a tram turns a corner at night" + VEO]
    coming = numbers["snow falls upwards" + KLING]
    return {
        queued: Progress(job_id=queued, position=2),
        coming: Progress(job_id=coming, done=8_200_000, total=12_400_000, rate=3_100_000.0),
    }


async def afternoon(folder: Path) -> Stage:
    """A stage on this library, with a key, so that sending costs money."""
    stage = Stage(
        folder,
        practice=False,
        origin=ORIGIN,
        key_source="environment",
        ask_above=Decimal(1),
        shown_library=Path("/home/you/Videos/Reelroom"),
    )
    async with stage.store() as store:
        await furnish(store, stage.clock)
    return stage
