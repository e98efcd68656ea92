"""Who may import whom: every contract holds, every contract bites, and what is meant to be light is light."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

Plant = tuple[str, ...]
"""A file of the project, the module it is made to import and, where that is a step, the end of the way."""

# For each contract, imports that it must refuse. `planted_…` are modules of their own, so that a report names
# the import that it is about; the other files may exist already, and get one line more.
PLANTS: dict[str, list[Plant]] = {
    "fal knows neither what is kept nor what is shown": [
        ("fal/planted_store.py", "reelroom.store.records"),
        ("fal/planted_tui.py", "reelroom.tui.studio"),
        ("fal/planted_textual.py", "textual"),
        ("fal/planted_sql.py", "aiosqlite"),
    ],
    "the wire's models stay in the wire's modules (direct imports)": [
        ("fal/planted_models.py", "pydantic"),
        ("fal/sandbox/planted_models.py", "pydantic"),
        ("tui/cli/planted_models.py", "pydantic_core"),
    ],
    "the sandbox is imported by its own command alone": [
        ("fal/planted_sandbox.py", "reelroom.fal.sandbox"),
        ("store/planted_sandbox.py", "reelroom.fal.sandbox"),
        ("tui/studio/planted_sandbox.py", "reelroom.fal.sandbox"),
        ("tui/cli/planted_sandbox.py", "reelroom.fal.sandbox"),
        ("tui/__main__.py", "reelroom.fal.sandbox"),
    ],
    "the sandbox takes only the wire's values from fal": [
        ("fal/sandbox/planted_store.py", "reelroom.store.records"),
        ("fal/sandbox/planted_tui.py", "reelroom.tui.cli"),
        ("fal/sandbox/planted_schema.py", "reelroom.fal.schema"),
        ("fal/sandbox/planted_http.py", "httpx"),
        ("fal/sandbox/planted_sse.py", "httpx_sse"),
    ],
    "a server and decoders are for the sandbox, decoders for media as well": [
        ("fal/planted_server.py", "starlette"),
        ("store/planted_server.py", "hypercorn"),
        ("tui/cli/planted_schema.py", "jsonschema"),
        ("store/planted_av.py", "av"),
        ("tui/widgets/planted_picture.py", "PIL"),
        ("tui/screens/planted_numpy.py", "numpy"),
        ("tui/media/planted_server.py", "starlette"),
    ],
    "store knows neither FAL nor what is shown": [
        ("store/planted_fal.py", "reelroom.fal.values"),
        ("store/planted_tui.py", "reelroom.tui.studio"),
        ("store/planted_textual.py", "textual"),
        ("store/planted_http.py", "httpx"),
        ("store/planted_sse.py", "httpx_sse"),
    ],
    "the studio stands alone in tui and draws nothing": [
        ("tui/studio/planted_textual.py", "textual"),
        ("tui/studio/planted_cli.py", "reelroom.tui.cli"),
        ("tui/studio/planted_widgets.py", "reelroom.tui.widgets"),
        ("tui/studio/planted_chain.py", "reelroom.fal.planted_textual", "textual"),
    ],
    "the studio has no HTTP and no SQL of its own (direct imports)": [
        ("tui/studio/planted_http.py", "httpx"),
        ("tui/studio/planted_sse.py", "httpx_sse"),
        ("tui/studio/planted_sql.py", "aiosqlite"),
        ("tui/studio/planted_sqlite.py", "sqlite3"),
    ],
    "media decodes, and does nothing else": [
        ("tui/media/planted_textual.py", "textual"),
        ("tui/media/planted_http.py", "httpx"),
        ("tui/media/planted_sse.py", "httpx_sse"),
        ("tui/media/planted_sql.py", "aiosqlite"),
        ("tui/media/planted_store.py", "reelroom.store.store"),
        ("tui/media/planted_fal.py", "reelroom.fal.values"),
        ("tui/media/planted_studio.py", "reelroom.tui.studio"),
    ],
    "widgets reach no HTTP, no SQL and no models of pydantic": [
        ("tui/widgets/planted_http.py", "httpx"),
        ("tui/widgets/planted_sse.py", "httpx_sse"),
        ("tui/widgets/planted_sql.py", "aiosqlite"),
        ("tui/widgets/planted_sqlite.py", "sqlite3"),
        ("tui/widgets/planted_models.py", "pydantic"),
        ("tui/widgets/planted_chain.py", "reelroom.tui.planted_http", "httpx"),
    ],
    "widgets call no one: wishes go up as messages (direct imports)": [
        ("tui/widgets/planted_studio.py", "reelroom.tui.studio"),
        ("tui/widgets/planted_screens.py", "reelroom.tui.screens"),
        ("tui/widgets/planted_app.py", "reelroom.tui.app"),
        ("tui/widgets/planted_cli.py", "reelroom.tui.cli"),
        ("tui/widgets/planted_media.py", "reelroom.tui.media"),
        ("tui/widgets/planted_main.py", "reelroom.tui.__main__"),
    ],
    "screens, app and messages reach HTTP and SQL through the studio alone": [
        ("tui/screens/planted_http.py", "httpx"),
        ("tui/screens/planted_sse.py", "httpx_sse"),
        ("tui/screens/planted_sqlite.py", "sqlite3"),
        ("tui/screens/planted_chain.py", "reelroom.tui.planted_http", "httpx"),
        ("tui/app.py", "aiosqlite"),
        ("tui/messages.py", "pydantic"),
    ],
    "screens, app and messages know no command and decode nothing (direct imports)": [
        ("tui/screens/planted_cli.py", "reelroom.tui.cli"),
        ("tui/app.py", "reelroom.tui.media"),
        ("tui/messages.py", "reelroom.tui.__main__"),
    ],
    "what is drawn takes only plain values from fal and store (direct imports)": [
        ("tui/widgets/planted_client.py", "reelroom.fal.client"),
        ("tui/widgets/planted_store.py", "reelroom.store.store"),
        ("tui/screens/planted_client.py", "reelroom.fal.client"),
        ("tui/screens/planted_store.py", "reelroom.store.store"),
        ("tui/app.py", "reelroom.fal.client"),
        ("tui/messages.py", "reelroom.store.store"),
    ],
    "plain values load nothing heavy": [
        ("fal/values.py", "httpx"),
        ("fal/errors.py", "pydantic"),
        ("fal/catalogue.py", "pydantic"),
        ("fal/schema.py", "pydantic"),
        ("fal/prices.py", "httpx_sse"),
        ("fal/clean.py", "textual"),
        ("store/records.py", "aiosqlite"),
        ("store/states.py", "asyncio"),
        ("store/errors.py", "sqlite3"),
    ],
    "the headless commands never load the screen": [
        ("tui/cli/planted_textual.py", "textual"),
        ("tui/cli/planted_chain.py", "reelroom.tui.planted_textual", "textual"),
        ("tui/cli/planted_app.py", "reelroom.tui.app"),
        ("tui/cli/planted_media.py", "reelroom.tui.media"),
        ("tui/cli/planted_messages.py", "reelroom.tui.messages"),
        ("tui/cli/planted_player.py", "reelroom.tui.player"),
        ("tui/cli/planted_screens.py", "reelroom.tui.screens"),
        ("tui/cli/planted_widgets.py", "reelroom.tui.widgets"),
    ],
    "the player draws on a bare terminal, and asks no one": [
        ("tui/player/planted_textual.py", "textual"),
        ("tui/player/planted_http.py", "httpx"),
        ("tui/player/planted_sql.py", "aiosqlite"),
        ("tui/player/planted_studio.py", "reelroom.tui.studio"),
        ("tui/player/planted_widgets.py", "reelroom.tui.widgets"),
    ],
}
STEPS: list[Plant] = [("tui/planted_http.py", "httpx"), ("tui/planted_textual.py", "textual")]
"""The middle of the chains above."""


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    # The tree's own links come before those of the tree that the environment was made for.
    environment = os.environ | {"PYTHONPATH": "build/link", "NO_COLOR": "1", "COLUMNS": "200"}
    command = [BIN / "lint-imports", "--no-cache", "--no-logo"]
    return subprocess.run(
        command, cwd=tree, env=environment, check=False, capture_output=True, text=True, timeout=60
    )


def plant(tree: Path, file: str, module: str) -> None:
    path = tree / file
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a") as text:
        text.write(f"\nimport {module}\n")


def refused(said: str, file: str, module: str, end: str | None = None) -> bool:
    """Whether a contract's report says that `file` reaches `end` (else `module`) by importing `module`."""
    importer = "reelroom." + file.removesuffix(".py").replace("/", ".")
    first = re.compile(rf"^-\s+{re.escape(importer)} -> {nearest(module)} \(", re.MULTILINE)
    header = r"^(?:\S+ is not allowed to import|Illegal imports of protected package) (\S+):$"
    _, *parts = re.split(header, said, flags=re.MULTILINE)
    blocks = zip(parts[::2], parts[1::2], strict=True)
    return any(
        f"{end or module}.".startswith(f"{target}.") and first.search(block) for target, block in blocks
    )


