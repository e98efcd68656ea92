"""`python -m tests.faults --kills 10`: the kill table, over as many kills as one has time for."""

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .forks import fork_server
from .kills import Harness, Tally
from .program import sandbox
from .windows import WINDOWS, window_named

HEAD = ("window", "kills", "outside", "requests", "saved", "unknown", "second posts", "stray files", "other")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="kills in each window")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="what was printed by the run to repeat")
    parser.add_argument("--window", action="append", choices=[window.name for window in WINDOWS])
    args = parser.parse_args()
    windows = [window_named(name) for name in args.window] if args.window else list(WINDOWS)
    print(f"seed {args.seed}", flush=True)
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder)) as served, fork_server() as program:
        for window in windows:
            tallies.append(Harness(served, Path(folder), program).kill(window, args.kills, args.seed))
            print(f"{window.name}: {tallies[-1].kills} kills", file=sys.stderr, flush=True)
    table(tallies)
    resumed = sum(tally.resumed for tally in tallies)
    print(f"{resumed} downloads went on from where they had stopped. Each trial was three jobs and one kill;")
    print("kills outside their window were judged as well, and made again.")
    for tally in tallies:
        for line in tally.told():
            print(line)
    return int(any(tally.found() or tally.kills < args.kills for tally in tallies))


def table(tallies: Sequence[Tally]) -> None:
    rows = [HEAD, *map(_row, tallies)]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        print("  ".join(str(cell).rjust(width) for cell, width in zip(row, widths, strict=True)))


def _row(tally: Tally) -> tuple[str, ...]:
    second, stray = tally.found("second post"), tally.found("stray")
    figures = (
        tally.kills,
        tally.outside,
        tally.counted,
        tally.jobs("saved"),
        tally.jobs("unknown"),
        second,
        stray,
        tally.found() - second - stray,
    )
    return (tally.window, *map(str, figures))


if __name__ == "__main__":
    sys.exit(main())
