"""What a person asked for, done: the engine and the store are called here, and what they refuse is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from reelroom.store.errors import StoreError

from .studio.errors import StudioError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from . import messages  # the first paint does without them
    from .desk import Desk


class Requests(App[str]):
    """The part of the App that turns wishes into calls."""

    desk: Desk

    async def attempt(self, wish: Awaitable[object], done: str = "") -> bool:
        """Do something, and say how it went; True if it was done."""
        from .studio.faces import NoEngine  # noqa: PLC0415 - the first paint does without it

        try:
            await wish
        except (StudioError, StoreError, NoEngine) as error:
            self.clear_notifications()
            self.notify(str(error), severity="warning", markup=False)
            return False
        if done:
            self.say(done)
        return True

    def say(self, sentence: str) -> None:
        """One toast at a time, in plain text."""
        self.clear_notifications()
        self.notify(sentence, markup=False)

    def on_copy_requested(self, message: messages.CopyRequested) -> None:
        """Send text to the terminal's clipboard; nobody can know whether it arrived."""
        self.copy_to_clipboard(message.text)
        self.say(f"Sent the {message.what} to the terminal's clipboard: {message.text}")

    async def on_cancel_requested(self, message: messages.CancelRequested) -> None:
        """Record the wish; the job's row says what becomes of it."""
        await self.attempt(self._cancel(message.job_id))

    async def _cancel(self, job_id: str) -> None:
        await (await self.desk.engine()).cancel(job_id)

    async def on_retry_requested(self, message: messages.RetryRequested) -> None:
        """Go on with a job, or read FAL's answer again."""
        await self.attempt(self._retry(message.job_id))

    async def _retry(self, job_id: str) -> None:
        await (await self.desk.engine()).retry(job_id)

    async def on_dismiss_requested(self, message: messages.DismissRequested) -> None:
        """Put a job away."""
        await self.attempt(self._dismiss(message.job_id), "Put away.")

    async def _dismiss(self, job_id: str) -> None:
        await (await self.desk.engine()).dismiss(job_id)

    async def on_play_requested(self, message: messages.PlayRequested) -> None:
        """Open a clip in a player of this machine."""
        await self.attempt(self._play(message.media_id))

    async def _play(self, media_id: str) -> None:
        if self.desk.shelf is not None:
            clip = await self.desk.shelf.clip(media_id)
            await self.desk.backstage.play(clip.path)

    async def on_send_unsent_requested(self, message: messages.SendUnsentRequested) -> None:
        """Send intents that an earlier process left."""
        from . import words  # noqa: PLC0415 - as above

        number = words.count(len(message.job_ids), "request")
        await self.attempt(self._send(message.job_ids), f"Sent {number}.")

    async def _send(self, job_ids: tuple[str, ...]) -> None:
        await (await self.desk.engine()).send_unsent(job_ids)
