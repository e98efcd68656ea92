import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.tui.player.keys import Keys

SEQUENCES = {
    b"\x1b[C": "right", b"\x1b[1;2D": "shift+left", b"\x1bOD": "left", b"\x1b[0n": "arrived", b" ": "space",
    b"q": "q", b"\x03": "ctrl+c", b"\x1b[I": "focus", b"\x1b[O": "blur", b"[": "[",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "name"), SEQUENCES.items())
def test_a_sequence_has_a_name(typed: bytes, name: str) -> None:
    assert list(Keys().feed(typed)) == [name]


@given(st.lists(st.sampled_from(sorted(SEQUENCES)), max_size=12), st.lists(st.integers(1, 5), min_size=1))
def test_it_does_not_matter_in_which_pieces_they_come(typed: list[bytes], sizes: list[int]) -> None:
    data, names, keys = b"".join(typed), [], Keys()
    for number in range(len(data)):
        size = sizes[number % len(sizes)]
        names += keys.feed(data[:size])
        data = data[size:]
    assert names == [SEQUENCES[one] for one in typed]


def test_a_lone_escape_is_the_key_once_nothing_followed() -> None:
    keys = Keys()
    assert list(keys.feed(b"\x1b")) == []
    assert keys.unsure
    assert list(keys.settle()) == ["escape"]
    assert not keys.unsure


@given(st.binary(max_size=60))
def test_whatever_is_typed_is_read_to_its_end(data: bytes) -> None:
    keys = Keys()
    list(keys.feed(data))
    list(keys.settle())
    assert not keys.unsure
    assert list(keys.feed(b"q")) == ["q"]


def test_what_is_not_known_is_left_out() -> None:
    assert list(Keys().feed(b"\x1b[200~\x1b[99;5u\xc3\xa9\x00")) == []
