"""From a file on this machine to a URL that FAL can fetch: sent once, and known by its content then."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reelroom.fal.cdn import Cdn
from reelroom.fal.errors import FalError, ForeignAddress, LinkRefused
from reelroom.fal.hosts import Hosts
from reelroom.fal.policy import checked_upload_url
from reelroom.fal.upload_values import Multipart, Source
from reelroom.fal.uploads import Uploads
from reelroom.store.records import UnfinishedUpload, Upload
from reelroom.store.store import Store

from .clock import Clock

LONG_ENOUGH = 3 * 86400.0
"""Seconds that an upload has to live on to be used again: its job may wait, unsent and in a queue."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a file is at FAL; `sent` is False where it was there already."""

    url: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Depot:
    """What files are sent with, and where it is kept which of them are at FAL."""

    uploads: Uploads
    cdn: Cdn
    store: Store
    hosts: Hosts
    origin: str
    clock: Clock

    async def place(self, source: Source, progress: Progress | None = None) -> Placed:
        """The URL of a file. One that FAL has is not sent again, and a long one goes on where it stopped.

        Raises what `Uploads.send` raises, and StoreError.
        """
        known = await self._known(source)
        if known is not None:
            return Placed(known, sent=False)
        begun = await self.store.uploads.unfinished(self.origin, source.sha256)
        kept = None if begun is None else self._multipart(begun)

        async def keep(multipart: Multipart) -> None:
            await self.store.uploads.keep_unfinished(self._row(source, multipart))

        uploaded = await self.uploads.send(source, progress=progress, kept=kept, keep=keep)
        await self.store.uploads.keep(
            Upload(
                origin=self.origin,
                sha256=source.sha256,
                url=uploaded.url,
                content_type=source.content_type,
                bytes=source.size,
                uploaded_at=self.clock.now(),
                expires_at=uploaded.expires_at,
            )
        )
        return Placed(uploaded.url, sent=True)

    async def _known(self, source: Source) -> str | None:
        """The URL of an earlier upload, if FAL still hands it out: an account may delete its files."""
        until = self.clock.now() + LONG_ENOUGH
        upload = await self.store.uploads.find(self.origin, source.sha256, until=until)
        if upload is None:
            return None
        url = self.hosts.rebase(upload.url)
        try:
            async with self.cdn.fetch(url) as download:
                if download.total in (None, source.size):
                    return url
        except FalError:
            # Whatever it is that keeps the file from us may keep it from the model as well.
            pass
        await self.store.uploads.forget(self.origin, source.sha256)
        return None

    def _multipart(self, row: UnfinishedUpload) -> Multipart:
        return Multipart(self.hosts.rebase(row.url), row.upload_id, row.part_size, row.begun_at, row.parts)

    def _row(self, source: Source, multipart: Multipart) -> UnfinishedUpload:
        return UnfinishedUpload(
            origin=self.origin,
            sha256=source.sha256,
            url=multipart.url,
            upload_id=multipart.upload_id,
            part_size=multipart.part_size,
            begun_at=multipart.begun_at,
            parts=multipart.parts,
        )


async def missing(input_: object, hosts: Hosts, cdn: Cdn) -> str | None:
    """The first uploaded file of an input that FAL hands out no more; silence says nothing."""
    for url in _uploaded(input_, hosts):
        try:
            async with cdn.fetch(url):
                continue
        except LinkRefused:
            return url
        except FalError:
            continue
    return None


def _uploaded(value: object, hosts: Hosts) -> Iterator[str]:
    """The addresses in an input where an upload may be."""
    if isinstance(value, str):
        here = hosts.rebase(value)
        try:
            yield checked_upload_url(hosts, here)
        except ForeignAddress:
            return
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _uploaded(one, hosts)
    elif isinstance(value, list):
        for one in value:
            yield from _uploaded(one, hosts)
