"""What the long proof writes down, and what it adds up."""

import json
from pathlib import Path

import pytest

from tests.faults import __main__ as torture
from tests.faults.mutants import MUTANTS, ROOT
from tests.faults.parts import Outcome


def test_there_are_more_than_25_mutants_and_each_still_fits_the_sources() -> None:
    assert len(MUTANTS) >= 25
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert (ROOT / mutant.file).read_text().count(mutant.old) == 1, mutant.name
        assert (ROOT / mutant.test.partition(" ")[0]).exists(), mutant.name


def test_lines_of_other_sources_do_not_add_up(tmp_path: Path) -> None:
    book = torture.Book(tmp_path / "torture.jsonl")
    book.write("cuts", "one", "a", Outcome(trials=3, kills=3), 1.0, over=False)
    book.write("cuts", "two", "b", Outcome(trials=4, kills=4), 1.0, over=False)
    book.write("calls", "one", "c", Outcome(trials=5), 1.0, over=True)
    book.write("cuts", "one", "d", Outcome(trials=1, kinds=["lost"], findings=["x"]), 2.0, over=False)
    total, seconds, over = book.reached("cuts", "one")
    assert (total.trials, total.kills, total.kinds, seconds, over) == (4, 3, ["lost"], 3.0, False)
    assert book.reached("calls", "one")[2]


def test_the_table_never_rounds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = torture.Book(tmp_path / "torture.jsonl")
    book.write("cuts", torture.digest(), "a", Outcome(trials=999, kills=999), 1.0, over=False)
    assert torture.report(book) == 0
    told = capsys.readouterr().out
    assert " 999  1000 trials" in told
    assert "not whole" in told
    book.write(
        "cuts", torture.digest(), "b", Outcome(trials=1, kinds=["lie"], findings=["it lied"]), 1.0, over=False
    )
    assert torture.report(book) == 1
    assert "it lied" in capsys.readouterr().out


def test_a_line_names_commit_sources_and_seed(tmp_path: Path) -> None:
    book = torture.Book(tmp_path / "torture.jsonl")
    book.write("cuts", torture.digest(), "5eed", Outcome(), 1.0, over=False)
    line = json.loads((tmp_path / "torture.jsonl").read_text())
    assert (line["part"], line["sources"], line["seed"]) == ("cuts", torture.digest(), "5eed")
    assert line["commit"]
