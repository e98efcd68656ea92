"""`python -m tests.bench`: every bench in turn, each in a process of its own; a miss is printed, no error."""

import importlib.util
import subprocess
import sys

from .figures import machine

BENCHES = (
    "version",
    "catalogue",
    "downloads",
    "memory",
    "published",
    "shown",
    "streams",
    "board",
    "panel",
    "paint",
    "player",
)
"""Modules of this folder that print their table when they are run; one that is not there is left out."""


def main() -> int:
    print(machine(), flush=True)
    broken = []
    for name in BENCHES:
        module = f"tests.bench.{name}"
        if importlib.util.find_spec(module) is None:
            continue
        print(f"\n{name}", flush=True)
        if subprocess.run([sys.executable, "-m", module], check=False).returncode:
            broken.append(name)
    print(f"\n{machine()}")
    if broken:
        print(f"Could not be measured: {', '.join(broken)}.")
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
