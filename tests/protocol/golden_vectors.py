"""The golden data that every codec must agree with, as typed cases."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from protocol.message import Message, Value

PATH = Path(__file__).parents[1] / "vectors" / "messages.json"
_DOCUMENT = json.loads(PATH.read_text("utf-8"))
KEY = bytes.fromhex(_DOCUMENT["key"])
MASTER_KEY = bytes.fromhex(_DOCUMENT["master_key"])


@dataclass(frozen=True)
class GoldenMessage:
    """A message and its bytes."""

    name: str
    message: Message
    payload: bytes


@dataclass(frozen=True)
class Malformed:
    """Bytes that must be refused, and how."""

    name: str
    payload: bytes
    code: str
    path: str
    offset: int | None


def _value(written: object) -> Value:
    if isinstance(written, dict):
        if set(written) == {"hex"}:
            return bytes.fromhex(written["hex"])
        return cast(Value, {tag: _value(content) for tag, content in written.items()})
    return str(written)


MESSAGES = [
    GoldenMessage(
        case["name"],
        Message(
            case["message"]["mti"],
            {int(number): _value(written) for number, written in case["message"]["fields"].items()},
        ),
        bytes.fromhex(case["payload"]),
    )
    for case in _DOCUMENT["messages"]
]
MALFORMED = [
    Malformed(case["name"], bytes.fromhex(case["payload"]), case["code"], case["path"], case["offset"])
    for case in _DOCUMENT["malformed"]
]
