"""The catalogue brought up to date: what FAL lists now, kept beside what shipped with the program."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from .catalogue import FILE
from .clean import clean
from .documents import entry_of, read_document
from .errors import NotKept, NotUnderstood
from .naming import name_for, short_name
from .platform_values import Listed
from .policy import is_endpoint
from .schema import Schema
from .shelf import Damaged, Listing, Shelf, written

DAY: Final = 86400.0
MOST: Final = 5_000
"""Endpoints with video that are kept: many times what FAL has."""
MOST_BYTES: Final = 32 * 2**20

_CATEGORIES = frozenset({"text-to-video", "image-to-video", "video-to-video", "audio-to-video"})
_TASKS: Final = (
    ("first-last-frame-to-video", re.compile(r"first-last-frame|start-end")),
    ("reference-to-video", re.compile(r"reference(-video)?-to-video")),
    ("extend", re.compile(r"extend")),
    ("upscale", re.compile(r"upscal")),
    ("lipsync", re.compile(r"lip-?sync")),
    ("avatar", re.compile(r"avatar")),
    ("text-to-video", re.compile(r"text-to-video|\bt2v\b")),
    ("image-to-video", re.compile(r"image-to-video|\bi2v\b")),
    ("video-to-video", re.compile(r"video-to-video|\bv2v\b")),
)
_LONGEST_TAGLINE = 160


class Lister(Protocol):
    """Whatever can list the models of FAL: `Platform`."""

    def models(self, *, schemas: bool = False) -> AsyncIterator[Listed]:
        """Each model, with its document if `schemas`."""
        ...


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many endpoints with video FAL lists, and which are new or gone since the last time."""

    listed: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    unread: int
    """Endpoints whose document could not be read: what was known of them stays."""


def is_due(folder: Path, origin: str, now: float) -> bool:
    """Whether the kept catalogue is a day old, from elsewhere, or not there."""
    kept = _kept(folder)
    return kept is None or kept.origin != origin or not 0 <= now - kept.as_of < DAY


async def refresh(
    platform: Lister, folder: Path, clock: Callable[[], float], *, origin: str = "fal"
) -> Refreshed:
    """Ask FAL what it lists, and keep it in the folder in the place of what was kept before.

    Raises what the platform raises, NotUnderstood for a listing without any video, and NotKept where the
    file cannot be written; then everything stays as it was.
    """
    kept = await asyncio.to_thread(_kept, folder)
    collected = _Collected(Shelf.shipped(), kept)
    async for listed in platform.models(schemas=True):
        collected.take(listed)
        # A page of documents takes a while to read, and a screen may be waiting.
        await asyncio.sleep(0)
    if not collected.lines:
        raise NotUnderstood("FAL listed no model that makes video: the catalogue stays as it was.")
    collected.carry_over()
    data = written(collected.lines.values(), as_of=clock(), origin=origin, gone=sorted(collected.gone))
    await asyncio.to_thread(_replace, folder / FILE, data)
    return collected.outcome()


