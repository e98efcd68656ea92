"""`python -m tests.fuzz [SECONDS [READER …]]`: libFuzzer against each reader, in a process of its own.

What is found of inputs stays in build/fuzz/READER for the next time; one that breaks a reader is named.
"""

import logging
import re
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import machine

ROOT = Path(__file__).parents[2]
SEEDS = Path(__file__).parent / "seeds"
LONGEST = 16_384
"""Bytes of one input: what is bounded by size has tests of its own."""

NAMES = tuple(sorted(path.name for path in SEEDS.iterdir()))


def main(seconds: str = "60", *names: str) -> int:
    """Fuzz each reader for so long, print what came of it, and say how many broke."""
    if unknown := set(names) - set(NAMES):
        print(f"There is no reader called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
        return 2
    print(f"{'reader':<12}{'executions':>12}{'edges':>8}{'inputs':>8}", flush=True)
    broken = [name for name in names or NAMES if not fuzz(name, seconds)]
    print(f"\n{seconds} s each; {machine()}")
    return len(broken)


def fuzz(name: str, seconds: str) -> bool:
    """Whether a reader held; its row is printed, and what broke it."""
    kept = ROOT / "build/fuzz" / name
    kept.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2048"]
    options += ["-print_final_stats=1", f"-artifact_prefix={kept.parent}/{name}-", "-verbosity=1"]
    command = [sys.executable, "-m", "tests.fuzz", "--one", name, *options, str(kept), str(SEEDS / name)]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, errors="replace")
    said = ran.stdout + ran.stderr
    found = [
        last(said, pattern)
        for pattern in (r"number_of_executed_units: +(\d+)", r"cov: (\d+)", r"corp: (\d+)")
    ]
    print(f"{name:<12}{found[0]:>12}{found[1]:>8}{found[2]:>8}", flush=True)
    if ran.returncode:
        # The traceback is on stdout; of the rest only the file that holds the input is worth reading.
        print(ran.stdout[-4_000:], *re.findall(r"Test unit written to .*", ran.stderr), flush=True)
    return ran.returncode == 0


def last(text: str, pattern: str) -> str:
    """The last number that the fuzzer told under this name."""
    return (re.findall(pattern, text) or ["?"])[-1]


def one(name: str, *options: str) -> None:
    """Hand one reader to libFuzzer, which ends this process."""
    import atheris

    with atheris.instrument_imports(include=["reelroom"]):
        from tests.fuzz.readers import READERS
    logging.disable()
    atheris.Setup([name, *options], READERS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        sys.exit(main(*sys.argv[1:]))
