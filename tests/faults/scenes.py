"""What is run until it is killed at a named step: for each step the scene in which it comes.

The names are taken from the sources, so that no step can be forgotten, and no scene outlives its step.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .oracles import FINE
from .windows import SPEEDY

SOURCES = Path(__file__).parent.parent.parent / "tui"

MODELS = (
    "fal-ai/pixverse/v6/text-to-video",
    "fal-ai/vidu/q3/text-to-video",
    "fal-ai/vidu/q3/text-to-video/turbo",
)
CLIP = ("--set", "duration=1", "--set", "resolution=360p", "--seed", "7")
"""Equal clips are rendered once; each trial marks its requests with a field that no model knows."""
SHOWN: Mapping[str, Any] = MappingProxyType({"settings": {"listing_unfinished": True}})
"""A listing in which every request stands at once: what was counted must then be found."""
HITS = 3


def order(trial: str, *more: str) -> tuple[str, ...]:
    """One job for each model, marked as those of a trial."""
    models = [word for model in MODELS for word in ("-m", model)]
    return ("generate", "a fox", *models, *more, "--set", f"trial={trial}", "--json")


@dataclass(frozen=True, slots=True)
class Act:
    """One command, and the point (name:n) at which it is killed, if it is."""

    words: tuple[str, ...] = ("generate",)
    point: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What comes before the kill, and the command that is killed."""

    words: tuple[str, ...] = ("generate",)
    before: tuple[Act, ...] = ()
    pace: Mapping[str, float] = field(default_factory=lambda: SPEEDY)
    scenario: Mapping[str, Any] = field(default_factory=dict)
    fine: frozenset[str] = FINE
    hits: int = HITS
    """How often the step comes in that command."""


LOST = {"rule": [{"step": "submit", "cut": "after", "how": "reset"}]}
GONE = {"rule": [{"step": "media", "nth": 1, "status": 404}]}
SLOW = MappingProxyType({**SPEEDY, "media_bytes_per_s": 300_000.0})
WAITING = MappingProxyType({"queue_s": 1.0, "run_s": 0.0})
DETACHED = (Act(("generate", "--detach")),)
CANCELLED = FINE | {"cancelled"}

SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "intent.begin": Scene(hits=1),
        "running.committed": Scene(pace=MappingProxyType({**SPEEDY, "run_s": 0.4})),
        "unknown.committed": Scene(scenario=LOST),
        "found.committed": Scene(scenario=LOST),
        "adopted.committed": Scene(("resume",), before=(Act(point="intent.committed:1"),)),
        "part.written": Scene(pace=SLOW),
        "link.renewed": Scene(scenario=GONE),
        "cancelling.committed": Scene(
            ("cancel", "JOB"), before=DETACHED, pace=WAITING, fine=CANCELLED, hits=1
        ),
        "cancel.answered": Scene(("cancel", "JOB"), before=DETACHED, pace=WAITING, fine=CANCELLED, hits=1),
    }
)
USUAL = Scene()


def scene_of(point: str) -> Scene:
    """The scene of a step: three jobs that go through without any trouble, unless it says otherwise."""
    return SCENES.get(point, USUAL)


def points(sources: Path = SOURCES) -> list[str]:
    """The names of all steps, from the syntax trees of the sources."""
    return sorted({name for path in sources.rglob("*.py") for name in _steps(ast.parse(path.read_text()))})


def _steps(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="step"), args=[ast.Constant(value=str(name))]):
                yield name
            case ast.Call(func=ast.Attribute(attr="step")):
                raise AssertionError(f"line {node.lineno}: the name of a step is not written out")
