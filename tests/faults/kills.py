"""One kill after another: start, wait for the window, kill at a random moment, take up, judge."""

import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .oracles import Ending, Finding, after_all, after_kill, after_resume
from .outside import Snapshot, snapshot, watch
from .program import PATIENCE, Program, Sandbox, Submit
from .windows import AFTER_SAVED, SPEEDY, Window

MODELS = ("fal-ai/pixverse/v6/text-to-video", "fal-ai/vidu/q3/text-to-video")
CLIP = ("--set", "duration=1", "--set", "resolution=720p", "--seed", "7")
"""Equal clips are rendered once; each trial marks its requests with a field that no model knows."""
MISSES = 8
"""How often a kill that fell outside its window is made again."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of two jobs whose program was killed once."""

    name: str
    hit: bool
    killed: Snapshot
    ended: Snapshot
    submits: list[Submit]
    findings: list[Finding]


@dataclass(slots=True)
class Tally:
    """A line of the table: all trials of one window."""

    window: str
    trials: list[Trial] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return sum(trial.hit for trial in self.trials)

    @property
    def outside(self) -> int:
        return len(self.trials) - self.kills

    def jobs(self, state: str) -> int:
        return sum(trial.ended.states.count(state) for trial in self.trials)

    @property
    def counted(self) -> int:
        return sum(len(trial.submits) for trial in self.trials)

    @property
    def resumed(self) -> int:
        return sum(submit.resumed for trial in self.trials for submit in trial.submits)

    def found(self, *kinds: str) -> int:
        return sum(not kinds or one.kind in kinds for trial in self.trials for one in trial.findings)

    def told(self) -> list[str]:
        """Each finding, after the name of its trial, which is also the seed that repeats it."""
        return [f"{trial.name}: {one.kind}: {one.text}" for trial in self.trials for one in trial.findings]


@dataclass(frozen=True, slots=True)
class Harness:
    """Where the trials take place."""

    sandbox: Sandbox
    folder: Path
    program: Program = field(default_factory=Program)

    def kill(self, window: Window, kills: int, seed: str) -> Tally:
        """Kill until that many have hit the window; each trial is judged, whether it hit or not."""
        tally = Tally(window.name)
        for trial in self.trials(window, seed):
            tally.trials.append(trial)
            if tally.kills == kills or tally.outside > MISSES + kills:
                break
        return tally

    def trials(self, window: Window, seed: str) -> Iterator[Trial]:
        """Trials without end, the same for the same seed as far as chance within the machine allows."""
        number = 0
        while True:
            edge = AFTER_SAVED if window.name == "save" and number % 3 == 2 else window
            yield self.trial(edge, f"{seed}:{window.name}:{number}")
            number += 1

    def trial(self, window: Window, name: str) -> Trial:
        """One program, one kill, one resume."""
        home = self.folder / name.replace(":", "-")
        home.mkdir()
        self._killed(window, home, name)
        killed = snapshot(home)
        library = home / "data/library"
        findings = list(after_kill(killed, library))
        self.sandbox.pace(**SPEEDY)
        ending = self._taken_up(home)
        submits = self.sandbox.submits(name)
        findings += [*after_resume(killed, ending, submits, library), *after_all(home)]
        return Trial(name, window.hit(killed), killed, ending.left, submits, findings)

    def _killed(self, window: Window, home: Path, name: str) -> None:
        chance = random.Random(name)  # a test's own chance
        self.sandbox.pace(**window.pace)
        models = [word for model in MODELS for word in ("-m", model)]
        order = ("generate", "a fox", *models, *CLIP, "--set", f"trial={name}", "--json")
        with self.program.start(home, self.sandbox.base, *order) as process:
            try:
                self._await(window, home, process)
                time.sleep(chance.uniform(0, window.span))
            finally:
                process.kill()

    def _await(self, window: Window, home: Path, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        with watch(home) as seen:
            while not window.begun(seen) and process.poll() is None:
                assert time.monotonic() < deadline, f"{window.name} was never seen"
                time.sleep(0.0005)

    def _taken_up(self, home: Path) -> Ending:
        base = self.sandbox.base
        code, _ = self.program.run(home, base, "resume", "--json", "--patience", "20")
        _, jobs = self.program.run(home, base, "jobs", "--json")
        _, media = self.program.run(home, base, "media", "--json")
        return Ending(code, jobs, media, snapshot(home))
