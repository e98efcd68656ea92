"""What is checked here and what the sandbox checks, from one set of facts by two ways that share no code."""

import random
from typing import Any

import pytest

from reelroom.fal.catalogue import BadValue, Catalogue, Model, arrange
from reelroom.fal.sandbox.checks import Checks
from reelroom.fal.sandbox.documents import Documents
from reelroom.fal.sandbox.facts import Facts
from reelroom.fal.schema import Field, Shape

INPUTS = 2_000
URL = "https://v3.fal.media/files/a.png"
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2.5, 1e6, 2**40, "", "x", "5", "5s", "auto", "16:9", "720p", "nan", "true",
    URL, "data:image/png;base64,AA==", "a.jpg", [], ["x"], [URL], [URL] * 30, {}, {"width": 8, "height": 8},
    {"width": 0}, {"prompt": "x"}, "x" * 3_000, "x" * 30_000,
)  # fmt: skip


def fitting(shape: Shape, dice: random.Random) -> Any:
    """A value that the shape takes, in FAL's own form."""
    if shape.choices:
        return dice.choice(shape.choices)
    if shape.variants:
        return fitting(dice.choice(shape.variants), dice)
    if shape.type == "array":
        many = dice.randint(shape.fewest or 0, min(shape.most or 4, 8))
        return [fitting(shape.items or Shape("string"), dice) for _ in range(max(many, shape.fewest or 0))]
    if shape.type == "object":
        return {
            field.name: fitting(field.shape, dice)
            for field in shape.fields
            if field.required or dice.random() < 0.3
        }
    if shape.type in ("integer", "number"):
        return number(shape, dice)
    plain = {"boolean": dice.random() < 0.5, "any": "x"}
    return plain.get(shape.type, URL if shape.upload else "x" * max(1, shape.shortest or 1))


def number(shape: Shape, dice: random.Random) -> Any:
    ends = shape.range
    low = ends.low if ends.low is not None else 0
    high = ends.high if ends.high is not None else low + 100
    # As a person would type them: no 0.7000000000000001.
    steps = [round(low + (ends.step or 1) * at, 6) for at in range(200)]
    return dice.choice([one for one in steps if ends.holds(one) and one <= high] or [low])


def input_for(model: Model, dice: random.Random) -> tuple[dict[str, Any], Field]:
    """Fields that fit, and one of them anything: what fits, what nearly does, what does not."""
    fields = [field for field in model.schema.fields if field.name != "sync_mode"]
    given = {
        field.name: fitting(field.shape, dice) for field in fields if field.required or dice.random() < 0.2
    }
    chosen = dice.choice(fields)
    given[chosen.name] = fitting(chosen.shape, dice) if dice.random() < 0.3 else dice.choice(ODD)
    return given, chosen


def left_out(model: Model, given: dict[str, Any]) -> bool:
    """Whether a required field is there and blank: FAL takes an empty prompt, and charges for it."""
    return any(given.get(name) in ("", []) for name in model.required)


def arranged(model: Model, given: dict[str, Any]) -> dict[str, object] | None:
    try:
        return arrange(model, given)
    except BadValue:
        return None


def differences() -> tuple[list[str], list[str], int]:
    """What passes here and not there, what passes there and not here, and how many inputs passed both."""
    checks, models, dice = Checks(Documents(Facts())), Catalogue.load().models, random.Random(4)
    ours, theirs, both = list[str](), list[str](), 0
    for _ in range(INPUTS):
        model = dice.choice(models)
        given, field = input_for(model, dice)
        told = f"{model.endpoint} {field.name} {field.shape.words()[:60]} {str(given[field.name])[:60]!r}"
        ready = arranged(model, given)
        if ready is not None:
            failure = checks.failure(model.endpoint, ready)
            both += failure is None
            ours += [f"{told}: {failure.detail[:300]}"] if failure else []
        elif checks.failure(model.endpoint, given) is None and not left_out(model, given):
            theirs.append(told)
    return ours, theirs, both


@pytest.mark.slow
def test_both_ways_agree_on_two_thousand_inputs() -> None:
    ours, theirs, both = differences()
    assert ours == []
    assert theirs == []
    assert both > INPUTS / 4
