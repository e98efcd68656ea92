"""Where the prompt is typed. What is pasted is made safe first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from reelroom.tui.theme import Paint

if TYPE_CHECKING:
    from textual.events import Paste

LONGEST = 20_000
"""Letters: the longest prompt that any model of the catalogue takes."""


class PromptArea(TextArea):
    """The prompt: plain text over several lines, without numbers, and without a cursor that blinks."""

    DEFAULT_CSS = """
    PromptArea, PromptArea:focus {
        border: none;
        border-left: vkey $border;
        padding: 0 0 0 1;
        margin: 0 1;
        background: $panel;
        color: $foreground;
        scrollbar-size: 0 0;
    }
    PromptArea:focus { border-left: outer $accent; }
    PromptArea.-bad, PromptArea.-bad:focus { border-left: outer $error; }
    PromptArea .text-area--cursor, PromptArea:ansi .text-area--cursor,
    PromptArea:dark .text-area--cursor, PromptArea:light .text-area--cursor {
        color: $on-accent;
        background: $accent;
        text-style: $button-style;
    }
    PromptArea .text-area--placeholder { color: $text-muted; text-style: $faint-style; }
    PromptArea.-ascii, PromptArea.-ascii:focus { border-left: ascii $border; }
    PromptArea.-ascii:focus { border-left: ascii $accent; }
    """

    def __init__(self, text: str, *, placeholder: str) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, placeholder=placeholder)
        self.cursor_blink = False
        self.highlight_cursor_line = False
        self.move_cursor(self.document.end)

    def on_mount(self) -> None:
        """The edge has an ASCII form as well."""
        self.set_class(Paint.of(self.app.current_theme).ascii_only, "-ascii")

    def show(self, text: str) -> None:
        """Another text, with the cursor behind it, and nothing to undo."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        from reelroom.fal.clean import clean  # noqa: PLC0415 - nothing is pasted before the first paint

        room = LONGEST - len(self.text) + len(self.selected_text)
        text = clean(event.text[: LONGEST + 1], limit=LONGEST, lines=True)[: max(0, room)]
        if text:
            pasted = self.replace(text, *self.selection, maintain_selection_offset=False)
            self.move_cursor(pasted.end_location)
