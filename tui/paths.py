"""Where Reelroom keeps things on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders, and the names in them. Nothing is made until `make` is called."""

    data: Path
    config: Path
    state: Path
    cache: Path

    @property
    def database(self) -> Path:
        """Jobs, media and projects."""
        return self.data / "reelroom.db"

    @property
    def backups(self) -> Path:
        """Copies of the database, the newest of a day."""
        return self.data / "backups"

    @property
    def library(self) -> Path:
        """The folder of clips, unless the user's file names another."""
        return self.data / "library"

    @property
    def user_file(self) -> Path:
        """The user's settings."""
        return self.config / "config.toml"

    @property
    def key(self) -> Path:
        """The FAL key, when it was kept by `key set`."""
        return self.config / "key"

    @property
    def lock(self) -> Path:
        """Held by the one process that works; beside the database, so that whoever shares it shares this."""
        return self.data / "engine.lock"

    @property
    def log(self) -> Path:
        """What happened, without the key."""
        return self.state / "reelroom.log"

    @property
    def sandbox(self) -> Path:
        """What the own sandbox remembers of its practice jobs."""
        return self.state / "sandbox"

    @property
    def served_sandbox(self) -> Path:
        """The same of a sandbox that is run by hand."""
        return self.state / "sandbox-served"

    def make(self) -> None:
        """Make the four folders, readable by their owner only."""
        for folder in (self.data, self.config, self.state, self.cache):
            make_private(folder)


def make_private(folder: Path) -> None:
    """Make a folder for its owner only, and close an existing one to everybody else."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(PRIVATE)


def find_paths(environ: Mapping[str, str], home: Path) -> Paths:
    """One folder for everything under REELROOM_HOME, else the XDG folders below `home`.

    As the XDG rules say, a relative path in one of their variables is not used.
    """
    own = environ.get("REELROOM_HOME")
    if own:
        root = Path(own).expanduser().absolute()
        return Paths(root / "data", root / "config", root / "state", root / "cache")

    def folder(variable: str, usual: str) -> Path:
        given = Path(environ.get(variable, ""))
        return (given if given.is_absolute() else home / usual) / "reelroom"

    return Paths(
        folder("XDG_DATA_HOME", ".local/share"),
        folder("XDG_CONFIG_HOME", ".config"),
        folder("XDG_STATE_HOME", ".local/state"),
        folder("XDG_CACHE_HOME", ".cache"),
    )
