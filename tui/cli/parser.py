"""What can be typed. Only argparse is loaded here, so that `--help` answers at once."""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, NoReturn

from reelroom.fal.clean import clean

from .ending import Code, Stop

MOST_JOBS = 100
LARGEST_SEED = 2**53


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are sentences, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise Stop; the words that were given are cleaned, as they may hold anything."""
        said = clean(message, limit=400).rstrip(".")
        raise Stop(Code.USAGE, f"{said[:1].upper()}{said[1:]}. `{self.prog} --help` says what is accepted.")


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: its line of help, the module that does it, and what it takes."""

    line: str
    module: str
    fill: Callable[[argparse.ArgumentParser], None]


def parse(words: Sequence[str], version: str) -> argparse.Namespace:
    """Read the command line. Raises Stop with code 2, or SystemExit(0) after printing help or version."""
    name = words[0]
    if name in COMMANDS:
        command = COMMANDS[name]
        parser = Parser(
            prog=f"reelroom {name}", description=command.line, allow_abbrev=False, formatter_class=_Help
        )
        command.fill(parser)
        args = parser.parse_args(words[1:])
        args.module = command.module
        args.command = name
        return args
    main = _main_parser(version)
    if name.startswith("-"):
        main.parse_args(words)
    raise Stop(Code.USAGE, _no_command(name))


