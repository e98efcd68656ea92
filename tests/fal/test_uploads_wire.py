"""The readers of the upload hosts' JSON against anything that JSON can hold."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.errors import FalError
from reelroom.fal.wire_uploads import read_access_url, read_etag, read_token, read_upload_id

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(("token", "token_type", "base_url", "expires_at", "access_url", "uploadId"))


@given(VALUES | st.dictionaries(NAMES, VALUES))
@settings(max_examples=200)
def test_no_answer_makes_a_reader_raise_anything_but_an_error_of_fal(data: object) -> None:
    with suppress(FalError):
        token = read_token(data)
        assert token.header.isascii()
        assert token.header.isprintable()
        assert token.header not in repr(token)
    with suppress(FalError):
        assert read_access_url(data)
    with suppress(FalError):
        upload_id = read_upload_id(data)
        assert upload_id.strip(".")
        assert upload_id.isprintable()


@given(st.text())
def test_a_mark_is_one_printable_word(text: str) -> None:
    with suppress(FalError):
        etag = read_etag({"etag": text})
        assert etag.isascii()
        assert etag.isprintable()
        assert " " not in etag
