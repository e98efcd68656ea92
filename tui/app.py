"""The studio on screen: themes, one worker that follows the desk, and the way in and out."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from .colours import color_depth, no_color
from .desk import Desk
from .driver import LastingDriver
from .harmless import Harmless
from .requests import Requests
from .screens.page import MOVES, Page
from .screens.studio import StudioScreen
from .theme import theme_name, themes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import PurePath

    from textual.screen import Screen

    from . import messages
    from .studio.faces import Backstage

log = logging.getLogger(__name__)

UNSOUGHT = MOVES | {"commands"}
"""What nobody looks for in the palette."""
LIGHT = "light"
RESUME = "Start it again, or run `reelroom resume`, and it goes on from here."
THEME_DRAFT = "theme"


class Reelroom(Requests):
    """Everything a person sees. It leaves with the sentence that is printed after the screen is restored."""

    TITLE = "Reelroom"
    ENABLE_COMMAND_PALETTE = True
    # The page's rules are read with these: a screen's own are parsed in a second round.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/studio.tcss"]
    NOTIFICATION_TIMEOUT = 5
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "leave", show=False, priority=True, id="app.leave"),
        Binding("question_mark", "help", "help", show=False, id="app.help"),
        Binding("f1", "help", "help", show=False, id="app.help_anywhere"),
        Binding("ctrl+p", "command_palette", "commands", show=False, id="app.commands"),
        Binding("ctrl+l", "log", "log", show=False, id="app.log"),
        Binding("f9", "key", "set the FAL key", show=False, id="app.key"),
        Binding("ctrl+t", "light", "light or dark", show=False, id="app.light"),
    ]

    def __init__(
        self,
        backstage: Backstage,
        *,
        ascii_only: bool = False,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
    ) -> None:
        depth, plain = color_depth(environ), no_color(environ)
        super().__init__(driver_class=LastingDriver, ansi_color=plain or depth == "16")
        self.desk = Desk(backstage, self._told, clock=clock)
        self._names = [theme_name(depth, dark=dark, plain=plain) for dark in (True, False)]
        for theme in themes(depth, plain=plain, ascii_only=ascii_only):
            self.register_theme(theme)
        self._start_in(self._names[0])
        self.studio = StudioScreen(self.desk)
        self._leaving = False
        self._harmless = Harmless()

    def _start_in(self, name: str) -> None:
        """Begin with a theme; an assignment would have all rules parsed with Textual's own theme before."""
        self.set_reactive(App.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        dark = self.current_theme.dark
        self.update_classes(
            {f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False
        )

    def get_default_screen(self) -> StudioScreen:
        """The page itself, instead of an empty screen below it that is laid out and painted first."""
        self.studio.fold(self.size)
        return self.studio

    def on_mount(self) -> None:
        """Paint first; everything that takes time comes after."""
        self.call_after_refresh(self._follow)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end_now)

    @work(exit_on_error=True)
    async def _follow(self) -> None:
        """Run the desk until it has been left; then there is nothing more to wait for."""
        if isinstance(self._driver, LastingDriver):
            self._driver.listen()
        if not gc.isenabled():  # see `open_the_screen`; what start-up made stays, and is not searched again
            gc.freeze()
            gc.enable()
        await self.studio.furnish()
        try:
            await self.desk.run()
        finally:
            self.exit(self._farewell())

    def _told(self, what: str) -> None:
        if what == "ready":
            self.run_worker(self._restore_theme())
        elif what == "moved in":
            self.say("The other Reelroom has ended. This window does the work now.")
        for page in self.screen_stack:
            if isinstance(page, Page):
                page.news(what)

    async def _restore_theme(self) -> None:
        if self.desk.shelf and await self.desk.shelf.draft(THEME_DRAFT) == LIGHT:
            self.theme = self._names[1]

    async def action_light(self) -> None:
        """Change between the dark and the light theme, and remember which."""
        light = self.theme == self._names[0]
        self.theme = self._names[int(light)]
        if self.desk.shelf:
            await self.desk.shelf.keep_draft(THEME_DRAFT, LIGHT if light else "")

    def action_help(self) -> None:
        """Show the keys."""
        from .screens.help import HelpScreen  # noqa: PLC0415 - with its first look

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_key(self) -> None:
        """Take a FAL key, in a field that shows none of it."""
        from .screens.key import KeyScreen  # noqa: PLC0415 - with its first look

        if not isinstance(self.screen, KeyScreen):
            self.push_screen(KeyScreen(self.desk.backstage), self._say_later)

    def _say_later(self, sentence: str | None) -> None:
        """Say it on the screen that comes back: the one that is leaving takes its toasts along."""
        if sentence:
            self.call_after_refresh(self.say, sentence)

    def action_log(self) -> None:
        """Show the log."""
        from .screens.log import LogScreen  # noqa: PLC0415 - with its first look

        if not isinstance(self.screen, LogScreen):
            self.push_screen(LogScreen(self.desk))

    async def on_more_requested(self, request: messages.MoreRequested) -> None:
        """Go back to the studio, with its form filled in."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        await self.studio.more_like(request)

    async def action_quit(self) -> None:
        """Leave, by whatever key Textual itself has for it."""
        await self.action_leave()

    async def action_leave(self) -> None:
        """Leave; jobs go on at FAL. Requests on their way are waited for, unless asked twice."""
        if self._leaving:
            self.workers.cancel_all()
            self.exit(self._farewell())
            return
        self._leaving = True
        if self.desk.posting:
            from . import words  # noqa: PLC0415 - most leave with nothing on its way

            waiting = words.count(self.desk.posting, "request")
            self.say(f"{waiting} on the way: waiting up to 15 s for FAL's answer. ^q leaves at once.")
        self.desk.leave()
        await self.studio.keep_draft_now()

    def _end_now(self) -> None:
        """The terminal is going: leave as a key press would; a kill right after loses nothing either."""
        self.run_worker(self.action_leave())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the last look at what is drawn."""
        return [*super().get_line_filters(), self._harmless]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that works now, in the place of Textual's own commands."""
        offered: set[str] = set()
        for active in screen.active_bindings.values():
            it = active.binding
            if it.id and it.description and active.enabled and it.description not in offered | UNSOUGHT:
                offered.add(it.description)
                act = partial(self.run_action, it.action, active.node)
                yield SystemCommand(it.description.capitalize(), self.get_key_display(it), act)

    def get_key_display(self, binding: Binding) -> str:
        """Keys by the names that the page uses: `enter`, not a sign for it."""
        shown = super().get_key_display(binding).replace("⏎", "enter")
        function = shown[:1] == "f" and shown[1:].isdigit()
        return shown.upper() if function else {"␣": "space"}.get(shown, shown)

    def copy_to_clipboard(self, text: str) -> None:
        """Send text to the terminal's clipboard, through tmux and screen too."""
        from .clipboard import osc52  # noqa: PLC0415 - with the first copy

        if self._driver is not None:
            self._driver.write(osc52(text, os.environ))

    def _handle_exception(self, error: Exception) -> None:
        """In the place of Textual's own, which prints local variables: a key could be among them."""
        log.critical("the screen stopped", exc_info=error)
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        said = f"Reelroom stopped: something unforeseen. Nothing paid is lost; the log has it: {{}}\n{RESUME}"
        self._exit_renderables.append(Text(said.format(self.desk.backstage.log)))
        self._close_messages_no_wait()

    def _farewell(self) -> str:
        waiting = [job for job in self.desk.jobs.values() if not job.terminal and job.request_id]
        if not waiting:
            return ""
        from . import words  # noqa: PLC0415 - after the first paint

        jobs = words.count(len(waiting), "job is", "jobs are")
        place = "in the sandbox" if self.desk.backstage.practice else "at FAL"
        back = "without Reelroom, and {} saved when you come back."
        if len(waiting) == 1:
            return f"1 job is still running {place}. It goes on {back.format('is')}"
        return f"{jobs} still running {place}. They go on {back.format('are')}"
