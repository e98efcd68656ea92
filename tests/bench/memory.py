"""Peak memory of a download of 2 GB, above that of the same process after one of 1 MB."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .children import serving, static_files
from .clips import write_clip
from .figures import Figure, say, show

SMALL, LARGE = 1_000_000, 2_000_000_000
RUNS = 3


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        served = Path(folder)
        write_clip(served / "small.mp4", SMALL)
        write_clip(served / "large.mp4", LARGE, sparse=True)
        with serving(*static_files(served)) as base:
            peaks = [_peaks(base, number) for number in range(RUNS)]
    small, large = max(peaks, key=lambda peak: peak[1] - peak[0])
    note = f"{small:.1f} MiB after 1 MB, {large:.1f} MiB after 2 GB; the worst of {RUNS} runs"
    return [Figure("2 GB download, peak above that after 1 MB", large - small, 8, " MiB", note)]


def _peaks(base: str, number: int) -> tuple[float, float]:
    """The peak of one process in MiB, after the small file and after the large one."""
    say(f"a download of 2 GB, {number + 1} of {RUNS}")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.fetch", "apart", base, folder, "small.mp4", "large.mp4"]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    small, large = json.loads(ran.stdout)["peaks_kib"]
    return small / 1024, large / 1024


if __name__ == "__main__":
    show(measure())
