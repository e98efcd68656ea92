"""Settings, and where each came from: flag > environment > project file > user file > default."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Generic, TypeVar

from .paths import Paths

T = TypeVar("T")

PROJECT_FILE = "reelroom.toml"
USER_KEYS = ("library", "live", "ask_above_usd", "media_days", "project")
PROJECT_KEYS = ("project",)
LARGEST_FILE = 64 * 1024
"""Bytes; a settings file is a few lines."""
LONGEST_NAME = 120


class WrongSetting(ValueError):
    """A settings file or variable says something that is not accepted; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value, and where it came from in people's words."""

    value: T
    source: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a person can set, each with its source."""

    project: Setting[str | None]
    library: Setting[Path]
    live: Setting[bool]
    ask_above_usd: Setting[Decimal]
    """US dollars: a run above this asks before it spends."""
    media_days: Setting[int]
    """How long FAL is asked to keep clips; 0 leaves it to the account's own setting."""
    fal_url: Setting[str | None]


@dataclass(frozen=True, slots=True)
class _File:
    """One settings file as read."""

    path: Path
    name: str
    values: Mapping[str, object]

    def wrong(self, key: str, sentence: str) -> WrongSetting:
        return WrongSetting(f"{_shown(self.path)}: {key} {sentence}")

    def has(self, key: str) -> bool:
        return key in self.values


def load_settings(
    paths: Paths,
    environ: Mapping[str, str],
    folder: Path,
    *,
    project: str | None = None,
    live: bool = False,
) -> Settings:
    """Read both files and the environment; `project` and `live` are flags, `folder` the working directory.

    Raises WrongSetting, naming the file and the key.
    """
    user = _read(paths.user_file, "user file", USER_KEYS)
    local = _read(folder / PROJECT_FILE, "project file", PROJECT_KEYS)
    return Settings(
        project=_project(project, local, user),
        library=_library(user, paths),
        live=Setting(value=True, source="--live") if live else _live(user),
        ask_above_usd=_ask_above(user),
        media_days=_media_days(user),
        fal_url=_fal_url(environ),
    )


def _read(path: Path, name: str, known: tuple[str, ...]) -> _File:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise WrongSetting(f"{_shown(path)} is larger than {LARGEST_FILE} bytes, so it was not read.")
    except FileNotFoundError:
        return _File(path, name, {})
    except OSError as error:
        raise WrongSetting(f"{_shown(path)} could not be read: {error.strerror}.") from error
    import tomllib  # noqa: PLC0415 - most people have no such file

    from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

    shown = _shown(path)
    try:
        values = tomllib.loads(raw.decode(), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongSetting(f"{shown} is not TOML: {clean(str(error), limit=200)}.") from error
    for key in values:
        if key not in known:
            raise WrongSetting(f"{shown}: {_unknown(key, name, known)}")
    return _File(path, name, values)


def _shown(path: Path) -> str:
    from reelroom.fal.clean import clean  # noqa: PLC0415 - a path is shown where it is at fault

    return clean(str(path))


def _unknown(key: str, name: str, known: tuple[str, ...]) -> str:
    from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

    shown = clean(key, limit=60)
    if key in USER_KEYS:
        return f"{shown} is read from the user's own file only, never from a project file."
    return f"{shown} is no setting of a {name}. Known there: {', '.join(known)}."


def _project(flag: str | None, *files: _File) -> Setting[str | None]:
    if flag is not None:
        return Setting(flag, "--project")
    for file in files:
        if file.has("project"):
            given = file.values["project"]
            if not isinstance(given, str) or not given.strip():
                raise file.wrong("project", 'is a name in quotes, such as "Winter fables".')
            from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

            return Setting(clean(given.strip(), limit=LONGEST_NAME), file.name)
    return Setting(None)


def _library(user: _File, paths: Paths) -> Setting[Path]:
    if not user.has("library"):
        return Setting(paths.library)
    given = user.values["library"]
    folder = Path(given).expanduser() if isinstance(given, str) and "\0" not in given else Path()
    if not folder.is_absolute():
        raise user.wrong("library", 'is a whole path in quotes, such as "/home/you/Videos/reelroom".')
    return Setting(folder, user.name)


def _live(user: _File) -> Setting[bool]:
    if not user.has("live"):
        return Setting(value=False)
    given = user.values["live"]
    if not isinstance(given, bool):
        raise user.wrong("live", "is true or false, without quotes.")
    return Setting(given, user.name)


def _ask_above(user: _File) -> Setting[Decimal]:
    if not user.has("ask_above_usd"):
        return Setting(Decimal(5))
    given = user.values["ask_above_usd"]
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise user.wrong("ask_above_usd", "is an amount in US dollars without quotes, such as 5 or 2.50.")
    amount = Decimal(given)
    if not amount.is_finite() or amount < 0:
        raise user.wrong("ask_above_usd", "is an amount of 0 or more US dollars.")
    return Setting(amount, user.name)


def _media_days(user: _File) -> Setting[int]:
    if not user.has("media_days"):
        return Setting(30)
    given = user.values["media_days"]
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= 365:
        raise user.wrong("media_days", "is a whole number of days from 0 to 365; 0 leaves it to FAL.")
    return Setting(given, user.name)


def _fal_url(environ: Mapping[str, str]) -> Setting[str | None]:
    given = environ.get("REELROOM_FAL_URL", "").strip()
    return Setting(given, "REELROOM_FAL_URL") if given else Setting(None)
