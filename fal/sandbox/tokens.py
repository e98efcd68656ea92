"""The tokens that uploads are made with."""

import secrets

MOST = 1000


class Tokens:
    """Tokens and when they end, the newest thousand; a restart forgets them, and clients ask for new ones."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    def issue(self, ends: float) -> str:
        """A new token that holds until `ends`, in seconds since 1970."""
        while len(self._ends) >= MOST:
            del self._ends[next(iter(self._ends))]
        token = secrets.token_urlsafe(32)
        self._ends[token] = ends
        return token

    def holds(self, header: str, now: float) -> bool:
        """Whether an Authorization header carries a token that holds."""
        kind, _, token = header.partition(" ")
        return kind.lower() == "bearer" and self._ends.get(token.strip(), now) > now
