"""The upper part of the form: the prompt, the settings, and a sentence under each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pane import Pane
from .prompt_area import PromptArea
from .strips import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.events import DescendantBlur

    from .choice_list import ChoiceList
    from .draft import Draft
    from .form import Form
    from .note import Note
    from .offers import Name
    from .settings_row import SettingsRow


class PromptPane(Pane):
    """Shows a form, and posts `TextArea.Changed` and `SettingsRow.Changed` for what is typed and chosen.

    The prompt is there from the first paint on; `furnish` brings what is below it.
    """

    note: Note
    settings: SettingsRow
    settings_note: Note
    _form: Form

    def __init__(self, prompt: str) -> None:
        self.prompt = PromptArea(prompt, placeholder="What happens in the clip?")
        super().__init__("Compose", self.prompt, right=[Span("text to video", "muted")], id="prompt-pane")
        self.furnished = False

    async def furnish(self) -> None:
        """Bring the settings and the sentences."""
        from .note import Note  # noqa: PLC0415 - after the first paint
        from .settings_row import SettingsRow  # noqa: PLC0415 - after the first paint

        self.note, self.settings_note = Note(id="prompt-note"), Note(id="settings-note")
        self.settings = SettingsRow()
        self.furnished = True
        await self.mount(self.note, self.settings, self.settings_note)

    def take(self, form: Form) -> None:
        """Show the settings of a form, and what is wrong with them."""
        self._form = form
        self.settings.values = _values(form.draft, erased=self.settings.typing)
        self.settings.idle, self.settings.bad = form.idle, form.bad
        self.settings_note.text, self.settings_note.bad = form.sentence, bool(form.sentence)

    def count(self, letters: int, *, missing: bool) -> None:
        """Say how long the prompt is, and how long it may be."""
        limit, name = self._form.limit or (0, "")
        over = letters - limit if limit and letters > limit else 0
        self.note.bad = missing or over > 0
        self.prompt.set_class(self.note.bad, "-bad")
        if missing:
            self.note.text = "Say what happens in the clip."
        elif over:
            self.note.text = f"{name} takes {limit:,} letters: {over:,} too many."
        else:
            most = f" of {limit:,}" if limit else ""
            self.note.text = f"{letters:,}{most} letters" if letters else ""

    def go_to_setting(self, name: Name) -> None:
        """Put the focus on a setting."""
        self.settings.focus()
        self.settings.current = name

    def on_settings_row_stepped(self, event: SettingsRow.Stepped) -> None:
        """Take the value next to the present one."""
        from .offers import choices  # noqa: PLC0415 - after the first paint

        values = [choice.value for choice in choices(self._form.offering, event.name)]
        now = self.settings.values[event.name]
        at = values.index(now) + event.by if now in values else 0
        self._set(event.name, values[min(max(0, at), len(values) - 1)])

    def on_settings_row_opened(self, event: SettingsRow.Opened) -> None:
        """Open the list of a setting below it."""
        from .choice_list import ChoiceList  # noqa: PLC0415 - with its first look
        from .offers import Choice, choices, label  # noqa: PLC0415 - after the first paint

        name, now = event.place.name, self.settings.values[event.place.name]
        values = choices(self._form.offering, name)
        if now not in [choice.value for choice in values]:
            values = (*values, Choice(now, label(name, now)))
        opened = ChoiceList(name, values, now)
        corner = self.settings.region.offset - self.region.offset
        opened.styles.offset = (corner.x + event.place.value_at - 1, corner.y + event.place.row + 1)
        self.mount(opened)

    def on_choice_list_taken(self, event: ChoiceList.Taken) -> None:
        """Take the value from the list."""
        self._set(event.name, event.value)
        self._close(back=True)

    def on_choice_list_left(self, event: ChoiceList.Left) -> None:
        """Close the list."""
        self._close(back=event.back)

    def _close(self, *, back: bool) -> None:
        if back:
            self.settings.focus()
        self.query("ChoiceList").remove()

    def _set(self, name: Name, value: str) -> None:
        # At once, since the next step may come before the form has answered.
        self.settings.values = {**self.settings.values, name: value}
        self.post_message(self.settings.Changed(name, value))

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Who comes from the prompt comes to the first setting."""
        if self.furnished and event.widget is self.prompt:
            self.settings.enter_from(below=False)


def _values(draft: Draft, *, erased: bool) -> Mapping[Name, str]:
    return {
        "length": draft.length,
        "shape": draft.shape,
        "size": draft.size,
        # An empty number stays empty while it is being typed.
        "copies": draft.copies or ("" if erased else "1"),
        "seed": draft.seed,
    }
