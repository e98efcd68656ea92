"""The provenance that lies beside each clip as `<same name>.json`; the library can be rebuilt from it."""

import json
from datetime import UTC, datetime

from reelroom.store.records import Job, Media

VERSION = 1


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
