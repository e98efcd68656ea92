"""The keys that work here and everywhere, read from the bindings themselves, so that none is a lie."""

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual.actions import parse
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from reelroom.tui import words
from reelroom.tui.theme import Paint
from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Span

KEY = 14
"""Cells for the keys of an action."""


class HelpScreen(ModalScreen[None]):
    """A sheet over the page that it is about."""

    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen Pane { width: 76; max-width: 100%; height: auto; max-height: 90%; background: $surface; }
    HelpScreen VerticalScroll { height: auto; max-height: 100%; padding: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "close", key_display="esc", id="help.close"),
    ]

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """The keys by the part they belong to, then the signs of the job board."""
        with Pane("Help", right=[Span("esc closes", "muted")]), VerticalScroll():
            yield Static(self._text(), markup=False)

    def _text(self) -> Text:
        paint = Paint.of(self.app.current_theme)
        text = Text()
        for title, keys in self._groups():
            text.append(f"{title}\n", paint("accent", on="surface", bold=True))
            for key, does in keys:
                text.append(f"{key:<{KEY}}", paint("text", on="surface", bold=True))
                text.append(f"{does}\n", paint("muted", on="surface"))
            text.append("\n")
        text.append("Signs\n", paint("accent", on="surface", bold=True))
        looks = {look.word: look for look in (*words.LOOKS.values(), *words.HELD_UP.values())}
        for number, look in enumerate(looks.values(), 1):
            glyph = look.ascii if paint.ascii_only else look.glyph
            text.append(f"{glyph}  ", paint(look.role, on="surface"))
            text.append(f"{look.word:<28}", paint("muted", on="surface"))
            text.append("" if number % 2 else "\n")
        return text

    def _groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        here = self._page.focused
        chain: list[Widget] = [] if here is None else [here, *_parents(here)]
        seen: set[str] = set()
        for title, owners in (("Here", chain), ("Everywhere", [self._page, self.app])):
            keys = [
                pair for owner in owners for pair in self._keys(owner, seen) if pair[1] not in ("", "close")
            ]
            if keys:
                yield title, keys

    def _keys(self, owner: object, seen: set[str]) -> Iterator[tuple[str, str]]:
        bindings = getattr(owner, "_bindings", None)
        if bindings is None:
            return
        actions: dict[str, list[str]] = {}
        told: dict[str, str] = {}
        for _key, each in bindings:
            if each.id and each.description and each.id not in seen and self._works(owner, each):
                actions.setdefault(each.id, []).append(self.app.get_key_display(each))
                told[each.id] = each.description
        for name, keys in actions.items():
            seen.add(name)
            yield "  ".join(dict.fromkeys(keys)), told[name]

    def _works(self, owner: object, binding: Binding) -> bool:
        """Whether the key does anything on this page now."""
        name, parameters = parse(binding.action)[1:]
        check = getattr(owner, "check_action", None)
        return check is None or check(name, parameters) is not False


def _parents(widget: Widget) -> list[Widget]:
    return [node for node in widget.ancestors if isinstance(node, Widget) and not isinstance(node, Screen)]
