"""What can be done with the selected clip: keys, and the wishes they post. Only what works is offered."""

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from reelroom.store.records import Media
from reelroom.tui import messages

Mode = Literal["grid", "list"]


class ClipKeys(Widget):
    """The keys of whatever shows one clip at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="media.open"),
        Binding("u", "restore", "undo", id="media.restore"),
        Binding("o", "play", "play", id="media.play"),
        Binding("o", "play_elsewhere", "play", show=False, id="media.play_elsewhere"),
        Binding("m", "more", "more like it", id="media.more"),
        Binding("g", "show('list')", "list", id="media.list"),
        Binding("g", "show('grid')", "grid", id="media.grid"),
        Binding("y", "copy_path", "copy path", id="media.copy_path"),
        Binding("d", "trash", "trash", id="media.trash"),
        Binding("escape", "clear_search", "clear search", id="media.clear_search"),
    ]

    mode: var[Mode] = var[Mode]("grid", bindings=True)
    searched: var[str] = var("", bindings=True)
    """What the clips are searched for."""
    folder: var[str] = var("")
    """The library folder, which a copied path begins with."""
    can_play: var[bool] = var(default=False, bindings=True)
    """Whether a player would open on this machine."""
    restorable: var[str | None] = var[str | None](None, bindings=True)
    """The clip that was put into the trash last, as long as that can be undone."""

    class SearchLeft(Message):
        """The search is to be cleared."""

    @property
    def current(self) -> Media | None:
        """The clip that the keys are about."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works for the present clip is in the footer."""
        match action:
            case "open" | "copy_path" | "trash" | "more":
                return self.current is not None
            case "play" | "play_elsewhere":
                return self.can_play == (action == "play") and self.current is not None
            case "restore":
                return self.restorable is not None
            case "show":
                return parameters != (self.mode,)
            case "clear_search":
                return bool(self.searched)
            case _:
                return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Show everything about it."""
        if self.current is not None:
            self.post_message(messages.ClipOpened(self.current.id))

    def action_play(self) -> None:
        """See it in a player."""
        if self.current is not None:
            self.post_message(messages.PlayRequested(self.current.id))

    def action_play_elsewhere(self) -> None:
        """Hear where it is, as no player opens here; so this is no key for the last line."""
        self.action_play()

    def action_more(self) -> None:
        """Fill the form from it."""
        if (clip := self.current) is not None:
            self.post_message(messages.MoreRequested(clip.job_id, clip.endpoint, clip.prompt))

    def action_show(self, mode: Mode) -> None:
        """Posters, or lines."""
        self.mode = mode

    def action_copy_path(self) -> None:
        """Send its path to the terminal's clipboard."""
        if self.current is not None:
            path = f"{self.folder.rstrip('/')}/{self.current.path}" if self.folder else self.current.path
            self.post_message(messages.CopyRequested(path, "path"))

    def action_trash(self) -> None:
        """Put it into the trash."""
        if self.current is not None:
            self.post_message(messages.TrashRequested(self.current.id))

    def action_restore(self) -> None:
        """Take the last one out of the trash."""
        if self.restorable is not None:
            self.post_message(messages.RestoreRequested(self.restorable))

    def action_clear_search(self) -> None:
        """Show all clips again."""
        self.post_message(self.SearchLeft())
