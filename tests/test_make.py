"""The Makefile: `make check` reads every file, and what has to be built is built only when it must."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = ("python", "ruff", "mypy", "lint-imports")

MISTYPED = '''"""Planted."""


def planted() -> int:
    """Return what is no number."""
    return "three"
'''
UNSTYLED = '"""Planted."""\n\nimport json\n'
UNLAYERED = '"""Planted."""\n\nimport httpx\n\nFOUND = httpx.codes.OK\n'


def make(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # What an outer make hands down is not for this one.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = ["make", *words]
    return subprocess.run(
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True, timeout=120
    )


def lend_tools(checkout: Path) -> Path:
    """Make what looks like the checkout's own environment: its tools are those that the tests run with."""
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    for tool in TOOLS:
        link = venv / "bin" / tool
        link.unlink(missing_ok=True)
        link.symlink_to(Path(sys.executable).with_name(tool))
    (venv / ".ready").write_text(f"{checkout}\n")
    return venv


@pytest.fixture(scope="module")
def checked(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` says of three new modules, each with one fault for one of its parts."""
    lend_tools(checkout)
    (checkout / "store/planted_type.py").write_text(MISTYPED)
    (checkout / "store/planted_style.py").write_text(UNSTYLED)
    (checkout / "store/planted_layer.py").write_text(UNLAYERED)
    return make("--keep-going", "check", cwd=checkout)


def test_check_fails(checked: subprocess.CompletedProcess[str]) -> None:
    assert checked.returncode == 2


def test_check_sees_a_type_error_in_a_new_module(checked: subprocess.CompletedProcess[str]) -> None:
    assert 'store/planted_type.py:6: error: Incompatible return value type (got "str"' in checked.stdout


def test_check_sees_an_unused_import_in_a_new_module(checked: subprocess.CompletedProcess[str]) -> None:
    assert "store/planted_style.py:3:8" in checked.stdout


def test_check_sees_an_import_across_the_layers_in_a_new_module(
    checked: subprocess.CompletedProcess[str],
) -> None:
    assert "reelroom.store.planted_layer -> httpx" in checked.stdout


def test_a_python_that_is_too_old_ends_with_one_sentence(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\ncase "$1" in -V) echo Python 3.9.2;; *) echo False;; esac\n')
    old.chmod(0o755)
    made = make("test", f"PYTHON={old}", f"VENV={tmp_path}/venv", cwd=checkout)
    assert made.returncode == 2
    assert made.stdout == ""
    assert len(made.stderr.splitlines()) == 1
    assert f"Reelroom needs Python 3.11 or newer, and {old} is Python 3.9.2" in made.stderr
    assert not (tmp_path / "venv").exists()


@pytest.fixture
def venv(checkout: Path) -> Path:
    return lend_tools(checkout)


@pytest.mark.usefixtures("venv")
def test_an_environment_that_is_ready_is_used_as_it_is(checkout: Path) -> None:
    told = make("--dry-run", "test", cwd=checkout).stdout
    assert told == ".venv/bin/python -m pytest -n auto --dist loadfile\n"


def test_an_environment_that_came_from_elsewhere_is_built_anew(checkout: Path, venv: Path) -> None:
    (venv / ".ready").write_text("/another/place\n")
    assert "-m venv --clear .venv" in make("--dry-run", "test", cwd=checkout).stdout


def test_an_environment_whose_python_is_gone_is_built_anew(checkout: Path, venv: Path) -> None:
    (venv / "bin/python").unlink()
    assert "-m venv --clear .venv" in make("--dry-run", "test", cwd=checkout).stdout


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_an_environment_follows_what_it_is_made_from(checkout: Path, venv: Path, name: str) -> None:
    older = (checkout / name).stat().st_mtime - 60
    os.utime(venv / ".ready", (older, older))
    assert "install -c constraints.txt" in make("--dry-run", "test", cwd=checkout).stdout
