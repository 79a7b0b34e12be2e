"""Keys in files: digits, comments, and what a key is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.security.key_text import KeyPurpose, read_key_text

KEY = bytes(range(16))


@pytest.mark.parametrize(
    ("head", "purpose"),
    [
        ("", KeyPurpose.NOT_STATED),
        ("# production\n", KeyPurpose.PRODUCTION),
        ("#PRODUCTION: shops of the north\n\n", KeyPurpose.PRODUCTION),
        ("# test\n", KeyPurpose.TEST),
        ("# test\n  # production\n", KeyPurpose.PRODUCTION),
        ("# not for production\n#\n#   \n", KeyPurpose.NOT_STATED),
    ],
    ids=["none", "production", "with words", "test", "both", "other words"],
)
def test_a_comment_says_what_a_key_is_for(head: str, purpose: KeyPurpose) -> None:
    found = read_key_text(f"{head}{KEY.hex()}\n")
    assert found == (KEY, purpose)
    assert KEY.hex() not in repr(found) and repr(KEY) not in repr(found)


def test_digits_may_stand_in_groups_and_lines() -> None:
    assert read_key_text("00010203 04050607\r\n08090A0B\n# half\n 0c0d0e0f").key == KEY


@pytest.mark.parametrize("text", ["xyz", "0", "00 # comment", "production", "# test\n0g"])
def test_what_is_no_key_is_told_without_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^no hexadecimal digits$"):
        read_key_text(text)


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_a_value_error(text: str) -> None:
    try:
        key, purpose = read_key_text(text)
    except ValueError:
        return
    assert isinstance(key, bytes) and purpose in KeyPurpose
