import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.clean import clean

ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\u202e\u200d\u200c\ufe0f\u0301\ud800\r\n\t\u2028\ue000é👩💻a"),
    ),
    max_size=60,
)


@given(ANY_TEXT, st.integers(1, 40), st.booleans())
def test_cleaning_twice_changes_nothing(text: str, limit: int, lines: bool) -> None:
    once = clean(text, limit=limit, lines=lines)
    assert clean(once, limit=limit, lines=lines) == once
    assert len(once) <= limit


@given(ANY_TEXT)
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    cleaned = clean(text)
    left = {char for char in cleaned if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}}
    assert left <= {"\u200c", "\u200d"}
    cleaned.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=<U+0007>"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\x9bb", "a<U+009B>b"),
        ("one\r\ntwo\tthree", "one two three"),
        ("over\rwritten", "over<U+000D>written"),
        ("lone \ud800 half", "lone ? half"),
        ("line\u2028break", "line<U+2028>break"),
        ("[/red] [link=x]", "[/red] [link=x]"),
        ("e\u0301" + "\u0301" * 9, "e" + "\u0301" * 4),
        ("a\u200db", "a<U+200D>b"),
        ("\u200dx", "<U+200D>x"),
    ],
)
def test_what_would_be_obeyed_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_emoji_and_persian_joiners_stay() -> None:
    for text in ("👩\u200d💻 codes", "❤\ufe0f\u200d🔥", "می\u200cخواهم"):
        assert clean(text) == text


def test_joiners_do_not_let_a_stack_of_marks_grow() -> None:
    tower = "é" + ("\u0301" * 4 + "\u200d") * 50
    assert sum(unicodedata.category(char) == "Mn" for char in clean(tower)) <= 4


def test_lines_stay_only_where_they_are_wanted() -> None:
    assert clean("a\r\nb\nc", lines=True) == "a\nb\nc"
    assert clean("a\nb") == "a b"


def test_a_long_text_is_cut_to_its_limit() -> None:
    assert clean("x" * 30, limit=10) == "x" * 9 + "…"
    assert clean("\x1b" * 30, limit=10) == "␛" * 9 + "…"
    assert clean("x" * 10, limit=10) == "x" * 10
