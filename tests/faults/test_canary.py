"""A recognisable key, planted in the environment and in the key file, is found nowhere that it must not be.

The one place where it cannot be helped is the environment that the person's own shell gave the program: Linux
shows that of a process to its owner alone (`/proc/PID/environ` has mode 0400).
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.terminal import terminal

from .program import SECRET, Program, Sandbox, sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc"),
]

KEY = f"canary:{SECRET}"
VIDU = "fal-ai/vidu/q3/text-to-video"
F9 = b"\x1b[20~"
SMALL = ("-m", VIDU, "--set", "duration=1", "--set", "resolution=540p")
CRASHES = {
    "crash_command": """
def run(context, _args):
    header = context.key().key.header()
    raise RuntimeError(f"unforeseen, with {header}")
""",
    "crash_screen": """
from pathlib import Path
from reelroom.tui import app as screen
from reelroom.tui.screen import Behind, choose_place

class Crashing(screen.Reelroom):
    CSS_PATH = [Path(screen.__file__).parent / path for path in screen.Reelroom.CSS_PATH]

    def on_mount(self):
        header = self.desk.backstage.context.key().key.header()
        raise RuntimeError(f"unforeseen, with {header}")

def run(context, _args):
    context.paths.make()
    settings, found = context.settings(), context.key()
    app = Crashing(Behind(context, settings, choose_place(settings, found), found.source))
    app.run()
    return app.return_code
""",
}
CRASH = (
    "import sys; from reelroom.tui.cli.run import run_module; sys.exit(run_module(sys.argv[1], version='0'))"
)
PLAYER = '#!/bin/sh\nenv > "$REELROOM_HOME/player-environ"\necho "$0 $*" > "$REELROOM_HOME/player-words"\n'


def forms() -> list[bytes]:
    """The key as it could be written, also by something that encodes it."""
    found = [SECRET.encode(), SECRET.encode().hex().encode()]
    found += [base64.b64encode(text.encode()).rstrip(b"=") for text in (SECRET, KEY, f"Key {KEY}")]
    return found


def holds(data: bytes) -> bool:
    return any(form in data for form in forms())


def files_with_it(folder: Path) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and holds(path.read_bytes())
    ]


def processes() -> Iterator[tuple[int, Path]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            yield int(folder.name), folder


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or is another person's
        return b""


def parent(folder: Path) -> int:
    fields = read(folder / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


@dataclass
class Traces:
    """All that a set of real runs left, and what was seen of them while they ran."""

    home: Path
    environ: Mapping[str, str]
    said: list[bytes] = field(default_factory=list)
    """What went to stdout, stderr and terminals."""
    argv: list[bytes] = field(default_factory=list)
    children: list[bytes] = field(default_factory=list)
    """The environments of the programs that were started by Reelroom."""
    looks: int = 0

    def run(self, *words: str, text: str | None = None, **more: str) -> int:
        """Run a command to its end, looking at all processes meanwhile."""
        with subprocess.Popen(
            words,
            env={**self.environ, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.home,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if text is not None:
                process.stdin.write(text.encode())
            process.stdin.close()
            until = time.monotonic() + 90
            while process.poll() is None:
                self.look(process.pid)
                if time.monotonic() > until:
                    process.kill()
                time.sleep(0.02)
            self.said.append(process.stdout.read())
        return process.returncode

    def look(self, pid: int) -> None:
        """See the words of every process, and the environments of those below one."""
        self.looks += 1
        below = {pid}
        for child, folder in sorted(processes()):
            self.argv.append(read(folder / "cmdline"))
            if parent(folder) in below:
                below.add(child)
                self.children.append(read(folder / "environ"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as served:
        served.pace(queue_s=0.1, run_s=0.2)
        yield served


@pytest.fixture(scope="module")
def planted(place: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Runs with the key in the environment, then with the key in the file; both commands and the screen."""
    folder = tmp_path_factory.mktemp("planted")
    home, extra = folder / "home", folder / "extra"
    for made in (home, home / "tmp", extra):
        made.mkdir()
    for name, code in CRASHES.items():
        (extra / f"{name}.py").write_text(code)
    (extra / "xdg-open").write_text(PLAYER)
    (extra / "xdg-open").chmod(0o755)
    own = Program().environment(home, place.base)
    del own["FAL_KEY"]
    own |= {"TMPDIR": str(home / "tmp"), "PYTHONPATH": str(extra), "DISPLAY": ":9"}
    own["PATH"] = f"{extra}{os.pathsep}{own['PATH']}"
    traces = Traces(home, own)
    commands(traces, FAL_KEY=KEY)
    on_the_screen(traces, FAL_KEY=KEY)
    crashes(traces, FAL_KEY=KEY)
    assert traces.run(reelroom(), "key", "set", text=f"{KEY}\n") == 0
    commands(traces)
    on_the_screen(traces)
    crashes(traces)
    return traces


