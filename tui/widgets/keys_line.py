"""The last line: the keys that work now, for what has the focus; `? help` always at the right."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.dom import DOMNode
from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import Input, TextArea

from .painted import Painted
from .strips import Span, length, paint_line


class Key(NamedTuple):
    """A key as it is drawn, what it does, and the action that a click on it runs, on the node that has it."""

    key: str
    does: str
    action: str
    node: DOMNode | None = None


class KeysLine(Painted):
    """`^j generate  tab next pane …… ? help`; a key that has no room is left out whole."""

    DEFAULT_CSS = "KeysLine { height: 1; width: 1fr; dock: bottom; }"

    keys: reactive[tuple[Key, ...]] = reactive(())

    ALWAYS = Key("?", "help", "app.help")
    always: reactive[Key | None] = reactive(ALWAYS)
    """The help, under the key that is no text where text is typed; None on a sheet, which has none."""

    def on_mount(self) -> None:
        """Follow the focus: what works changes with it."""
        self.screen.bindings_updated_signal.subscribe(self, self._gather)
        self.call_after_refresh(self._gather)

    def _gather(self, _screen: object = None) -> None:
        keys: dict[str, Key] = {}
        for active in self.screen.active_bindings.values():
            it = active.binding
            if it.show and active.enabled:
                label = self.app.get_key_display(it)
                keys.setdefault(it.action, Key(label, it.description, it.action, active.node))
        typing = isinstance(self.screen.focused, Input | TextArea)
        self.always = self.ALWAYS._replace(key="F1") if typing else self.ALWAYS
        if self.screen.is_modal:
            self.always = None
        self.keys = tuple(keys.values())

    def render_line(self, y: int) -> Strip:
        """As many keys as have room."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        left = [span for _key, spans in self._placed(width) for span in spans]
        right = self._right()
        gap = Span(" " * max(0, width - length(left) - length(right)))
        return paint_line([*left, gap, *right], width, self.paint, on="panel")

    def _placed(self, width: int) -> Sequence[tuple[Key, list[Span]]]:
        room = width - length(self._right())
        back = [key for key in self.keys if key.key == "esc"]
        room -= sum(length(_spans(key)) for key in back)
        placed = []
        for key in (key for key in self.keys if key.key != "esc"):
            spans = _spans(key)
            if length(spans) > room:
                break
            room -= length(spans)
            placed.append((key, spans))
        return [*placed, *((key, _spans(key)) for key in back)]

    async def on_click(self, event: Click) -> None:
        """Do what the key under the pointer does."""
        x = 0
        for key, spans in self._placed(self.size.width):
            x += length(spans)
            if event.x < x:
                await self.app.run_action(key.action, key.node)
                return
        if event.x >= self.size.width - length(self._right()):
            await self.app.run_action(self.ALWAYS.action)

    def _right(self) -> list[Span]:
        return _spans(self.always) if self.always else []


def _spans(key: Key) -> list[Span]:
    return [Span(f" {key.key}", bold=True), Span(f" {key.does} ", "muted")]
