"""The question before spending."""

from collections.abc import Sequence
from decimal import Decimal

from reelroom.tui import words
from reelroom.tui.standing import would_ask

from .ending import Code, Stop
from .terminal import Terminal


def ask_before_spending(
    amounts: Sequence[Decimal | None], above: Decimal, terminal: Terminal, *, yes: bool
) -> None:
    """Ask where that is due; returns when the run may go on, raises Stop with code 4 when it may not."""
    if yes or not would_ask(amounts, above):
        return
    cost = f"{words.count(len(amounts), 'job')} for {words.total(list(amounts))}"
    if not terminal.can_ask:
        raise Stop(
            Code.MONEY,
            f"{cost}: that is asked before it is spent, and nobody is here to answer. Nothing was sent."
            " --yes answers it beforehand.",
        )
    if terminal.ask(f"{cost}. Send?  y or n").lower() not in {"y", "yes"}:
        raise Stop(Code.MONEY, "Nothing was sent.")
