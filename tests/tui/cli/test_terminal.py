import os
from pathlib import Path

import pytest

from reelroom.tui.cli.paint import Line
from tests.tui.cli.streams import Streams

ONE: Line = (("one", "text"),)
TWO: Line = (("two", "text"),)


def test_a_block_is_drawn_over_itself() -> None:
    streams = Streams(terminal=True)
    streams.terminal.draw([ONE, TWO])
    streams.terminal.draw([ONE, TWO])
    streams.terminal.draw([TWO])
    streams.terminal.draw([])
    assert streams.said == "one\ntwo\n\x1b[2A\r\x1b[Jtwo\n\x1b[1A\r\x1b[J"


def test_talk_and_paths_stand_above_the_block() -> None:
    streams = Streams(terminal=True)
    streams.terminal.draw([ONE])
    streams.terminal.say("hello")
    streams.terminal.put_path(Path("/a.mp4"))
    assert streams.said == "one\n\x1b[1A\r\x1b[Jhello\none\n\x1b[1A\r\x1b[Jone\n"
    assert streams.put == "/a.mp4\n"


def test_nothing_is_redrawn_where_nobody_looks() -> None:
    for streams in (Streams(), Streams(terminal=True, environ={"TERM": "dumb"})):
        streams.terminal.draw([ONE])
        streams.terminal.say("hello", "bad")
        assert streams.said == "hello\n"


def test_a_locale_without_utf_8_gets_ascii() -> None:
    streams = Streams(environ={"LC_ALL": "C", "LANG": "de_DE.UTF-8"})
    streams.terminal.say("≈$0.35 · “so” …")
    assert streams.said == '~$0.35 . "so" ...\n'


def test_what_is_said_is_cleaned_a_last_time() -> None:
    streams = Streams(terminal=True)
    streams.terminal.say("a\x1b]52;c;aGk=\x07b")
    streams.terminal.put((("\u202ec", "text"),))
    assert "\x1b" not in streams.said
    assert streams.put == "<U+202E>c\n"


def test_a_path_is_exact_for_a_program_and_cleaned_for_a_person() -> None:
    path = Path(os.fsdecode(b"/lib\x1b[2J.mp4"))
    pipe, person = Streams(), Streams(terminal=True)
    pipe.terminal.put_path(path)
    person.terminal.put_path(path)
    assert pipe.put == "/lib\x1b[2J.mp4\n"
    assert person.put == "/lib␛[2J.mp4\n"


def test_nobody_reading_stdout_is_no_trouble() -> None:
    streams = Streams(broken=True)
    streams.terminal.put_data("{}")
    streams.terminal.put_data("{}")
    streams.terminal.close()
    streams.terminal.say("still here")
    assert streams.said == "still here\n"


@pytest.mark.parametrize(("colours", "expected"), [("", "\x1b[31mno\x1b[0m\n"), ("1", "\x1b[1mno\x1b[0m\n")])
def test_no_color_is_respected(colours: str, expected: str) -> None:
    streams = Streams(terminal=True, environ={"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": colours})
    streams.terminal.say("no", "bad")
    assert streams.said == expected
