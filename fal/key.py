"""A FAL key that cannot be shown by accident."""

import re

from .errors import BadKey

_AROUND = re.compile(r"^[\s\u00ad\u200b-\u200f\u2060\ufeff]+|[\s\u00ad\u200b-\u200f\u2060\ufeff]+$")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class Key:
    """A secret for FAL's own API hosts. `repr`, `str` and formatting give its id only."""

    __slots__ = ("_text", "id")

    def __init__(self, text: str) -> None:
        self._text = text
        self.id = text.partition(":")[0]

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key in a pasted text, without the blanks around it; raises BadKey, which never repeats it."""
        bare = _AROUND.sub("", text)
        if not bare:
            raise BadKey("The FAL key is empty. A key looks like key-id:key-secret.")
        if not _PRINTABLE.fullmatch(bare):
            raise BadKey(
                "The FAL key holds a space or a character that is not plain ASCII. A key looks like"
                " key-id:key-secret, without blanks."
            )
        if not all(bare.partition(":")):
            raise BadKey("Half of the FAL key is missing. A key looks like key-id:key-secret.")
        return cls(bare)

    def header(self) -> str:
        """The value of `Authorization` (FAL's clients send `Key <id>:<secret>`)."""
        return f"Key {self._text}"

    def __repr__(self) -> str:
        return f"<Key {self.id}>"
