"""Every test that drives a screen sees its toasts and tooltips: they read text too, and crash alike."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
SEEN = {"notifications", "tooltips"}


def pilots(source: str) -> Iterator[ast.Call]:
    """Every call that starts an app for a test."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("run_test"):
            yield node


def blind(source: str) -> list[int]:
    """The lines that start an app without its toasts or its tooltips."""
    return [
        call.lineno
        for call in pilots(source)
        if SEEN - {word.arg for word in call.keywords if ast.unparse(word.value) == "True"}
    ]


def test_every_app_in_a_test_shows_its_toasts_and_tooltips() -> None:
    sources = {str(path.relative_to(TESTS)): path.read_text() for path in TESTS.rglob("*.py")}
    assert sum(len(list(pilots(source))) for source in sources.values()) > 50
    assert {path: blind(source) for path, source in sources.items() if blind(source)} == {}


@pytest.mark.parametrize(
    "source",
    [
        "app.run_test()",
        "app.run_test(notifications=True)",
        "app.run_test(size=size, notifications=True, tooltips=False)",
        "Desk().run_test(**more)",
    ],
)
def test_an_app_without_them_is_found(source: str) -> None:
    assert blind(source) == [1]


def test_an_app_with_both_passes() -> None:
    assert blind("app.run_test(size=(80, 24), tooltips=True, notifications=True)") == []
