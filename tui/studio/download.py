"""One clip from the media host to its name in the library, in constant memory.

Into a hidden part beside the final name, resumed by Range; checked to its last box; hashed; fsynced. Only
then does it get its plain name, and never over another file.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from reelroom.fal.cdn import Download
from reelroom.fal.errors import BadDownload, LinkRefused
from reelroom.store.boxes import check_whole
from reelroom.store.errors import DiskFull, NameTaken, NotAVideo, PartPoisoned, Truncated
from reelroom.store.facts import Facts, read_facts
from reelroom.store.hashing import sha256
from reelroom.store.parts import Part
from reelroom.store.records import Job, Output

from .progress import Progress
from .rig import Rig
from .threads import in_thread, settled

BLOCK = 1 << 19
"""Bytes handed to the writing thread at once: a hop a piece is dear, larger blocks only hold memory."""
LARGEST = 4 << 30
"""Bytes of a clip at most."""
RESERVE = 8 << 20
"""Bytes that a download leaves free, so that the database can still say what holds it up."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete clip on disk: its digest, size in bytes, and what the file says of itself."""

    sha256: str
    bytes: int
    facts: Facts


@dataclass(slots=True)
class Meter:
    """Reports bytes at most a few times a second."""

    rig: Rig
    job: Job
    total: int | None = None
    _at: float = 0.0
    _done: int = 0

    def report(self, done: int) -> None:
        """Publish the bytes on disk, with the rate since the last report."""
        now = self.rig.clock.steady()
        if self._at and now - self._at < self.rig.pace.repaint and done != self.total:
            return
        rate = (done - self._done) / (now - self._at) if self._at and now > self._at else None
        self._at, self._done = now, done
        self.rig.show(Progress(job_id=self.job.id, done=done, total=self.total, rate=rate))


async def download(rig: Rig, job: Job, output: Output, *, hinted: bool) -> Whole:
    """Fetch into the part from where it stands, and check it.

    The part is fsynced but still hidden. A part that came wrong is emptied before BadDownload is raised.
    With `hinted`, a file of unstated length that is shorter than FAL said it would be came wrong, too.
    """
    with rig.library.open_part(output.media_id) as part:
        try:
            digest = await _fetch(rig, job, output, part, hinted=hinted)
            facts = await settled(in_thread(_check, part))
        except (NotAVideo, Truncated, BadDownload) as error:
            await settled(in_thread(part.truncate))
            raise BadDownload(str(error)) from error
        except PartPoisoned:
            await settled(in_thread(rig.library.drop_part, output.media_id))
            raise
        rig.step("part.synced")
        return Whole(digest, part.size, facts)


def _check(part: Part) -> Facts:
    check_whole(part.path)
    facts = read_facts(part.path)
    part.sync()
    return facts


async def _fetch(rig: Rig, job: Job, output: Output, part: Part, *, hinted: bool) -> str:
    # A sandbox comes back on another port.
    url = rig.fal.hosts.rebase(output.url)
    held = part.size
    if held and await settled(in_thread(_is_whole, part)):
        # A Range that begins at the end is refused (416): the last byte is asked for once more.
        part.rewind(1)
    try:
        async with rig.cdn.fetch(url, offset=part.size, etag=output.etag) as body:
            await rig.holds.clear(job)
            return await _receive(rig, job, output, part, body, hinted=hinted)
    except LinkRefused:
        if part.size + 1 != held or (output.size is not None and output.size != held):
            raise
        # Everything is here already, and passed the check: that the link is gone by now does no harm.
        part.rewind(-1)
        return (await settled(in_thread(_digest, part))).hexdigest()


