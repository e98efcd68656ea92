"""One home, one sandbox, and commands of the real program, for faults that are told one by one."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .forks import Child, ForkServer
from .oracles import Finding, after_all, after_kill
from .outside import Snapshot, snapshot
from .program import Sandbox, Submit
from .scenes import CLIP, MODELS
from .windows import SPEEDY

OFF = {"listing": "off"}
"""A listing that shows nothing: what is lost then stays lost to us, and must be shown."""
HASTE = {"HASTE": "1"}
FOX = "a fox"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a fault does to the jobs of one home."""

    sandbox: Sandbox
    program: ForkServer
    home: Path

    @property
    def library(self) -> Path:
        return self.home / "data/library"

    def set(self, *rules: Mapping[str, Any], pace: Mapping[str, float] = SPEEDY, **settings: Any) -> None:
        """Set the scenario and the pace; whoever reads them meets them from now on."""
        self.home.mkdir(exist_ok=True)
        shown = {"listing_unfinished": True} | settings
        self.sandbox.scenario({"settings": shown, "rule": [dict(rule) for rule in rules]})
        self.sandbox.pace(**pace)

    def generate(
        self, jobs: int = 1, *more: str, prompt: str = FOX, point: str | None = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Run `generate` to its end; its code, and a line for each job."""
        return self.run(*self.order(jobs, *more, prompt=prompt), point=point)

    def order(self, jobs: int = 1, *more: str, prompt: str = FOX) -> tuple[str, ...]:
        models = [word for model in MODELS[:jobs] for word in ("-m", model)]
        marked = ("--set", f"trial={self.home.name}")
        return ("generate", prompt, *models, *CLIP, *marked, "--patience", "5", "--json", *more)

    def run(self, *words: str, point: str | None = None) -> tuple[int, list[dict[str, Any]]]:
        more = HASTE | ({"CP": point} if point else {})
        return self.program.run(self.home, self.sandbox.base, *words, more=more)

    def start(self, *words: str, point: str | None = None, hold: bool = False) -> Child:
        more = HASTE | ({"CP": point} if point else {})
        return self.program.start(self.home, self.sandbox.base, *words, more=more, hold=hold)

    def resume(self) -> tuple[int, list[dict[str, Any]]]:
        """Nothing is wrong any more: take up everything."""
        self.set()
        return self.run("resume", "--json", "--patience", "20")

    def submits(self) -> list[Submit]:
        return self.sandbox.submits(self.home.name)

    def left(self) -> Snapshot:
        """The rows and files as they are; what must hold at any moment holds now."""
        left = snapshot(self.home)
        findings: list[Finding] = [*after_kill(left, self.library, self.submits()), *after_all(self.home)]
        assert not findings, "\n".join(f"{finding.kind}: {finding.text}" for finding in findings)
        assert all(submit.posts == 1 for submit in self.submits())
        return left

    def states(self) -> list[str]:
        return self.left().states

    def sql(self, question: str) -> list[Any]:
        """What a row says that no snapshot has."""
        with closing(sqlite3.connect(self.home / "data/reelroom.db")) as database:
            return database.execute(question).fetchall()
