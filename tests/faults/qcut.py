"""The algorithm that failed, as another subject of the same harness: it shares no line with Reelroom.

As it was: the ids are held in memory alone; each job is asked about 60 times and then given up; a reply that
has neither id nor clip is answered with a second POST; the whole clip is read into memory and written under
its final name; and it is kept only where a project is open. Nothing is taken up after a restart. Its five
seconds between two looks are 20 ms here.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx

POLLS = 60
WAIT = 0.02
CLIP = {"duration": 1, "resolution": "360p", "seed": 7}


def generate(
    http: httpx.Client, base: str, folder: Path, trial: str, models: list[str], *, project: bool
) -> None:
    """One model after the other, as it did."""
    history: list[dict[str, Any]] = []
    for model in models:
        address, body = f"{base}/queue/{model}", {"prompt": "a fox", "trial": trial, **CLIP}
        answer = http.post(address, json=body).json()
        if "request_id" not in answer and "video" not in answer:
            answer = http.post(address, json=body).json()
        result = answer if "video" in answer else polled(http, answer)
        if result is None:
            continue
        data = http.get(result["video"]["url"]).content
        if project:
            path = folder / f"generated-video-{len(history)}.mp4"
            path.write_bytes(data)
            history.append({"path": path.name, "model": model})
            (folder / "media.json").write_text(json.dumps(history))


def polled(http: httpx.Client, ticket: dict[str, Any]) -> dict[str, Any] | None:
    """The result, if it is there within 60 looks."""
    for _ in range(POLLS):
        if http.get(ticket["status_url"]).json().get("status") == "COMPLETED":
            result: dict[str, Any] = http.get(ticket["response_url"]).json()
            return result
        time.sleep(WAIT)
    return None


if __name__ == "__main__":
    _script, base, folder, trial, project, *models = sys.argv
    with httpx.Client(trust_env=False, timeout=20) as http:
        generate(http, base, Path(folder), trial, models, project=project == "project")
