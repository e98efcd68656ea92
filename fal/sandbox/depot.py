"""The folder of uploaded files. A file has its plain name only when it is whole."""

import asyncio
import hashlib
import json
import re
import secrets
import shutil
from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

MOST_PARTS = 10_000
_WRITE = 2**20
_ABANDONED_S = 86400.0


class Oversized(Exception):
    """More bytes than an upload may have."""


class Incomplete(Exception):
    """Parts that are not there, or not as they are said to be; `str()` says which."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload. `secret` is what its parts must name; moments are seconds since 1970."""

    id: str
    name: str
    content_type: str
    secret: str
    begun_at: float
    expires_at: float | None
    etag: str | None = None
    """Set once the file is whole."""


class Depot:
    """Uploads by id; everything is in the folder, so that they go on after a restart."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder, self._clock = folder, clock
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in folder.iterdir():
            upload = self._read(path.name)
            if upload is None or self._is_over(upload):
                shutil.rmtree(path, ignore_errors=True)

    def begin(self, name: str, content_type: str, lifetime: float | None) -> Upload:
        """A new upload without bytes; `lifetime` in seconds, None for one without end."""
        now = self._clock()
        upload = Upload(
            id=secrets.token_hex(16),
            name=_plain(name),
            content_type=content_type,
            secret=secrets.token_hex(16),
            begun_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        (self._folder / upload.id).mkdir(mode=0o700)
        self._keep(upload)
        return upload

    def upload(self, upload_id: str) -> Upload | None:
        """The upload of that id; None where there is none, or none any more."""
        upload = self._read(upload_id)
        return None if upload is None or self._is_over(upload) else upload

    def file(self, upload: Upload) -> Path:
        """Where the whole file is."""
        return self._folder / upload.id / "file"

    async def receive(self, upload: Upload, number: int, body: AsyncIterable[bytes], most: int) -> str:
        """Write one part as it comes, in place of an earlier one; its mark. Raises Oversized past `most`."""
        folder = self._folder / upload.id
        coming = folder / f".{number}-{secrets.token_hex(4)}.coming"
        try:
            mark = await _written(coming, body, most)
            for old in folder.glob(f"{number}-*.part"):
                old.unlink(missing_ok=True)
            coming.replace(folder / f"{number}-{mark}.part")
        finally:
            coming.unlink(missing_ok=True)
        return mark

    async def complete(self, upload: Upload, parts: Sequence[tuple[int, str]]) -> Upload:
        """Join the parts, given as numbers with their marks in any order; raises Incomplete."""
        if upload.etag is not None:
            return upload
        paths = [self._part(upload, number, mark) for number, mark in sorted(parts)]
        numbers = [number for number, _ in sorted(parts)]
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            raise Incomplete(f"Parts 1 to {max(numbers, default=1)} are needed, once each.")
        whole = replace(upload, etag=await asyncio.to_thread(_joined, paths, self.file(upload)))
        self._keep(whole)
        for path in paths:
            path.unlink(missing_ok=True)
        return whole

    def _part(self, upload: Upload, number: int, mark: str) -> Path:
        path = self._folder / upload.id / f"{number}-{mark}.part"
        if not re.fullmatch(r"[0-9a-f]{32}", mark) or not path.exists():
            raise Incomplete(f"Part {number} was not uploaded, or has another ETag.")
        return path

    def _is_over(self, upload: Upload) -> bool:
        if upload.expires_at is not None and upload.expires_at <= self._clock():
            return True
        return upload.etag is None and upload.begun_at + _ABANDONED_S <= self._clock()

    def _read(self, upload_id: str) -> Upload | None:
        if not re.fullmatch(r"[0-9a-f]{32}", upload_id):
            return None
        try:
            return Upload(**json.loads((self._folder / upload_id / "upload.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def _keep(self, upload: Upload) -> None:
        coming = self._folder / upload.id / ".upload.json"
        coming.write_text(json.dumps(asdict(upload)), "utf-8")
        coming.replace(self._folder / upload.id / "upload.json")


async def _written(path: Path, body: AsyncIterable[bytes], most: int) -> str:
    """Bytes to a new file, a megabyte at a time, off the loop; 32 hex digits that name the content."""
    digest, size, held = hashlib.sha256(), 0, bytearray()
    with path.open("xb") as file:

        def write(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        async for piece in body:
            size += len(piece)
            if size > most:
                raise Oversized
            held += piece
            if len(held) >= _WRITE:
                await asyncio.to_thread(write, bytes(held))
                held.clear()
        await asyncio.to_thread(write, bytes(held))
    return digest.hexdigest()[:32]


def _joined(parts: Sequence[Path], path: Path) -> str:
    """The parts as one file, in constant memory; its mark."""
    digest, coming = hashlib.sha256(), path.with_name(".file.coming")
    with coming.open("wb") as file:
        for part in parts:
            with part.open("rb") as source:
                while data := source.read(_WRITE):
                    digest.update(data)
                    file.write(data)
    coming.replace(path)
    return digest.hexdigest()[:32]


def _plain(name: str) -> str:
    """A name that is one segment of a path and of a URL as it stands."""
    return re.sub(r"[^A-Za-z0-9._\-]", "_", name)[-100:].lstrip(".") or "upload.bin"
