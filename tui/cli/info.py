"""`info`: folders, settings, and where each came from."""

import argparse
import platform
from decimal import Decimal

from reelroom.fal.clean import clean
from reelroom.tui.settings import Setting

from .context import Context
from .ending import Code, Stop
from .paint import Line
from .place import choose_place

LABEL = 15
VALUE = 24


def run(context: Context, args: argparse.Namespace) -> int:
    """Print it on stdout; returns the exit code."""
    settings = context.settings(args)
    paths = context.paths
    lines = [
        _line("reelroom", context.version),
        _line("python", platform.python_version()),
        _line("works at", _origin(context, args)),
        _line("key", *_key(context)),
        _line("project", _value(settings.project, "the active one"), settings.project.source),
        _line("library", settings.library.value, settings.library.source),
        _line("live", "yes" if settings.live.value else "no", settings.live.source),
        _line("ask_above_usd", settings.ask_above_usd.value, settings.ask_above_usd.source),
        _line("media_days", settings.media_days.value, settings.media_days.source),
        _line("budget a run", _usd(settings.budget_per_run_usd), settings.budget_per_run_usd.source),
        _line("budget a day", _usd(settings.budget_per_day_usd), settings.budget_per_day_usd.source),
        *(
            _line(f"budget of {name}", f"${usd}", settings.project_budgets_usd.source)
            for name, usd in settings.project_budgets_usd.value.items()
        ),
        _line("no_spend", "yes" if settings.no_spend.value else "no", settings.no_spend.source),
        _line("fal_url", _value(settings.fal_url, "none"), settings.fal_url.source),
        _line("database", paths.database),
        _line("user file", paths.user_file),
        _line("key file", paths.key),
        _line("state", paths.state),
        _line("cache", paths.cache),
        _line("log", paths.log),
    ]
    for line in lines:
        context.terminal.put(line)
    return Code.SAVED


def _line(label: str, value: object, source: str = "") -> Line:
    shown = clean(str(value))
    if not source:
        return ((label.ljust(LABEL), "muted"), (shown, "text"))
    return ((label.ljust(LABEL), "muted"), (f"{shown:<{VALUE}} ", "text"), (f"({source})", "faint"))


def _value(setting: Setting[str | None], otherwise: str) -> str:
    return otherwise if setting.value is None else setting.value


def _usd(setting: Setting[Decimal | None]) -> str:
    return "none" if setting.value is None else f"${setting.value}"


def _key(context: Context) -> tuple[str, str]:
    try:
        found = context.key(ask=False)
    except Stop as stop:
        return str(stop), ""
    return ("none", "") if found is None else (f"id {found.id}", found.source)


def _origin(context: Context, args: argparse.Namespace) -> str:
    try:
        return choose_place(context.settings(args), context.key(ask=False)).origin
    except Stop as stop:
        return f"nowhere: {stop}"
