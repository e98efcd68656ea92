"""The real command line, with a step that ends it: `CP=name:n` kills it at the n-th time of that step.

`CP=name:n:stop` stops it there instead, as a debugger would. `entry.py serve` is a fork server: it imports
the program once, and then makes each command a child of its own, before any thread or loop exists. It is told
what to do in lines of JSON, and answers each with a line. The program itself knows nothing of this file.
"""

import gc
import importlib
import itertools
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from reelroom.tui.__main__ import main as program
from reelroom.tui.studio.pace import Pace
from reelroom.tui.studio.seams import Seams, no_step

COMMANDS = ("act", "asked", "engine", "generate", "jobs", "media", "parser", "resume", "wait")


def crash(point: str) -> Callable[[str], None]:
    """A step that ends this process at one point."""
    name, hit, *how = point.split(":")
    sent = signal.SIGSTOP if how == ["stop"] else signal.SIGKILL
    hits = itertools.count(1)

    def step(now: str) -> None:
        if now == name and next(hits) == int(hit):
            os.kill(os.getpid(), sent)

    return step


HASTE = Pace(
    looks=1,
    first_poll=0.05,
    longest_poll=0.2,
    first_restream=0.1,
    longest_restream=1.0,
    quiet_stream=0.5,
    first_retry=0.05,
    longest_retry=0.2,
    disk_check=0.2,
    missing_for=1.0,
)
"""For faults that last: the waits between tries are short, and their number stays what it is."""


def run(words: list[str]) -> int:
    """One command. `LOOKS` says how often FAL's listing is asked until a command no longer waits for it."""
    point = os.environ.pop("CP", None)
    looks = int(os.environ.pop("LOOKS", "3"))
    pace = HASTE if os.environ.pop("HASTE", None) else Pace(looks=looks)
    return program(words, Seams(pace=pace, step=crash(point) if point else no_step))


def load() -> None:
    """Import what the commands would import, and nothing that starts a thread."""
    for name in COMMANDS:
        importlib.import_module(f"reelroom.tui.cli.{name}")
    gc.freeze()
    if threading.active_count() != 1:
        raise SystemExit("A thread exists already: nothing can be forked from here.")


class Server:
    """Answers `start`, `wait` and `poll`."""

    def __init__(self, told: BinaryIO, answers: BinaryIO) -> None:
        self._told = told
        self._answers = answers
        self._ended: dict[int, tuple[int, int]] = {}

    def serve(self) -> dict[str, Any] | None:
        """Serve until nobody asks any more: None; or return what a child that was just made is to do."""
        while line := self._told.readline():
            order = json.loads(line)
            if order["do"] == "start":
                pid = os.fork()
                if pid == 0:
                    return order
                self._answer(pid=pid)
            else:
                self._answer(**self._end_of(order["pid"], wait=order["do"] == "wait"))
        return None

    def _end_of(self, pid: int, *, wait: bool) -> dict[str, Any]:
        if pid not in self._ended:
            found, status, used = os.wait4(pid, 0 if wait else os.WNOHANG)
            if not found:
                return {"code": None}
            self._ended[pid] = os.waitstatus_to_exitcode(status), used.ru_maxrss
        code, peak = self._ended[pid]
        return {"code": code, "peak": peak}

    def _answer(self, **values: Any) -> None:
        self._answers.write(json.dumps(values).encode() + b"\n")
        self._answers.flush()


def become(order: dict[str, Any]) -> None:
    """Be the process that was asked for: its group, its environment, its three descriptors and its chance."""
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environ"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, path in ((1, order["out"]), (2, order["talk"])):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(path, flags, 0o600), descriptor)
    os.dup2(nothing, 0)
    os.closerange(3, 32)
    # The three text layers still hold what the server had read.
    sys.stdin = open(0)  # noqa: SIM115 - it is closed by the end of the fork
    random.seed()
    if order.get("hold"):
        os.kill(os.getpid(), signal.SIGSTOP)


def serve() -> list[str] | None:
    """The words of the command that this process has become; None in the server, at its end."""
    load()
    order = Server(sys.stdin.buffer, sys.stdout.buffer).serve()
    if order is None:
        return None
    become(order)
    return [str(word) for word in order["words"]]


if __name__ == "__main__":
    given = serve() if sys.argv[1:] == ["serve"] else sys.argv[1:]
    sys.exit(0 if given is None else run(given))
