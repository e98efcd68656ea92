"""Names for endpoints that nobody has named: readable, made of the id and its family, and no two alike."""

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

_TASKS: Final = MappingProxyType(
    {
        "text-to-video": "",
        "image-to-video": "Image",
        "video-to-video": "Video",
        "audio-to-video": "Audio",
        "reference-to-video": "Reference",
        "reference-video-to-video": "Reference Video",
        "first-last-frame-to-video": "First/Last Frame",
        "start-end-to-video": "Start/End",
        "extend-video": "Extend",
    }
)
"""Segments of an id that say what goes in, as the catalogue words them; words alone need no saying."""

_SPELT: Final = MappingProxyType(
    {
        word.lower(): word
        for word in (
            "AI", "AMT", "API", "AV", "FILM", "FPS", "GIF", "HD", "HDR", "IC", "LoRA", "MoE", "POV", "RIFE",
            "RLE", "SAM", "SFX", "STG", "SVD", "VACE",
        )
    }
)  # fmt: skip
_WORD = re.compile(r"^[A-Za-z]")
_SIZED = re.compile(r"[a-z]?[0-9.]+[bk]|[a-z]{1,3}2[a-z]{1,2}")
_VERSION = re.compile(r"v([0-9][0-9.]*)")
_GLUED = re.compile(r"([a-z]{3,})([0-9][0-9.]*)")


def short_name(name: str) -> str:
    """The short name of a display name: `Kling 2.5 Turbo Pro` is `kling-2.5-turbo-pro`."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")


def name_for(endpoint: str, vendor: str, family: str, taken: Collection[str]) -> str:
    """A display name whose short name is not `taken`: the shortest that will do, at the last the id."""
    owner, _, rest = endpoint.partition("/")
    spoken = {**_TASKS, "text-to-video": "Text"}
    names = (
        _joined(family, vendor, rest, _TASKS),
        _joined(family, vendor, rest, spoken),
        _joined(family, "", f"{owner}/{rest}", spoken),
        _joined("", "", rest, {}),
    )
    # A number is the version of something.
    return next((name for name in names if _WORD.search(name) and short_name(name) not in taken), endpoint)


def _joined(family: str, vendor: str, rest: str, tasks: Mapping[str, str]) -> str:
    named = [] if _is_category(family) else family.split()
    told = {part for word in named for part in _told(word)}
    if named:
        told |= {part for word in vendor.split() for part in _told(word)}
    spelt = {word.lower(): word for word in named} | dict(_SPELT)
    parts = [spelt.get(word.lower(), word) for word in named]
    for number, segment in enumerate(rest.split("/")):
        if segment in tasks:
            parts.append(tasks[segment])
            continue
        words = list(_words(segment))
        if number == 0 and words[0] in told and words[1:][-1:] == ["video"]:
            del words[-1]  # `kling-video` is what its app is called, and all of them make video
        parts += [_cased(word, spelt) for word in words if word not in told]
    return " ".join(filter(None, parts))


def _is_category(family: str) -> bool:
    """`Video tools` is what a group of endpoints is, and no name of theirs."""
    return any(word[:1].islower() for word in family.split()[1:])


def _told(word: str) -> Iterator[str]:
    """A word of a family as an id may have it: `2.2` is `22` as well, `V3` is `3`."""
    for part in word.lower().split("-"):
        yield from (part, part.replace(".", ""))
        yield from _words(part)


def _words(segment: str) -> Iterator[str]:
    for word in re.split(r"[-_]+", segment.lower()):
        if version := _VERSION.fullmatch(word):
            yield version[1]
        elif glued := _GLUED.fullmatch(word):
            yield from glued.groups()
        elif word:
            yield word


def _cased(word: str, spelt: Mapping[str, str]) -> str:
    return spelt.get(word) or (word.upper() if _SIZED.fullmatch(word) else word[:1].upper() + word[1:])
