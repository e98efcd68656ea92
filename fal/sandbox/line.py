"""The line before the runners: first come, first served, and only so many at once."""

import asyncio
import json
import logging
import math
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from .checks import Checks
from .clip import clip_of
from .ledger import Ledger
from .model_errors import failure, not_started
from .plan import Plan
from .requests import Clipping, Failure, Request, broken
from .shelf import Shelf

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_line(
    ledger: Ledger, shelf: Shelf, checks: Checks, *, slots: int, clock: Callable[[], float]
) -> AsyncIterator["Line"]:
    """A line that has taken up what an earlier process left unfinished; leaving it breaks off all work."""
    threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="render")
    try:
        async with asyncio.TaskGroup() as tasks:
            line = Line(ledger, shelf, checks, tasks, threads, slots=slots, clock=clock)
            for request in ledger.unfinished():
                line.join(request)
            yield line
            line.stop()
    finally:
        # Each render looks at its stop flag once per picture, so this wait is short.
        threads.shutdown(wait=True, cancel_futures=True)


class Line:
    """All requests that are not over yet, each as one task."""

    def __init__(
        self,
        ledger: Ledger,
        shelf: Shelf,
        checks: Checks,
        tasks: asyncio.TaskGroup,
        threads: ThreadPoolExecutor,
        *,
        slots: int,
        clock: Callable[[], float],
    ) -> None:
        self._ledger, self._shelf, self._checks = ledger, shelf, checks
        self._tasks, self._threads = tasks, threads
        self._clock = clock
        self._head = asyncio.Lock()
        self._slots = asyncio.Semaphore(slots)
        self._waiting: dict[str, Request] = {}
        self._living: dict[str, asyncio.Task[None]] = {}

    def join(self, request: Request) -> None:
        """Put a request at the end of the line; the ledger already has it."""
        self._waiting[request.id] = request
        task = self._tasks.create_task(self._live(request), name=f"request {request.id}")
        self._living[request.id] = task
        task.add_done_callback(lambda _: self._forget(request.id))

    def position(self, request_id: str) -> int:
        """How many requests are in front: those of this account, and some of others' that pass with time."""
        if request_id not in self._waiting:
            return 0
        others = 0
        for index, (waiting_id, request) in enumerate(self._waiting.items()):
            others = max(others, self._others(request))
            if waiting_id == request_id:
                return index + others
        return 0

    def cancel(self, request: Request) -> None:
        """End a request at once, whether it waits or runs."""
        self._ledger.cancel(request.id, self._clock())
        if task := self._living.get(request.id):
            task.cancel()

    def waiting(self, endpoint: str) -> int:
        """How many requests of an endpoint are in line."""
        return sum(request.endpoint == endpoint for request in self._waiting.values())

    async def ended(self, request_id: str, within: float | None = None) -> None:
        """Wait until a request is over, or that many seconds."""
        if task := self._living.get(request_id):
            await asyncio.wait([task], timeout=within)

    def stop(self) -> None:
        """Break off all work; the ledger keeps it as unfinished."""
        for task in self._living.values():
            task.cancel()

    def _forget(self, request_id: str) -> None:
        self._waiting.pop(request_id, None)
        self._living.pop(request_id, None)

    def _others(self, request: Request) -> int:
        left = request.submitted_at + request.queue_s - self._clock()
        if left <= 0 or request.queue_s <= 0:
            return 0
        return math.ceil((1 + zlib.crc32(request.input.encode()) % 3) * min(1.0, left / request.queue_s))

    async def _live(self, request: Request) -> None:
        try:
            async with asyncio.timeout(self._patience(request)):
                await self._get_slot(request)
        except TimeoutError:
            self._ledger.fail(request.id, self._clock(), not_started())
            return
        try:
            await self._work(request)
        except Exception:  # noqa: BLE001  one request's fault must not end the others, whatever it was
            _log.exception("request %s could not be rendered", request.id)
            self._ledger.fail(request.id, self._clock(), broken())
        finally:
            self._slots.release()

    async def _get_slot(self, request: Request) -> None:
        # asyncio's lock wakes its waiters in order: whoever holds it is the head of the line.
        async with self._head:
            if request.started_at is None:
                await self._until(request.submitted_at + request.queue_s)
            await self._slots.acquire()

    def _patience(self, request: Request) -> float | None:
        """Seconds that the request may still wait for its start."""
        if request.plan.start_within_s is None or request.started_at is not None:
            return None
        return max(0.0, request.submitted_at + request.plan.start_within_s - self._clock())

    async def _work(self, request: Request) -> None:
        del self._waiting[request.id]
        began = self._ledger.start(request.id, self._clock())
        input_ = json.loads(request.input)
        loop = asyncio.get_running_loop()
        if refused := await loop.run_in_executor(
            self._threads, self._checks.failure, request.endpoint, input_
        ):
            self._ledger.fail(request.id, self._clock(), refused)
            return
        if planned := _planned(request.plan):
            await self._until(began + request.run_s)
            self._ledger.fail(request.id, self._clock(), planned)
            return
        clip = await self._rendered(request, input_)
        await self._until(began + request.run_s)
        self._ledger.complete(request.id, self._clock(), clip)

    async def _rendered(self, request: Request, input_: dict[str, object]) -> Clipping:
        stop = threading.Event()
        wish = clip_of(request.endpoint, input_)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._shelf.make, wish, stop)
        finally:
            stop.set()

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self._clock()))


def _planned(plan: Plan) -> Failure | None:
    if plan.error is None:
        return None
    return failure(plan.error, status=plan.error_status, said=plan.error_text, form=plan.error_form)
