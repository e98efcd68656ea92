"""The parts of the long proof: each makes trials one by one, and says of each what was found."""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from types import MappingProxyType

import pytest

from .forks import ForkServer, fork_server
from .kills import Harness, Trial
from .mutants import MUTANTS
from .oracles import Finding, after_all, after_kill
from .outside import Snapshot, snapshot
from .power import cut, loop_disk
from .program import Sandbox, sandbox
from .scenes import MODELS, points, scene_of
from .stage import Stage
from .syscalls import CALLS, FAULTS, Injection, injected
from .windows import ANY, SPEEDY, WINDOWS

LOST = frozenset({"lost", "unknown", "backwards"})
TWICE = frozenset({"second post", "twice"})
PARTIAL = frozenset({"stray"})
ROWLESS = frozenset({"lie"})
ENOUGH = 40
"""Trials with one sandbox: its ledger is read for each, and grows."""


@dataclass(slots=True)
class Outcome:
    """What one trial, or many, came to."""

    trials: int = 0
    kills: int = 0
    jobs: int = 0
    paid: int = 0
    kept: int = 0
    unknown: int = 0
    findings: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    not_run: int = 0

    def add(self, other: "Outcome") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def blame(self, name: str, findings: list[Finding]) -> None:
        self.findings += [f"{name}: {one.kind}: {one.text}" for one in findings]
        self.kinds += [one.kind for one in findings]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where trials take place, anew for every few of them."""

    served: Sandbox
    forks: ForkServer
    folder: Path

    @property
    def harness(self) -> Harness:
        return Harness(self.served, self.folder, self.forks)


def grounds() -> Iterator[Ground]:
    """A ground for each trial; the sandbox and the fork server last for some of them."""
    memory = Path("/dev/shm")  # kills need no disk that lasts
    while True:
        with ExitStack() as stack:
            kept = tempfile.TemporaryDirectory(
                dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True
            )
            folder = Path(stack.enter_context(kept))
            ground = Ground(
                stack.enter_context(sandbox(folder / "sandbox")), stack.enter_context(fork_server()), folder
            )
            for _ in range(ENOUGH):
                yield ground
                for path in folder.iterdir():
                    if path.name != "sandbox":
                        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _of(trial: Trial) -> Outcome:
    states = trial.ended.states
    outcome = Outcome(
        1, len(trial.kills), len(states), len(trial.submits), states.count("saved"), states.count("unknown")
    )
    outcome.blame(trial.name, trial.findings)
    return outcome


def named(seed: str) -> Iterator[Outcome]:
    """Each step at each of its first hits, over and over."""
    moments = [(point, hit) for point in points() for hit in range(1, scene_of(point).hits + 1)]
    for ground, number in zip(grounds(), count(), strict=False):
        point, hit = moments[number % len(moments)]
        trial = ground.harness.at_point(scene_of(point), f"{point}:{hit}", f"{seed}:{point}:{hit}:{number}")
        outcome = _of(trial)
        outcome.kills = max(int(trial.hit), len(trial.kills) - (not trial.hit))
        yield outcome


def moments(seed: str) -> Iterator[Outcome]:
    """At any moment, and again while it takes up; each tenth trial in a stretch that is watched for."""
    for ground, number in zip(grounds(), count(), strict=False):
        window = WINDOWS[number // 10 % len(WINDOWS)] if number % 10 == 9 else ANY
        trials = ground.harness.trials(window, f"{seed}:{number}", again=4)
        yield _of(next(islice(trials, number % 4 if window is ANY else 0, None)))


def calls(seed: str) -> Iterator[Outcome]:
    """Each call of each kind, with each fault, until a run comes through without meeting it."""
    ground = grounds()
    for call in CALLS:
        for fault in FAULTS:
            for when in count(1):
                outcome, met = _one_call(
                    next(ground), Injection(call, fault, when), f"{seed}-{call}-{fault}-{when}"
                )
                yield outcome
                if not met:
                    break


def _one_call(ground: Ground, injection: Injection, name: str) -> tuple[Outcome, bool]:
    stage = Stage(ground.served, ground.forks, ground.folder / name)
    stage.set()
    try:
        met = injected(stage, injection)
    except pytest.skip.Exception:
        return Outcome(not_run=1), False
    outcome = Outcome(int(met), int(met and injection.fault == "SIGKILL"))
    if (stage.home / "data/reelroom.db").exists():
        outcome.blame(name, _standing(stage))
        stage.resume()
        _judge(outcome, name, stage)
    return outcome, met


def _standing(stage: Stage) -> list[Finding]:
    left = snapshot(stage.home)
    return [*after_kill(left, stage.library, stage.submits()), *after_all(stage.home)]


def _judge(outcome: Outcome, name: str, stage: Stage) -> None:
    """After everything was taken up: each job saved, or unknown where nothing was counted."""
    left, submits = snapshot(stage.home), stage.submits()
    findings = _standing(stage)
    outcome.jobs, outcome.paid = len(left.jobs), len(submits)
    outcome.kept, outcome.unknown = left.states.count("saved"), left.states.count("unknown")
    if (
        set(left.states) - {"saved", "unknown"}
        or len(left.clips) != outcome.kept
        or outcome.kept < len(submits)
    ):
        findings.append(Finding("lost", f"{len(submits)} were paid for, and the jobs are {left.states}"))
    findings += [Finding("second post", one.request_id) for one in submits if one.posts > 1]
    outcome.blame(name, findings)


SAID = tuple(name for name in points() if scene_of(name) == scene_of("saved.committed"))
"""The steps that come in every job."""


def cuts(seed: str) -> Iterator[Outcome]:
    """The power goes at a step; the copied disk is mounted, and everything taken up from it."""
    for ground, number in zip(grounds(), count(), strict=False):
        point = SAID[number % len(SAID)]
        name = f"{seed}-{number}"
        stage = Stage(ground.served, ground.forks, ground.folder / name)
        try:
            yield _one_cut(stage, point, name)
        except pytest.skip.Exception:
            yield Outcome(not_run=1)


def _one_cut(stage: Stage, point: str, name: str) -> Outcome:
    outcome = Outcome(1, 1)
    with loop_disk(stage.home) as disk:
        stage.set()
        with cut(stage, disk, f"{point}:1") as (said, left):
            outcome.blame(name, list(_forgotten(said, left)))
            outcome.blame(name, _standing(stage))
            stage.resume()
            _judge(outcome, name, stage)
    return outcome


def _forgotten(said: Snapshot, left: Snapshot) -> Iterator[Finding]:
    if (said.jobs, said.clips) != (left.jobs, left.clips):
        yield Finding("backwards", f"the rows were {said.states}, and are {left.states} after the cut")


def mutants(_seed: str) -> Iterator[Outcome]:
    """Each mutant once; a kept one was caught."""
    for mutant in MUTANTS:
        alive = mutant.lives()
        outcome = Outcome(1, kept=int(alive is None))
        if alive is not None:
            outcome.blame(mutant.name, [Finding("silent", "it was not caught")])
        yield outcome


def qcut(seed: str) -> Iterator[Outcome]:
    """The algorithm that failed, killed at any moment; half of its runs have a project open."""
    for ground, number in zip(grounds(), count(), strict=False):
        name = f"{seed}:qcut:{number}"
        chance = random.Random(name)
        folder = ground.folder / f"qcut-{number}"
        folder.mkdir()
        ground.served.scenario({})
        ground.served.pace(**SPEEDY)
        words = [ground.served.base, str(folder), name, chance.choice(["project", "none"]), *MODELS]
        with subprocess.Popen([sys.executable, str(Path(__file__).with_name("qcut.py")), *words]) as process:
            time.sleep(chance.uniform(0.3, 1.2))
            process.kill()
        time.sleep(0.2)
        paid = len(ground.served.submits(name))
        kept = sum(path.stat().st_size > 100_000 for path in folder.glob("*.mp4"))
        yield Outcome(1, 1, paid, paid, kept)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the proof: how its trials are made, and how many of what make it whole."""

    trials: Callable[[str], Iterator[Outcome]]
    goal: int
    unit: str = "trials"


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "mutants": Part(mutants, len(MUTANTS)),
        "qcut": Part(qcut, 200),
        "cuts": Part(cuts, 1000),
        "calls": Part(calls, 0),
        "named": Part(named, 5000, "kills"),
        "moments": Part(moments, 5000, "kills"),
    }
)
"""A goal of 0 is reached when the trials come to their end."""
