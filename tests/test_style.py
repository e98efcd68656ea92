"""The budget and the habits of the code, read from its syntax trees."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("fal", "store", "tui")
BUILT = {".git", ".venv", "build", "dist", "__pycache__", "node_modules"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Finding = tuple[int, str]
"""A line, and what is wrong there."""

TASK_OWNERS = {"store/database.py": "waits for its own step to the end, in the same function"}
"""The only modules that may start a task which no TaskGroup holds, and why."""


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def lines_of(node: ast.ClassDef | Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def too_long(tree: ast.Module) -> Iterator[Finding]:
    """Classes over 200 lines and functions over 40."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and lines_of(node) > 200:
            yield node.lineno, f"class {node.name} has {lines_of(node)} lines; 200 are the most"
        if isinstance(node, Function) and lines_of(node) > 40:
            yield node.lineno, f"{node.name}() has {lines_of(node)} lines; 40 are the most"


def undocumented(tree: ast.Module) -> Iterator[Finding]:
    """Public functions, classes, and the public methods of public classes, without a sentence."""
    for node in public(tree):
        yield from silent(node)
        if isinstance(node, ast.ClassDef):
            for method in public(node):
                yield from silent(method)


def public(parent: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | Function]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node


def silent(node: ast.ClassDef | Function) -> Iterator[Finding]:
    # The setter of a property and an overload are documented where the name is first defined.
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
    if not ast.get_docstring(node) and not marks & {"setter", "deleter", "overload"}:
        yield node.lineno, f"{node.name} says nothing about itself"


def bare_tasks(tree: ast.Module) -> Iterator[Finding]:
    """Tasks that are started on the loop and not in a TaskGroup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner, _, name = ast.unparse(node.func).rpartition(".")
            on_the_loop = owner in {"", "asyncio"} or "loop" in owner
            if name == "ensure_future" or (name == "create_task" and on_the_loop):
                yield node.lineno, f"{owner}.{name}() starts a task that no TaskGroup owns"


def prints(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            yield node.lineno, "print() outside the command line"


def mocks(tree: ast.Module) -> Iterator[Finding]:
    """What changes the program behind its back, where a seam would do."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg="monkeypatch" | "mocker" as name):
                yield node.lineno, f"{name} stands in for a seam"
            case ast.ImportFrom(module=str(module)) if "mock" in module.split("."):
                yield node.lineno, f"{module} stands in for a seam"
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                for name in names:
                    if {"mock", "MonkeyPatch"} & set(name.name.split(".")):
                        yield node.lineno, f"{name.name} stands in for a seam"
            case ast.Attribute(attr="MonkeyPatch"):
                yield node.lineno, "MonkeyPatch stands in for a seam"


def findings(check: Callable[[ast.Module], Iterator[Finding]], paths: list[Path]) -> list[str]:
    assert paths != []
    return [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in paths
        for line, what in check(ast.parse(path.read_text()))
    ]


def test_no_module_has_more_than_300_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in python_files(*FOLDERS)}
    assert {str(path): lines for path, lines in sizes.items() if lines > 300} == {}


def test_no_class_has_more_than_200_lines_and_no_function_more_than_40() -> None:
    assert findings(too_long, python_files(*FOLDERS)) == []


def test_everything_public_has_a_sentence() -> None:
    assert findings(undocumented, python_files(*FOLDERS)) == []


def test_every_task_has_an_owner() -> None:
    owned = {ROOT / name for name in TASK_OWNERS}
    assert findings(bare_tasks, [path for path in python_files(*FOLDERS) if path not in owned]) == []


def test_each_owner_of_a_task_still_starts_one() -> None:
    assert [name for name in TASK_OWNERS if not findings(bare_tasks, [ROOT / name])] == []


def test_only_the_command_line_prints() -> None:
    speaking = [ROOT / "tui/cli", ROOT / "tui/__main__.py"]
    quiet = [
        path for path in python_files(*FOLDERS) if not any(path.is_relative_to(door) for door in speaking)
    ]
    assert findings(prints, quiet) == []


