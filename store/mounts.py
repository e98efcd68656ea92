"""Which file system a path is on, as Linux tells it; other systems tell nothing here."""

import re
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
REMOTE = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
        "fuse.sshfs",
    }
    | {"fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.gcsfuse", "davfs", "fuse.davfs2", "virtiofs"}
)
"""Where a lock or a write of SQLite may not reach every machine (sqlite.org/howtocorrupt.html, 2.1)."""

ADVICE = "its locks may not reach other machines, so let one machine at a time work on it"


def remote_file_system(path: Path, table: Path = TABLE) -> str | None:
    """The kind of the network file system that holds `path`; None for a local or an unknown one."""
    try:
        lines = table.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    whole = path.resolve()
    held: tuple[int, str] = (-1, "")
    for line in lines:
        fields = line.split(" ")
        if "-" not in fields[6:] or len(fields) < 10:
            continue
        point = Path(_plain(fields[4]))
        if whole == point or point in whole.parents:
            # Of two mounts on the same point the later one covers the other.
            held = max(held, (len(point.parts), fields[fields.index("-", 6) + 1]), key=lambda found: found[0])
    return held[1] if held[1] in REMOTE else None


def _plain(point: str) -> str:
    """A mount point as it is named: the table spells a space in octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)
