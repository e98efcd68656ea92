"""What all widgets that paint lines share: the styles of the present theme."""

from textual.theme import Theme
from textual.widget import Widget

from reelroom.tui.theme import Paint


class Painted(Widget):
    """A widget that asks `self.paint` for its styles, and is drawn anew when the theme changes."""

    _paint: Paint | None = None

    @property
    def paint(self) -> Paint:
        """The styles of the present theme."""
        if self._paint is None:
            self._paint = Paint.of(self.app.current_theme)
        return self._paint

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, theme: Theme) -> None:
        self._paint = Paint.of(theme)
        self.repaint()

    def repaint(self) -> None:
        """Draw everything anew; widgets that keep lines forget them here."""
        self.refresh()
