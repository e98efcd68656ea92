"""What ended a command, as a sentence and an exit code."""

import logging
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.fal.errors import BadKey, BadValue, FalError, UnknownModel, Unreachable
from reelroom.store.errors import Ambiguous, DamagedDatabase, NotFound, OverBudget, StoreError
from reelroom.tui.studio.errors import NoSpending, StudioError

from .ending import Code, Stop

log = logging.getLogger(__name__)


def explain(error: Exception, path: Path) -> Stop:
    """A Stop for any exception; what was not foreseen is logged with its traceback, which has no locals."""
    cause = _cause(error)
    if isinstance(cause, Stop):
        return cause
    if isinstance(cause, DamagedDatabase):
        return Stop(Code.OTHERWISE, f"{cause} `reelroom doctor` says what can be done.")
    if isinstance(cause, FalError | StoreError | StudioError):
        return Stop(_code(cause), str(cause))
    log.error("the command ended unforeseen", exc_info=error)
    if isinstance(cause, OSError) and cause.strerror:
        where = "" if cause.filename is None else f"{clean(str(cause.filename))}: "
        return Stop(Code.OTHERWISE, f"{where}{cause.strerror}. What was saved is safe.")
    return Stop(
        Code.OTHERWISE,
        "Something unforeseen ended this command. What is at FAL goes on there, and what was saved is safe."
        f" The log has the details: {path}",
    )


def _cause(error: Exception) -> Exception:
    """The one exception in groups of one: a task group wraps even what its own block raised."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _code(error: FalError | StoreError | StudioError) -> Code:
    if isinstance(error, NotFound | Ambiguous | UnknownModel | BadValue):
        return Code.USAGE
    if isinstance(error, OverBudget | NoSpending):
        return Code.MONEY
    if isinstance(error, BadKey):
        return Code.KEY
    return Code.UNREACHABLE if isinstance(error, Unreachable) else Code.OTHERWISE
