"""Which job stands on which line of the board: groups, their order, and what is left out. Pure functions."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from reelroom.store.records import Job
from reelroom.tui.standing import elsewhere, needs_person, start_of_day

TITLES_FROM: Final = 9
"""Lines from which on the groups have titles."""


class Group(StrEnum):
    """The groups of the board, in their order; the value is the title."""

    NEEDS_YOU = "Needs you"
    WORKING = "Working"
    FINISHED = "Finished today"


class Line(NamedTuple):
    """One line of the board."""

    kind: Literal["title", "blank", "job", "opened"]
    group: Group | None = None
    job_id: str | None = None
    shown: int = 0
    total: int = 0


class Groups(NamedTuple):
    """The ids of the jobs in each group, as they are drawn from top to bottom."""

    needs_you: tuple[str, ...] = ()
    working: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    idle: int = 0
    """How many of the working ones wait for another origin, and so are not worked on."""

    @property
    def order(self) -> tuple[str, ...]:
        """All ids from top to bottom."""
        return self.needs_you + self.working + self.finished

    @property
    def blocks(self) -> list[tuple[Group, tuple[str, ...]]]:
        """The groups that hold anything."""
        every = zip(Group, (self.needs_you, self.working, self.finished), strict=True)
        return [(group, ids) for group, ids in every if ids]


def group_of(job: Job, today: float, origin: str | None, sender: str | None) -> Group | None:
    """The group of a job; None where it ended before `today`, the start of the day."""
    if job.terminal:
        return Group.FINISHED if (job.ended_at or job.state_since) >= today else None
    return Group.NEEDS_YOU if needs_person(job, origin, sender) else Group.WORKING


def grouped(jobs: Iterable[Job], now: float, origin: str | None, sender: str | None) -> Groups:
    """The jobs in their groups: the newest first, the jobs of one request in the order of asking.

    What is worked on is sorted by when it was asked for, which never changes: it keeps its place.
    """
    today = start_of_day(now)
    found: dict[Group, list[tuple[tuple[bool, float, str], str]]] = {group: [] for group in Group}
    idle = 0
    for job in jobs:
        group = group_of(job, today, origin, sender)
        if group is None:
            continue
        away = elsewhere(job, origin)
        idle += away
        at = (job.ended_at or job.state_since) if group is Group.FINISHED else job.created_at
        found[group].append(((away, -at, job.id), job.id))
    needs_you, working, finished = (tuple(job_id for _, job_id in sorted(found[group])) for group in Group)
    return Groups(needs_you, working, finished, idle)


def lay_out(groups: Groups, height: int, *, opened: str | None, whole: bool) -> tuple[Line, ...]:
    """The lines of the board. Where `whole` is false they fit into `height`, each group having its share.

    First blank lines go, then rows, and on a low board the titles.
    """
    blocks = groups.blocks
    titles = height >= TITLES_FROM
    needed = sum(len(ids) for _, ids in blocks) + titles * len(blocks) + (opened is not None)
    blanks = titles and needed + len(blocks) - 1 <= height
    room = height - titles * len(blocks) - (opened is not None)
    shares = _shares([len(ids) for _, ids in blocks], [group for group, _ in blocks], room, whole=whole)
    lines: list[Line] = []
    for (group, ids), share in zip(blocks, shares, strict=True):
        if blanks and lines:
            lines.append(Line("blank"))
        if titles:
            lines.append(Line("title", group, shown=share, total=len(ids)))
        for job_id in ids[:share]:
            lines.append(Line("job", group, job_id))
            if job_id == opened:
                lines.append(Line("opened", group, job_id))
    return tuple(lines)


def _shares(counts: Sequence[int], groups: Sequence[Group], room: int, *, whole: bool) -> list[int]:
    """How many rows each group shows: a third for what needs a person, a quarter for what is finished."""
    if whole or sum(counts) <= room:
        return list(counts)
    parts = {Group.NEEDS_YOU: -(-room // 3), Group.WORKING: room, Group.FINISHED: room // 4}
    shares = [0] * len(counts)
    left = max(0, room)
    first = sorted(range(len(counts)), key=lambda index: groups[index] is Group.WORKING)
    for index in first:
        shares[index] = min(counts[index], parts[groups[index]], left)
        left -= shares[index]
    for index in range(len(counts)):
        more = min(counts[index] - shares[index], left)
        shares[index] += more
        left -= more
    return shares
