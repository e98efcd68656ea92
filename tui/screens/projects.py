"""The projects: choose one, make one, give one another name, put one away."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from reelroom.fal.clean import clean
from reelroom.store.records import Project
from reelroom.tui import words
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.pane import Sheet
from reelroom.tui.widgets.strips import Span

LONGEST_NAME = 60


class NameField(Input):
    """The name of a new project, or another one for an old one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "take the name", id="projects.take")]

    def __init__(self) -> None:
        super().__init__(placeholder="name of the project", max_length=LONGEST_NAME, select_on_focus=True)


class ProjectList(OptionList):
    """The names."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "open", id="projects.open")]


class ProjectsScreen(ModalScreen[tuple[str, str, str] | None]):
    """A sheet; ends with None, or with `open`, `make`, `rename` or `archive`, an id and a name."""

    CSS = """
    ProjectsScreen Sheet { width: 60; }
    ProjectsScreen OptionList { height: auto; max-height: 12; margin: 1 2; border: none; }
    ProjectsScreen OptionList, ProjectsScreen OptionList:focus {
        background: $surface;
        background-tint: $foreground 0%;
    }
    ProjectsScreen Input { margin: 0 2 1 2; display: none; border: none; height: 1; background: $panel; }
    ProjectsScreen.-naming Input { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "name('make')", "new", id="projects.new"),
        Binding("r", "name('rename')", "rename", id="projects.rename"),
        Binding("A", "archive", "archive", id="projects.archive"),
        Binding("escape", "close", "close", key_display="esc", id="projects.close"),
    ]

    def __init__(
        self,
        projects: Sequence[Project],
        active: Project | None,
        counts: dict[str | None, int],
    ) -> None:
        super().__init__()
        self._projects = list(projects)
        self._active = active
        self._counts = counts
        self._naming = ""
        self._list = ProjectList(*(Option(self._line(project)) for project in projects))

    def _line(self, project: Project) -> Text:
        mark = "▌" if self._active and project.id == self._active.id else " "
        clips = words.count(self._counts.get(project.id, 0), "clip")
        return Text(f"{mark} {project.name}  ").append(clips, "dim")

    def compose(self) -> ComposeResult:
        """The names, the field for a new one, and the keys."""
        with Sheet("Projects", right=[Span("esc closes", "muted")]):
            yield self._list
            yield NameField()
        yield KeysLine()

    def on_mount(self) -> None:
        """Begin at the active project."""
        ids = [project.id for project in self._projects]
        self._list.highlighted = ids.index(self._active.id) if self._active and self._active.id in ids else 0
        self._list.focus()

    @property
    def _chosen(self) -> Project | None:
        at = self._list.highlighted
        return None if at is None or at >= len(self._projects) else self._projects[at]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Letters are text while a name is typed."""
        return action not in {"name", "archive"} or not isinstance(self.focused, Input)

    def action_close(self) -> None:
        """Leave the field first, then the sheet."""
        if self._naming:
            self._naming = ""
            self.remove_class("-naming")
            self._list.focus()
        else:
            self.dismiss(None)

    def action_name(self, what: str) -> None:
        """Ask for a name."""
        field = self.query_one(Input)
        field.value = self._chosen.name if what == "rename" and self._chosen else ""
        self._naming = what
        self.add_class("-naming")
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the name."""
        name = clean(event.value.strip(), limit=LONGEST_NAME)
        if name:
            self.dismiss((self._naming, self._chosen.id if self._chosen else "", name))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the project under the cursor."""
        self.dismiss(("open", self._projects[event.option_index].id, ""))

    def action_archive(self) -> None:
        """Put the project under the cursor out of sight; its clips stay."""
        if self._chosen:
            self.dismiss(("archive", self._chosen.id, ""))