class _Help(argparse.RawDescriptionHelpFormatter):
    """Lines of help in one column that suits 80 cells."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=min(100, _columns()))


def _columns() -> int:
    import shutil  # noqa: PLC0415 - argparse needs it only when it prints

    return max(40, shutil.get_terminal_size().columns - 2)


def _main_parser(version: str) -> Parser:
    wide = max(len(name) for name in COMMANDS)
    lines = "\n".join(f"  {name:<{wide}}  {command.line}" for name, command in COMMANDS.items())
    parser = Parser(
        prog="reelroom",
        usage="reelroom [COMMAND] [...]",
        description="A terminal studio for AI video on FAL.ai. Without a command: the studio.",
        epilog=f"commands:\n{lines}\n\n`reelroom COMMAND --help` says more.",
        allow_abbrev=False,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"reelroom {version}")
    return parser


def _no_command(name: str) -> str:
    import difflib  # noqa: PLC0415 - only for a slip of the hand

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f" `{near[0]}` is close." if near else ""
    return f"“{clean(name, limit=60)}” is no command of Reelroom.{hint} `reelroom --help` names them all."


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text.lstrip("-").isdecimal() and len(text) <= 20 and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"it is a whole number from {low} to {high}, not “{clean(text)}”")

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text in words:
            return text
        raise argparse.ArgumentTypeError(f"it is {', '.join(words[:-1])} or {words[-1]}, not “{clean(text)}”")

    return read


def _amount(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if low <= number <= high:
            return number
        raise argparse.ArgumentTypeError(f"it is a number from {low:g} to {high:g}, not “{clean(text)}”")

    return read


def _usd(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"it is an amount in US dollars such as 2.50, not “{clean(text)}”")
    return amount


def _no_spend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-spend", action="store_true", help="send nothing at all, whatever else is said")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")


def _wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--live", action="store_true", help="the real FAL, or nothing")
    parser.add_argument(
        "--patience",
        type=_amount(0, 86400),
        default=60.0,
        metavar="S",
        help="seconds without any answer from FAL until a job is left waiting (60)",
    )


def _canonical(add: Callable[..., object]) -> None:
    """What is asked of all models alike; each gets it in its own words."""
    add("--image", metavar="FILE", help="the picture to begin with; a FILE is uploaded once, or is a URL")
    add("--last-image", metavar="FILE", help="the picture to end with")
    add("--ref", action="append", dest="refs", default=[], metavar="FILE", help="a reference; repeatable")
    add("--video", metavar="FILE", help="the clip to work on")
    add("--audio", metavar="FILE", help="the sound to work with")
    add("--negative", metavar="TEXT", help="what the clip does not show")
    add("--duration", metavar="S", help="seconds, or the nearest that a model offers")
    add("--aspect", metavar="W:H", help="the shape, such as 16:9 or 9:16")
    add("--resolution", metavar="R", help="the size, such as 720p, 1080p or 4k")
    add("--sound", action=argparse.BooleanOptionalAction, help="with sound, or silent")


def _generate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("prompt", nargs="?", metavar="PROMPT", help="what the clip shows")
    add("-m", "--model", action="append", dest="models", metavar="MODEL", help="a model; may be repeated")
    add("--project", metavar="P", help="the project it belongs to; made when new")
    _canonical(add)
    add(
        "--set",
        action="append",
        dest="sets",
        default=[],
        metavar="[MODEL:]KEY=VALUE",
        help="a field; @FILE is a file to upload",
    )
    add("--seed", type=_whole(0, LARGEST_SEED), metavar="N", help="the seed of the first job")
    add("--count", type=_whole(1, MOST_JOBS), default=1, metavar="N", help="how many jobs for each model (1)")
    add("--yes", action="store_true", help="answers the question before spending")
    add("--skip-unfit", action="store_true", help="leave out the models that cannot do what is asked")
    add("--dry-run", action="store_true", help="show what each model would get and cost; send nothing")
    add("--detach", action="store_true", help="leave once FAL has taken the jobs; `resume` saves them")
    add("--budget", type=_usd, metavar="USD", help="the most that this run may cost; no budget if left out")
    _no_spend(parser)
    _wait(parser)
    _json(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    _no_spend(parser)
    _wait(parser)
    _json(parser)


def _one_job(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a job id, its beginning or its end, or a request id")


def _work_on_one(parser: argparse.ArgumentParser) -> None:
    _one_job(parser)
    _wait(parser)


def _media(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="?", default="", metavar="QUERY", help="words of prompt, model, tags")
    parser.add_argument("--project", metavar="P", help="of this project only")
    _json(parser)


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a clip's id, its beginning or its end; or a clip's file")


def _trash(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("id", nargs="?", metavar="ID", help="the clip to put there; without one the trash is listed")
    add("--empty", action="store_true", help="remove all that is in it, for good")
    add("--yes", action="store_true", help="answers the question before that")


def _play(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clip", metavar="FILE_OR_ID", help="a clip's file; or its id, the beginning or the end of it")
    add("--loop", action="store_true", help="begin again at the end")
    add("--speed", type=_amount(0.1, 8), default=1.0, metavar="X", help="times the clip's own (1)")
    add("--fps", type=_amount(1, 60), metavar="N", help="frames a second at most (24, fewer on a slow link)")


def _models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("query", nargs="*", metavar="QUERY", help="words of name, maker or id")
    add("--task", metavar="T", help="such as text-to-video")
    add("--sort", type=_one_of("price", "name", "speed"), metavar="ORDER", help="price, name or speed")
    add("--refresh", action="store_true", help="ask FAL first what it has today")
    _json(parser)


def _cost(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="WHEN", help="today, 7d, 2w, or a day such as 2026-11-01")
    _json(parser)


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="an endpoint id or a short name")
    _json(parser)


def _key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "do",
        type=_one_of("set", "forget", "show"),
        metavar="set|forget|show",
        help="set reads it from stdin, without echo",
    )


def _sandbox(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--port", type=_whole(0, 65535), default=0, metavar="N", help="a port of 127.0.0.1 (0: a free one)")
    add("--speed", type=_amount(0.001, 1000), default=1.0, metavar="X", help="how long jobs take, times X")
    add("--attached", action="store_true", help=argparse.SUPPRESS)
    add("--scenario", metavar="FILE", help="what is to go wrong: a TOML or JSON file (docs/sandbox.md)")


def _doctor(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--fix", action="store_true", help="mend what can be mended; nothing is ever removed for good")
    add("--quick", action="store_true", help="compare sizes only, and read no clip through")


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """For a command that takes nothing."""


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "generate": Command("Send a prompt to models, wait, and save the clips.", "generate", _generate),
        "resume": Command("Take up everything unfinished, wait, and save it.", "resume", _resume),
        "jobs": Command("List unfinished jobs, and those of today.", "jobs", _json),
        "job": Command("Show one job with its history.", "job", _one_job),
        "cancel": Command("Ask FAL to cancel a job.", "act", _work_on_one),
        "retry": Command("Go on with a job, or read FAL's reply again. Never pays.", "act", _work_on_one),
        "dismiss": Command("Put away a job that was never sent or cannot be found.", "act", _work_on_one),
        "media": Command("List the clips.", "media", _media),
        "show": Command("Show all that is known of one clip.", "show", _show),
        "trash": Command("Put a clip out of sight, list those, or remove them for good.", "trash", _trash),
        "restore": Command("Take a clip out of the trash.", "trash", _show),
        "play": Command("Play a clip in this terminal.", "play", _play),
        "models": Command("List the models and their prices.", "models", _models),
        "schema": Command("Show the fields of a model, and what each takes.", "schema", _schema),
        "cost": Command("Show what was spent, by project, model and day.", "cost", _cost),
        "key": Command("Keep, forget or show the FAL key.", "key", _key),
        "sandbox": Command("Run a local stand-in for FAL.", "sandbox", _sandbox),
        "doctor": Command("Look for what is wrong with the library, and mend it.", "doctor", _doctor),
        "info": Command("Show folders, settings and where each came from.", "info", _nothing),
    }
)
