"""Scenarios by name or by file: those that are packaged, and a person's own."""

from importlib import resources
from pathlib import Path

from .errors import NotAccepted
from .scenario import LARGEST, Scenario, load

_PACKAGE = "reelroom.fal.sandbox.scenarios"


def names() -> list[str]:
    """The packaged scenarios, sorted."""
    files = (path.name for path in resources.files(_PACKAGE).iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def open_scenario(name: str) -> Scenario:
    """The scenario of a file, or the packaged one of that name; raises NotAccepted with a sentence."""
    if name in names():
        return load(resources.files(_PACKAGE).joinpath(f"{name}.toml").read_bytes())
    try:
        with Path(name).open("rb") as file:
            return load(file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        if isinstance(error, NotAccepted):
            raise
        why = error.strerror if isinstance(error, OSError) else "a name without zero bytes is accepted"
        raise NotAccepted(
            f"The scenario {name[:200]!r} cannot be read: {why}. A TOML or JSON file is accepted,"
            f" or one of {', '.join(names())}."
        ) from error