@dataclass
class _Collected:
    """The lines of the new file."""

    shipped: Shelf
    kept: Shelf | None
    lines: dict[str, tuple[Listing, bytes]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    unread: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.known: dict[str, Listing] = {
            **(self.kept.listings if self.kept else {}),
            **self.shipped.listings,
        }
        self.taken = {short_name(listing.name) for listing in self.known.values()}

    @property
    def gone(self) -> set[str]:
        """Endpoints that shipped, and that FAL lists no more."""
        return self.shipped.listings.keys() - self.listed

    def take(self, listed: Listed) -> None:
        """Keep the line of one endpoint, if it makes video."""
        endpoint = listed.endpoint
        if endpoint in self.listed or not is_endpoint(endpoint):
            return
        schema = _schema(listed)
        if endpoint not in self.known and not _makes_video(listed, schema):
            return
        active = listed.status != "deprecated"
        if active:
            self.listed.add(endpoint)
        if schema is None:
            self.unread += 1
            if endpoint in self.known:
                self._keep_old(endpoint, listed=active)
            return
        self._add(replace(self._listing(listed), listed=active), schema)

    def carry_over(self) -> None:
        """Keep the endpoints that are listed no more, and did not ship: old jobs name them."""
        for endpoint in (self.kept.listings if self.kept else {}).keys() - self.lines.keys():
            self._keep_old(endpoint, listed=False)

    def outcome(self) -> Refreshed:
        """What has changed."""
        before = {name for name, listing in self.known.items() if self._was_listed(listing)}
        new = tuple(sorted(self.listed - self.known.keys()))
        return Refreshed(len(self.listed), new, tuple(sorted(before - self.listed)), self.unread)

    def _was_listed(self, listing: Listing) -> bool:
        if self.kept is None:
            return listing.listed
        kept = self.kept.listings.get(listing.endpoint, listing)
        return kept.listed and listing.endpoint not in self.kept.gone

    def _listing(self, listed: Listed) -> Listing:
        endpoint = listed.endpoint
        known = self.known.get(endpoint)
        if known is not None:
            return replace(known, category=listed.category or known.category)
        name = name_for(endpoint, "", "", self.taken)
        self.taken.add(short_name(name))
        tagline = clean(listed.description, limit=_LONGEST_TAGLINE)
        vendor = self._vendor(endpoint)
        return Listing(
            endpoint, name, vendor, "", _task(listed), listed.category or None, tagline, True, 0, 0
        )

    def _vendor(self, endpoint: str) -> str:
        """The vendor of an endpoint of the same app, or of the same owner where that is not FAL itself."""
        owner, alias = endpoint.split("/")[:2]
        start = f"{owner}/{alias}/" if owner == "fal-ai" else f"{owner}/"
        same = {one.vendor for one in self.shipped.listings.values() if one.endpoint.startswith(start)}
        return same.pop() if len(same) == 1 else ""

    def _add(self, listing: Listing, schema: Schema) -> None:
        line = json.dumps(
            {"endpoint_id": listing.endpoint, **entry_of(schema)}, separators=(",", ":")
        ).encode()
        self.size += len(line)
        if len(self.lines) >= MOST or self.size > MOST_BYTES:
            raise NotUnderstood("FAL listed more than a catalogue holds: it stays as it was.")
        self.lines[listing.endpoint] = (listing, line)

    def _keep_old(self, endpoint: str, *, listed: bool) -> None:
        """The line that was kept before; one that shipped needs no second copy."""
        if self.kept is None or endpoint not in self.kept.listings:
            return
        try:
            line = json.dumps(self.kept.entry(endpoint), separators=(",", ":")).encode()
        except (Damaged, OSError):
            return
        self.lines[endpoint] = (replace(self.kept.listings[endpoint], listed=listed), line)


def _schema(listed: Listed) -> Schema | None:
    try:
        return None if listed.document is None else read_document(listed.document)
    except NotUnderstood:
        return None


def _makes_video(listed: Listed, schema: Schema | None) -> bool:
    output = None if schema is None else schema.output
    return output is not None and (listed.category in _CATEGORIES or output.path.startswith("video"))


def _task(listed: Listed) -> str:
    """What the endpoint is for: by its id, else by FAL's category."""
    for task, sign in _TASKS:
        if sign.search(listed.endpoint):
            return task
    return listed.category if listed.category in _CATEGORIES - {"audio-to-video"} else "other"


def _kept(folder: Path) -> Shelf | None:
    try:
        return Shelf.opened(folder / FILE)
    except (OSError, Damaged):
        return None


def _replace(path: Path, data: bytes) -> None:
    """The whole file or the one before, whatever happens meanwhile."""
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise NotKept(f"The catalogue could not be kept in {path.name}: {error.strerror}.") from error
