"""The lower part of the form: the search, the models, the total and the button."""

from collections.abc import Mapping
from typing import ClassVar

from textual.events import DescendantBlur, Resize
from textual.widgets import Input

from reelroom.fal.catalogue import Catalogue

from .checklist import Checklist
from .form import Form
from .offers import offered
from .pane import Pane
from .prompt_area import SearchField
from .send_bar import Bill, SendBar
from .strips import Span


class ModelsPane(Pane):
    """Shows the models of a form, and posts `Checklist.Ticked` and `SendBar.Pressed`."""

    BLANK: ClassVar[bool] = False  # beside the prompt it has a border

    def __init__(self, catalogue: Catalogue) -> None:
        self.search = SearchField(placeholder="/ filter by name, maker, task")
        self.checklist = Checklist()
        self.bar = SendBar()
        super().__init__("Models", self.search, self.checklist, self.bar, id="models-pane")
        self._catalogue = catalogue
        self._models = offered(catalogue)
        self._ticked = 0
        self._missing = False

    def on_mount(self) -> None:
        """All models, until something is searched for."""
        self.checklist.models = self._models

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
