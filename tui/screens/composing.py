"""What the form asks for: sending, keeping what is typed, and choosing the project that it goes to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from reelroom.store.errors import StoreError
from reelroom.tui.studio.errors import StudioError
from reelroom.tui.widgets.compose import ComposePane
from reelroom.tui.widgets.draft import Draft

from .page import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reelroom.tui import messages  # the first paint does without them
    from reelroom.tui.desk import Desk
    from reelroom.tui.studio.orders import Order


class ComposeWishes(Page):
    """A page with a form."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.compose_pane = ComposePane(id="compose")
        self._draft_of: str | None = None
        self._loaded = False

    async def furnish(self) -> None:
        """Bring what the first paint does without."""
        from reelroom.fal.catalogue import Catalogue  # noqa: PLC0415 - after the first paint

        await self.compose_pane.offer(Catalogue.load(self.desk.backstage.data))

    def take_project(self) -> None:
        """Show another project."""
        raise NotImplementedError

    def action_tab(self, number: int) -> None:
        """Show a pane, and go there."""
        raise NotImplementedError

    def show_draft_of(self, project_id: str) -> None:
        """Put a project's own draft into the form, unless it is there."""
        if project_id != self._draft_of:
            self._draft_of = project_id
            self._load_draft(project_id)

    def action_generate(self) -> None:
        """Generate from wherever the focus is."""
        # Behind what is on its way to the form already, as a model that was ticked with the key before.
        self.compose_pane.call_later(self.compose_pane.action_generate)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The last prompt is offered while none is typed."""
        if action == "again":
            return bool(self.desk.jobs) and not self.compose_pane.draft.prompt.strip()
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """Put the prompt that was sent last into the form, with the models and settings as they are."""
        newest = next(reversed(self.desk.jobs.values()))
        self._fill(replace(self.compose_pane.draft, prompt=newest.prompt))

    def _fill(self, draft: Draft) -> None:
        """Fill in the form, and go there; an undo in the prompt brings back what was typed."""
        self.action_tab(1)
        pane, prompt = self.compose_pane, self.compose_pane.upper.prompt
        pane.draft = replace(draft, prompt=pane.draft.prompt)
        prompt.replace(draft.prompt, prompt.document.start, prompt.document.end)
        prompt.move_cursor(prompt.document.end)

    async def more_like(self, request: messages.MoreRequested) -> None:
        """Fill the form from a job or a clip, and say so where something typed gave way."""
        import json  # noqa: PLC0415 - as below

        from reelroom.tui.widgets.again import again  # noqa: PLC0415 - most never need it

        input_ = {}
        if request.job_id is not None and self.desk.shelf is not None:
            with suppress(StoreError):
                input_ = json.loads((await self.desk.shelf.job(request.job_id)).input)
        typed = self.compose_pane.draft.prompt.strip() not in ("", request.prompt.strip())
        self._fill(again(request.endpoint, request.prompt, input_))
        if typed:
            self.app.clear_notifications()
            self.app.notify("The form is filled in. ^z brings back what you had typed.", markup=False)

    @work(exclusive=True, group="generate")
    async def on_generate_requested(self, request: messages.GenerateRequested) -> None:
        """Commit the intents; only then may the form clear."""
        self.compose_pane.sending = True
        if not await self._may_spend(request.orders):
            self.compose_pane.not_submitted()
            self.compose_pane.sending = False
            return
        try:
            jobs = await self.desk.generate(request.orders)
        except (StudioError, StoreError) as error:
            self.compose_pane.not_submitted()
            self.app.notify(str(error), severity="warning", markup=False)
        else:
            self.compose_pane.submitted()
            from reelroom.tui import words  # noqa: PLC0415 - after the first paint

            models = words.count(len({job.endpoint for job in jobs}), "model")
            self.app.notify(f"Sent to {models}.", markup=False)
        finally:
            self.compose_pane.sending = False

    async def _may_spend(self, orders: Sequence[Order]) -> bool:
        """Ask before money moves, where that is due; practice never asks."""
        from reelroom.tui.standing import would_ask  # noqa: PLC0415 - after the first paint

        backstage = self.desk.backstage
        amounts = [order.estimate for order in orders]
        if backstage.practice or not would_ask(amounts, backstage.ask_above):
            return True
        from .confirm import ConfirmScreen  # noqa: PLC0415 - with its first look

        answer: bool = await self.app.push_screen_wait(ConfirmScreen(orders))
        return answer

    async def on_draft_changed(self, change: messages.DraftChanged) -> None:
        """Keep what is typed, so that no crash loses it."""
        await self._keep(change.project_id, change.draft)
        self.refresh_bindings()

    async def _keep(self, project_id: str | None, draft: Draft) -> None:
        if self.desk.shelf is None or project_id is None:
            return
        try:
            await self.desk.shelf.keep_draft(f"compose:{project_id}", draft.to_json())
        except StoreError as error:
            self.notice.text = str(error)

    async def keep_draft_now(self) -> None:
        """Keep the draft before leaving."""
        await self._keep(self._draft_of, self.compose_pane.draft)

    @work(exclusive=True, group="draft")
    async def _load_draft(self, project_id: str) -> None:
        if self.desk.shelf is None:
            return
        kept = Draft.from_json(await self.desk.shelf.draft(f"compose:{project_id}"))
        # Keys are heard before the library is open: what was typed by then comes behind what was kept.
        early = Draft() if self._loaded else self.compose_pane.typed
        self._loaded = True
        self.compose_pane.load(kept.with_more(early), project_id)
        if early != Draft():
            await self._keep(project_id, self.compose_pane.draft)

    @work(exclusive=True, group="project-sheet")
    async def action_projects(self) -> None:
        """Choose, make, rename or archive a project."""
        from .projects import ProjectsScreen  # noqa: PLC0415 - with its first look

        shelf = self.desk.shelf
        if shelf is None:
            return
        sheet = ProjectsScreen(self.desk.projects, self.desk.project, await shelf.counts())
        chosen = await self.app.push_screen_wait(sheet)
        if chosen is None:
            return
        await self.keep_draft_now()
        try:
            await self.desk.change_project(*chosen)
        except (StoreError, StudioError) as error:
            self.app.notify(str(error), severity="warning", markup=False)
        self.take_project()
