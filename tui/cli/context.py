"""What every command starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reelroom.tui.settings import Settings, WrongSetting, load_settings

from .ending import Code, Stop
from .keyfile import FoundKey, find_key
from .log import hide

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from reelroom.fal.key import Key
    from reelroom.tui.paths import Paths
    from reelroom.tui.studio.seams import Seams

    from .terminal import Terminal


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one command, read once at its start."""

    version: str
    terminal: Terminal
    environ: Mapping[str, str]
    """The environment without the key."""
    folder: Path
    """The working directory, relative: it may be gone."""
    paths: Paths
    given_key: str | None
    """FAL_KEY as it was; nothing else may read it, and no child inherits it."""
    seams: Seams | None = None
    """Where a test takes hold of the engine; None in the program itself."""

    def settings(self, args: argparse.Namespace | None = None) -> Settings:
        """The settings for these flags, if any. Raises Stop with code 2."""
        try:
            return load_settings(
                self.paths,
                self.environ,
                self.folder,
                project=getattr(args, "project", None),
                live=getattr(args, "live", False),
                budget=getattr(args, "budget", None),
                no_spend=getattr(args, "no_spend", False),
            )
        except WrongSetting as error:
            raise Stop(Code.USAGE, str(error)) from error

    def key(self, *, ask: bool = True) -> FoundKey | None:
        """The FAL key, if there is one; with `ask` false without its value where that is in the keyring.

        Raises Stop with code 3 where there is one that cannot be a key, or that the keyring does not give.
        """
        from .keyring import NoKeyring  # noqa: PLC0415 - `--help` and slips of the hand need none of it

        try:
            found = find_key(self.given_key, self.paths.key, ask=ask)
        except NoKeyring as error:
            raise Stop(
                Code.KEY,
                f"{error} The FAL key is kept there. `reelroom key set` keeps it anew, or FAL_KEY holds it.",
            ) from None
        except OSError as error:
            raise Stop(Code.KEY, f"{self.paths.key} could not be read: {error.strerror}.") from error
        except ValueError as error:  # BadKey is one
            raise Stop(Code.KEY, str(error)) from error
        if found is not None and found.key is not None:
            hide(found.key)
        return found

    def key_if_any(self) -> Key | None:
        """The key's value alone, None where there is none or none that can be read without a keyring."""
        try:
            found = self.key(ask=False)
        except Stop:
            return None
        return None if found is None else found.key
