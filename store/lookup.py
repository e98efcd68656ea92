"""Finding a job or a clip by what a person types: a whole id, its beginning or its end."""

import sqlite3
from dataclasses import dataclass

from .errors import Ambiguous, NotFound

SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Lookup:
    """The two questions asked of a table, and what its rows are called."""

    noun: str
    exact: str
    partly: str


JOBS = Lookup(
    noun="job",
    exact="SELECT id FROM job WHERE id = lower(:text) OR request_id = :text",
    partly="SELECT id FROM job WHERE lower(:text) IN (substr(id, 1, :n), substr(id, -:n)) LIMIT 6",
)

CLIPS = Lookup(
    noun="clip",
    exact="SELECT id FROM media WHERE id = lower(:text)",
    partly="SELECT id FROM media WHERE lower(:text) IN (substr(id, 1, :n), substr(id, -:n)) LIMIT 6",
)


def find_id(connection: sqlite3.Connection, lookup: Lookup, text: str) -> str:
    """The one id that `text` stands for; raises NotFound or Ambiguous with a sentence that lists them."""
    text = text.strip()
    given = {"text": text, "n": len(text)}
    found = [str(row["id"]) for row in connection.execute(lookup.exact, given)]
    if not found and len(text) < SHORTEST:
        raise NotFound(
            f"“{text}” is too short for a {lookup.noun}: give at least {SHORTEST} characters of its id."
        )
    if not found:
        found = [str(row["id"]) for row in connection.execute(lookup.partly, given)]
    if not found:
        raise NotFound(f"There is no {lookup.noun} “{text}”.")
    if len(found) > 1:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise Ambiguous(f"“{text}” stands for more than one {lookup.noun}: {some}. Give more of the id.")
    return found[0]
