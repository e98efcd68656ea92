"""Settings, and where each came from: flag > environment > project file > user file > default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from .paths import Paths

if TYPE_CHECKING:
    from .studio.money import Limits

T = TypeVar("T")

PROJECT_FILE = "reelroom.toml"
BUDGETS = ("budget_per_run_usd", "budget_per_day_usd")
USER_KEYS = (
    *("library", "live", "ask_above_usd", "media_days", "project", "no_spend"),
    *BUDGETS,
    "project_budgets_usd",
)
PROJECT_KEYS = ("project", *BUDGETS)
"""A budget in a project file can only lower one's own."""
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
    budget_per_run_usd: Setting[Decimal | None]
    budget_per_day_usd: Setting[Decimal | None]
    """US dollars; None where no budget is set."""
    project_budgets_usd: Setting[Mapping[str, Decimal]]
    """US dollars in all, by the name of the project."""
    no_spend: Setting[bool]
    """Whether nothing is sent at all."""
    media_days: Setting[int]
    """How long FAL is asked to keep clips; 0 leaves it to the account's own setting."""
    fal_url: Setting[str | None]

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        from .studio.money import Limits  # noqa: PLC0415 - asked for with the engine, after the first paint

        return Limits(
            run=self.budget_per_run_usd.value,
            day=self.budget_per_day_usd.value,
            projects=self.project_budgets_usd.value,
            no_spend=self.no_spend.value,
        )


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
    budget: Decimal | None = None,
    no_spend: bool = False,
) -> Settings:
    """Read both files and the environment; `folder` is the working directory, the rest are flags.

    Raises WrongSetting, naming the file and the key.
    """
    user = _read(paths.user_file, "user file", USER_KEYS)
    local = _read(folder / PROJECT_FILE, "project file", PROJECT_KEYS)
    return Settings(
        project=_project(project, local, user),
        library=_library(user, paths),
        live=Setting(value=True, source="--live") if live else _switch(user, "live"),
        ask_above_usd=_ask_above(user),
        budget_per_run_usd=_budget("budget_per_run_usd", user, local, budget),
        budget_per_day_usd=_budget("budget_per_day_usd", user, local),
        project_budgets_usd=_project_budgets(user),
        no_spend=Setting(value=True, source="--no-spend") if no_spend else _switch(user, "no_spend"),
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


def _switch(user: _File, key: str) -> Setting[bool]:
    if not user.has(key):
        return Setting(value=False)
    given = user.values[key]
    if not isinstance(given, bool):
        raise user.wrong(key, "is true or false, without quotes.")
    return Setting(given, user.name)


def _ask_above(user: _File) -> Setting[Decimal]:
    if not user.has("ask_above_usd"):
        return Setting(Decimal(5))
    return Setting(_amount(user, "ask_above_usd", user.values["ask_above_usd"]), user.name)


def _amount(file: _File, key: str, given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise file.wrong(key, "is an amount in US dollars without quotes, such as 5 or 2.50.")
    amount = Decimal(given)
    if not amount.is_finite() or amount < 0:
        raise file.wrong(key, "is an amount of 0 or more US dollars.")
    return amount


def _budget(key: str, user: _File, local: _File, flag: Decimal | None = None) -> Setting[Decimal | None]:
    """The lowest of what is set: a flag may go over one's own setting, a project file never does."""
    own: Setting[Decimal | None] = Setting(None)
    if flag is not None:
        own = Setting(flag, "--budget")
    elif user.has(key):
        own = Setting(_amount(user, key, user.values[key]), user.name)
    if local.has(key):
        lower = _amount(local, key, local.values[key])
        if own.value is None or lower < own.value:
            return Setting(lower, local.name)
    return own


def _project_budgets(user: _File) -> Setting[Mapping[str, Decimal]]:
    key = "project_budgets_usd"
    if not user.has(key):
        return Setting({})
    given = user.values[key]
    if not isinstance(given, dict):
        raise user.wrong(key, 'is a table of projects, such as { "Winter fables" = 50 }.')
    return Setting({str(name): _amount(user, key, usd) for name, usd in given.items()}, user.name)


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