async def _receive(rig: Rig, job: Job, output: Output, part: Part, body: Download, *, hinted: bool) -> str:
    if body.start != part.size:
        await settled(in_thread(part.truncate))
    elif part.size and output.etag and body.etag != output.etag:
        raise BadDownload("The file changed at the media host while it was fetched.")
    if body.etag != output.etag:
        await _mark(rig, job, replace(output, etag=body.etag))
    _check_room(rig, part, body.total)
    if body.total is not None:
        await settled(in_thread(part.allocate, body.total))
    digest = await settled(in_thread(_digest, part))
    meter = Meter(rig, job, body.total)
    meter.report(part.size)
    await _write(body.chunks, part, digest, meter, rig)
    whole = body.total if body.total is not None else output.size if hinted else None
    if whole is not None and (part.size < whole or body.total not in {None, part.size}):
        raise BadDownload(f"The download ended at {part.size} of {whole} bytes.")
    return digest.hexdigest()


def _is_whole(part: Part) -> bool:
    try:
        check_whole(part.path)
    except (NotAVideo, Truncated):
        return False
    return True


def _check_room(rig: Rig, part: Part, total: int | None) -> None:
    """Raise before a byte is fetched that has no room, and for what no clip can be."""
    if total is None:
        return
    if total > LARGEST:
        raise BadDownload(f"The file would have {total} bytes; a clip has at most {LARGEST}.")
    free = rig.library.free_bytes()
    if total - part.size + RESERVE > free:
        raise DiskFull(
            f"{rig.library.folder} has {free} bytes free, and this clip needs {total - part.size}."
        )


async def _mark(rig: Rig, job: Job, output: Output) -> None:
    """Keep the ETag before the first byte of the part, so that also a killed download resumes safely."""
    now = await rig.store.job(job.id)
    outputs = tuple(output if one.media_id == output.media_id else one for one in now.outputs)
    await rig.store.update(job.id, outputs=outputs)


def _digest(part: Part) -> "hashlib._Hash":
    """The digest so far, of what the part holds: the file itself is longer where it was rewound."""
    digest = hashlib.sha256()
    left = part.size
    if left:
        with part.path.open("rb") as file:
            while block := file.read(min(BLOCK, left)):
                digest.update(block)
                left -= len(block)
    return digest


async def _write(
    chunks: AsyncIterator[bytes], part: Part, digest: "hashlib._Hash", meter: Meter, rig: Rig
) -> None:
    """Collect a block, write it in a thread while the next is collected; one write in flight.

    What has arrived is kept, whatever ends the download: it goes on from there.
    """

    def put(blocks: list[bytes]) -> None:
        for block in blocks:
            part.write(block)
            digest.update(block)

    clock = rig.clock
    blocks: list[bytes] = []
    held, since = 0, clock.steady()
    writing: asyncio.Future[None] | None = None
    try:
        async for chunk in chunks:
            blocks.append(chunk)
            held += len(chunk)
            # A slow line would fill a block in many seconds: they would be lost by a kill, and show as none.
            if part.size + held > LARGEST:
                raise BadDownload(f"The file goes on after {LARGEST} bytes, which no clip has.")
            if held < BLOCK and clock.steady() - since < rig.pace.repaint:
                continue
            if writing is not None:
                await settled(writing)
                rig.step("part.written")
                meter.report(part.size)
            writing = in_thread(put, blocks)
            blocks, held, since = [], 0, clock.steady()
    finally:
        if writing is not None:
            await settled(writing)
        await settled(in_thread(put, blocks))
    meter.report(part.size)


async def adopt(rig: Rig, output: Output) -> Whole | None:
    """A file that already bears the final name was whole when it got it; None where there is none."""
    if not await asyncio.to_thread(rig.library.exists, output.file_name):
        return None
    path = rig.library.path(output.file_name)
    try:
        await asyncio.to_thread(check_whole, path)
    except (NotAVideo, Truncated) as error:
        raise NameTaken(f"{path} is in the way, and is not the clip: {error}") from error
    digest = await asyncio.to_thread(sha256, path)
    return Whole(digest, path.stat().st_size, await asyncio.to_thread(read_facts, path))
