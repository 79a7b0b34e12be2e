"""Keys as people keep them in files: hexadecimal digits, and what the key is for.

A line that begins with `#` is a comment. One whose first word is `production` says that the key protects real
shops: whatever is a bench refuses it. `test` says that it is worth nothing.
"""

from enum import StrEnum
from typing import NamedTuple


class KeyPurpose(StrEnum):
    """What a key is for, as far as its file says."""

    NOT_STATED = "purpose not stated"
    TEST = "test"
    PRODUCTION = "production"


class KeyText(NamedTuple):
    """A key and its purpose. `repr` shows the purpose alone."""

    key: bytes
    purpose: KeyPurpose

    def __repr__(self) -> str:
        return f"KeyText({self.purpose.value})"


def read_key_text(text: str) -> KeyText:
    """The key in the text of a file.

    Raises:
        ValueError: its digits are no whole bytes of hexadecimal; the text holds nothing of them.
    """
    lines = [line.strip() for line in text.splitlines()]
    words = {
        line[1:].replace(":", " ").split()[0].lower()
        for line in lines
        if line[:1] == "#" and line[1:].strip()
    }
    purpose = KeyPurpose.NOT_STATED
    if KeyPurpose.PRODUCTION in words:
        purpose = KeyPurpose.PRODUCTION
    elif KeyPurpose.TEST in words:
        purpose = KeyPurpose.TEST
    try:
        key = bytes.fromhex("".join(line for line in lines if line[:1] != "#"))
    except ValueError:
        raise ValueError("no hexadecimal digits") from None
    return KeyText(key, purpose)
