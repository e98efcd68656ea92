"""Asking for clips and taking them in: tokens, reloads, and where everything was before."""

from dataclasses import dataclass

from reelroom.store.records import Media, Page, Scope, Stretch

from .clip_window import BLOCK, ClipWindow, key_of
from .viewport import Viewport


@dataclass(frozen=True, slots=True)
class Question:
    """A stretch that is wanted, under a token that its answer bears."""

    token: int
    scope: Scope
    stretch: Stretch


class ClipFeed:
    """The loaded clips of one scope, the view of them and the selected one; a person's eye is not moved.

    Every method that gives a Question wants it asked; `take` gives it an answer.
    """

    def __init__(self) -> None:
        self.scope = Scope()
        self.window = ClipWindow()
        self.view = Viewport()
        self.place: int | None = None
        """The place of the selected clip."""
        self.chosen: Media | None = None
        """The selected clip; None while it is not loaded."""
        self._picked = False
        self._focused = False
        self._token = 0
        self._reload: int | None = None
        self._again = False
        self._anew = True
        self._at_top = True
        self._held = 0
        self._pending: dict[int, tuple[int, int]] = {}

    def search(self, scope: Scope) -> Question:
        """Look at other clips, from the newest on."""
        self.scope = scope
        self._anew = True
        self._reload = None
        return self._ask_anew()

    def reload(self) -> Question | None:
        """Read again what is in view, since clips came or went; None while that is under way."""
        if self._reload is not None:
            self._again = True
            return None
        return self._ask_anew()

    def reveal(self, clip: Media) -> Question:
        """Select a clip that came back, wherever it stands among the others."""
        self.chosen, self._picked, self._again = clip, True, False
        return self._ask_anew()

    def more(self) -> Question | None:
        """The clips that are in view, or nearly, and not loaded."""
        if self._reload is not None or self.window.total is None:
            return None
        view = self.view
        ahead = view.rows * view.columns
        gap = self.window.gap(view.first, view.end) or self.window.gap(
            max(0, view.first - ahead), view.end + ahead
        )
        if gap is None or gap in self._pending.values():
            return None
        question = self._question(Stretch(start=gap[0], count=gap[1]))
        self._pending[question.token] = gap
        return question

    def take(self, token: int, page: Page) -> Question | None:
        """An answer; what is to be asked next, if anything."""
        if token == self._reload:
            self._reload = None
            self._renew(page)
            if self._again:
                self._again = False
                return self.reload()
        elif self._pending.pop(token, None) is not None:
            if not self.window.fits(page):
                return self.reload()
            self.window.put(page)
            self.window.trim(self.view.first, self.view.end)
            if self.chosen is None and self.place is not None:
                self.chosen = self.window[self.place]
        return self.more()

    def give_up(self, token: int) -> None:
        """There will be no answer: what is shown stays, and may be asked for again."""
        self._pending.pop(token, None)
        if token == self._reload:
            self._reload = None

    def focus(self) -> None:
        """Keys go to the selected clip now: it stays the same, and in view."""
        self._picked = self._focused = True
        if self.place is not None and not self.view.shows(self.place):
            self.view = self.view.towards(self.place)

    def blur(self) -> None:
        """Keys go elsewhere: at the top, the newest clips are what is looked for."""
        self._focused = False

    def select(self, place: int) -> None:
        """Select the clip at a place, and bring it into view."""
        self._picked = True
        if self.window.total:
            self.place = max(0, min(place, self.window.total - 1))
            self.chosen = self.window[self.place]
            self.view = self.view.towards(self.place)

    def change(self, clip: Media) -> bool:
        """A clip's new record; False where a reload is needed to show it."""
        if self._reload is not None or not self.window.change(clip):
            return False
        if self.chosen is not None and self.chosen.id == clip.id:
            self.chosen = clip
        return True

    def welcome(self, clip: Media) -> bool:
        """Put a clip that is newer than all in front, as the store would; False where only that can say."""
        if self._reload is not None or self.view.top or not _comes_first(clip, self.scope, self.window):
            return False
        near = None
        if self._picked and self.place is not None:
            if self.chosen is None:
                return False
            near = self.place + 1, self.chosen
        self._pending.clear()
        self._at_top = True
        self._renew(self.window.led_by(clip, near))
        return True

    def shape(self, columns: int, rows: int) -> None:
        """Another number of cards has room."""
        keep = self.place if self.place is not None and self.view.shows(self.place) else self.view.first
        self.view = self.view.shaped(columns, rows, keep)

    def _ask_anew(self) -> Question:
        self._pending.clear()
        selected = key_of(self.chosen) if self.chosen is not None and self._picked else None
        self._at_top = self._anew or self.view.top == 0
        anchor = None if self._at_top else self._anchor()
        if anchor is None:
            start = 0 if self._at_top else self.view.first
            stretch = Stretch(start=start, count=max(BLOCK, self.view.end - start), selected=selected)
        else:
            self._held, clip = anchor
            # The rows in view, and as many on each side.
            across = self.view.end - self.view.first
            start, count = self.view.first - self._held - across, max(BLOCK, 3 * across)
            stretch = Stretch(start=start, count=count, anchor=key_of(clip), selected=selected)
        question = self._question(stretch)
        self._reload = question.token
        return question

    def _anchor(self) -> tuple[int, Media] | None:
        """The clip that must not move: the selected one if it is in view, else the first there."""
        if self.place is not None and self.chosen is not None and self.view.shows(self.place):
            return self.place, self.chosen
        for place in range(self.view.first, self.view.end):
            clip = self.window[place]
            if clip is not None:
                return place, clip
        return None

    def _question(self, stretch: Stretch) -> Question:
        self._token += 1
        return Question(self._token, self.scope, stretch)

    def _renew(self, page: Page) -> None:
        before = self.place
        self.window.begin(page)
        self._choose(page)
        if page.anchor is not None:
            self.view = self.view.kept(page.total, self._held, page.anchor)
        elif self._at_top:
            self._show_top(page, before)
        else:
            seen = self.place is not None and before is not None and self.view.shows(before)
            self.view = self.view.kept(page.total, self.view.first, self.view.first)
            if seen and self.place is not None:
                self.view = self.view.towards(self.place)
        self._anew = False

    def _show_top(self, page: Page, before: int | None) -> None:
        """The newest stay in view, unless the clip that the keys go to would be pushed out of it."""
        old, place = self.view, self.place
        self.view = Viewport(columns=old.columns, rows=old.rows, total=page.total)
        if place is None or self.view.shows(place):
            return
        if self._anew:
            self.view = self.view.towards(place)
        elif self._focused and before is not None and old.shows(before):
            self.view = old.kept(page.total, before, place)

    def _choose(self, page: Page) -> None:
        mine = self.chosen
        if page.near is not None and not (self._anew and mine is not None and page.near[1].id != mine.id):
            self.place, self.chosen = page.near
        elif self._anew or self.place is None or not self._picked:
            self.place = 0 if page.total else None
        elif page.total == 0:
            self.place = None
        elif self.place == self.view.total - 1:
            # The oldest was wanted, and is not loaded yet.
            self.place = page.total - 1
        else:
            self.place = min(self.place, page.total - 1)
        self.chosen = page.near[1] if page.near and page.near[0] == self.place else None
        if self.chosen is None and self.place is not None:
            self.chosen = self.window[self.place]


def _comes_first(clip: Media, scope: Scope, window: ClipWindow) -> bool:
    """Whether it is known that a clip belongs to a scope, and before all that is in it."""
    if scope.query or clip.trashed_at is not None or scope.project_id not in {None, clip.project_id or ""}:
        return False
    newest = window[0]
    return window.total == 0 if newest is None else key_of(clip) > key_of(newest)
