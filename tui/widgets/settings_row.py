"""The shared settings: five fields drawn by one widget, in three lines or in one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Blur, Click, Focus, Key, Paste
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from reelroom.fal.clean import clean
from reelroom.tui.theme import Ground, Role

from .offers import Name, label
from .painted import Painted
from .settings_layout import OPENER, ORDER, Place, grid, line, place_at
from .strips import Span, cut, fit, paint_line

TYPED: frozenset[Name] = frozenset({"seed", "copies"})
LONGEST = 20
_NONE: Mapping[Name, str] = MappingProxyType({})


class SettingsRow(Painted, can_focus=True):
    """The five fields: `left` and `right` step, `enter` opens, copies and seed are typed as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "go(1)", "next field", show=False, id="settings.next"),
        Binding("shift+tab", "go(-1)", "field before", show=False, id="settings.before"),
        Binding("left", "step(-1)", "less", show=False, id="settings.less"),
        Binding("right", "step(1)", "more", show=False, id="settings.more"),
        Binding("enter,space,up,down", "open", "choose", key_display="enter", id="settings.open"),
        Binding("backspace", "erase", "erase", show=False, id="settings.erase"),
    ]

    DEFAULT_CSS = """
    SettingsRow { width: 1fr; height: 3; }
    """

    values: reactive[Mapping[Name, str]] = reactive(_NONE)
    current: reactive[Name] = reactive[Name]("length")
    bad: reactive[frozenset[Name]] = reactive(frozenset[Name]())
    idle: reactive[frozenset[Name]] = reactive(frozenset[Name]())
    """Settings that none of the chosen models has."""
    typing: reactive[bool] = reactive(default=False)
    """Whether the next letter adds to what is there, rather than taking its place."""

    @dataclass
    class Changed(Message):
        """A setting has another value."""

        name: Name
        value: str

    @dataclass
    class Stepped(Message):
        """The value next to this one is wanted."""

        name: Name
        by: int

    @dataclass
    class Opened(Message):
        """The list of a setting is wanted, below these cells of the widget."""

        place: Place

    @property
    def places(self) -> list[Place]:
        """Where each setting is drawn in the present size."""
        if self.size.height > 1:
            return grid(self.size.width - 2)
        return line({name: self._in_line(name) for name in ORDER}, self.size.width)

    def action_go(self, by: int) -> None:
        """Go to another field, or on past the last one."""
        fields = [name for name in ORDER if name not in self.idle]
        at = fields.index(self.current) + by if self.current in fields else 0
        self.typing = False
        if 0 <= at < len(fields):
            self.current = fields[at]
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def enter_from(self, *, below: bool) -> None:
        """Take the field that is nearest to where the focus came from."""
        fields = [name for name in ORDER if name not in self.idle]
        self.current = fields[-1 if below else 0]

    def action_step(self, by: int) -> None:
        """Take the next value, or the one before."""
        self.typing = False
        if self.current not in self.idle:
            self.post_message(self.Stepped(self.current, by))

    def action_open(self) -> None:
        """Ask for the list of the present field."""
        self.typing = False
        if self.current not in self.idle:
            place = next(place for place in self.places if place.name == self.current)
            self.post_message(self.Opened(place))

    def action_erase(self) -> None:
        """Take the last letter away."""
        if self.current in TYPED and self.current not in self.idle:
            self._put(self.values[self.current][:-1])

    def on_key(self, event: Key) -> None:
        """Letters are for the two fields that are typed."""
        # Space opens the list, and the slash goes to the search, here as elsewhere.
        typed = event.is_printable and event.character not in {None, " ", "/"}
        if typed and event.character and self.current in TYPED and self.current not in self.idle:
            event.stop()
            event.prevent_default()
            self._type(event.character)

    def on_paste(self, event: Paste) -> None:
        """A number may be pasted."""
        event.stop()
        if self.current in TYPED and self.current not in self.idle:
            self._type(clean(event.text[:LONGEST], limit=LONGEST).strip())

    def _type(self, text: str) -> None:
        before = self.values[self.current] if self.typing else ""
        self._put((before + text)[:LONGEST])

    def _put(self, value: str) -> None:
        """Show what was typed at once: the next letter may come before the form has answered."""
        self.typing = True
        self.values = {**self.values, self.current: value}
        self.post_message(self.Changed(self.current, value))

    def on_focus(self, _event: Focus) -> None:
        """What is typed first takes the place of what is there."""
        self.typing = False

    def on_blur(self, _event: Blur) -> None:
        """Nothing is typed any more."""
        self.typing = False

    def on_click(self, event: Click) -> None:
        """Open the setting that is drawn there."""
        place = place_at(self.places, event.x, event.y)
        if place is not None and place.name not in self.idle:
            self.current = place.name
            self.action_open()

    def _typing(self, name: Name) -> bool:
        return self.typing and self.has_focus and name == self.current

    def _typed(self, text: str) -> str:
        return text + ("_" if self.paint.plain or self.paint.ascii_only else "▏")

    def _in_line(self, name: Name) -> str:
        """A value that says by itself which setting it is."""
        if name in self.idle:
            return f"{name} {_idle(name)}"
        value = self.values.get(name, "")
        shown = self._typed(value) if self._typing(name) else label(name, value)
        if name == "copies":
            return ("x" if self.paint.ascii_only else "×") + shown
        if name == "seed":
            return f"seed {shown}"
        return shown if value else name

    def render_line(self, y: int) -> Strip:
        """One line of fields."""
        width = self.size.width
        if not self.values:
            return Strip.blank(width, self.paint("text"))
        strips: list[Strip] = []
        at = 0
        for place in (place for place in self.places if place.row == y):
            for start, strip in self._field(place):
                strips += [Strip.blank(start - at, self.paint("text")), strip]
                at = start + strip.cell_length
        return Strip.join(strips).adjust_cell_length(width, self.paint("text"))

    def _field(self, place: Place) -> Iterator[tuple[int, Strip]]:
        """The label, the edge of the focused one, and the value, each with the cell it starts at."""
        name, bad = place.name, place.name in self.bad
        here = self.has_focus and name == self.current
        if place.label:
            role: Role = "bad" if bad else "faint" if name in self.idle else "muted"
            yield place.label_at, paint_line([Span(place.label, role)], len(place.label), self.paint)
        if bad or here:
            edge = ">" if self.paint.ascii_only else "▌"
            yield place.value_at - 1, paint_line([Span(edge, "bad" if bad else "accent")], 1, self.paint)
        yield place.value_at, self._value(place, here=here, bad=bad and not place.label)

    def _value(self, place: Place, *, here: bool, bad: bool) -> Strip:
        name = place.name
        ground: Ground = "panel" if place.label else "background"
        if name in self.idle:
            return paint_line(
                [Span(_idle(name) if place.label else self._in_line(name), "faint")], place.width, self.paint
            )
        room = place.width - OPENER
        if not place.label:
            shown = self._in_line(name)
        elif self._typing(name):
            shown = self._typed(cut(self.values[name], room - 1))
        else:
            shown = label(name, self.values[name])
        opener = " v" if self.paint.ascii_only else " ▾"
        spans = [Span(fit(shown, room), "bad" if bad else "text", bold=here), Span(opener, "muted")]
        return paint_line(spans, place.width, self.paint, on=ground)


def _idle(name: Name) -> str:
    """Why nothing can be chosen: no ticked model takes a seed, or each has the one value of its own."""
    return "none taken" if name == "seed" else "fixed"
