"""What would be sent, what it would cost, and the button."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from reelroom.tui import words
from reelroom.tui.theme import Role

from .painted import Painted
from .strips import Span, cut, length, paint_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a press would send. `known` is the sum in US dollars of the clips whose price is known."""

    clips: int = 0
    models: int = 0
    ticked: int = 0
    known: Decimal = Decimal(0)
    unknown: int = 0
    """Clips of unknown price."""
    reason: str = ""
    """Why nothing can be sent, or who waits; empty where all is well."""
    bad: bool = False
    """Whether the reason answers a press."""
    sandbox: bool = False
    sending: bool = False

    @property
    def ready(self) -> bool:
        """Whether a press sends something."""
        return self.clips > 0 and not self.sending

    @property
    def what(self) -> str:
        """What a press would send, in words."""
        if self.models < self.ticked:
            return f"{self.models} of {self.ticked} can be sent"
        return f"{words.count(self.clips, 'clip')}, {words.count(self.models, 'model')}"

    @property
    def short(self) -> str:
        """The same where there is less room."""
        return self.what if self.models < self.ticked else words.count(self.clips, "clip")

    @property
    def label(self) -> str:
        """The words on the button."""
        if self.sending:
            return "Sending"
        return f"Generate {words.count(self.clips, 'clip')}" if self.clips else "Generate"


class SendBar(Painted, can_focus=True):
    """The total and the button: three lines, two, or one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", "generate", show=False, id="send.press")
    ]

    DEFAULT_CSS = """
    SendBar { width: 1fr; height: 3; }
    """

    bill: reactive[Bill] = reactive(Bill)

    class Pressed(Message):
        """The button was pressed."""

    def action_press(self) -> None:
        """Press the button."""
        self.post_message(self.Pressed())

    def on_click(self, event: Click) -> None:
        """Press the button where it is drawn."""
        start, width = self._button_at()
        if event.y == self.size.height - 1 and start <= event.x < start + width:
            self.action_press()

    def _button_at(self) -> tuple[int, int]:
        """The first cell of the button, and its width."""
        whole = self.size.width - 2
        if self.size.height > 1:
            return 1, whole
        width = min(whole, len(self.bill.label) + 6)
        return 1 + whole - width, width

    def render_line(self, y: int) -> Strip:
        """One line: the total, what is to be known about it, the button."""
        rows = self.size.height
        if rows == 1:
            start, _width = self._button_at()
            return Strip.join([self._short(start), self._button()]).adjust_cell_length(
                self.size.width, self.paint("text")
            )
        if y == rows - 1:
            margin = Strip.blank(1, self.paint("text"))
            return Strip.join([margin, self._button(), margin])
        if rows == 2:
            return self._short(self.size.width)
        return self._total() if y == 0 else self._remark()

    def _price(self) -> list[Span]:
        bill = self.bill
        about = "~" if self.paint.ascii_only else "≈"
        known = [Span(f"{about} {words.price(bill.known)}", bold=True)]
        unknown = [Span(f"{bill.unknown} unknown", "attention", bold=True)]
        if not bill.unknown:
            return known
        return [*known, Span(" + ", "muted"), *unknown] if bill.unknown < bill.clips else unknown

    def _total(self) -> Strip:
        bill, width = self.bill, self.size.width
        if not bill.clips:
            return paint_line([Span(" nothing to send yet", "muted")], width, self.paint)
        price = self._price()
        room = width - 2 - length(price)
        left = bill.what if len(bill.what) < room else bill.short
        gap = Span(" " * max(1, room - len(left)))
        return paint_line([Span(f" {left}", "muted"), gap, *price], width, self.paint)

    def _remark(self) -> Strip:
        bill = self.bill
        text = bill.reason or ("practice: nothing is charged" if bill.sandbox else "")
        role: Role = "bad" if bill.bad else "muted"
        return paint_line([Span(" " + cut(text, self.size.width - 2), role)], self.size.width, self.paint)

    def _short(self, width: int) -> Strip:
        """Total and remark in one line; what has no room is left out whole."""
        bill = self.bill
        if not bill.clips:
            spans = [Span(" " + cut(bill.reason, width - 2), "bad" if bill.bad else "muted")]
            return paint_line(spans, width, self.paint)
        spans = [Span(f" {bill.short} ", "muted"), *self._price()]
        extra = [Span(" · nothing is charged", "muted")]
        if bill.sandbox and length(spans) + length(extra) < width:
            spans += extra
        return paint_line(spans, width, self.paint)

    def _button(self) -> Strip:
        _start, width = self._button_at()
        text = f"{self.bill.label}  ^j".center(width)
        if not self.bill.ready:
            return paint_line([Span(text, "faint")], width, self.paint, on="panel")
        if self.has_focus:
            text = (">" if self.paint.ascii_only else "▌") + text[1:]
        return paint_line([Span(text, bold=True)], width, self.paint, on="accent")
