"""The system's keyring, where there is one that answers: asked in a thread, since over SSH it may hang."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SERVICE = "reelroom"
NAME = "FAL key"
LIMIT = 2.0
"""Seconds that it has to answer."""


class NoKeyring(Exception):
    """There is no keyring here that can be used; `str()` is a sentence, and never holds the key."""


def read_keyring() -> str:
    """The key that is kept there; raises NoKeyring."""
    text = _asked(lambda ring: ring.get_password(SERVICE, NAME))
    if not text:
        raise NoKeyring("The system keyring has no FAL key of Reelroom's.")
    return str(text)


def write_keyring(text: str) -> None:
    """Keep the key there, and see that it can be read again; raises NoKeyring."""

    def keep(ring: Any) -> bool:
        ring.set_password(SERVICE, NAME, text)
        return bool(ring.get_password(SERVICE, NAME) == text)

    if not _asked(keep):
        raise NoKeyring("The system keyring did not keep the key.")


def empty_keyring() -> None:
    """Remove the key from there; raises NoKeyring."""
    _asked(lambda ring: ring.delete_password(SERVICE, NAME))


def _asked(work: Callable[[Any], T]) -> T:
    """The answer of the keyring, within the limit. The thread is left behind where there is none."""
    answers: queue.SimpleQueue[tuple[T | None, str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put((work(_open()), ""))
        except NoKeyring as error:
            answers.put((None, str(error)))
        except Exception as error:  # noqa: BLE001 - each of its many backends has errors of its own
            # Its words are not shown: nobody knows what a backend puts into them.
            answers.put((None, f"The system keyring failed ({type(error).__name__})."))

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        answer, trouble = answers.get(timeout=LIMIT)
    except queue.Empty:
        raise NoKeyring(f"The system keyring did not answer within {LIMIT:.0f} s.") from None
    if trouble:
        raise NoKeyring(trouble)
    return answer  # type: ignore[return-value]  # an answer without trouble is what `work` returned


def _open() -> Any:
    try:
        import keyring  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise NoKeyring("There is no system keyring (the package keyring is not installed).") from None
    ring = keyring.get_keyring()
    if ring.priority < 1:  # its own measure of what may be recommended: others keep plain text, or nothing
        raise NoKeyring("There is no system keyring here.")
    return ring
