"""The library folder: clips under plain names, and everything unfinished under names that start with a dot.

All of it blocks, and is meant for a worker thread. The order of a save is: write and sync the part, publish()
it, write_sidecar(), sync_folder(); only then do rows say that it is there.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from .errors import LibraryElsewhere, NameTaken, NotAllowed
from .naming import file_name
from .parts import Part
from .refusals import os_refusals
from .renaming import give_name, sync_folder

__all__ = ["Library", "file_name"]

LONGEST_NAME = 255
"""Bytes, as Linux file systems count them."""


MARK = ".reelroom-library"
"""The file that says which database a folder belongs to."""
LONGEST_MARK = 64


def read_mark(folder: Path) -> str | None:
    """The mark of a folder; None where there is none that can be read."""
    try:
        with (folder / MARK).open("rb") as file:
            return file.read(LONGEST_MARK).decode("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def write_mark(folder: Path, mark: str) -> None:
    """Mark a folder, in the place of any mark it has; raises DiskFull, NotWritable."""
    unfinished = folder / f"{MARK}.tmp"
    with os_refusals(f"mark the folder {folder}"):
        unfinished.unlink(missing_ok=True)
        _write_new(unfinished, f"{mark}\n".encode("ascii"))
        unfinished.replace(folder / MARK)
        sync_folder(folder)


class Library:
    """The folder with the clips. Nothing in it is ever overwritten.

    With a `mark`, nothing is written into a folder that does not bear it: see `claim`.
    """

    def __init__(self, folder: Path, mark: str | None = None) -> None:
        self.folder = folder
        self._mark = mark

    def make(self) -> None:
        """Make the folder, for its owner alone, if it is not there, and mark it."""
        with os_refusals(f"make the folder {self.folder}"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._mark is not None and read_mark(self.folder) != self._mark:
            write_mark(self.folder, self._mark)

    def check_in_place(self) -> None:
        """Raise LibraryElsewhere if the folder is not the one that clips were kept in before."""
        if self._mark is not None and read_mark(self.folder) != self._mark:
            raise LibraryElsewhere(
                f"The library {self.folder} is not there: is its disk not mounted? Nothing is written to the"
                " folder until it is back. If it is gone for good, `reelroom doctor --fix` begins it anew."
            )

    def path(self, name: str) -> Path:
        """Where a file of the library lies; raises NotAllowed for anything but a single plain name."""
        if name in {"", ".", ".."} or "/" in name or "\0" in name:
            raise NotAllowed(f"“{name}” is no name of a file in the library.")
        if len(os.fsencode(name)) > LONGEST_NAME:
            raise NotAllowed(f"The name of a file has at most {LONGEST_NAME} bytes, and this one has more.")
        return self.folder / name

    def exists(self, name: str) -> bool:
        """Whether the name is taken, be it by a link that leads nowhere."""
        return os.path.lexists(self.path(name))

    def free_bytes(self) -> int:
        """How much this user may still write."""
        with os_refusals(f"look at the folder {self.folder}"):
            room = os.statvfs(self.folder)
        return room.f_bavail * room.f_frsize

    def part_path(self, media_id: str) -> Path:
        """Where the part of a clip lies while it is fetched."""
        if not re.fullmatch(r"[0-9A-Za-z-]+", media_id):
            raise NotAllowed("The id of a clip is made of letters, digits and hyphens.")
        return self.path(f".{media_id}.part")

    def open_part(self, media_id: str) -> Part:
        """Open the part of a clip; raises LibraryElsewhere, PartInUse, DiskFull, NotWritable for a link."""
        self.check_in_place()
        return Part(self.part_path(media_id))

    def drop_part(self, media_id: str) -> None:
        """Remove the part of a clip, if there is one."""
        with os_refusals(f"remove the part of {media_id}"):
            self.part_path(media_id).unlink(missing_ok=True)

    def publish(self, part_path: Path, file_name: str) -> None:
        """Give a synced part its plain name; doing it again after a crash does no harm.

        Raises NameTaken if another file bears the name. sync_folder() makes it last.
        """
        self.check_in_place()
        with os_refusals(f"give the clip its name {file_name}"):
            give_name(part_path, self.path(file_name))

    def write_sidecar(self, file_name: str, document: Mapping[str, object]) -> None:
        """Write the provenance beside a clip, as `<same name>.json`; an identical one there already is fine.

        Raises NameTaken if there is a different one, DiskFull, NotWritable.
        """
        name = self.path(file_name).with_suffix(".json").name
        target, unfinished = self.path(name), self.path(f".{name}.tmp")
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        data = text.encode("utf-8", "backslashreplace")
        with os_refusals(f"write the sidecar {name}"):
            # Not truncated but removed: after a crash while it was renamed, it is the finished file as well.
            unfinished.unlink(missing_ok=True)
            _write_new(unfinished, data)
            try:
                give_name(unfinished, target)
            except NameTaken:
                unfinished.unlink()
                if target.is_symlink() or target.read_bytes() != data:
                    raise

    def drop_unfinished_sidecar(self, file_name: str) -> None:
        """Remove the hidden name of a sidecar that a crash has left, if there is one."""
        name = self.path(file_name).with_suffix(".json").name
        with os_refusals(f"remove the unfinished sidecar of {file_name}"):
            self.path(f".{name}.tmp").unlink(missing_ok=True)

    def remove(self, file_name: str) -> None:
        """Remove a clip and what lies beside it, for good; what is not there is fine."""
        with os_refusals(f"remove {file_name}"):
            clip = self.path(file_name)
            clip.unlink(missing_ok=True)
            clip.with_suffix(".json").unlink(missing_ok=True)
        self.sync_folder()

    def sync_folder(self) -> None:
        """Bring new names to the disk, so that a power cut does not take them back."""
        with os_refusals(f"bring the folder {self.folder} to the disk"):
            sync_folder(self.folder)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
