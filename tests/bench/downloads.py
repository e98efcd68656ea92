"""16 files of 20 MB by the program's own code, against curl on the same server in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .children import cost, serving, static_files
from .clips import write_clip
from .figures import ROUNDS, Figure, say, show

FILES = 16
SIZE = 20_000_000
BOUND = 2.2


def measure() -> list[Figure]:
    names = [f"{number}.mp4" for number in range(FILES)]
    with tempfile.TemporaryDirectory() as folder:
        served = Path(folder) / "served"
        served.mkdir()
        for name in names:
            write_clip(served / name, SIZE)
        with serving(*static_files(served)) as base:
            return _figures(base, names)


def _figures(base: str, names: list[str]) -> list[Figure]:
    whole, process, bare, curls, rates = [], [], [], [], []
    for number in range(ROUNDS):
        say(f"16 x 20 MB, round {number + 1} of {ROUNDS}")
        curls.append(curl(base, names))
        ran = ours("together", base, names)
        whole.append(ran["cpu"])
        process.append(ran["process"])
        rates.append(FILES * SIZE / 1e6 / ran["wall"])
        bare.append(ours("bare", base, names)["cpu"])
    ratio, from_start, naked = (
        median(a / b for a, b in zip(cpu, curls, strict=True)) for cpu in (whole, process, bare)
    )
    seconds = f"{median(whole):.2f} s and {median(curls):.2f} s of CPU, {median(rates):.0f} MB/s"
    return [
        Figure("16 x 20 MB saved (SHA-256, checks, fsync, rows), CPU of curl", ratio, BOUND, "x", seconds),
        Figure("the same with the program's start and imports, CPU of curl", from_start, None, "x"),
        Figure(
            "the bytes alone, without start and saving, CPU of curl",
            naked,
            None,
            "x",
            f"{median(bare):.2f} s of CPU",
        ),
    ]


def ours(how: str, base: str, names: list[str]) -> dict[str, float]:
    """Downloads in a fresh process and folder: `cpu` is that of the downloads alone, `process` all of it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.fetch", how, base, folder, *names]
        before = _of_children()
        ran: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return ran | {"process": _of_children() - before}


def _of_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def curl(base: str, names: list[str]) -> float:
    """CPU seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = [word for name in names for word in ("-o", f"{folder}/{name}", f"{base}/cdn/{name}")]
        used, _ = cost(["curl", "--silent", "--fail", "--parallel", "--parallel-max", str(FILES), *wanted])
        assert all((Path(folder) / name).stat().st_size == SIZE for name in names)
        return used


if __name__ == "__main__":
    show(measure())
