"""The readers that `make fuzz` tries for minutes, tried for a moment: any bytes, and damaged documents."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.readers import READERS

SEEDS = {
    folder.name: [file.read_bytes() for file in sorted(folder.iterdir())]
    for folder in (Path(__file__).parent / "seeds").iterdir()
}
PIECES = st.binary(max_size=8) | st.sampled_from(
    [
        b"null",
        b"-1",
        b"1e999",
        b"NaN",
        b"[]",
        b"{}",
        b'""',
        b"true",
        b"\\ud800",
        b"\x1b[2J",
        b"\xff\xff\xff\xff",
        b"\0" * 8,
    ]
)


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A real document in which a few stretches are something else."""
    whole = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + draw(PIECES) + whole[at + draw(st.integers(0, 12)) :]
    return whole


def test_each_reader_has_documents_to_begin_with() -> None:
    assert SEEDS.keys() == READERS.keys()
    assert all(SEEDS.values())


@pytest.mark.parametrize("name", READERS)
def test_a_real_document_is_read(name: str) -> None:
    for seed in SEEDS[name]:
        READERS[name](seed)


@pytest.mark.parametrize("name", READERS)
def test_no_bytes_break_a_reader(name: str) -> None:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=200) | damaged(SEEDS[name]))
    def hold(data: bytes) -> None:
        READERS[name](data)

    hold()
