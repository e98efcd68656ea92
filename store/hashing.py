"""The fingerprint of a file."""

import hashlib
from pathlib import Path

from .refusals import os_refusals


def sha256(path: Path) -> str:
    """The SHA-256 of the file in hexadecimal, read piece by piece; raises NotFound or DiskTrouble."""
    with os_refusals(f"read {path.name}"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
