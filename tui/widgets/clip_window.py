"""The clips that are loaded, each at its place among all of them; those far from sight are let go."""

from itertools import takewhile

from reelroom.store.records import Key, Media, Page

BLOCK = 64
"""Clips asked for at a time."""
ROOM = 1024
"""Clips that are kept."""


def key_of(clip: Media) -> Key:
    """Where a clip stands among all others, whatever its place is by now."""
    return clip.created_at, clip.id


class ClipWindow:
    """Stretches of one list of clips, newest first. A place is the number of clips that are newer."""

    def __init__(self) -> None:
        self.total: int | None = None
        """How many clips there are; None before the first answer."""
        self.whole = 0
        """How many there are without the search."""
        self._clips: dict[int, Media] = {}
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, place: int) -> Media | None:
        return self._clips.get(place)

    def place_of(self, media_id: str) -> int | None:
        """Where a loaded clip stands."""
        return self._places.get(media_id)

    def led_by(self, clip: Media, near: tuple[int, Media] | None) -> Page:
        """The first page as it is with one more clip in front; `near` is the selected one, by then."""
        loaded = [self._clips[place] for place in takewhile(self._clips.__contains__, range(ROOM))]
        total, whole = (self.total or 0) + 1, self.whole + 1
        return Page(start=0, total=total, whole=whole, clips=(clip, *loaded), near=near)

    def fits(self, page: Page) -> bool:
        """Whether a page goes with what is loaded; if not, something has changed in between."""
        if page.total != self.total:
            return False
        for place, clip in enumerate(page.clips, page.start):
            here, known = self._clips.get(place), self._places.get(clip.id)
            if (here is not None and here.id != clip.id) or (known is not None and known != place):
                return False
        return self._follows(page)

    def _follows(self, page: Page) -> bool:
        if not page.clips:
            return True
        before = self._clips.get(page.start - 1)
        after = self._clips.get(page.start + len(page.clips))
        first, last = key_of(page.clips[0]), key_of(page.clips[-1])
        return (before is None or key_of(before) > first) and (after is None or key_of(after) < last)

    def put(self, page: Page) -> None:
        """Add a page that fits."""
        self.total, self.whole = page.total, page.whole
        for place, clip in enumerate(page.clips, page.start):
            self._clips[place] = clip
            self._places[clip.id] = place

    def begin(self, page: Page) -> None:
        """Forget all clips, and start again from a page."""
        self._clips.clear()
        self._places.clear()
        self.put(page)

    def change(self, clip: Media) -> bool:
        """Take a clip's new record where it is loaded; False where it is not, or would stand elsewhere."""
        place = self._places.get(clip.id)
        if place is None or clip.trashed_at is not None or key_of(self._clips[place]) != key_of(clip):
            return False
        self._clips[place] = clip
        return True

    def gap(self, first: int, last: int) -> tuple[int, int] | None:
        """The place and length of the first block that has clips missing between two places."""
        end = last if self.total is None else min(last, self.total)
        for place in range(first, end):
            if place not in self._clips:
                start = place - place % BLOCK
                return start, BLOCK
        return None

    def trim(self, first: int, last: int) -> None:
        """Let go of the clips farthest from these places, where there are too many."""
        if len(self._clips) <= ROOM:
            return
        middle = (first + last) // 2
        far = sorted(self._clips, key=lambda place: abs(place - middle))[ROOM - 2 * BLOCK :]
        for place in far:
            del self._places[self._clips.pop(place).id]
