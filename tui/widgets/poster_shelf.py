"""The posters at hand, the latest looked at; each is asked for at the size in which it will be drawn."""

from collections import OrderedDict
from collections.abc import Iterable

from reelroom.store.records import Media

from .pixels import Pixels, Poster, resized
from .shading import Shading

ROOM = 256
"""Posters that are kept: a few KB each."""


class PosterShelf:
    """Pictures by clip, and the clips that will never have one."""

    def __init__(self, shading: Shading) -> None:
        self.shading = shading
        self._pictures: OrderedDict[str, Pixels] = OrderedDict()
        self._posters: dict[str, Poster] = {}
        self._hopeless: set[str] = set()
        self._asked: frozenset[str] = frozenset()
        self._size = (0, 0)

    def __len__(self) -> int:
        return len(self._pictures)

    def put(self, media_id: str, picture: Pixels | None) -> None:
        """Keep a poster; None is the answer that there is none."""
        if picture is None:
            self._hopeless.add(media_id)
            return
        self._hopeless.discard(media_id)
        self._pictures[media_id] = picture
        self._pictures.move_to_end(media_id)
        self._posters.pop(media_id, None)
        while len(self._pictures) > ROOM:
            old, _ = self._pictures.popitem(last=False)
            self._posters.pop(old, None)

    def get(self, media_id: str, size: tuple[int, int]) -> Poster | None:
        """A clip's poster in so many cells; until it comes in this size, another one made to fit."""
        poster = self._posters.get(media_id)
        if poster is not None and poster.size == size:
            return poster
        picture = self._pictures.get(media_id)
        if picture is None:
            return None
        self._pictures.move_to_end(media_id)
        pixels = size[0], 2 * size[1]
        if (picture.width, picture.height) != pixels:
            picture = resized(picture, *pixels)
        poster = self._posters[media_id] = Poster(picture, self.shading)
        return poster

    def hopeless(self, media_id: str) -> bool:
        """Whether it is known that there is no poster."""
        return media_id in self._hopeless

    def to_ask(self, clips: Iterable[Media], size: tuple[int, int]) -> tuple[Media, ...]:
        """The clips whose posters are to be asked for now; none where the last request names them all."""
        missing = tuple(clip for clip in clips if self._lacks(clip.id, size))
        names = frozenset(clip.id for clip in missing)
        if self._size == size and names <= self._asked:
            return ()
        self._asked, self._size = names, size
        return missing

    def _lacks(self, media_id: str, size: tuple[int, int]) -> bool:
        picture = self._pictures.get(media_id)
        if picture is None:
            return media_id not in self._hopeless
        return (picture.width, picture.height) != (size[0], 2 * size[1])
