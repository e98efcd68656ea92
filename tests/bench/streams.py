"""500 running jobs that change once a second, streamed; 100 of them, polled once a second."""

import json
import subprocess
import sys
from statistics import median

from .children import serving
from .figures import Figure, say, show

JOBS = 500
BOUND = 150
"""The most streams that the program opens."""
POLLED = 100
SECONDS = 8
ROUNDS = 3
SERVER = (sys.executable, "-m", "tests.bench.statuses")


def measure() -> list[Figure]:
    with serving(*SERVER) as base:
        streams = rounds("streams", base, JOBS, JOBS)
        engine = rounds("engine", base, JOBS, JOBS)
        bound = rounds("engine", base, JOBS, BOUND)
        polls = rounds("polls", base, POLLED, 0)
    return [
        *figures("500 streams, one update a second each, the client alone", streams),
        *figures("the same through the engine", engine),
        Figure("500 jobs as the program follows them, 150 by stream, CPU of a core", share(bound), 20.0, "%"),
        Figure("the same, memory above one job", memory(bound), 10.0, " MiB"),
        Figure("100 jobs polled once a second, CPU of a core", share(polls), None, "%"),
        Figure("the same, polls that did not take place", late(polls), 1.0, "%"),
    ]


def rounds(how: str, base: str, jobs: int, streams: int) -> list[dict[str, float]]:
    ran = []
    for number in range(ROUNDS):
        say(f"{jobs} jobs, {how} with {streams} streams, round {number + 1} of {ROUNDS}")
        command = [
            sys.executable,
            "-m",
            "tests.bench.follow",
            how,
            base,
            str(jobs),
            str(streams),
            str(SECONDS),
        ]
        ran.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    return ran


def figures(what: str, ran: list[dict[str, float]]) -> list[Figure]:
    missed = max(100 - 100 * one["updates"] / one["sent"] for one in ran)
    return [
        Figure(f"{what}, CPU of a core", share(ran), 20.0, "%", f"{cost(ran):.0f} µs an update"),
        Figure("the same, updates not delivered, worst round", max(missed, 0.0), 1.0, "%"),
        Figure("the same, memory above one job", memory(ran), 10.0, " MiB"),
    ]


def memory(ran: list[dict[str, float]]) -> float:
    """MiB."""
    return median(one["kib"] for one in ran) / 1024


def share(ran: list[dict[str, float]]) -> float:
    return 100 * median(one["cpu"] / one["wall"] for one in ran)


def cost(ran: list[dict[str, float]]) -> float:
    """Microseconds of CPU for one update."""
    return 1e6 * median(one["cpu"] / one["updates"] for one in ran)


def late(ran: list[dict[str, float]]) -> float:
    return max(0.0, *(100 - 100 * one["updates"] / (POLLED * one["wall"]) for one in ran))


if __name__ == "__main__":
    show(measure())
