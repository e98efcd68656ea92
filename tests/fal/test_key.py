import pytest

from reelroom.fal.errors import BadKey, FalError
from reelroom.fal.key import Key

SECRET = "5ecret-part-of-it"


def test_a_pasted_key_loses_the_blanks_around_it() -> None:
    key = Key.parse(f"\ufeff \u200bkey-id:{SECRET}\r\n\u200b ")
    assert key.header() == f"Key key-id:{SECRET}"
    assert key.id == "key-id"


def test_a_key_is_never_shown() -> None:
    key = Key.parse(f"key-id:{SECRET}")
    assert SECRET not in f"{key} {key!r} {key!s} {[key]} {key.id}"
    assert "key-id" in repr(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        f"key id:{SECRET}",
        f"key-id:{SECRET}\u200b{SECRET}",
        f"schlüssel:{SECRET}",
        f":{SECRET}",
        "key-id:",
        f"key-id:{SECRET}\n{SECRET}",
    ],
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        Key.parse(text)
    assert SECRET not in str(caught.value)
    assert isinstance(caught.value, FalError)
    assert isinstance(caught.value, ValueError)


def test_a_key_without_a_colon_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadKey, match="key-id:key-secret") as caught:
        Key.parse("abcdefghijklmnop")
    assert "abcdef" not in str(caught.value)
