"""`python -m tests.faults`: the long proof, in parts, until it is whole or the time is over; then its table.

What was reached is kept in build/torture.jsonl, a line for some trials, with the commit and a digest of the
engine's sources: only lines of the same sources are added up.
"""

import argparse
import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .parts import LOST, PARTIAL, PARTS, ROWLESS, TWICE, Outcome

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "build/torture.jsonl"
ENGINE = ("fal/*.py", "store/*.py", "store/migrations/*.sql", "tui/studio/*.py", "tui/cli/*.py")
HEAD = (
    "part",
    "reached",
    "of",
    "kills",
    "jobs",
    "paid",
    "kept",
    "unknown",
    "lost",
    "twice",
    "partial",
    "no file",
    "other",
)
EVERY = 20.0
"""Seconds after which what was reached is written down."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--part", action="append", choices=[*PARTS], help="only these parts")
    parser.add_argument("--minutes", type=float, default=1e9, help="the most time for each part")
    parser.add_argument("--report", action="store_true", help="only tell what was reached")
    args = parser.parse_args()
    book = Book(KEPT)
    for name in [] if args.report else args.part or PARTS:
        play(book, name, args.minutes * 60)
    return report(book)


def digest() -> str:
    """Of the sources that a proof is about."""
    known = hashlib.sha256()
    for path in sorted(path for pattern in ENGINE for path in ROOT.glob(pattern)):
        known.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return known.hexdigest()[:16]


def commit() -> str:
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip() or "unknown"


@dataclass(frozen=True, slots=True)
class Book:
    """What was reached, in a file of lines."""

    path: Path

    def reached(self, name: str, sources: str) -> tuple[Outcome, float, bool]:
        """What the lines of a part come to, the seconds they took, and whether the part came to its end."""
        total, seconds, over = Outcome(), 0.0, False
        for line in self.lines():
            if (line["part"], line["sources"]) == (name, sources):
                total.add(Outcome(**line["outcome"]))
                seconds += line["seconds"]
                over |= line["over"]
        return total, seconds, over

    def lines(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                yield json.loads(line)

    def write(
        self, name: str, sources: str, seed: str, outcome: Outcome, seconds: float, *, over: bool
    ) -> None:
        line = {
            "part": name,
            "commit": commit(),
            "sources": sources,
            "seed": seed,
            "seconds": round(seconds, 1),
            "over": over,
            "outcome": asdict(outcome),
        }
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a") as kept:
            kept.write(json.dumps(line) + "\n")


def play(book: Book, name: str, most: float) -> None:
    """Make trials of a part until its goal, its end, or the time."""
    part, sources, seed = PARTS[name], digest(), secrets.token_hex(4)
    total, _, over = book.reached(name, sources)
    new, began = Outcome(), time.monotonic()
    last, trials = began, part.trials(seed)
    if name == "mutants" and total.trials:
        return
    while not over and time.monotonic() - began < most:
        if part.goal and getattr(total, part.unit) >= part.goal:
            break
        outcome = next(trials, None)
        over = outcome is None
        new.add(outcome or Outcome())
        total.add(outcome or Outcome())
        if over or time.monotonic() - last > EVERY:
            book.write(name, sources, seed, new, time.monotonic() - last, over=over)
            new, last = Outcome(), time.monotonic()
            print(f"{name}: {total.trials} trials, {total.kills} kills", file=sys.stderr, flush=True)
    book.write(name, sources, seed, new, time.monotonic() - last, over=over)


def report(book: Book) -> int:
    """Print the table of the present sources; 1 where anything was found."""
    sources, found, whole = digest(), [], True
    rows = [HEAD]
    rate = []
    for name, part in PARTS.items():
        total, seconds, over = book.reached(name, sources)
        got = getattr(total, part.unit)
        whole &= over if not part.goal else got >= part.goal
        goal = f"{part.goal} {part.unit}" if part.goal else "its end" if not over else "all"
        rows.append((name, str(got), goal, *map(str, _figures(name, total))))
        if name != "qcut":
            found += total.findings
        if seconds and total.kills:
            rate.append(f"{name}: {total.kills / seconds:.1f} kills a second")
        if total.not_run:
            rate.append(f"{name}: {total.not_run} not run here")
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    print(f"sources {sources}, commit {commit()}")
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    print(*rate, *found, "whole" if whole else "not whole: each figure is what was reached so far", sep="\n")
    return int(bool(found))


def _figures(name: str, total: Outcome) -> tuple[int, ...]:
    groups = (LOST, TWICE, PARTIAL, ROWLESS)
    known = [sum(kind in group for kind in total.kinds) for group in groups]
    other = len(total.kinds) - sum(known)
    if name == "qcut":
        known[0] = total.paid - total.kept
    return (
        total.kills,
        total.jobs,
        total.paid,
        total.kept,
        total.unknown,
        *known,
        other,
    )


if __name__ == "__main__":
    sys.exit(main())
