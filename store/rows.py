"""Records as rows, and rows as records."""

import json
import sqlite3
import unicodedata
from dataclasses import asdict, fields
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from .errors import DamagedDatabase
from .records import Document, Event, Job, Media, Output, Project
from .states import HoldUp, JobState

MICRO = 1_000_000
CENT = Decimal("0.01")
LARGEST = 2**63 - 1


def micros(amount: Decimal | None) -> int | None:
    """US dollars as whole micro-dollars."""
    return None if amount is None else int((amount * MICRO).to_integral_value(ROUND_HALF_EVEN))


def dollars(amount: int | None) -> Decimal | None:
    """Whole micro-dollars as US dollars, with two decimals or as many as are needed."""
    if amount is None:
        return None
    exact = Decimal(amount) / MICRO
    rounded = exact.quantize(CENT)
    return rounded if rounded == exact else exact.normalize()


def folded(text: str) -> str:
    """Text in the form in which searches compare it."""
    return unicodedata.normalize("NFC", text).casefold()


def job_values(job: Job) -> dict[str, Any]:
    """The columns of a job; its outputs are rows of their own."""
    values = {field.name: getattr(job, field.name) for field in fields(Job) if field.name != "outputs"}
    values["seed"] = None if job.seed is None else str(job.seed)
    values["estimate"], values["cost"] = micros(job.estimate), micros(job.cost)
    return values


def job_of(row: sqlite3.Row) -> Job:
    """The job in a row of jobs.SELECT; raises DamagedDatabase for a word that no Reelroom has written."""
    values = {field.name: row[field.name] for field in fields(Job)}
    try:
        values["state"] = JobState(row["state"])
        values["hold_up"] = None if row["hold_up"] is None else HoldUp(row["hold_up"])
        values["seed"] = None if row["seed"] is None else int(row["seed"])
    except ValueError as error:
        raise DamagedDatabase(f"The job {row['id']} in the database cannot be read: {error}.") from error
    values["billed"] = _flag(row["billed"])
    values["estimate"], values["cost"] = dollars(row["estimate"]), dollars(row["cost"])
    outputs = (Output(**output) for output in json.loads(row["outputs"]))
    values["outputs"] = tuple(sorted(outputs, key=lambda output: output.position))
    return Job(**values)


def output_values(job_id: str, output: Output) -> dict[str, Any]:
    """The columns of an output. A size that no disk holds is a hint not worth refusing the row for."""
    size = output.size if output.size is not None and 0 <= output.size <= LARGEST else None
    return {**asdict(output), "job_id": job_id, "size": size}


def media_values(clip: Media) -> dict[str, Any]:
    """The columns of a clip; its tags are rows of their own."""
    values = {field.name: getattr(clip, field.name) for field in fields(Media) if field.name != "tags"}
    values["seed"] = None if clip.seed is None else str(clip.seed)
    values["cost"] = micros(clip.cost)
    values["search"] = folded("\n".join((clip.prompt, clip.model, clip.endpoint, *clip.tags)))
    return values


def media_of(row: sqlite3.Row) -> Media:
    """The clip in a row of media.SELECT."""
    values = {field.name: row[field.name] for field in fields(Media)}
    values["seed"] = None if row["seed"] is None else int(row["seed"])
    values["cost"] = dollars(row["cost"])
    values["has_audio"], values["favourite"] = _flag(row["has_audio"]), bool(row["favourite"])
    values["tags"] = tuple(sorted(json.loads(row["tags"])))
    return Media(**values)


def project_of(row: sqlite3.Row) -> Project:
    """The project in a row of the table project."""
    return Project(**{field.name: row[field.name] for field in fields(Project)})


def event_of(row: sqlite3.Row) -> Event:
    """The event in a row of the table event."""
    values = {field.name: row[field.name] for field in fields(Event)}
    values["state"] = None if row["state"] is None else JobState(row["state"])
    return Event(**values)


def document_of(row: sqlite3.Row) -> Document:
    """The reply in a row of the table document."""
    return Document(**{field.name: row[field.name] for field in fields(Document)})


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
