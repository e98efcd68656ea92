"""Textual's driver, for a terminal that may go away while it is written to."""

import io
import os
import sys
from contextlib import suppress
from threading import Event
from typing import Any

from textual.drivers.linux_driver import LinuxDriver


class LastingOutput(io.TextIOWrapper):
    """What is written once the terminal has gone, goes nowhere."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(open(descriptor, "wb", closefd=False), encoding="utf-8", errors="replace")  # noqa: SIM115 - it stays open
        self._descriptor = descriptor

    def write(self, text: str) -> int:
        """Write, or let go of the terminal."""
        try:
            return super().write(text)
        except OSError:
            self._let_go()
            return len(text)

    def flush(self) -> None:
        """Flush, or let go of the terminal."""
        try:
            super().flush()
        except OSError:
            self._let_go()

    def _let_go(self) -> None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self._descriptor)
        os.close(null)


class LastingDriver(LinuxDriver):
    """Ends with its terminal instead of waiting for it, and leaves keys in it until they can be heard.

    The thread that writes would otherwise die with the first error, and whoever writes next would wait for it
    for ever. A closed window brings SIGCONT after SIGHUP as well, at which Textual draws anew.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._heard = Event()
        if sys.__stderr__ is not None:
            self._file = LastingOutput(sys.__stderr__.fileno())

    def listen(self) -> None:
        """From now on there is something to type into: a key that was read before would go nowhere."""
        self._heard.set()

    def run_input_thread(self) -> None:
        """Read keys for as long as there is a terminal."""
        while not self._heard.wait(0.1):
            if self.exit_event.is_set():
                return
        with suppress(OSError):
            super().run_input_thread()
