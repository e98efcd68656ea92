"""CPU of `reelroom --version` against a Python that does nothing."""

import sys
from pathlib import Path
from statistics import median

from .children import cost
from .figures import ROUNDS, Figure, say, show

EACH = 5
"""Runs that make one sample: a single one is too short to be timed well."""


def measure() -> list[Figure]:
    say("reelroom --version and python -c pass")
    version = (Path(sys.executable).with_name("reelroom"), "--version")
    nothing = (sys.executable, "-c", "pass")
    cost(version), cost(nothing)
    pairs = [(_sample(version), _sample(nothing)) for _ in range(ROUNDS)]
    ours, theirs = median(one for one, _ in pairs), median(other for _, other in pairs)
    return [
        Figure(
            "reelroom --version, CPU of python -c pass",
            median(one / other for one, other in pairs),
            2.5,
            "x",
            f"{1000 * ours:.0f} ms and {1000 * theirs:.0f} ms of CPU",
        )
    ]


def _sample(command: tuple[str | Path, ...]) -> float:
    return sum(cost(command)[0] for _ in range(EACH)) / EACH


if __name__ == "__main__":
    show(measure())
