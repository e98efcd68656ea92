"""The keys of every pane and those that work everywhere, read from the bindings, so that none is a lie."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.actions import parse
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from reelroom.tui import words
from reelroom.tui.theme import Paint
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.pane import Pane, Sheet
from reelroom.tui.widgets.strips import Span

from .page import MOVES

KEY = 19
"""Cells for the keys of an action."""
TWO_COLUMNS = 110
"""Cells of the window from which on the groups stand beside each other."""

Group = tuple[str, dict[str, list[str]]]
"""The title of a group, and the keys of each thing that it does."""


class Scroll(VerticalScroll):
    """The text, which may be longer than the window."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_down", "scroll", key_display="↑ ↓", id="help.down"),
    ]


class HelpScreen(ModalScreen[None]):
    """A sheet over the page that it is about."""

    CSS = """
    HelpScreen Sheet { width: 76; }
    HelpScreen Scroll { height: auto; padding: 1 2; scrollbar-size-vertical: 1; }
    HelpScreen Horizontal { height: auto; }
    HelpScreen Static { width: 1fr; height: auto; }
    HelpScreen.-wide Sheet { width: 104; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "close", key_display="esc", id="help.close"),
    ]

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """The keys by the pane they belong to, then the signs of the job board."""
        wide = self.app.size.width >= TWO_COLUMNS
        self.set_class(wide, "-wide")
        with Sheet("Help", right=[Span("esc closes", "muted")]), Scroll():
            with Horizontal():
                for column in _columns(list(self._groups()), 2 if wide else 1):
                    yield Static(self._keys_text(column), markup=False)
            yield Static(self._signs(4 if wide else 2), markup=False)
        yield KeysLine()

    def _keys_text(self, groups: Iterable[Group]) -> Text:
        paint = Paint.of(self.app.current_theme)
        text = Text()
        for title, keys in groups:
            text.append(f"{title}\n", paint("accent", on="surface", bold=True))
            for does, each in keys.items():
                text.append(f"{'  '.join(each):<{KEY - 1}} ", paint("text", on="surface", bold=True))
                text.append(f"{does}\n", paint("muted", on="surface"))
            text.append("\n")
        return text

    def _signs(self, columns: int) -> Text:
        paint = Paint.of(self.app.current_theme)
        text = Text().append("Signs\n", paint("accent", on="surface", bold=True))
        looks = {look.word: look for look in (*words.LOOKS.values(), *words.HELD_UP.values())}
        for number, look in enumerate(looks.values(), 1):
            text.append(f"{look.ascii if paint.ascii_only else look.glyph}  ", paint(look.role, on="surface"))
            text.append(f"{look.word:<22}", paint("muted", on="surface"))
            text.append("" if number % columns else "\n")
        return text

    def _groups(self) -> Iterator[Group]:
        """Each pane of the page, the one with the focus first, then what works everywhere."""
        everywhere = self._keys([self._page, self.app], works=True)
        said = frozenset(everywhere)
        here = self._page.focused
        around = set() if here is None else {here, *here.ancestors}
        panes = [
            pane for pane in self._page.query(Pane) if not any(isinstance(p, Pane) for p in pane.ancestors)
        ]
        # The studio's own keys depend on what is selected: all are told. A page is about one thing.
        works = self._page is not self.app.screen_stack[0]
        told: set[DOMNode] = set()
        for pane in sorted(panes, key=lambda pane: pane not in around):
            owners = [
                node for node in (*pane.walk_children(with_self=True), *_above(pane)) if node not in told
            ]
            told.update(owners)
            keys = self._keys(owners, works=works, but=said)
            if keys:
                yield (f"{pane.label}, here" if pane in around else pane.label), keys
        yield "Everywhere", everywhere

    def _keys(
        self, owners: Iterable[DOMNode], *, works: bool, but: frozenset[str] = frozenset()
    ) -> dict[str, list[str]]:
        """The keys of each thing that these do; with `works` only of what would be done now."""
        found: dict[str, list[str]] = {}
        for owner in owners:
            for _key, each in owner._bindings:  # noqa: SLF001 - Textual offers those in use alone
                if not each.id or not each.description or (works and not _works(owner, each)):
                    continue
                does = "move" if each.description in MOVES else each.description
                key = self.app.get_key_display(replace(each, key_display=None))
                arrow = does != "move" or len(key) == 1
                if does not in but and arrow and key not in found.setdefault(does, []):
                    found[does].append(key)
        return _joined(found)


def _joined(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """One line for a key that does one thing or another, as `g` for list and grid."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for does, keys in found.items():
        lines.setdefault(tuple(keys), []).append(does)
    return {" or ".join(does): list(keys) for keys, does in lines.items()}


def _works(owner: DOMNode, binding: Binding) -> bool:
    name, parameters = parse(binding.action)[1:]
    return owner.check_action(name, parameters) is not False


def _above(pane: Pane) -> list[DOMNode]:
    return [node for node in pane.ancestors if node.parent is not None and not isinstance(node, Screen)]


def _columns(groups: Sequence[Group], number: int) -> list[list[Group]]:
    """The groups in columns of much the same height, in their order from left to right."""
    columns: list[list[Group]] = [[] for _ in range(number)]
    room = sum(len(keys) + 2 for _title, keys in groups) / number
    at, used = 0, 0.0
    for title, keys in groups:
        if used + (len(keys) + 2) / 2 > room and at + 1 < number:
            at, used = at + 1, 0.0
        columns[at].append((title, keys))
        used += len(keys) + 2
    return columns