def reelroom() -> str:
    return Program().command[0]


def commands(traces: Traces, **more: str) -> None:
    program = reelroom()
    assert traces.run(program, "generate", "a heron", *SMALL, "--json", **more) == 0
    refused = (program, "generate", "a heron", "-m", VIDU, "--set", "duration=9000")
    assert traces.run(*refused, **more) == 2
    for words in (["jobs"], ["media", "--json"], ["info"], ["key", "show"], ["resume"], ["doctor"]):
        assert traces.run(program, *words, **more) == 0


def on_the_screen(traces: Traces, **more: str) -> None:
    """Open the studio, play a clip, type the key into its field, and leave."""
    played = traces.home / "player-environ"
    played.unlink(missing_ok=True)
    with terminal([reelroom()], {**traces.environ, **more}) as screen:
        screen.wait("a heron", "Media")
        screen.go_to("Media")
        screen.key("home")
        screen.key("o")
        screen.until(played.exists, "the player to start")
        traces.look(screen.pid)
        screen.send(F9)
        screen.wait("FAL key", "keep the key")
        screen.type(KEY)
        screen.wait("•" * len(KEY))
        screen.key("enter")
        # One word: where the sentence is broken depends on the length of the path in it.
        screen.wait("canary")
        screen.key("ctrl+q")
        screen.ends()
    traces.said.append(bytes(screen.raw))
    traces.children.append(played.read_bytes())


def crashes(traces: Traces, **more: str) -> None:
    command = [sys.executable, "-c", CRASH]
    assert traces.run(*command, "crash_command", **more) == 1
    with terminal([*command, "crash_screen"], {**traces.environ, **more}) as screen:
        assert screen.ends() == 1
    traces.said.append(bytes(screen.raw))


def test_it_is_in_no_file_but_the_key_file(planted: Traces) -> None:
    assert files_with_it(planted.home) == ["config/key"]
    assert (planted.home / "config/key").stat().st_mode & 0o777 == 0o600
    log = (planted.home / "state/reelroom.log").read_text()
    assert log.count("unforeseen, with Key [key]") >= 4


def test_it_is_in_nothing_that_was_said_on_a_terminal_or_in_a_pipe(planted: Traces) -> None:
    assert len(planted.said) >= 20
    assert any(b"Reelroom stopped" in said for said in planted.said)
    assert [said for said in planted.said if holds(said)] == []


def test_it_is_in_the_words_of_no_process(planted: Traces) -> None:
    assert planted.looks > 20
    assert any(b"generate" in argv for argv in planted.argv)
    assert [argv for argv in planted.argv if holds(argv)] == []


def test_it_is_in_the_environment_of_no_child(planted: Traces) -> None:
    assert any(b"DISPLAY=:9" in environ for environ in planted.children)
    assert [environ for environ in planted.children if holds(environ) or b"FAL_KEY" in environ] == []
    assert "heron" in (planted.home / "player-words").read_text()


def test_it_was_shown_to_no_host_but_fals_own_and_stands_in_no_request(
    planted: Traces, place: Sandbox
) -> None:
    report = place.http.get(f"{place.base}/sandbox/ledger").raise_for_status().json()
    assert len(report["submits"]) == 2
    assert report["key_leaks"] == []
    assert not holds(json.dumps(report).encode())
    assert planted.looks


@pytest.mark.parametrize("hide", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_the_search_finds_what_it_looks_for(tmp_path: Path, hide: Callable[[str], str]) -> None:
    (tmp_path / "a").write_text(f"something {hide(f'Key {KEY}')} more")
    assert files_with_it(tmp_path) == ["a"]
