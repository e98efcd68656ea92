"""Stretches of the panel of clips: by place or by key, at the same cost at the first and the millionth clip.

A place is how many clips are newer. To go from a place to its key without reading all the clips in between,
the keys of every thousandth are remembered until something is written.
"""

import sqlite3
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from .media import SELECT
from .records import Key, Media, Page, Scope, Stretch
from .rows import folded, media_of

STRIDE = 1000
SCOPES = 4
"""Searches whose anchors are kept at a time."""
KEYS = "SELECT created_at, id FROM media"
COUNT = "SELECT count(*) FROM media"
NEWEST_FIRST = " ORDER BY created_at DESC, id DESC LIMIT ?"


class Anchors:
    """The keys of every thousandth clip of one scope, found as far as anyone has asked."""

    def __init__(self, connection: sqlite3.Connection, scope: Scope) -> None:
        self._connection = connection
        self._where, self._given = _where(scope)
        self._keys: list[Key] = []
        self._whole = False
        self.whole = _kept(connection, scope.project_id)
        """How many clips there are without the search."""
        self.total = self._count(" AND 1", []) if scope.query.strip() else self.whole

    def place(self, key: Key) -> int:
        """How many clips are newer than this key, whether or not its clip is there."""
        while not self._whole and (not self._keys or self._keys[-1] > key):
            self._step()
        passed = bisect_left(self._keys, x=True, key=lambda anchor: anchor <= key)
        if not passed:
            return 0
        since = self._keys[passed - 1]
        between = " AND (created_at, id) <= (?, ?) AND (created_at, id) > (?, ?)"
        return (passed - 1) * STRIDE + self._count(between, [*since, *key])

    def clips(self, place: int, count: int) -> tuple[Media, ...]:
        """So many clips from this place on."""
        key = self._key(place)
        if key is None or count <= 0:
            return ()
        question = SELECT + self._where + " AND (created_at, id) <= (?, ?)" + NEWEST_FIRST
        return tuple(map(media_of, self._connection.execute(question, [*self._given, *key, count])))

    def _key(self, place: int) -> Key | None:
        while not self._whole and len(self._keys) * STRIDE <= place:
            self._step()
        number = min(place // STRIDE, len(self._keys) - 1)
        return None if number < 0 else self._after(self._keys[number], place - number * STRIDE)

    def _step(self) -> None:
        newest = (float("inf"), "")
        key = self._after(self._keys[-1], STRIDE) if self._keys else self._after(newest, 0)
        if key is None:
            self._whole = True
        else:
            self._keys.append(key)

    def _after(self, key: Key, steps: int) -> Key | None:
        question = KEYS + self._where + " AND (created_at, id) <= (?, ?)"
        given = [*self._given, *key, 1, steps]
        row = self._connection.execute(question + NEWEST_FIRST + " OFFSET ?", given).fetchone()
        return None if row is None else (row[0], row[1])

    def _count(self, condition: str, given: list[object]) -> int:
        question = COUNT + self._where + condition
        count: int = self._connection.execute(question, [*self._given, *given]).fetchone()[0]
        return count


class Pages:
    """The stretches of one database. Lives on its thread; its anchors go when anything is written."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._anchors: OrderedDict[Scope, Anchors] = OrderedDict()

    def page(self, connection: sqlite3.Connection, scope: Scope, stretch: Stretch) -> Page:
        """A stretch of clips and the places asked about, all as of one moment."""
        with _one_moment(connection):
            anchors = self._of(connection, scope)
            anchor = None if stretch.anchor is None else anchors.place(stretch.anchor)
            start = max(0, min(stretch.start + (anchor or 0), anchors.total - stretch.count))
            return Page(
                start=start,
                total=anchors.total,
                whole=anchors.whole,
                clips=anchors.clips(start, stretch.count),
                anchor=anchor,
                near=None if stretch.selected is None else _near(anchors, stretch.selected),
            )

    def _of(self, connection: sqlite3.Connection, scope: Scope) -> Anchors:
        # Ours and other people's commits; also those that touched no clip, which costs little.
        stamp = connection.execute("PRAGMA data_version").fetchone()[0], connection.total_changes
        if stamp != self._stamp:
            self._anchors.clear()
            self._stamp = stamp
        anchors = self._anchors.pop(scope, None) or Anchors(connection, scope)
        self._anchors[scope] = anchors
        while len(self._anchors) > SCOPES:
            self._anchors.popitem(last=False)
        return anchors


def _where(scope: Scope) -> tuple[str, list[object]]:
    conditions = ["trashed_at IS NULL"]
    given: list[object] = []
    if scope.project_id is not None:
        conditions.append("project_id IS ?")
        given.append(scope.project_id or None)
    for word in folded(scope.query).split():
        conditions.append("instr(search, ?)")
        given.append(word)
    return " WHERE " + " AND ".join(conditions), given


def _near(anchors: Anchors, key: Key) -> tuple[int, Media] | None:
    place = min(anchors.place(key), anchors.total - 1)
    clips = anchors.clips(place, 1) if place >= 0 else ()
    return (place, clips[0]) if clips else None


def _kept(connection: sqlite3.Connection, project_id: str | None) -> int:
    question = "SELECT ifnull(sum(clips), 0) FROM media_count WHERE trashed = 0"
    if project_id is not None:
        question += " AND project_id = ?"
    given = () if project_id is None else (project_id,)
    count: int = connection.execute(question, given).fetchone()[0]
    return count


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
