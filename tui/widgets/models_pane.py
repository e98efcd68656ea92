"""The lower part of the form: the search, the models, the total and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .pane import Pane
from .strips import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.events import DescendantBlur, Resize
    from textual.widgets import Input

    from reelroom.fal.catalogue import Catalogue, Model

    from .checklist import Checklist
    from .form import Form
    from .search_field import SearchField
    from .send_bar import Bill, SendBar


class ModelsPane(Pane):
    """Shows the models of a form, and posts `Checklist.Ticked` and `SendBar.Pressed`.

    At the first paint it is a title; `furnish` brings the models, as soon as the catalogue is read.
    """

    BLANK: ClassVar[bool] = False  # beside the prompt it has a border
    search: SearchField
    checklist: Checklist
    bar: SendBar
    _catalogue: Catalogue
    _models: tuple[Model, ...]

    def __init__(self) -> None:
        super().__init__("Models", id="models-pane")
        self.furnished = False
        self._ticked = 0
        self._missing = False

    async def furnish(self, catalogue: Catalogue, models: tuple[Model, ...]) -> None:
        """Bring the search, all models until something is searched for, and the button."""
        from .checklist import Checklist  # noqa: PLC0415 - after the first paint
        from .search_field import SearchField  # noqa: PLC0415 - after the first paint
        from .send_bar import SendBar  # noqa: PLC0415 - after the first paint

        self._catalogue, self._models = catalogue, models
        self.search = SearchField(placeholder="/ filter by name, maker, task")
        self.checklist, self.bar = Checklist(), SendBar()
        self.furnished = True
        await self.mount(self.search, self.checklist, self.bar)
        self.checklist.models = models

    def take(self, form: Form) -> None:
        """Show which models are ticked, and what each would be."""
        self._ticked = len(form.ticked)
        self.checklist.ticked = frozenset(model.endpoint for model in form.ticked)
        self.checklist.quotes = form.quotes

    def count(self, bill: Bill, problems: Mapping[str, str], *, missing: bool) -> None:
        """Show the total and what stands in the way; `missing` asks for a tick."""
        if problems != self.checklist.problems:
            self.checklist.problems = problems
        self.bar.bill = bill
        self._missing = missing
        self._title()

    def open_search(self) -> None:
        """Show the search where it was folded away, and go there."""
        self.add_class("-searching")
        self.search.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the models in which every word of the search occurs."""
        event.stop()
        found = {model.endpoint for model in self._catalogue.search(event.value)}
        self.checklist.empty = f"No model has “{event.value}”. esc clears it."
        self.checklist.models = tuple(model for model in self._models if model.endpoint in found)

    def on_search_field_left(self) -> None:
        """Go to the models that were found."""
        self.checklist.focus()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """An empty search gives its line back where lines are few."""
        if event.widget is self.search and not self.search.value:
            self.remove_class("-searching")

    def on_resize(self, _event: Resize) -> None:
        """Whether the search shows is only known once the new size is laid out."""
        if self.furnished:
            self.call_after_refresh(self._title)

    def _title(self) -> None:
        problems = len(self.checklist.problems)
        parts = [Span(f"{problems} problem{'s' * (problems > 1)}", "bad", bold=True)] * bool(problems)
        if self._missing:
            parts.append(Span("none ticked", "bad", bold=True))
        else:
            parts.append(Span(f"{self._ticked} of {len(self._models)}", "muted"))
        if not self.search.display:
            parts.append(Span("/ filter", "muted"))
        self.right = tuple(parts)
