"""Figures with their bounds, printed as a plain table: what is missed says so."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 7
"""Pairs that are measured in turn; what is shown is their median."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, and the most that it may be, if there is a most."""

    what: str
    value: float
    bound: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.bound is None:
            return ""
        return "hit" if self.value <= self.bound else "MISS"

    def cells(self) -> tuple[str, str, str, str, str]:
        bound = "" if self.bound is None else f"<= {self.bound:g}{self.unit}"
        return self.what, f"{self.value:.3g}{self.unit}", bound, self.verdict, self.note


def machine() -> str:
    """Where the figures are from: they mean little without it."""
    cores = os.cpu_count() or 1
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{cores} cores ({_processor()}), {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, load {load}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    rows = [figure.cells() for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[4]]).rstrip(), flush=True)


def say(text: str) -> None:
    """What is being done, for whoever waits."""
    print(f"  {text} …", file=sys.stderr, flush=True)
