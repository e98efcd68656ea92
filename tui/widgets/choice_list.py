"""The small list that opens below a setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Blur
from textual.message import Message
from textual.widgets import OptionList

from .offers import Choice, Name


class ChoiceList(OptionList):
    """All values of one setting: `enter` takes one, `esc` leaves all as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "take", key_display="enter", id="choices.take"),
        Binding("escape,left,right,tab,shift+tab", "leave", "back", key_display="esc", id="choices.leave"),
    ]

    DEFAULT_CSS = """
    ChoiceList, ChoiceList:focus {
        overlay: screen;
        position: absolute;
        constrain: inside inside;
        width: auto;
        min-width: 12;
        height: auto;
        max-height: 12;
        border: none;
        border-left: outer $accent;
        padding: 0;
        background: $panel;
        background-tint: $foreground 0%;
        scrollbar-size-vertical: 1;
    }
    ChoiceList > .option-list--option { padding: 0 1; color: $foreground; }
    ChoiceList > .option-list--option-highlighted,
    ChoiceList:focus > .option-list--option-highlighted {
        background: $selected;
        color: $on-selected;
        text-style: bold;
    }
    """

    @dataclass
    class Taken(Message):
        """A value was taken."""

        name: Name
        value: str

    @dataclass
    class Left(Message):
        """The list is no longer needed; `back` is False where the focus has already gone elsewhere."""

        back: bool = True

    def __init__(self, name: Name, choices: Sequence[Choice], value: str) -> None:
        super().__init__(*(choice.label for choice in choices), markup=False)
        self._setting: Name = name
        self._choices = tuple(choices)
        values = [choice.value for choice in choices]
        self.highlighted = values.index(value) if value in values else 0

    def on_mount(self) -> None:
        """The list is the only thing to use while it is open."""
        self.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Hand the value on."""
        event.stop()
        self.post_message(self.Taken(self._setting, self._choices[event.option_index].value))

    def action_leave(self) -> None:
        """Close without a change."""
        self.post_message(self.Left())

    def on_blur(self, _event: Blur) -> None:
        """The focus went elsewhere: nothing is left open."""
        self.post_message(self.Left(back=False))
