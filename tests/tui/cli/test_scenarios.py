"""The real program against a real sandbox that misbehaves."""

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.script import KLING, LIMIT, Reelroom


@contextmanager
def sandbox(home: Path, scenario: str) -> Iterator[str]:
    """The base URL of a fast sandbox with that scenario."""
    process = Reelroom(home).start(
        "sandbox", "--speed", "0.05", "--scenario", scenario, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().split()[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT)
        process.stdout.close()


def ledger(base: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{base}/sandbox/ledger", timeout=10) as answer:
        report: dict[str, Any] = json.load(answer)
    return report


@pytest.mark.parametrize(
    ("scenario", "rules"),
    [
        ("row-22-short-without-length", {"short", "short, as if whole"}),
        ("row-29-foreign-addresses", {"foreign"}),
        ("row-13-direct-result", {"direct"}),
    ],
)
def test_a_clip_is_paid_once_and_saved_once_in_spite_of_a_scenario(
    reelroom: Reelroom, tmp_path: Path, scenario: str, rules: set[str]
) -> None:
    with sandbox(tmp_path / "sandbox", scenario) as base:
        words = ("-m", KLING, "--set", "duration=5", "--json")
        ended = reelroom.at(REELROOM_FAL_URL=base).run("generate", "a fox", *words)
        (job,) = ended.objects
        assert (ended.code, job["state"]) == (0, "saved"), ended.err
        report = ledger(base)
    (submit,) = report["submits"]
    assert submit["posts"] == 1
    assert Path(job["path"]).stat().st_size == submit["file_size"]
    assert {rule["name"] for rule in report["rules"]} == rules
    assert report["key_leaks"] == []


def test_a_scenario_of_ones_own_that_is_wrong_is_refused_with_its_field(
    reelroom: Reelroom, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[[rule]]\nstep = "media"\ncut = "middle"\n')
    ended = reelroom.run("sandbox", "--scenario", str(mine))
    assert ended.code == 2
    assert "rule 1 (step media): cut is 'middle'; before, after or body" in ended.err
    assert ended.out == ""
