"""The console script. `--version` is answered before anything else is imported."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .studio.seams import Seams

VERSION = "0.1.0"
"""The release, as a literal: reading it from the metadata would cost five times a bare Python."""

SCREEN = "reelroom.tui.screen"
"""The module of the studio on screen: `run(context, args)` returns the exit code. It loads Textual."""


def main(words: Sequence[str] | None = None, seams: Seams | None = None) -> int:
    """Run one command, or the studio when none is given; returns the exit code. `seams` are for tests."""
    given = sys.argv[1:] if words is None else list(words)
    if given == ["--version"]:
        sys.stdout.write(f"reelroom {VERSION}\n")
        return 0
    if not given:
        return open_the_screen(seams)
    from .cli.run import run  # noqa: PLC0415 - `--version` has to stay free of everything behind this

    return run(given, version=VERSION, seams=seams)


def open_the_screen(seams: Seams | None = None) -> int:
    """The studio on screen; it needs a terminal at both ends, and exits 2 without one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(
            "The studio needs a terminal, and there is none here."
            " `reelroom generate PROMPT -m MODEL` works without one; `reelroom --help` names the rest.\n"
        )
        return 2
    # Imports make no garbage worth a search; the App switches it on again with the first paint.
    gc.disable()
    from .cli.run import run_module  # noqa: PLC0415 - as above

    return run_module(SCREEN, version=VERSION, seams=seams)


if __name__ == "__main__":
    sys.exit(main())
