"""The last line: the keys that work now, for what has the focus; `? help` always at the right."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import Input, TextArea

from .painted import Painted
from .strips import Span, length, paint_line


class Key(NamedTuple):
    """A key as it is drawn, what it does, and the action that a click on it runs."""

    key: str
    does: str
    action: str


class KeysLine(Painted):
    """`^j generate  tab next pane …… ? help`; a key that has no room is left out whole."""

    DEFAULT_CSS = "KeysLine { height: 1; width: 1fr; dock: bottom; }"

    keys: reactive[tuple[Key, ...]] = reactive(())

    ALWAYS = Key("?", "help", "app.help")
    always: reactive[Key] = reactive(ALWAYS)
    """The help, under the key that is no text where text is typed."""

    def on_mount(self) -> None:
        """Follow the focus: what works changes with it."""
        self.screen.bindings_updated_signal.subscribe(self, self._gather)
        self.call_after_refresh(self._gather)

    def _gather(self, _screen: object = None) -> None:
        shown = [
            (active.binding, active.enabled)
            for active in self.screen.active_bindings.values()
            if active.binding.show
        ]
        keys: dict[str, Key] = {}
        for binding, enabled in shown:
            if enabled and binding.action != self.ALWAYS.action:
                label = self.app.get_key_display(binding)
                keys.setdefault(binding.action, Key(label, binding.description, binding.action))
        typing = isinstance(self.screen.focused, Input | TextArea)
        self.always = self.ALWAYS._replace(key="F1") if typing else self.ALWAYS
        self.keys = tuple(sorted(keys.values(), key=lambda key: key.action == "screen.back"))

    def render_line(self, y: int) -> Strip:
        """As many keys as have room."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        left = [span for _key, spans in self._placed(width) for span in spans]
        right = _spans(self.always)
        gap = Span(" " * max(0, width - length(left) - length(right)))
        return paint_line([*left, gap, *right], width, self.paint, on="panel")

    def _placed(self, width: int) -> Sequence[tuple[Key, list[Span]]]:
        room = width - length(_spans(self.always))
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
                await self.screen.run_action(key.action)
                return
        if event.x >= self.size.width - length(_spans(self.always)):
            await self.app.run_action(self.ALWAYS.action)


def _spans(key: Key) -> list[Span]:
    return [Span(f" {key.key}", bold=True), Span(f" {key.does} ", "muted")]