def test_no_test_stands_in_for_a_seam() -> None:
    assert findings(mocks, python_files("tests")) == []


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (too_long, "class Long:\n" + "    field: int\n" * 200),
        (too_long, "async def long():\n" + "    pass\n" * 40),
        (too_long, "class Short:\n    def long(self):\n" + "        pass\n" * 40),
        (undocumented, "def spoken(): pass"),
        (undocumented, "class Spoken:\n    '''Says.'''\n    def method(self): pass"),
        (undocumented, "class Silent: pass"),
        (bare_tasks, "asyncio.create_task(work())"),
        (bare_tasks, "asyncio.get_running_loop().create_task(work())"),
        (bare_tasks, "self._loop.create_task(work())"),
        (bare_tasks, "create_task(work())"),
        (bare_tasks, "asyncio.ensure_future(work())"),
        (prints, "print('hello')"),
        (mocks, "def test_it(monkeypatch): pass"),
        (mocks, "from unittest import mock"),
        (mocks, "import unittest.mock"),
        (mocks, "from unittest.mock import patch"),
        (mocks, "with pytest.MonkeyPatch.context() as patch: pass"),
    ],
)
def test_a_check_finds_what_it_is_there_to_find(
    check: Callable[[ast.Module], Iterator[Finding]], code: str
) -> None:
    assert len(list(check(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (too_long, "class Full:\n" + "    field: int\n" * 199),
        (too_long, "def full():\n" + "    pass\n" * 39),
        (undocumented, "def _quiet(): pass\nclass Said:\n    '''Says.'''\n    def __init__(self): pass"),
        (undocumented, "def outer():\n    '''Says.'''\n    def inner(): pass"),
        (bare_tasks, "group.create_task(work())\nself._tasks.create_task(work())"),
        (prints, "self.print('hello')\npprint(1)"),
        (mocks, "httpx.MockTransport(answer)"),
    ],
)
def test_a_check_lets_pass_what_is_right(check: Callable[[ast.Module], Iterator[Finding]], code: str) -> None:
    assert list(check(ast.parse(code))) == []


# In parts, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "npm" + r"js\.(?:org|com)",
    "crates" + r"\.io",
    "ghcr" + r"\.io",
    "docker" + r"\.(?:io|com)",
    "golang" + r"\.org",
    "anaconda" + r"\.(?:org|com)",
    "hugging" + r"face\.co",
]
MACHINES = [
    "/" + r"work/",
    "/" + r"root/",
    "/" + r"opt/",
    "/" + r"Users/",
    "/" + r"home/(?!you\b|user\b|me\b)",
]
FOREIGN = re.compile("|".join(REGISTRIES + [rf"(?<![\w.)}}~*-]){machine}" for machine in MACHINES]))


def project_files() -> list[Path]:
    """Every file that a person wrote or would commit; what is built is listed in .gitignore."""
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(unwritten(part) for part in path.relative_to(ROOT).parts)
    )


def unwritten(part: str) -> bool:
    return part in BUILT or part.endswith((".egg-info", "_cache", ".hypothesis"))


def foreign(text: str) -> list[str]:
    return [match[0] for match in FOREIGN.finditer(text)]


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): foreign(path.read_text(errors="replace")) for path in project_files()
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text", ["https://" + "pypi" + ".org/simple", " /" + "work/main", '"/' + "home/ann/x"]
)
def test_a_registry_or_a_folder_of_one_machine_is_recognised(text: str) -> None:
    assert foreign(text) != []


@pytest.mark.parametrize("text", ["/home/you/Videos", "fal/root/", "docs/work/", "https://fal.ai/opt/"])
def test_a_path_in_the_project_or_an_address_is_not_a_folder_of_one_machine(text: str) -> None:
    assert foreign(text) == []
