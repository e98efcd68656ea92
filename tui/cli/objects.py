"""The JSON that scripts read: one object per line, null where unknown, absolute paths, times in UTC."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from reelroom.store.records import Job, Media


def line(value: dict[str, object]) -> str:
    """One object on one line, in ASCII: no locale can break it, and no terminal obeys it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def outcome(job: Job, clips: Sequence[Media], project: str | None, library: Path) -> dict[str, object]:
    """A job that has ended (`finished`), or that cannot go on now (`waiting`)."""
    first = clips[0] if clips else None
    return {
        "event": "finished" if job.terminal else "waiting",
        "job_id": job.id,
        "request_id": job.request_id,
        "origin": job.origin,
        "endpoint_id": job.endpoint,
        "model": job.model,
        "project": project,
        "state": job.state.value,
        "reason": job.why.word if job.why else None,
        "detail": job.detail,
        **_file(first, library),
        "cost_usd": money(job.cost),
        "estimate_usd": money(job.estimate),
        "billed": job.billed,
        "more": [_file(clip, library) for clip in clips[1:]],
    }


def listed(job: Job, project: str | None) -> dict[str, object]:
    """A job in the list of `jobs`."""
    return {
        "job_id": job.id,
        "request_id": job.request_id,
        "origin": job.origin,
        "endpoint_id": job.endpoint,
        "model": job.model,
        "project": project,
        "prompt": job.prompt,
        "seed": job.seed,
        "state": job.state.value,
        "reason": job.why.word if job.why else None,
        "detail": job.detail,
        "hold_up": None if job.hold_up is None else job.hold_up.value,
        "cost_usd": money(job.cost),
        "estimate_usd": money(job.estimate),
        "billed": job.billed,
        "created_at": _time(job.created_at),
        "state_since": _time(job.state_since),
        "ended_at": _time(job.ended_at),
    }


def clip(media: Media, project: str | None, library: Path) -> dict[str, object]:
    """A clip in the list of `media`."""
    return {
        "media_id": media.id,
        "job_id": media.job_id,
        "request_id": media.request_id,
        "origin": media.origin,
        "endpoint_id": media.endpoint or None,
        "model": media.model or None,
        "project": project,
        "kind": media.kind,
        "path": str(library / media.path),
        "sha256": media.sha256,
        "bytes": media.bytes,
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "fps": media.fps,
        "codec": media.codec,
        "has_audio": media.has_audio,
        "prompt": media.prompt,
        "seed": media.seed,
        "cost_usd": money(media.cost),
        "created_at": _time(media.created_at),
        "tags": list(media.tags),
        "rating": media.rating,
        "favourite": media.favourite,
    }


def _file(media: Media | None, library: Path) -> dict[str, object]:
    return {
        "path": None if media is None else str(library / media.path),
        "media_id": None if media is None else media.id,
        "sha256": None if media is None else media.sha256,
        "bytes": None if media is None else media.bytes,
        "width": None if media is None else media.width,
        "height": None if media is None else media.height,
        "duration": None if media is None else media.duration,
        "fps": None if media is None else media.fps,
    }


def money(amount: Decimal | None) -> float | None:
    """An amount in US dollars; None where unknown."""
    return None if amount is None else float(amount)


def _time(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
