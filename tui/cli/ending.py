"""How a command ends: the exit codes that scripts depend on."""

from enum import IntEnum


class Code(IntEnum):
    """The exit codes."""

    SAVED = 0
    OTHERWISE = 1
    USAGE = 2
    KEY = 3
    MONEY = 4
    UNREACHABLE = 5
    INTERRUPTED = 130


class Stop(Exception):
    """The command ends here, with a sentence for stderr and an exit code."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
