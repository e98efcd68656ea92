"""A file with one line for each endpoint, and the index that says where each line begins."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from .documents import read_entry
from .schema import Schema

VERSION: Final = 1
LONGEST_HEAD: Final = 4 * 2**20
LONGEST_LINE: Final = 2 * 2**20

_DATA: Final = Path(__file__).parent / "data"


class Damaged(ValueError):
    """The file is not one that this release has written."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is known of an endpoint without reading its line; `start` and `length` are in bytes."""

    endpoint: str
    name: str
    vendor: str
    family: str
    task: str
    category: str | None
    tagline: str
    listed: bool
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The listings of one file, by endpoint. Lines begin at the byte `base`.

    `as_of` is when FAL was asked, in seconds since 1970; `origin` is where.
    """

    path: Path
    base: int
    listings: Mapping[str, Listing]
    as_of: float
    origin: str
    gone: frozenset[str] = frozenset()

    @classmethod
    def shipped(cls) -> Self:
        """The endpoints that ship with the program."""
        return cls._from_head(_DATA / "endpoints.jsonl", 0, (_DATA / "endpoints-index.json").read_bytes())

    @classmethod
    def opened(cls, path: Path) -> Self:
        """A file that `write` has made; raises OSError, and Damaged where it is none."""
        with path.open("rb") as file:
            head = file.readline(LONGEST_HEAD)
        return cls._from_head(path, len(head), head)

    @classmethod
    def _from_head(cls, path: Path, base: int, head: bytes) -> Self:
        try:
            told = json.loads(head)
            if told["schema_version"] != VERSION:
                raise Damaged("another version")
            listings = [Listing(*row) for row in told["index"]]
            return cls(
                path,
                base,
                {listing.endpoint: listing for listing in listings},
                float(told["as_of"]),
                str(told["origin"]),
                frozenset(told.get("gone", ())),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Damaged(f"{path.name} was not written by this release") from error

    def entry(self, endpoint: str) -> dict[str, Any]:
        """The line of an endpoint; raises KeyError, OSError, and Damaged where the file has changed."""
        listing = self.listings[endpoint]
        with self.path.open("rb") as file:
            file.seek(self.base + listing.start)
            line = file.read(min(listing.length, LONGEST_LINE))
        try:
            entry: dict[str, Any] = json.loads(line)
            if entry["endpoint_id"] == endpoint:
                return entry
        except (ValueError, TypeError, KeyError, RecursionError):
            pass
        raise Damaged(f"{self.path.name} changed while it was read")

    def reader(self, endpoint: str, fallback: Callable[[], Schema] = Schema) -> Callable[[], Schema]:
        """A function that reads the schema of an endpoint; the fallback where the file is damaged or gone."""

        def read() -> Schema:
            try:
                return read_entry(self.entry(endpoint))
            except (Damaged, OSError):
                return fallback()

        return read


def written(
    entries: Iterable[tuple[Listing, bytes]], *, as_of: float, origin: str, gone: Sequence[str] = ()
) -> bytes:
    """The bytes of a file that `Shelf.opened` reads; each line is given without its line break."""
    lines: list[bytes] = []
    index: list[list[object]] = []
    start = 0
    for listing, line in entries:
        index.append(row(listing, start, len(line)))
        lines.append(line + b"\n")
        start += len(line) + 1
    return head(index, as_of=as_of, origin=origin, gone=gone) + b"".join(lines)


def row(listing: Listing, start: int, length: int) -> list[object]:
    """A listing as the index holds it."""
    told = (listing.endpoint, listing.name, listing.vendor, listing.family, listing.task, listing.category)
    return [*told, listing.tagline, listing.listed, start, length]


def head(index: Iterable[object], *, as_of: float, origin: str, gone: Sequence[str] = ()) -> bytes:
    """The first line of such a file, with its line break."""
    told = {
        "schema_version": VERSION,
        "as_of": as_of,
        "origin": origin,
        "gone": list(gone),
        "index": list(index),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
