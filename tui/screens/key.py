"""A field for the FAL key: what is typed is never drawn, and never leaves by the clipboard."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from reelroom.tui.studio.faces import Backstage, NotKept
from reelroom.tui.widgets.keys_line import KeysLine
from reelroom.tui.widgets.pane import Sheet
from reelroom.tui.widgets.strips import Span

LONGEST = 4096
ABOUT = "Kept in the system keyring, else in a file that only you can read. It counts from the next start on."


class KeyField(Input):
    """One dot for each letter; there is no way to copy them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "keep the key", id="key.keep")]

    def __init__(self) -> None:
        super().__init__(placeholder="key-id:key-secret", password=True, max_length=LONGEST)

    def action_copy(self) -> None:
        """Nothing: a terminal's clipboard is no place for a key."""

    def action_cut(self) -> None:
        """Nothing, for the same reason."""


class KeyScreen(ModalScreen[str | None]):
    """A sheet; ends with the sentence that says where the key is kept, or with None."""

    CSS = """
    KeyScreen Sheet { width: 60; }
    KeyScreen Static { padding: 1 2; height: auto; }
    KeyScreen Input { margin: 0 2 1 2; border: none; height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", key_display="esc", id="key.close"),
    ]

    def __init__(self, backstage: Backstage) -> None:
        super().__init__()
        self._backstage = backstage

    def compose(self) -> ComposeResult:
        """What becomes of it, the field, and the keys."""
        with Sheet("FAL key", right=[Span("esc closes", "muted")]):
            yield Static(ABOUT, markup=False)
            yield KeyField()
        yield KeysLine()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it; what cannot be a key is said to be so, and the field begins anew."""
        text, event.input.value = event.value, ""
        try:
            said = await self._backstage.keep_key(text)
        except NotKept as error:
            self.query_one(Static).update(str(error))
        else:
            self.dismiss(said)

    def action_close(self) -> None:
        """Keep nothing."""
        self.dismiss(None)
