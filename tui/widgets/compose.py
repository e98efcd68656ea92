"""The compose pane: a prompt, the shared settings, the models, and Generate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Input, TextArea

from .compose_css import COMPOSE_CSS
from .draft import Draft
from .models_pane import ModelsPane
from .prompt_pane import PromptPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus
    from textual.timer import Timer

    from reelroom.fal.catalogue import Catalogue, Model

    from .checklist import Checklist
    from .form import Form
    from .offers import Name
    from .send_bar import SendBar
    from .settings_row import SettingsRow

KEEP_AFTER = 0.5
"""Seconds from a change to the message that has it kept."""


class ComposePane(Container):
    """The form. The screen hands it a draft, then a catalogue by `offer`, and sets `sending` and `sandbox`.

    Until there is a catalogue it is a prompt that can be typed into, and the titles of what is to come.

    After a `GenerateRequested` the button does nothing until the screen calls `submitted` or
    `not_submitted`, or sets `sending` back to False.
    """

    SCOPED_CSS: ClassVar[bool] = False
    BLANK: ClassVar[bool] = True
    DEFAULT_CSS = COMPOSE_CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5,ctrl+enter", "generate", "generate", key_display="^j", id="compose.generate"),
        Binding("slash", "search", "filter", key_display="/", id="compose.search"),
    ]

    draft: reactive[Draft] = reactive(Draft, init=False)
    sending: reactive[bool] = reactive(default=False, init=False)
    sandbox: reactive[bool] = reactive(default=False, init=False)

    def __init__(
        self,
        draft: Draft | None = None,
        *,
        project_id: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self.set_reactive(ComposePane.draft, draft or Draft())
        self._models: tuple[Model, ...] = ()
        self._form: Form | None = None
        self._project_id = project_id
        self._sent = ""
        self._pressed = False
        self._tried = False
        self._keep: Timer | None = None
        self.upper = PromptPane(self.draft.prompt)
        self.lower = ModelsPane()

    def compose(self) -> ComposeResult:
        """The prompt and the settings, then the models and the button."""
        yield self.upper
        yield self.lower

    async def offer(self, catalogue: Catalogue) -> None:
        """Bring the settings and the models, and show what the draft says of them."""
        from .offers import offered  # noqa: PLC0415 - after the first paint

        self._models = offered(catalogue)
        await self.upper.furnish()
        await self.lower.furnish(catalogue, self._models)
        self._take_form()

    def load(self, draft: Draft, project_id: str | None = None) -> None:
        """Show the draft of a project; what was typed last is asked to be kept before."""
        self._keep_now()
        self._project_id = project_id
        self._tried = False
        self.draft = draft
        self.upper.prompt.show(draft.prompt)

    @property
    def typed(self) -> Draft:
        """The draft with the prompt as it is this moment: a letter may be on its way from it."""
        return replace(self.draft, prompt=self.upper.prompt.text)

    def submitted(self) -> None:
        """The orders are committed: the prompt is cleared, unless it has been changed since."""
        self.not_submitted()
        if self.draft.prompt.strip() == self._sent:
            self.upper.prompt.clear()

    def not_submitted(self) -> None:
        """Nothing was sent: everything stays as it is, and the button works again."""
        self._pressed = False
        self._count()

    def watch_sending(self, sending: bool) -> None:
        """A submit that is over frees the button."""
        self._pressed = self._pressed and sending
        self._count()

    def watch_sandbox(self) -> None:
        """Say whether money moves."""
        self._count()

    def action_generate(self) -> None:
        """Ask for the clips, or say what is missing."""
        if self._form is None or self._pressed or self.sending:
            return
        prompt = self.draft.prompt.strip()
        orders = self._form.orders(prompt) if prompt else ()
        if orders:
            from reelroom.tui.messages import GenerateRequested  # noqa: PLC0415 - not for the first paint

            self._pressed, self._sent = True, prompt
            self._keep_now()
            self.post_message(GenerateRequested(self._project_id, prompt, orders))
        else:
            self._tried = True
            self._go_to_what_is_missing(self._form)
        self._count()

    def _go_to_what_is_missing(self, form: Form) -> None:
        if not self.draft.prompt.strip():
            self.upper.prompt.focus()
        elif not form.ticked:
            self.lower.checklist.focus()
        elif form.bad:
            self.upper.go_to_setting(min(form.bad))

    def action_search(self) -> None:
        """Look for a model by what is typed."""
        self.lower.open_search()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The letter of the search is text while text is typed."""
        if action == "search":
            return self.lower.furnished and not isinstance(self.screen.focused, TextArea | Input)
        return super().check_action(action, parameters)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Count the letters; nothing is priced."""
        event.stop()
        self._change(self.typed)

    def on_settings_row_changed(self, event: SettingsRow.Changed) -> None:
        """Take another value of a setting."""
        event.stop()
        self._set(event.name, event.value)

    def on_checklist_ticked(self, event: Checklist.Ticked) -> None:
        """Tick a model, or take its tick away."""
        event.stop()
        models = self.draft.models
        kept = tuple(endpoint for endpoint in models if endpoint != event.endpoint)
        self._change(replace(self.draft, models=kept if kept != models else (*models, event.endpoint)))

    def on_send_bar_pressed(self, event: SendBar.Pressed) -> None:
        """Generate."""
        event.stop()
        self.action_generate()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Who comes from the models comes to the last setting."""
        if self.lower.furnished and event.widget in {self.lower.search, self.lower.checklist}:
            self.upper.settings.enter_from(below=True)

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        """The keys that work now are others."""
        self.refresh_bindings()

    def _set(self, name: Name, value: str) -> None:
        changed = {name: "" if (name, value) == ("copies", "1") else value}
        self._change(replace(self.draft, **changed))  # type: ignore[arg-type]  # no setting is the tuple

    def _change(self, draft: Draft) -> None:
        if draft != self.draft:
            self.draft = draft
            if self._keep is None:
                self._keep = self.set_timer(KEEP_AFTER, self._keep_now)

    def _keep_now(self) -> None:
        """Ask for the draft to be kept, if that is still due."""
        if self._keep is not None:
            from reelroom.tui.messages import DraftChanged  # noqa: PLC0415 - not for the first paint

            self._keep.stop()
            self._keep = None
            self.post_message(DraftChanged(self._project_id, self.draft))

    def watch_draft(self, before: Draft, draft: Draft) -> None:
        """A key in the prompt only counts letters; everything else is worked out anew."""
        if before == replace(draft, prompt=before.prompt):
            self._count()
        else:
            self._take_form()

    def _take_form(self) -> None:
        if not self.lower.furnished:
            return
        from .form import Form  # noqa: PLC0415 - after the first paint

        self._form = Form(self._models, self.draft)
        self.upper.take(self._form)
        self.lower.take(self._form)
        self._count()

    def _count(self) -> None:
        if self._form is None:
            return
        form, letters = self._form, len(self.draft.prompt.strip())
        bill = form.bill(
            letters, sandbox=self.sandbox, sending=self._pressed or self.sending, tried=self._tried
        )
        self._tried = self._tried and not bill.clips
        self.upper.count(letters, missing=self._tried and not letters)
        self.lower.count(bill, form.problems(letters), missing=self._tried and not form.ticked)
