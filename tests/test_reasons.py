"""The closed list of why a job ended or waits, held against everything that gives a reason."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from reelroom.fal import faults
from reelroom.fal.errors import FailedReason, RefusedReason
from reelroom.store.reasons import REASONS, Charged, Then
from reelroom.store.states import HoldUp
from reelroom.tui.ways import ENDED, WAITING

ROOT = Path(__file__).parent.parent
GIVERS = [*sorted((ROOT / "tui/studio").glob("*.py")), *sorted((ROOT / "store").glob("*.py"))]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def trees() -> Iterator[ast.Module]:
    for path in GIVERS:
        yield ast.parse(path.read_text())


def places() -> dict[str, int]:
    """Functions that take a reason by position, and at which."""
    found = {}
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                names = [one.arg for one in node.args.args if one.arg != "self"]
                if "reason" in names:
                    found[node.name] = names.index("reason")
    return found


def given() -> set[str]:
    """Every reason that stands in the code as a word."""
    by_place = places()
    words = set()
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            values = [one.value for one in node.keywords if one.arg == "reason"]
            at = by_place.get(ast.unparse(node.func).rpartition(".")[2])
            if at is not None and at < len(node.args):
                values.append(node.args[at])
            words |= {value.value for value in values if isinstance(value, ast.Constant) and value.value}
    return words


def test_every_reason_in_the_code_is_on_the_list_and_every_one_on_the_list_is_given() -> None:
    from_fal = {*get_args(RefusedReason), *get_args(FailedReason)}
    held = {hold_up.value for hold_up in HoldUp}
    assert len(given()) >= 12
    assert (given() | from_fal | held) ^ REASONS.keys() == set()


@pytest.mark.parametrize("word", REASONS)
def test_every_reason_has_a_sentence(word: str) -> None:
    sentence = REASONS[word].sentence
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert word.replace("_", "").isalpha()


def test_every_action_is_used_and_has_its_words() -> None:
    assert {reason.then for reason in REASONS.values()} == set(Then)
    assert all(way.command and way.screen for way in [*ENDED.values(), *WAITING.values()])
    assert {HoldUp(word) for word in HoldUp if REASONS[word].then in WAITING} == set(HoldUp)


def test_what_is_read_again_was_never_free_for_sure() -> None:
    assert all(reason.charged is not Charged.NO for reason in REASONS.values() if reason.rereadable)


def test_the_guide_tells_the_whole_list() -> None:
    rows = [line for line in (ROOT / "docs/reasons.md").read_text().splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{one.word}` | {one.sentence} | {one.charged.value} | {one.then.value} |"
        for one in REASONS.values()
    ]


@pytest.mark.parametrize("kind", [*faults._MODEL, *faults._REQUEST, "a_new_word"])
def test_every_error_type_of_fal_has_its_reason(kind: str) -> None:
    assert faults.reason_of(kind) in REASONS


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("content_policy_violation", "policy"),
        ("image_too_small", "invalid_input"),
        ("bad_request", "invalid_input"),
        ("no_media_generated", "model_error"),
        ("internal_server_error", "model_error"),
        ("a_new_word", "model_error"),
        ("generation_timeout", "timed_out"),
        ("runner_disconnected", "service_failed"),
        ("client_cancelled", "ended_at_fal"),
    ],
)
def test_an_error_type_of_fal_comes_to(kind: str, reason: str) -> None:
    assert faults.reason_of(kind) == reason
