"""A model of the engine: orders, kills, faults, jumps of the clock and wishes in any order.

Disk, FAL and clock are those of the tests. After each turn what must hold at any moment holds; in the end,
when nothing is wrong any more, every request that FAL took is a clip, or an ending with its reason.
"""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from reelroom.store.states import TERMINAL
from reelroom.tui.studio.errors import TooLate
from reelroom.tui.studio.seams import no_step
from reelroom.tui.studio.studio import Studio
from tests.fakes import FakeFal, FastClock, Killed, page, reply, steps_until
from tests.faults.oracles import Finding, after_kill
from tests.faults.outside import Snapshot, snapshot
from tests.faults.scenes import points
from tests.studio.room import Room, order

pytestmark = pytest.mark.slow

Fault = str
SUBMITS = ("taken", "lost", "refused", "away", "busy", "no", "garbled", "direct")
FAULTS = ("none", "away", "trouble", "missing", "garbled")
DOWNLOADS = ("none", "cut", "page", "gone", "away")


@dataclass
class Fal(FakeFal):
    """A FAL that counts what it has taken, and lists it."""

    taken: Counter[str] = field(default_factory=Counter)
    how: Fault = "taken"
    at: Callable[[], float] = lambda: 0.0

    def submit(self, request: httpx.Request) -> httpx.Response:
        match self.how:
            case "refused":
                raise httpx.ConnectError("refused")
            case "away":
                return reply(503, detail="away")
            case "no":
                return reply(422, detail=[{"msg": "no", "type": "value_error", "loc": ["body"]}])
            case "busy":
                self.how = "taken"
                return reply(429, detail="busy")
        answer = self._take(request)
        sent = json.loads(request.content)
        self.taken[sent["prompt"]] += 1
        moment = f"{datetime.fromtimestamp(self.at(), UTC):%Y-%m-%dT%H:%M:%SZ}"
        assert isinstance(self.listing, list)
        self.listing.append(
            {
                "request_id": answer.json()["request_id"],
                "endpoint_id": "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                "sent_at": moment,
                "started_at": moment,
                "ended_at": moment,
                "status_code": 200,
                "json_input": sent,
                "json_output": None,
            }
        )
        match self.how:
            case "lost":
                raise httpx.ReadTimeout("lost")
            case "garbled":
                return page(200)
            case "direct":
                return reply(200, video={"url": "http://127.0.0.1:9/cdn/files/a.mp4"})
        return answer


def once(fault: Fault) -> list[object]:
    """A script that is wrong twice and then right."""
    wrong: dict[Fault, object] = {
        "away": httpx.ConnectError("away"),
        "trouble": page(502),
        "missing": reply(404, detail="Not Found"),
        "garbled": page(200),
        "page": page(200),
        "gone": reply(403, detail="gone"),
        "cut": httpx.ReadError("cut"),
    }
    return [] if fault == "none" else [wrong[fault], wrong[fault]]


class Model(RuleBasedStateMachine):
    """One library, and engines that come and go on it."""

    clip = b""

    def __init__(self) -> None:
        super().__init__()
        self.kept = tempfile.TemporaryDirectory()
        self.home = Path(self.kept.name)
        data = self.home / "data"
        (data / "library").mkdir(parents=True)
        clock = FastClock()
        self.fal = Fal(clip=self.clip, at=clock.now)
        self.fal.submits = [self.fal.submit]
        self.room = Room(data, self.fal, clock)
        self.orders = 0
        self.before: Snapshot | None = None

    def play(self, work: Callable[[Studio], Awaitable[object]], point: str | None = None) -> None:
        """An engine, and what is asked of it; it may be killed at a step."""
        step = steps_until(point, [], Killed) if point else no_step

        async def engine() -> None:
            async with self.room.engine(step=step) as studio:
                await work(studio)

        with suppress(BaseExceptionGroup, Killed):
            asyncio.run(asyncio.wait_for(engine(), 30))

    @rule(how=st.sampled_from(SUBMITS), point=st.none() | st.sampled_from(points()))
    def generate(self, how: Fault, point: str | None) -> None:
        self.fal.how = how
        self.orders += 1
        prompt = f"fox {self.orders}"

        async def work(studio: Studio) -> None:
            jobs = await studio.submit([order(prompt=prompt)])
            _ = [job async for job in studio.settle([job.id for job in jobs], patience=30)]

        self.play(work, point)

    @rule(send=st.booleans(), point=st.none() | st.sampled_from(points()))
    def resume(self, send: bool, point: str | None) -> None:
        self.play(lambda studio: taken_up(studio, send=send), point)

    @rule(status=st.sampled_from(FAULTS), result=st.sampled_from(FAULTS), media=st.sampled_from(DOWNLOADS))
    def weather(self, status: Fault, result: Fault, media: Fault) -> None:
        done = reply(200, status="COMPLETED")
        self.fal.statuses = [*once(status), done]
        self.fal.results = [*once(result), reply(200, video={"url": "http://127.0.0.1:9/cdn/files/a.mp4"})]
        self.fal.downloads = [*once(media), self.fal._file]

    @rule(days=st.sampled_from([-400, -1, 1, 400]))
    def jump(self, days: int) -> None:
        self.room.clock.at += days * 86_400

    @rule(cancel=st.booleans())
    def wish(self, cancel: bool) -> None:
        """Cancel the newest job, or put it away."""

        async def work(studio: Studio) -> None:
            async with self.room.store() as store:
                jobs = await store.jobs()
            with suppress(TooLate):
                await (studio.cancel if cancel else studio.dismiss)(jobs[0].id)

        if self.now().jobs:
            self.play(work)

    def now(self) -> Snapshot:
        if not (self.home / "data/reelroom.db").exists():
            return Snapshot((), (), (), {}, "ok")
        return snapshot(self.home)

    @invariant()
    def nothing_is_sent_twice_and_nothing_lies(self) -> None:
        left = self.now()
        findings: list[Finding] = list(after_kill(left, self.home / "data/library"))
        assert findings == []
        assert all(count == 1 for count in self.fal.taken.values())
        ours = Counter(json.loads(job.input)["prompt"] for job in left.jobs)
        assert all(ours[prompt] == 1 for prompt in self.fal.taken)
        before = {job.id: job.state for job in self.before.jobs} if self.before else {}
        after = {job.id: job.state for job in left.jobs}
        assert all(after[one] == state for one, state in before.items() if state in TERMINAL)
        self.before = left

    def teardown(self) -> None:
        try:
            self.fal.how = "taken"
            self.fal.statuses = self.fal.results = self.fal.downloads = self.fal.submits[:0]
            for _ in range(2):
                self.play(lambda studio: taken_up(studio, send=True))
            for job in self.now().jobs:
                assert job.state in {*TERMINAL, "unknown"}
                assert job.state == "saved" or job.reason or job.state == "dismissed"
        finally:
            self.kept.cleanup()


async def taken_up(studio: Studio, *, send: bool) -> None:
    jobs = await studio.resume(send_unsent=send)
    _ = [job async for job in studio.settle([job.id for job in jobs], patience=30)]


def test_in_any_order_of_turns_nothing_is_lost_or_paid_twice(clip: bytes) -> None:
    model = type("Here", (Model,), {"clip": clip})
    some = settings(
        max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(model, settings=some)
