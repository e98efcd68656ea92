"""FAL's token and media hosts on a real socket, as strict as the official client's server, with bad days."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from reelroom.fal.exchange import Exchange
from reelroom.fal.key import Key
from reelroom.fal.uploads import Uploads
from tests.fal.loopback import Loopback, Peer, serving

KEY = Key.parse("key-id:s3cret-canary")
NOW = 1_790_000_000.0


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Bad = Callable[[Asked], tuple[int, dict[str, object] | bytes, str] | str | None]
"""What is answered in the place of the right answer; "cut" breaks the connection."""


@dataclass
class UploadFal:
    """The server: what it was asked, what it holds, and how it misbehaves."""

    asked: list[Asked] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    tokens: int = 0
    token: dict[str, object] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    slow: float = 0.0
    base: str = ""

    def times(self, word: str) -> int:
        return sum(word in f"{asked.method} {asked.path}" for asked in self.asked)

    async def serve(self, peer: Peer) -> None:
        while True:
            await peer.request()
            head, _, body = peer.place.requests.pop().partition(b"\r\n\r\n")
            line, *lines = head.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            asked = Asked(line.split()[0], line.split()[1], headers, body)
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await asyncio.sleep(self.slow)
            self.at_once -= 1
            answer = next(filter(None, (bad(asked) for bad in self.bad)), None) or self.right(asked)
            if answer == "cut":
                peer.reset()
                return
            await peer.send(written(*answer))

    def right(self, asked: Asked) -> tuple[int, dict[str, object] | bytes, str]:
        if asked.path == "/rest/storage/auth/token?storage_type=fal-cdn-v3":
            assert (asked.method, asked.body) == ("POST", b"{}")
            assert asked.headers["authorization"] == KEY.header()
            self.tokens += 1
            return 200, self._token(), ""
        assert "canary" not in str(asked.headers)
        if asked.method == "GET":
            held = self.files.get(f"{self.base}{asked.path}")
            return (404, {}, "") if held is None else (200, held, "")
        if asked.headers.get("authorization") != f"Bearer tok{self.tokens}":
            return 401, {"detail": "token expired"}, ""
        return self._taken(asked) or (404, {"detail": "no such upload"}, "")

    def _taken(self, asked: Asked) -> tuple[int, dict[str, object], str] | None:
        match asked.method, asked.path.removeprefix("/cdn/files/").split("/"):
            case "POST", ["upload"]:
                url = f"{self.base}/cdn/files/{hashlib.sha256(asked.body).hexdigest()[:8]}"
                self.files[url] = asked.body
                return 200, {"access_url": url}, ""
            case "POST", ["upload", "multipart"]:
                assert asked.body == b""
                upload = f"up.{len(self.parts) + 1}~x"
                self.parts[upload] = {}
                return 200, {"access_url": f"{self.base}/cdn/files/big", "uploadId": upload}, ""
            case "PUT", ["big", "multipart", upload, number] if upload in self.parts:
                self.parts[upload][int(number)] = asked.body
                return 200, {}, f'ETag: "e{number}-{len(asked.body)}"\r\n'
            case "POST", ["big", "multipart", upload, "complete"] if upload in self.parts:
                parts = self.parts[upload]
                assert json.loads(asked.body) == {
                    "parts": [
                        {"partNumber": number, "etag": f'"e{number}-{len(parts[number])}"'}
                        for number in sorted(parts)
                    ]
                }
                self.files[f"{self.base}/cdn/files/big"] = b"".join(parts[number] for number in sorted(parts))
                return 200, {}, ""
        return None

    def _token(self) -> dict[str, object]:
        usual = {
            "token": f"tok{self.tokens}",
            "token_type": "Bearer",
            "base_url": f"{self.base}/cdn",
            "expires_at": "2026-12-31T00:00:00+00:00",
        }
        return usual | self.token


def written(status: int, body: dict[str, object] | bytes, more: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\n{more}\r\n".encode() + content


def once(path: str, *answer: object, times: int = 1) -> Bad:
    """Answers so to the first requests of a path, and then leaves it be."""
    left = [answer[0] if len(answer) == 1 else answer] * times
    return lambda asked: left.pop() if left and path in f"{asked.method} {asked.path}" else None  # type: ignore[return-value]


@dataclass
class Hands:
    """What a test works with."""

    uploads: Uploads
    fal: UploadFal
    place: Loopback
    slept: list[float]
    now: list[float]


@asynccontextmanager
async def uploading(fal: UploadFal | None = None, part: int = 100_000) -> AsyncIterator[Hands]:
    fal = fal or UploadFal()
    slept: list[float] = []
    now = [NOW]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    async with serving(fal.serve) as place, Exchange(place.hosts, KEY, timeout=5.0) as exchange:
        fal.base = place.base
        async with Uploads(exchange, stall=5.0, clock=lambda: now[0], sleep=sleep, part=part) as uploads:
            yield Hands(uploads, fal, place, slept, now)
