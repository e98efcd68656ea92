"""A FAL in the tests' own process: a transport that answers as told, and counts what it was asked."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

BASE = "http://127.0.0.1:9"
CLIP = f"{BASE}/cdn/files/a.mp4"

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def reply(code: int, /, **body: object) -> httpx.Response:
    return httpx.Response(code, json=body)


def page(status: int, text: str = "<html>nginx</html>") -> httpx.Response:
    return httpx.Response(status, text=text)


@dataclass
class FakeFal:
    """Each list is a script: answers are used in order, and the last one stays."""

    clip: bytes = b""
    submits: list[Answer] = field(default_factory=list)
    statuses: list[Answer] = field(default_factory=list)
    streams: list[Answer] = field(default_factory=list)
    """Without a script there is none, and jobs are polled."""
    results: list[Answer] = field(default_factory=list)
    downloads: list[Answer] = field(default_factory=list)
    cancels: list[Answer] = field(default_factory=list)
    listing: list[dict[str, object]] | int = field(default_factory=list)
    """What FAL's listing of past requests shows, or the status with which it refuses to."""
    charges: list[dict[str, object]] | int = field(default_factory=list)
    """What FAL's bills show, or the status with which it refuses to."""
    posts: list[dict[str, object]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    hold_submit: asyncio.Event | None = None
    """While set to an unset event, submits are counted and then wait for it."""
    posted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self.handle)

    def asked_for(self, word: str) -> int:
        return sum(word in path for _method, path in self.asked)

    async def handle(self, request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 - one for each address
        path = request.url.path
        self.asked.append((request.method, path))
        if path.startswith("/v1/"):
            bills = path.endswith("/billing-events")
            return _portion("billing_events", self.charges) if bills else _portion("items", self.listing)
        if path.startswith("/cdn/"):
            return _play(self.downloads, request, self._file)
        if path.endswith("/status/stream"):
            return _play(self.streams, request, lambda _r: reply(404, detail="Not Found"))
        if path.endswith("/status"):
            return _play(self.statuses, request, lambda _r: reply(200, status="COMPLETED", logs=None))
        if path.endswith("/cancel"):
            return _play(self.cancels, request, lambda _r: reply(202, status="CANCELLATION_REQUESTED"))
        if request.method == "GET":
            return _play(self.results, request, lambda _r: reply(200, video={"url": CLIP}))
        self.posts.append(json.loads(request.content))
        self.posted.set()
        if self.hold_submit is not None:
            await self.hold_submit.wait()
        return _play(self.submits, request, self._take)

    def charge(self, *usd: float) -> None:
        """Have the bills show so many dollars for each POST that comes, in turn."""
        self.charges = [
            {
                "request_id": f"00000000-0000-4000-8000-{number:012d}",
                "endpoint_id": "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                "cost_total": cost,
            }
            for number, cost in enumerate(usd, 1)
        ]

    def list_posts(self, at: float, *, status: int | None = None, output: object = None) -> None:
        """Have the listing show every POST that came, as sent at `at` (seconds since 1970)."""
        sent = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.listing = [
            {
                "request_id": f"00000000-0000-4000-8000-{number:012d}",
                "endpoint_id": "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
                "sent_at": sent,
                "started_at": sent,
                "ended_at": sent if status else None,
                "status_code": status,
                "json_input": input_,
                "json_output": output,
            }
            for number, input_ in enumerate(self.posts, 1)
        ]

    def _take(self, request: httpx.Request) -> httpx.Response:
        request_id = f"00000000-0000-4000-8000-{len(self.posts):012d}"
        owner, alias = request.url.path.split("/")[2:4]
        url = f"{BASE}/queue/{owner}/{alias}/requests/{request_id}"
        return reply(
            200,
            status="IN_QUEUE",
            request_id=request_id,
            response_url=url,
            status_url=f"{url}/status",
            cancel_url=f"{url}/cancel",
            queue_position=0,
        )

    def _file(self, request: httpx.Request) -> httpx.Response:
        etag = {"etag": '"v1"', "content-type": "video/mp4", "accept-ranges": "bytes"}
        wanted = request.headers.get("range")
        if wanted is None:
            return httpx.Response(200, content=self.clip, headers=etag)
        start = int(wanted.removeprefix("bytes=").partition("-")[0])
        etag["content-range"] = f"bytes {start}-{len(self.clip) - 1}/{len(self.clip)}"
        return httpx.Response(206, content=self.clip[start:], headers=etag)


def _portion(name: str, entries: list[dict[str, object]] | int) -> httpx.Response:
    if isinstance(entries, int):
        return reply(entries, error={"type": "authorization_error", "message": "not for this key"})
    return reply(200, **{name: entries}, next_cursor=None, has_more=False)


def _play(
    script: list[Answer], request: httpx.Request, otherwise: Callable[[httpx.Request], httpx.Response]
) -> httpx.Response:
    if not script:
        return otherwise(request)
    answer = script.pop(0) if len(script) > 1 else script[0]
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, httpx.Response):
        # A response is spent once it was read; the last of a script is given again and again.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
    return answer(request)


@dataclass
class FastClock:
    """Time that passes only when somebody waits for it."""

    at: float = 1_790_000_000.0
    on_wait: list[Callable[[], object]] = field(default_factory=list)
    """Called one by one, each time somebody waits: what is mended meanwhile."""

    def now(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.at

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        await asyncio.sleep(0)
        if event.is_set():
            return True
        self.at += seconds
        if self.on_wait:
            self.on_wait.pop(0)()
        await asyncio.sleep(0.001)
        return event.is_set()


class Killed(BaseException):
    """Ends a job's task at once, past every handler of errors."""


def steps_until(name: str, seen: list[str], error: type[BaseException]) -> Callable[[str], None]:
    """A seam that records each step, and raises at the named one."""

    def step(now: str) -> None:
        seen.append(now)
        if now == name:
            raise error(now)

    return step


def words(lines: Iterable[object]) -> str:
    return "\n".join(str(line) for line in lines)
