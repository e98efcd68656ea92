"""Real processes: the program as it is installed, and a sandbox that stands in for FAL."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 60.0
"""Seconds until a command that should have ended is taken for one that hangs."""
SECRET = "c4f1b7d20e9a5386"
"""The secret of a key that must be found nowhere afterwards."""


@dataclass(frozen=True, slots=True)
class Program:
    """How Reelroom is started: the installed script, or the package of a changed copy."""

    command: tuple[str, ...] = (str(Path(sys.executable).with_name("reelroom")),)
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self, home: Path, base: str | None) -> dict[str, str]:
        known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        place = {} if base is None else {"REELROOM_FAL_URL": base, "FAL_KEY": f"canary:{SECRET}"}
        return known | {"HOME": str(home), "REELROOM_HOME": str(home)} | place | dict(self.more)

    def start(self, home: Path, base: str | None, *words: str) -> subprocess.Popen[bytes]:
        """Start it with its talk in a file beside its home: a pipe that nobody reads would stop it."""
        with home.with_name(f"{home.name}.log").open("ab") as talk:
            return subprocess.Popen(
                [*self.command, *words],
                env=self.environment(home, base),
                stdin=subprocess.DEVNULL,
                stdout=talk,
                stderr=talk,
                start_new_session=True,
            )

    def run(self, home: Path, base: str | None, *words: str) -> tuple[int, list[dict[str, Any]]]:
        """Run it to its end; its exit code, and the JSON objects that it printed."""
        ran = subprocess.run(
            [*self.command, *words],
            env=self.environment(home, base),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        with home.with_name(f"{home.name}.log").open("ab") as talk:
            talk.write(ran.stderr)
        return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()]


@dataclass(frozen=True, slots=True)
class Submit:
    """One request as the sandbox counted it."""

    request_id: str
    endpoint: str
    input: dict[str, Any]
    posts: int
    resumed: int
    """Downloads that went on from a later byte to the end."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that serves at `base`, and its control addresses."""

    base: str
    http: httpx.Client

    def pace(self, **seconds: float) -> None:
        self.http.put(f"{self.base}/sandbox/pace", json=seconds).raise_for_status()

    def scenario(self, document: Mapping[str, Any]) -> None:
        """Set a scenario in the place of the one that holds."""
        self.http.put(f"{self.base}/sandbox/scenario", json=dict(document)).raise_for_status()

    def submits(self, trial: str) -> list[Submit]:
        """What came from one trial: each marks its inputs with a field of its own."""
        report = self.http.get(f"{self.base}/sandbox/ledger").raise_for_status().json()
        assert report["key_leaks"] == []
        return [
            Submit(
                entry["request_id"],
                entry["endpoint"],
                entry["input"],
                entry["posts"],
                entry["downloads"]["resumed"],
            )
            for entry in report["submits"]
            if entry["input"].get("trial") == trial
        ]


@contextmanager
def sandbox(home: Path) -> Iterator[Sandbox]:
    """`reelroom sandbox` as a process of its own, until the block ends."""
    program = Program()
    with subprocess.Popen(
        [*program.command, "sandbox"],
        env=program.environment(home, None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        try:
            ready = process.stdout.readline().split()
            assert ready[:1] == [b"READY"]
            with httpx.Client(trust_env=False, timeout=20) as http:
                yield Sandbox(ready[1].decode(), http)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
