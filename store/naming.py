"""The names that clips bear in the library folder."""

import re
import unicodedata
from datetime import UTC, datetime

LONGEST_SLUG = 60
WITHOUT_SLUG = "clip"

# Letters that Unicode does not take apart into an ASCII letter and a mark.
SPELLED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def slug(text: str) -> str:
    """A text in at most 60 lower-case ASCII letters, digits and hyphens; "clip" if nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(SPELLED)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(words) > LONGEST_SLUG:
        head, _, cut = words[: LONGEST_SLUG + 1].rpartition("-")
        words = head if len(cut) < LONGEST_SLUG // 2 else words[:LONGEST_SLUG]
    return words or WITHOUT_SLUG


def file_name(prompt: str, media_id: str, at: float, suffix: str, *, sandbox: bool) -> str:
    """The name of a clip made at `at` (seconds since 1970): UTC date, slug, last 8 hex digits of its id."""
    date = f"{datetime.fromtimestamp(at, UTC):%Y%m%d}"
    mark = "sandbox-" if sandbox else ""
    digits = re.sub(r"[^0-9a-f]", "", media_id.lower())[-8:]
    ending = re.sub(r"[^0-9a-z]", "", suffix.lower())[:5]
    return f"{date}-{mark}{slug(prompt)}-{digits}.{ending or 'mp4'}"
