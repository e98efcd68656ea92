"""The fork server from its other end: commands that cost a fork instead of a second of imports."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .program import PATIENCE, Program

ENTRY = Path(__file__).with_name("entry.py")


@dataclass(frozen=True, slots=True)
class Child:
    """A process that the server made."""

    pid: int
    server: "ForkServer"

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        code: int | None = self.server.ask(do="poll", pid=self.pid)["code"]
        return code

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> tuple[int, int]:
        """Its exit code, and the most memory it had, in KiB; killed after the patience of the harness."""
        timer = threading.Timer(PATIENCE, self._give_up)
        timer.start()
        try:
            ended = self.server.ask(do="wait", pid=self.pid)
        finally:
            timer.cancel()
        return int(ended["code"]), int(ended["peak"])

    def _give_up(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@dataclass(slots=True)
class ForkServer:
    """The program, imported once. `more` is put into the environment of each command."""

    process: subprocess.Popen[bytes]
    program: Program
    peak: int = 0
    """The most memory that any command had, in KiB."""
    commands: int = 0

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def start(
        self,
        home: Path,
        base: str | None,
        *words: str,
        more: Mapping[str, str] | None = None,
        hold: bool = False,
    ) -> Child:
        """Start a command; what it prints goes to `<home>.out` and `<home>.log`. `hold` stops it at once."""
        answer = self.ask(
            do="start",
            words=words,
            environ=self.program.environment(home, base) | dict(more or {}),
            out=str(home.with_name(f"{home.name}.out")),
            talk=str(home.with_name(f"{home.name}.log")),
            hold=hold,
        )
        self.commands += 1
        return Child(answer["pid"], self)

    def run(
        self, home: Path, base: str | None, *words: str, more: Mapping[str, str] | None = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Run a command to its end; its exit code, and the JSON objects that it printed."""
        out = home.with_name(f"{home.name}.out")
        out.unlink(missing_ok=True)
        code, peak = self.start(home, base, *words, more=more).wait()
        self.peak = max(self.peak, peak)
        lines = out.read_bytes().splitlines() if out.exists() else []
        return code, [json.loads(line) for line in lines if line.startswith(b"{")]


@contextmanager
def fork_server(more: Mapping[str, str] | None = None) -> Iterator[ForkServer]:
    """A fork server until the block ends; its children are killed one by one by who started them."""
    program = Program(more={"LOOKS": "1"} | dict(more or {}))
    # PYTHONPATH names the sources of a mutant, where one is tried.
    kept = ("PATH", "LANG", "PYTHONPATH")
    environ = {name: os.environ[name] for name in kept if name in os.environ} | dict(more or {})
    command = [sys.executable, "-P", str(ENTRY), "serve"]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield ForkServer(process, program)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
