"""FAL's replies as they are kept: before they are read, each once, and the long ones as files."""

import hashlib
import json
from pathlib import Path

from reelroom.fal.errors import FalError
from reelroom.fal.replies import read_result
from reelroom.fal.values import Completed, Reply, Result
from reelroom.store.records import Document, Job
from reelroom.store.refusals import os_refusals

from .rig import Rig
from .threads import in_thread, settled


class Keeper:
    """Keeps the replies to one question: the same answer again is kept once."""

    def __init__(self, rig: Rig, job: Job, kind: str) -> None:
        self._rig = rig
        self._job = job
        self._kind = kind
        self._last = ""
        self._placed: tuple[Reply, Reply, str] | None = None

    async def keep(self, reply: Reply) -> Reply:
        """Commit a reply as it came; returns it with the name under which a long body is kept.

        May be called again for the same reply after a StoreError.
        """
        if self._placed is None or self._placed[0] is not reply:
            placed, mark = await settled(in_thread(self._place, reply))
            self._placed = reply, placed, mark
        _, reply, mark = self._placed
        if mark != self._last:
            document = Document(
                job_id=self._job.id,
                kind=self._kind,
                status=reply.status,
                body=None if reply.file else reply.text,
                file=reply.file.name if reply.file else None,
                received_at=self._rig.clock.now(),
            )
            await self._rig.store.keep(document)
            self._last = mark
        return reply

    def _place(self, reply: Reply) -> tuple[Reply, str]:
        """Give a long body a name of its own, which no later reply takes."""
        with os_refusals("keep FAL's reply"):
            mark = _digest(reply)
            if reply.file is None:
                return reply, mark
            path = self._rig.library.path(f".{self._job.id}.{mark[:12]}.json")
            reply.file.replace(path)
            return Reply(reply.status, headers=reply.headers, file=path), mark


async def throw_away(reply: Reply) -> None:
    """Remove the file of a long reply that is no answer."""
    if reply.file is not None:
        await settled(in_thread(lambda path: path.unlink(missing_ok=True), reply.file))


async def kept_reply(rig: Rig, job: Job, kind: str) -> Reply | None:
    """The newest reply of a kind that was kept for a job."""
    document = await rig.store.document(job.id, kind)
    if document is None:
        return None
    file = rig.library.path(document.file) if document.file else None
    return Reply(document.status, document.body or "", file=file)


def read(job: Job, reply: Reply, completed: Completed | None = None) -> Result:
    """What a result holds; the job's own input is never taken for it. Raises what `read_result` raises."""
    return read_result(reply, completed=completed, sent=json.loads(job.input))


def promises(job: Job, reply: Reply) -> Result | None:
    """What a kept result holds, None where that is nothing."""
    try:
        return read(job, reply)
    except FalError:
        return None


def _digest(reply: Reply) -> str:
    digest = hashlib.sha256(f"{reply.status}\n{reply.text}".encode("utf-8", "surrogatepass"))
    if reply.file is not None:
        with Path(reply.file).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
