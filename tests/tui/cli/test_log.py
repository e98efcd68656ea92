import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelroom.fal.errors import BadKey, UnknownModel, Unreachable
from reelroom.fal.key import Key
from reelroom.store.errors import DiskFull, NotFound
from reelroom.tui.cli.ending import Code, Stop
from reelroom.tui.cli.explain import explain
from reelroom.tui.cli.log import KEPT, LARGEST, close_log, open_log, secrets_of

SECRET = "0123abcd-key-id:5ec7e7c0ffee5ec7e7c0ffee"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "state" / "reelroom.log"
    handler = open_log(found, secrets_of(f" {SECRET}\n", Key.parse(SECRET)))
    yield found
    close_log(handler)


def raised(error: Exception) -> Exception:
    """The error with a traceback, and a local beside it."""
    planted = "a local value".upper()
    assert planted
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_unforeseen_end_is_a_sentence_and_its_traceback_is_in_the_log_alone(path: Path) -> None:
    stop = explain(raised(RuntimeError(f"sent {SECRET}")), path)
    assert stop.code is Code.OTHERWISE
    assert str(path) in str(stop)
    assert "RuntimeError" not in str(stop)
    text = path.read_text()
    assert "Traceback" in text
    assert "RuntimeError: sent [key]" in text
    assert "A LOCAL VALUE" not in text
    assert "5ec7e7c0ffee" not in text


def test_the_key_is_struck_out_whatever_it_came_in(path: Path) -> None:
    log = logging.getLogger("reelroom.planted")
    log.info("whole %s, half %s", SECRET, SECRET.partition(":")[2])
    log.warning("header %r", {"authorization": f"Key {SECRET}"})
    assert "5ec7e7c0ffee" not in path.read_text()
    assert path.read_text().count("[key]") == 3


def test_the_log_is_its_owners_alone_and_turns_over(path: Path) -> None:
    log = logging.getLogger("reelroom.planted")
    for _ in range(6):
        log.info("x" * (LARGEST - 1000))
    files = sorted(path.parent.iterdir())
    assert len(files) == KEPT + 1
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_log_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("a file where a folder is needed")
    handler = open_log(tmp_path / "state" / "reelroom.log", ())
    logging.getLogger("reelroom.planted").error("hello")
    close_log(handler)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownModel("No."), 2),
        (NotFound("No."), 2),
        (BadKey("No."), 3),
        (Unreachable("No."), 5),
        (DiskFull("No."), 1),
        (Stop(Code.MONEY, "No."), 4),
    ],
)
def test_what_was_foreseen_is_said_in_its_own_words_also_out_of_groups(
    error: Exception, code: int, tmp_path: Path
) -> None:
    for wrapped in (error, ExceptionGroup("a group", [ExceptionGroup("in a group", [error])])):
        stop = explain(wrapped, tmp_path / "log")
        assert (stop.code, str(stop)) == (code, "No.")
