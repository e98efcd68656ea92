import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelroom.store.boxes import check_whole
from reelroom.store.errors import NotAVideo, NotFound, StoreError, Truncated

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


Check = Callable[[bytes], str]


def box(kind: bytes, body: bytes = b"", *, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2")
MOOV = box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", bytes(40)))
MDAT = box(b"mdat", b"pictures" * 10)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    file = tmp_path / "clip"

    def say(data: bytes) -> str:
        file.write_bytes(data)
        return check_whole(file)

    return say


@pytest.mark.parametrize("clip", ["mp4", "fast_start_mp4", "fragmented_mp4"])
def test_real_clips_are_whole(check: Check, request: pytest.FixtureRequest, clip: str) -> None:
    assert check(request.getfixturevalue(clip)) == "mp4"


def test_a_real_webm_is_whole(check: Check, webm: bytes) -> None:
    assert check(webm) == "webm"


@pytest.mark.parametrize("clip", ["mp4", "fast_start_mp4", "webm"])
def test_a_clip_that_is_cut_anywhere_is_never_called_whole(
    check: Check, request: pytest.FixtureRequest, clip: str
) -> None:
    whole = request.getfixturevalue(clip)
    for length in range(len(whole)):
        with pytest.raises((Truncated, NotAVideo)) as caught:
            check(whole[:length])
        assert length < 8 or caught.type is Truncated, (length, caught.value)


@pytest.mark.parametrize(
    "parts",
    [
        [FTYP, MDAT, MOOV],
        [FTYP, box(b"free", bytes(9)), MOOV, box(b"uuid", bytes(16)), MDAT, box(b"udta", bytes(4))],
        [FTYP, MOOV, box(b"mdat", b"pictures", wide=True)],
        [FTYP, MOOV, b"\0\0\0\0mdatuntil the end"],
        [FTYP, box(b"moov", MOOV[8:] + box(b"udta", bytes(4))), box(b"\xa9nam"), MDAT],
        [FTYP, MOOV, box(b"moof"), MDAT, box(b"moof"), MDAT, box(b"mfra")],
        [FTYP, MOOV, box(b"mdat")],
    ],
    ids=["mdat first", "extra boxes", "64 bits", "no size", "tags", "fragments", "empty mdat"],
)
def test_what_the_format_allows_is_whole(check: Check, parts: list[bytes]) -> None:
    assert check(b"".join(parts)) == "mp4"


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"", NotAVideo, "is empty"),
        (b"  <!DOCTYPE html><html>", NotAVideo, "web page"),
        (b'\xef\xbb\xbf{"detail": "expired"}', NotAVideo, "JSON"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), NotAVideo, "neither like an MP4"),
        (bytes(4096), NotAVideo, "neither like an MP4"),
        (MOOV + FTYP + MDAT, NotAVideo, "neither like an MP4"),
        (box(b"ftyp", b"avif\0\0\0\0") + box(b"meta") + MDAT, NotAVideo, "picture"),
        (FTYP + MDAT, Truncated, "index"),
        (FTYP + MOOV, Truncated, "contents"),
        (FTYP + MOOV + MDAT[:-1], Truncated, "ends 1 bytes before"),
        (FTYP + MOOV + MDAT + b"\0\0\0", Truncated, "within the header"),
        (FTYP + MOOV + MDAT + b"\0\0\0\x20\xa9nam", Truncated, "its part “©nam”"),
        (FTYP + MOOV + MDAT + bytes(64), NotAVideo, "no part of a video"),
        (FTYP + MOOV + MDAT + b"\0\0\0\4skip", NotAVideo, "cannot be"),
        (FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1), Truncated, "before the end"),
        (FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 15), NotAVideo, "cannot be"),
        (FTYP + box(b"moov", b"\0\0\1\0mvhd") + MDAT, NotAVideo, "more than its own size"),
        (FTYP + box(b"moov", b"\0\0\0\0mvhd") + MDAT, NotAVideo, "cannot be"),
        (FTYP + box(b"moov", box(b"mvhd")) + MDAT, NotAVideo, "names no track"),
        (FTYP + box(b"moov") + MDAT, NotAVideo, "names no track"),
        (b"\x1a\x45\xdf\xa3\x80", NotAVideo, "something else"),
        (b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm", Truncated, "before its video begins"),
        (b"\x1a\x45\xdf\xa3\xff", NotAVideo, "cannot be read"),
    ],
)
def test_what_is_no_whole_clip_is_refused_in_a_sentence(
    check: Check, data: bytes, kind: type[StoreError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        check(data)


def test_a_segment_without_a_size_reaches_to_the_end(check: Check) -> None:
    header = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"
    void = b"\xec\x82\0\0"
    assert check(header + void + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + b"cluster") == "webm"
    with pytest.raises(Truncated, match="contents begin"):
        check(header + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff")


def test_countless_tiny_parts_do_not_keep_it_busy_for_ever(check: Check) -> None:
    with pytest.raises(NotAVideo, match="more than 200,000 parts"):
        check(FTYP + MOOV + MDAT + b"\0\0\0\x08free" * 200_001)


def test_a_file_of_a_terabyte_is_followed_in_a_few_reads(tmp_path: Path) -> None:
    file = tmp_path / "clip"
    with file.open("wb") as clip:
        clip.write(FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 2**40))
        clip.truncate(len(FTYP + MOOV) + 2**40)
    assert check_whole(file) == "mp4"


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check_whole(tmp_path / "gone")
    with pytest.raises(StoreError):
        check_whole(tmp_path)


def judged(check: Check, data: bytes) -> bool:
    """Whether the file is called whole, or is refused with a sentence; anything else is raised."""
    try:
        return check(data) in {"mp4", "webm"}
    except (NotAVideo, Truncated) as error:
        return str(error).endswith(".")


@QUICK
@given(data=st.data())
def test_a_damaged_clip_is_whole_or_refused_but_never_an_accident(
    check: Check, mp4: bytes, webm: bytes, data: st.DataObject
) -> None:
    clip = bytearray(data.draw(st.sampled_from([mp4, webm])))
    for _ in range(data.draw(st.integers(1, 4))):
        clip[data.draw(st.integers(0, len(clip) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(clip)))
    extra = data.draw(st.binary(max_size=20))
    assert judged(check, bytes(clip[:end]) + extra)


@QUICK
@given(start=st.sampled_from([b"", FTYP, FTYP + MOOV, b"\x1a\x45\xdf\xa3"]), rest=st.binary(max_size=200))
def test_any_bytes_are_whole_or_refused(check: Check, start: bytes, rest: bytes) -> None:
    assert judged(check, start + rest)


@QUICK
@given(
    bodies=st.lists(st.tuples(st.sampled_from([b"free", b"udta", b"uuid", b"wide"]), st.binary(max_size=30))),
    wide=st.booleans(),
)
def test_boxes_in_any_number_between_the_needed_ones_do_no_harm(
    check: Check, bodies: list[tuple[bytes, bytes]], *, wide: bool
) -> None:
    extra = b"".join(box(kind, body, wide=wide) for kind, body in bodies)
    clip = FTYP + extra + MDAT + extra + MOOV + extra
    assert check(clip) == "mp4"
