"""The provenance that lies beside each clip as `<same name>.json`; the library can be rebuilt from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from reelroom.fal.clean import clean
from reelroom.store.records import Job, Media, Output
from reelroom.store.states import JobState

from .orders import canonical

VERSION = 1
LARGEST = 4 << 20
"""Bytes: a sidecar holds one input, and no input is longer."""
LARGEST_AMOUNT = 1e15
"""Seconds, frames a second or US dollars; more is no number of a clip."""

T = TypeVar("T")


def sidecar(job: Job, media: Media, *, practice: bool) -> dict[str, object]:
    """The document, schema-versioned. It names no key, no folder of this machine and no signed address."""
    return {
        "reelroom": VERSION,
        "media_id": media.id,
        "job_id": job.id,
        "request_id": job.request_id,
        "origin": job.origin,
        "sandbox": practice,
        "endpoint_id": job.endpoint,
        "model": job.model,
        "prompt": job.prompt,
        "input": json.loads(job.input),
        "seed": job.seed,
        "position": media.position,
        "clips": len(job.outputs),
        "created_at": datetime.fromtimestamp(media.created_at, UTC).isoformat(),
        "estimate_usd": None if job.estimate is None else float(job.estimate),
        "cost_usd": None if job.cost is None else float(job.cost),
        "file": {
            "sha256": media.sha256,
            "bytes": media.bytes,
            "width": media.width,
            "height": media.height,
            "duration": media.duration,
            "fps": media.fps,
            "codec": media.codec,
            "has_audio": media.has_audio,
        },
    }


class NotASidecar(ValueError):
    """The text is not what lies beside a clip; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a sidecar tells: the clip as its row was, and the saved job that it came from."""

    job: Job
    clip: Media
    of: int = 1
    """How many clips the job has."""


def read_sidecar(text: bytes, file_name: str) -> Origin:
    """What lies beside the clip `file_name`; raises NotASidecar with a sentence that names the field.

    The text may have been written by anybody: its words are cleaned, and nothing in it is taken for a path.
    """
    read = _Fields(_document(text))
    facts = _Fields(read.take("file", dict, {}))
    clip = Media(
        id=read.word("media_id"),
        job_id=read.word("job_id"),
        position=read.count("position") or 0,
        origin=read.word("origin"),
        kind="video",
        path=file_name,
        sha256=facts.word("sha256"),
        bytes=facts.count("bytes") or 0,
        created_at=read.moment("created_at"),
        width=facts.count("width"),
        height=facts.count("height"),
        duration=facts.amount("duration"),
        fps=facts.amount("fps"),
        codec=facts.word_or_none("codec"),
        has_audio=facts.take("has_audio", bool, None),
        prompt=clean(read.take("prompt", str, ""), lines=True),
        endpoint=read.word("endpoint_id"),
        model=read.word("model"),
        seed=read.take("seed", int, None),
        cost=read.money("cost_usd"),
        request_id=read.word_or_none("request_id"),
    )
    return Origin(_job(read, clip), clip, read.count("clips") or 1)


def _job(read: "_Fields", clip: Media) -> Job:
    assert clip.job_id is not None
    return Job(
        id=clip.job_id,
        origin=clip.origin,
        endpoint=clip.endpoint,
        model=clip.model,
        prompt=clip.prompt,
        input=_input(read.take("input", dict, {})),
        seed=clip.seed,
        state=JobState.SAVED,
        estimate=read.money("estimate_usd"),
        cost=clip.cost,
        request_id=clip.request_id,
        outputs=(Output(media_id=clip.id, position=clip.position, url="", file_name=clip.path),),
        created_at=clip.created_at,
        state_since=clip.created_at,
        ended_at=clip.created_at,
    )


def _input(said: Mapping[str, Any]) -> str:
    """The input as a job keeps it: JSON that can be written to a database and sent again."""
    try:
        text = canonical(said)
        text.encode()
    except (ValueError, RecursionError):
        raise NotASidecar("its input is not one that FAL could have been sent") from None
    return text


def _document(text: bytes) -> Mapping[str, Any]:
    if len(text) > LARGEST:
        raise NotASidecar(f"it is longer than {LARGEST >> 20} MiB")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotASidecar("it is not JSON") from None
    if not isinstance(document, dict) or "reelroom" not in document:
        raise NotASidecar("it is not one of Reelroom's")
    version = document["reelroom"]
    if version != VERSION:
        raise NotASidecar(f"it has version {clean(str(version), limit=40)}, and {VERSION} is read here")
    return document


class _Fields:
    """The fields of an object, each with the one type that it may have."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def take(self, name: str, kind: type[T], otherwise: Any) -> Any:
        """The value of a field; `otherwise` where there is none."""
        value = self._document.get(name)
        if value is None:
            return otherwise
        # A bool is an int to Python, but no number in a sidecar.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise NotASidecar(f"its {name} is {clean(repr(value), limit=40)}")
        return value

    def word(self, name: str) -> str:
        """A word that has to be there."""
        found = self.word_or_none(name)
        if not found:
            raise NotASidecar(f"its {name} is missing")
        return found

    def word_or_none(self, name: str) -> str | None:
        """A word on one line."""
        found = self.take(name, str, None)
        return None if found is None else clean(found, limit=500)

    def count(self, name: str) -> int | None:
        """A whole number that is not below zero."""
        found = self.take(name, int, None)
        if found is not None and not 0 <= found < 2**63:
            raise NotASidecar(f"its {name} is {clean(str(found), limit=40)}")
        return None if found is None else int(found)

    def amount(self, name: str) -> float | None:
        """A number that is not below zero."""
        found = self.take(name, int | float, None)  # type: ignore[arg-type]  # isinstance takes a union
        # Not isfinite: a whole number of 400 digits is an error to it.
        if found is not None and not 0 <= found <= LARGEST_AMOUNT:
            raise NotASidecar(f"its {name} is {clean(str(found), limit=40)}")
        return None if found is None else float(found)

    def money(self, name: str) -> Decimal | None:
        """US dollars."""
        found = self.amount(name)
        return None if found is None else Decimal(str(found))

    def moment(self, name: str) -> float:
        """Seconds since 1970, of a date and time with an offset."""
        said = self.word(name)
        try:
            found = datetime.fromisoformat(said)
            return found.timestamp() if found.tzinfo else found.replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            raise NotASidecar(f"its {name} is {said[:40]}, which is no date") from None