def nearest(module: str) -> str:
    """A pattern for `module` or, as it may not be there yet, this project's packages around it."""
    words = module.split(".")
    shortest = 1 if module.startswith("reelroom.") else len(words) - 1
    return "(?:" + "|".join(re.escape(".".join(words[:n])) for n in range(len(words), shortest, -1)) + ")"


@pytest.fixture(scope="module")
def broken(checkout: Path) -> dict[str, str]:
    """What import-linter says of each contract, once every forbidden import of this file is planted."""
    for file, module, *_ in [*STEPS, *(planted for plants in PLANTS.values() for planted in plants)]:
        plant(checkout, file, module)
    subprocess.run(["make", "build/link/reelroom"], cwd=checkout, check=True, capture_output=True, timeout=20)
    linted = lint(checkout)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    _, _, report = linted.stdout.partition("Broken contracts\n")
    parts = re.split(r"\n(.+)\n-{3,}\n", report)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def test_every_contract_holds() -> None:
    linted = lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_each_contract_has_imports_that_it_must_refuse() -> None:
    assert contracts() == list(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_a_contract_refuses_what_it_is_there_to_refuse(name: str, broken: dict[str, str]) -> None:
    said = broken[name]
    assert [planted for planted in PLANTS[name] if not refused(said, *planted)] == [], said


def loaded_by(*code: str) -> set[str]:
    """The modules that a new interpreter holds after `code`."""
    lines = [*code, "import sys", "print(*sys.modules)"]
    python = [sys.executable, "-c", "\n".join(lines)]
    ran = subprocess.run(python, capture_output=True, text=True, check=True, timeout=30)
    return set(ran.stdout.split())


def imported_by(*words: str, home: Path, codes: tuple[int, ...] = (0,)) -> set[str]:
    """The modules that the console script imports for `words`, in an empty home without a key."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    command = [sys.executable, "-X", "importtime", BIN / "reelroom", *words]
    ran = subprocess.run(
        command,
        env=environment | {"REELROOM_HOME": str(home)},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode in codes, ran.stderr[-2000:]
    return set(re.findall(r"^import time:.*\| +(\S+)$", ran.stderr, re.MULTILINE))


HEAVY = {"asyncio", "httpx", "textual", "pydantic", "sqlite3", "aiosqlite", "humanize"}
DECODERS = {"av", "numpy", "PIL"}
SERVER = {"starlette", "hypercorn", "jsonschema"}


@pytest.mark.parametrize(
    "module",
    [
        "reelroom.store.records",
        "reelroom.store.states",
        "reelroom.fal.values",
        "reelroom.fal.errors",
        "reelroom.fal.catalogue",
    ],
)
def test_what_screens_are_handed_loads_nothing_heavy(module: str) -> None:
    modules = loaded_by(f"import {module}")
    assert module in modules
    assert modules & (HEAVY | DECODERS | SERVER) == set()


def test_the_catalogue_is_read_without_anything_heavy() -> None:
    modules = loaded_by("from reelroom.fal.catalogue import Catalogue", "Catalogue.load()")
    assert modules & (HEAVY | DECODERS | SERVER) == set()


def test_nothing_of_the_project_is_imported_under_a_second_name() -> None:
    modules = loaded_by("import reelroom.fal.values, reelroom.store.records, reelroom.tui.__main__")
    assert modules & {"fal", "store", "tui"} == set()


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(word: str, tmp_path: Path) -> None:
    modules = imported_by(word, home=tmp_path)
    assert "reelroom.tui.__main__" in modules
    assert modules & (HEAVY | DECODERS | SERVER) == set()


def test_without_a_terminal_the_studio_is_not_even_loaded(tmp_path: Path) -> None:
    modules = imported_by(home=tmp_path, codes=(2,))
    assert modules & (HEAVY | DECODERS | SERVER) == set()


@pytest.mark.parametrize("words", [["models"], ["jobs", "--json"], ["media", "--json"], ["info"]])
def test_a_headless_command_loads_neither_the_screen_nor_a_decoder(words: list[str], tmp_path: Path) -> None:
    modules = imported_by(*words, home=tmp_path)
    assert any(name.startswith("reelroom.tui.cli") for name in modules)
    assert modules & ({"textual"} | DECODERS | SERVER) == set()


def test_only_the_command_sandbox_loads_a_server_and_decoders() -> None:
    every = [
        path.stem for path in (ROOT / "tui/cli").glob("*.py") if path.stem not in {"__init__", "sandbox"}
    ]
    assert every != []
    modules = loaded_by(*(f"import reelroom.tui.cli.{name}" for name in every))
    assert modules & ({"textual"} | DECODERS | SERVER) == set()
