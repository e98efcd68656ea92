"""One kill after another: start, wait for the moment, kill, take up, judge."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .forks import Child, ForkServer
from .oracles import FINE, Ending, Finding, after_all, after_kill, after_resume, unfound
from .outside import Snapshot, snapshot, watch
from .program import PATIENCE, Sandbox, Submit
from .scenes import CLIP, SHOWN, Act, Scene, order
from .windows import AFTER_SAVED, ANY, MOMENTS, SPEEDY, Window

MISSES = 8
"""How often a kill that fell outside its window is made again."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the jobs of one home whose program was killed at least once."""

    name: str
    hit: bool
    kills: list[Snapshot]
    ended: Snapshot
    submits: list[Submit]
    findings: list[Finding]

    @property
    def killed(self) -> Snapshot:
        """What the first kill left."""
        return self.kills[0]


@dataclass(slots=True)
class Tally:
    """A line of the table: all trials of one window."""

    window: str
    trials: list[Trial] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return sum(trial.hit for trial in self.trials)

    @property
    def all_kills(self) -> int:
        """Also those outside the window, and those while taking up."""
        return sum(len(trial.kills) for trial in self.trials)

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
    program: ForkServer

    def kill(self, window: Window, kills: int, seed: str, *, again: int = 0) -> Tally:
        """Kill until that many have hit the window; each trial is judged, whether it hit or not.

        While it takes up what the kill left, the program is killed up to `again` times more.
        """
        tally = Tally(window.name)
        for trial in self.trials(window, seed, again=again):
            tally.trials.append(trial)
            if tally.kills >= kills or tally.outside > MISSES + kills:
                break
        return tally

    def trials(self, window: Window, seed: str, *, again: int = 0) -> Iterator[Trial]:
        """Trials without end, the same for the same seed as far as chance within the machine allows."""
        number = 0
        while True:
            edge = AFTER_SAVED if window.name == "save" and number % 3 == 2 else window
            if window is ANY:
                edge = MOMENTS[number % len(MOMENTS)]
            yield self.trial(edge, f"{seed}:{window.name}:{number}", again=again)
            number += 1

    def trial(self, window: Window, name: str, *, again: int = 0) -> Trial:
        """One program, one kill in the window and up to `again` while it takes up, one resume to the end."""
        home = self._home(name)
        chance = random.Random(name)  # a test's own chance
        self.sandbox.scenario(SHOWN)
        self.sandbox.pace(**window.pace)
        child = self.program.start(home, self.sandbox.base, *order(name, *CLIP))
        try:
            self._await(window, home, child)
            time.sleep(chance.uniform(0, window.span))
        finally:
            child.kill()
            code, _ = child.wait()
        kills = [snapshot(home)]
        findings = self._judged(kills[0], home, name)
        for _ in range(chance.randint(0, again)):
            killed = self._killed_again(home, chance)
            if killed is None:
                break
            kills.append(killed)
            findings += self._judged(killed, home, name)
        self.sandbox.pace(**SPEEDY)
        return self._finished(name, home, kills, findings, hit=code < 0 and window.hit(kills[0]))

    def at_point(self, scene: Scene, point: str, name: str, *, twice: bool = False) -> Trial:
        """Play a scene whose last command is killed at `point` (name:n), then take up, and judge.

        With `twice` everything is taken up once more, which must change nothing (I10).
        """
        home = self._home(name)
        self.sandbox.scenario(SHOWN | dict(scene.scenario))
        self.sandbox.pace(**scene.pace)
        kills: list[Snapshot] = []
        findings: list[Finding] = []
        code = 0
        for act in (*scene.before, Act(scene.words, point)):
            code = self._played(act, home, name)
            if act.point is not None and code < 0:
                kills.append(snapshot(home))
                findings += self._judged(kills[-1], home, name)
        self.sandbox.pace(**SPEEDY)
        if not kills:
            kills.append(snapshot(home))
        trial = self._finished(name, home, kills, findings, hit=code == -9, fine=scene.fine)
        if twice:
            trial.findings.extend(self._unchanged(home, trial.ended))
        return trial

    def _played(self, act: Act, home: Path, name: str) -> int:
        words = act.words
        if words[0] == "generate":
            words = order(name, *CLIP, *words[1:])
        if "JOB" in words:
            newest = snapshot(home).jobs[0].id
            words = tuple(newest if word == "JOB" else word for word in words)
        more = {"CP": act.point} if act.point else {}
        return self.program.start(home, self.sandbox.base, *words, more=more).wait()[0]

    def _home(self, name: str) -> Path:
        home = self.folder / name.replace(":", "-")
        home.mkdir()
        return home

    def _judged(self, killed: Snapshot, home: Path, name: str) -> list[Finding]:
        return list(after_kill(killed, home / "data/library", self.sandbox.submits(name)))

    def _killed_again(self, home: Path, chance: random.Random) -> Snapshot | None:
        """Kill `resume` within its first moments; None where it had ended by then."""
        child = self.program.start(home, self.sandbox.base, "resume")
        time.sleep(chance.uniform(0, 0.25))
        child.kill()
        code, _ = child.wait()
        return snapshot(home) if code < 0 else None

    def _finished(
        self,
        name: str,
        home: Path,
        kills: list[Snapshot],
        findings: Sequence[Finding],
        *,
        hit: bool,
        fine: frozenset[str] = FINE,
    ) -> Trial:
        ending = self._taken_up(home)
        submits = self.sandbox.submits(name)
        if unfound(submits, ending.left):
            ending = self._taken_up(home)
        library = home / "data/library"
        judged = [*findings, *after_resume(kills, ending, submits, library, fine), *after_all(home)]
        return Trial(name, hit, kills, ending.left, submits, judged)

    def _unchanged(self, home: Path, before: Snapshot) -> Iterator[Finding]:
        after = self._taken_up(home).left
        if (after.states, after.clips, after.files) != (before.states, before.clips, before.files):
            yield Finding("backwards", "taking up once more changed something")

    def _await(self, window: Window, home: Path, child: Child) -> None:
        deadline = time.monotonic() + PATIENCE
        with watch(home) as seen:
            while not window.begun(seen) and child.poll() is None:
                assert time.monotonic() < deadline, f"{window.name} was never seen"
                time.sleep(0.0005)

    def _taken_up(self, home: Path) -> Ending:
        base = self.sandbox.base
        code, _ = self.program.run(home, base, "resume", "--json", "--patience", "20")
        _, jobs = self.program.run(home, base, "jobs", "--json")
        _, media = self.program.run(home, base, "media", "--json")
        return Ending(code, jobs, media, snapshot(home))
