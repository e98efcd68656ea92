"""One way in which one answer goes wrong: frozen values, in the order in which they take effect."""

from dataclasses import dataclass
from typing import Any

from .forms import anything, choice, flag, headers, number, perhaps, table, taken, texts, whole

WAIT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is done to an answer instead of, or beside, the usual. Seconds and bytes."""

    before_s: float = taken(0.0, number(0, WAIT_S))
    """A wait before anything is done, and before a submit is counted."""
    cut: str | None = taken(None, choice("before", "after", "body"))
    """Where the connection ends: before anything is done, with the answer ready, or within its body."""
    how: str = taken("reset", choice("reset", "close", "hang", "mute"))
    """How it ends: by a TCP reset, an ordinary end, not at all; `mute` lets a stream's comments through."""
    keep: int | None = taken(None, perhaps(whole(0, 2**40)))
    """How much of the body goes out before the cut: bytes, of a stream events; half of it, if null."""
    acted: bool | None = taken(None, perhaps(flag()))
    """Whether what was asked is done in spite of all, as a submit that is counted though it answers 503."""
    direct: bool = taken(default=False, form=flag())
    """A submit is answered with the result itself, when it is over."""
    no_range: bool = taken(default=False, form=flag())
    """As if no part had been asked for: the whole is sent."""
    shift: int = taken(0, whole(-(2**40), 2**40))
    """Another part than the one asked for is sent, that many bytes later."""
    status: int | None = taken(None, perhaps(whole(200, 599)))
    body: str | None = taken(
        None,
        choice("fal", "own", "html", "empty", "garbage", "truncated", "huge", "zeros", "endless", "bomb"),
    )
    """What is sent: FAL's own error body (usual with a status), the true body, or something else."""
    json: Any = taken(None, anything())
    """A body of its own, as JSON."""
    detail: Any = taken(None, anything())
    """The `detail` of FAL's error body."""
    size: int = taken(16 * 2**20, whole(0, 2**40))
    """Bytes of a body that is huge, zeros or a bomb."""
    set: Any = taken(None, perhaps(table()))
    """Fields put into the true JSON body."""
    drop: tuple[str, ...] = taken((), texts())
    """Fields taken from the true JSON body."""
    headers: Any = taken(None, perhaps(headers()))
    """Headers put in; an empty text takes one out."""
    length: int | None = taken(None, perhaps(whole(0, 2**50)))
    """The Content-Length that is claimed, whatever is sent."""
    unsized: bool = taken(default=False, form=flag())
    """Neither Content-Length nor chunks: the end of the connection is the end of the body."""
    after_s: float = taken(0.0, number(0, WAIT_S))
    """A wait before the answer, when all is done."""
    bytes_per_s: float | None = taken(None, perhaps(number(1, 1e10)))

    @property
    def replaces(self) -> bool:
        """Whether the true answer is not sent."""
        made_up = self.body not in {None, "own", "truncated"} or self.json is not None
        return made_up or (self.status is not None and self.body != "own" and not self.edits)

    @property
    def edits(self) -> bool:
        """Whether the true body is sent with changes."""
        return bool(self.set or self.drop) or self.body == "truncated"

    @property
    def acts(self) -> bool:
        """Whether what was asked is done."""
        if self.acted is not None:
            return self.acted
        return self.cut != "before" and not self.replaces
