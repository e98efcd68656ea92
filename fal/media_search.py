"""The media of a result, whatever its shape: the known places first, then a bounded search of it all."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, get_args
from urllib.parse import urlsplit

from .values import MediaFile
from .wire import read_file

Kind = Literal["video", "image", "audio"]

# Where 387 video endpoints put their clips; the first place that holds any wins.
_PLACES = (("video", "videos"), ("video_url", "video_urls"), ("output", "outputs"), ("preview_video",))
_MAX_DEPTH = 32
_MAX_NODES = 20_000
_MAX_FILES = 200
_SUFFIXES: dict[str, Kind] = {
    **dict.fromkeys(("mp4", "webm", "mov", "mkv", "m4v", "avi"), "video"),
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "bmp", "tiff"), "image"),
    **dict.fromkeys(("mp3", "wav", "ogg", "flac", "m4a", "aac", "opus"), "audio"),
}
_OTHER_SUFFIXES = frozenset(
    ("zip", "json", "txt", "srt", "vtt", "exr", "html", "htm", "csv", "tar", "gz", "pdf")
)
# What the request sent, or what steers it, is no output of it.
_NOT_OUTPUT = re.compile(
    r"(json_)?inputs?|request|arguments|param(eter)?s|logs|detail|(status|response|cancel|webhook|docs)_url"
)
_FILE_MARKS = frozenset(("content_type", "file_name", "file_size", "width", "height", "duration"))


def sent_urls(sent: Mapping[str, object] | None) -> frozenset[str]:
    """Every URL of the request's own input: a reply that repeats one has not made it."""
    texts = (value for _, value in _nodes(sent or {}, skip=None) if isinstance(value, str))
    return frozenset(text.strip() for text in texts if text.lstrip().startswith(("http", "data:")))


def known_media(reply: object, sent: frozenset[str] = frozenset()) -> tuple[MediaFile, ...]:
    """The clips in the places that FAL's video endpoints use; empty where there are none."""
    if not isinstance(reply, Mapping):
        return ()
    for names in _PLACES:
        found = [file for name in names for file in _taken(reply.get(name), name) if file.url not in sent]
        if found:
            return _once(found)
    return ()


def find_media(reply: object, sent: frozenset[str] = frozenset()) -> tuple[MediaFile, ...]:
    """All clips of a result, in the order of the reply; its pictures or sounds only where it has no clip."""
    known = known_media(reply, sent)
    if known:
        return known
    ranks: dict[Kind | None, list[MediaFile]] = {kind: [] for kind in (*get_args(Kind), None)}
    for name, node in _nodes(reply):
        looked = _looked_at(name, node)
        if looked and looked[1].url not in sent:
            ranks[looked[0]].append(looked[1])
    # A file of no telling kind is taken for a clip before a picture is: the download will show.
    return next((_once(ranks[kind]) for kind in ("video", None, "image", "audio") if ranks[kind]), ())


def _taken(value: object, name: str) -> Iterator[MediaFile]:
    """The files in a known place: an object, a URL, a list of either, or an object that wraps one."""
    for one in value[:_MAX_FILES] if isinstance(value, list) else [value]:
        if isinstance(one, str):
            file = read_file(one)
        elif isinstance(one, Mapping):
            file = read_file(one) or next(
                (inner for key in ("video", "file") for inner in _taken(one.get(key), "video")), None
            )
        else:
            file = None
        # `output` holds pictures too; `video` says what it holds.
        if file and (
            not name.startswith("output") or _kind(file.url, file.content_type, "") in ("video", None)
        ):
            yield file


def _looked_at(name: str, node: object) -> tuple[Kind | None, MediaFile] | None:
    """What a node of the search is: its kind (None where nothing tells) and its file."""
    if isinstance(node, Mapping):
        url, stated = node.get("url"), node.get("content_type")
        if not isinstance(url, str):
            return None
        kind = _kind(url, stated if isinstance(stated, str) else None, name)
        telling = kind is not None or not _FILE_MARKS.isdisjoint(node) or _is_media_host(url)
    elif isinstance(node, str) and name != "url":
        kind = _kind(node, None, name)
        telling = kind is not None or _is_media_host(node)
    else:
        return None
    if not telling or kind == "other":
        return None
    file = read_file(node, kind or "video")
    return (kind, file) if file else None


def _kind(url: str, stated: str | None, name: str) -> Kind | Literal["other"] | None:
    """What a URL is, by its own data type, its suffix, the stated type, then the key; 'other' is no media."""
    lower = url[:64].lower()
    if not lower.startswith(("http://", "https://", "data:")):
        return "other"
    if lower.startswith("data:"):
        return _of_type(lower[5:]) or "other"
    suffix = _suffix(url)
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in _OTHER_SUFFIXES:
        return "other"
    if stated and (kind := _of_type(stated.lower())):
        return kind
    return next((kind for kind in get_args(Kind) if kind in name.lower()), None)


def _of_type(content_type: str) -> Kind | None:
    return next((kind for kind in get_args(Kind) if content_type.startswith(f"{kind}/")), None)


def _suffix(url: str) -> str:
    try:
        last = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
    return last.rpartition(".")[2].lower() if "." in last else ""


def _is_media_host(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == "fal.media" or host.endswith(".fal.media")


def _nodes(reply: object, skip: re.Pattern[str] | None = _NOT_OUTPUT) -> Iterator[tuple[str, object]]:
    """Every value with the key it is under, in the order of the document, bounded in depth and number."""
    waiting: list[tuple[str, object, int]] = [("", reply, 0)]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        name, node, depth = waiting.pop()
        yield name, node
        if depth >= _MAX_DEPTH:
            continue
        if isinstance(node, Mapping):
            named = ((str(key), value) for key, value in node.items())
            inner = [(key, value) for key, value in named if not (skip and skip.fullmatch(key.lower()))]
        elif isinstance(node, list | tuple):
            inner = [(name, value) for value in node]
        else:
            continue
        waiting.extend((key, value, depth + 1) for key, value in reversed(inner[:_MAX_NODES]))


def _once(files: list[MediaFile]) -> tuple[MediaFile, ...]:
    once: dict[str, MediaFile] = {}
    for file in files:
        once.setdefault(file.url, file)
    return tuple(once.values())[:_MAX_FILES]
