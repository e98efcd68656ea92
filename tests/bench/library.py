"""Libraries of any number of clips, made through the store's own schema and kept between runs."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from reelroom.store.database import open_database
from reelroom.store.media import INSERT
from reelroom.store.migrate import shipped
from reelroom.store.records import Media
from reelroom.store.rows import media_values
from reelroom.store.store import open_store

from .figures import say

FOLDER = Path("build/bench")
START = 1_600_000_000.0
BATCH = 20_000
SUBJECTS = ("A red fox crosses a frozen lake", "A lighthouse in a storm", "A caravan over the dunes")


def clips(count: int) -> Iterator[Media]:
    """So many clips, a minute apart, with the titles of a long and happy life."""
    for number in range(count):
        yield Media(
            id=f"{number:08x}-0000-7000-8000-{number:012x}",
            job_id=None,
            position=0,
            origin="sandbox",
            kind="video",
            path=f"{number}.mp4",
            sha256=f"{number:064x}",
            bytes=9_800_000 + number,
            created_at=START + 60.0 * number,
            width=1280,
            height=720,
            duration=4.0 + number % 5,
            prompt=f"{SUBJECTS[number % 3]}, take {number}",
            endpoint="fal-ai/model",
            model=f"Model {number % 9}",
            rating=number % 6 or None,
            seen_at=START,
        )


async def library(count: int) -> Path:
    """The database of a library with so many clips, made when it is not there yet."""
    path = FOLDER / f"clips-{len(shipped())}-{count}.db"
    if path.exists():
        return path
    say(f"a library of {count:,} clips, kept as {path}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".tmp")
    for old in FOLDER.glob(f"{new.name}*"):
        old.unlink()
    async with open_store(new), open_database(new) as database:
        source = clips(count)
        while batch := [media_values(clip) for clip in islice(source, BATCH)]:
            await database.write(partial(_insert, rows=batch))
    new.replace(path)
    return path


def _insert(connection: Connection, rows: list[dict[str, object]]) -> None:
    connection.executemany(INSERT, rows)
