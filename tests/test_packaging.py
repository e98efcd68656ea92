"""What is built is what is in the folders, and it runs where nothing else of this project is."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("fal", "store", "tui")
PIP = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet")


def run(*command: str | Path, cwd: Path = Path("/"), **more: str) -> str:
    """What a command prints on stdout; neither the environment nor the folder of the tests reaches it."""
    environment = {"PATH": os.environ["PATH"]} | more
    ran = subprocess.run(
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-2000:]
    return ran.stdout


def files_in(tree: Path) -> set[str]:
    """Every file of the three folders, as the path that it has once it is installed."""
    paths = (path for folder in FOLDERS for path in (tree / folder).rglob("*") if path.is_file())
    return {
        f"reelroom/{path.relative_to(tree).as_posix()}" for path in paths if "__pycache__" not in path.parts
    }


def settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def dist(checkout: Path) -> Path:
    """The sdist, and the wheel that was built from it."""
    run(sys.executable, "-m", "build", "--no-isolation", cwd=checkout)
    return checkout / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


def environment(folder: Path) -> Path:
    """An empty environment that finds the dependencies of this one, but nothing that is linked into it."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    (site,) = folder.glob("lib/python3*/site-packages")
    # A folder that a .pth file names is put on the path, and the .pth files within it are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def install(env: Path, *what: str | Path) -> None:
    run(*PIP, "--python", env / "bin/python", "install", "--no-index", "--no-deps", *what)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    env = environment(tmp_path_factory.mktemp("installed"))
    install(env, wheel)
    return env


def test_the_list_of_packages_names_every_folder_that_is_one() -> None:
    listed = settings()["tool"]["setuptools"]["packages"]
    folders = {
        path.parent.relative_to(ROOT) for name in FOLDERS for path in (ROOT / name).rglob("__init__.py")
    }
    assert listed == sorted(".".join(["reelroom", *folder.parts]) for folder in folders)


def test_every_module_lies_in_a_package() -> None:
    modules = [path for name in FOLDERS for path in (ROOT / name).rglob("*.py")]
    assert [str(path) for path in modules if not path.with_name("__init__.py").exists()] == []


def test_the_version_that_is_printed_is_the_version_of_the_project() -> None:
    printed = run(Path(sys.executable).with_name("reelroom"), "--version")
    assert printed == f"reelroom {settings()['project']['version']}\n"


def test_the_wheel_holds_every_file_of_the_folders_and_nothing_else(wheel: Path, checkout: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    dist_info = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - dist_info == files_in(checkout)
    assert {path.rsplit("/")[-1] for path in dist_info} >= {"METADATA", "entry_points.txt", "LICENSE"}


def test_the_wheel_holds_data_of_every_kind_that_the_settings_name(wheel: Path) -> None:
    patterns = settings()["tool"]["setuptools"]["package-data"]["*"]
    names = zipfile.ZipFile(wheel).namelist()
    in_tree = files_in(ROOT)
    kinds = [pattern.removeprefix("*") for pattern in patterns]
    kinds_used = [kind for kind in kinds if any(name.endswith(kind) for name in in_tree)]
    assert {".sql", ".json", "py.typed"} <= set(kinds_used)
    assert [kind for kind in kinds_used if not any(name.endswith(kind) for name in names)] == []


def test_the_sdist_holds_what_a_build_needs(dist: Path, checkout: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert names >= {name.removeprefix("reelroom/") for name in files_in(checkout)}
    assert names >= {"pyproject.toml", "LICENSE"}


def test_an_installed_reelroom_runs_and_reads_its_data(installed: Path, tmp_path: Path) -> None:
    reelroom = installed / "bin/reelroom"
    version = "from importlib.metadata import version; print('reelroom', version('reelroom'))"
    assert run(reelroom, "--version") == run(installed / "bin/python", "-c", version)
    models = run(reelroom, "models", "--json", REELROOM_HOME=str(tmp_path)).splitlines()
    assert all(isinstance(json.loads(model), dict) for model in models)
    assert models != []
    # An empty list, but to say so the database was made from the migrations in the wheel.
    assert run(reelroom, "jobs", "--json", REELROOM_HOME=str(tmp_path)) == ""


def test_every_module_is_imported_from_the_installed_wheel(installed: Path, wheel: Path) -> None:
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py")
    )
    code = f"import importlib\nfor name in {modules!r}: print(importlib.import_module(name).__file__)"
    files = run(installed / "bin/python", "-c", code).splitlines()
    assert len(files) == len(modules)
    assert [file for file in files if not file.startswith(str(installed))] == []


def test_it_lives_beside_a_package_named_fal_and_outlives_it(wheel: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "env")
    vendor = tmp_path / "vendor"
    (vendor / "fal").mkdir(parents=True)
    (vendor / "fal/__init__.py").write_text('"""A stand-in for the vendor\'s package."""\nVENDOR = True\n')
    (vendor / "pyproject.toml").write_text('[project]\nname = "fal"\nversion = "1.0"\n')
    run(*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "-w", tmp_path, vendor)
    install(env, wheel, tmp_path / "fal-1.0-py3-none-any.whl")
    both = "import fal, reelroom.fal.values; assert fal.VENDOR and fal is not reelroom.fal"
    run(env / "bin/python", "-c", both)
    assert run(env / "bin/reelroom", "--version").startswith("reelroom ")
    run(*PIP, "--python", env / "bin/python", "uninstall", "--yes", "fal")
    assert run(env / "bin/reelroom", "--version").startswith("reelroom ")
    run(env / "bin/python", "-c", "import reelroom.fal.values, reelroom.store.records")
