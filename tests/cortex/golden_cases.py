"""The golden data as a Python module for a device without files."""

from protocol.codec import encode
from protocol.message import Message, Value
from protocol.spec import load_spec
from tests.protocol.golden_vectors import KEY, MALFORMED, MESSAGES

_SPEC = load_spec("vafa")
_LENGTH_BYTES = 2


def module() -> str:
    """Source of `golden_cases`: KEY, MESSAGES of (payload, type, fields), MALFORMED payloads.

    Composite fields are bytes, as the terminal has them. What stands inside one is read tag by tag, by
    whoever wants one, so payloads that are malformed there are left out.
    """
    messages = [
        (
            case.payload,
            case.message.mti,
            {number: _plain(number, value) for number, value in case.message.fields.items()},
        )
        for case in MESSAGES
    ]
    malformed = [case.payload for case in MALFORMED if "." not in case.path]
    return f"KEY = {KEY!r}\nMESSAGES = {tuple(messages)!r}\nMALFORMED = {tuple(malformed)!r}\n"


def _plain(number: int, value: Value) -> str | bytes:
    if isinstance(value, str | bytes):
        return value
    before_content = 2 + (16 if number > 64 else 8) + _LENGTH_BYTES
    return encode(_SPEC, Message("0000", {number: value}))[before_content:]
