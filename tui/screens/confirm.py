"""The question before money moves: what is sent, for how much, and what enter does."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from reelroom.tui import words
from reelroom.tui.studio.orders import Order
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.pane import Sheet
from reelroom.tui.widgets.strips import Span, fit

NAME = 34
"""Cells for the model's name in a line."""


class Way(Button):
    """One of the ways on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "the marked button", id="confirm.press"),
    ]


class ConfirmScreen(ModalScreen[bool]):
    """A sheet; ends with True where the person sends."""

    CSS = """
    ConfirmScreen Sheet { width: 60; }
    ConfirmScreen VerticalScroll { height: auto; max-height: 50vh; margin-bottom: 1; }
    ConfirmScreen Static { padding: 1 2 0 2; height: auto; }
    ConfirmScreen Button { margin: 0 2 1 2; border: none; height: 1; min-width: 24; }
    ConfirmScreen Button:focus { background: $accent; color: $on-accent; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down,right", "app.focus_next", "next", key_display="tab", id="confirm.next"),
        Binding("escape", "refuse", "back", key_display="esc", id="confirm.back"),
        Binding("up,left", "app.focus_previous", "previous", show=False, id="confirm.previous"),
        Binding("pagedown", "page(1)", "page down", show=False, id="confirm.page_down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="confirm.page_up"),
    ]

    def __init__(self, orders: Sequence[Order]) -> None:
        super().__init__()
        self._orders = orders

    def compose(self) -> ComposeResult:
        """A line for each model, the total, and the two ways on; enter does not spend by itself."""
        total = words.total([order.estimate for order in self._orders])
        with Sheet("Send?", right=[Span("this costs money", "attention")]):
            yield VerticalScroll(Static(self._lines(), markup=False), can_focus=False)
            yield Way(Text("Go back"), id="back")
            yield Way(Text(f"Send for {total}"), id="send")
        yield KeysLine()

    def _lines(self) -> Text:
        text = Text()
        known: dict[str, list[Decimal | None]] = {}
        for order in self._orders:
            known.setdefault(order.model, []).append(order.estimate)
        for model, amounts in known.items():
            copies = f"{len(amounts)} × " if len(amounts) > 1 else ""
            text.append(f"{fit(copies + model, NAME)} {words.total(amounts):>18}\n")
        return text

    def action_page(self, step: int) -> None:
        """Look at more models than have room; the ways on stay where they are."""
        lines = self.query_one(VerticalScroll)
        lines.scroll_relative(y=step * lines.size.height, animate=False)

    def on_mount(self) -> None:
        """Begin at the way back: a stray enter spends nothing."""
        self.query_one("#back", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the answer."""
        self.dismiss(event.button.id == "send")

    def action_refuse(self) -> None:
        """Nothing is sent."""
        self.dismiss(False)
