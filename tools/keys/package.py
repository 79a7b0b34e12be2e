"""A package: the keys of one terminal as key blocks under a transport key. Nothing in it is secret."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from protocol.security.kcv import AES_CHECK_BYTES, cmac_check_value
from protocol.security.key_block import KeyBlockHeader, wrap
from protocol.security.keys import derive_initial_pin_key, derive_terminal_key

TRANSPORT_KEY_BYTES = 32
_COMPONENTS = range(2, 4)
_INJECTION_BYTES = 4

CheckValue = Annotated[str, Field(pattern=f"^[0-9a-f]{{{2 * AES_CHECK_BYTES}}}$")]


class KeyFault(Exception):  # noqa: N818  (not an error in the program)
    """Keys can't be used, or the terminal refuses them; the text is one line, and holds nothing of a key."""


class PackedKey(BaseModel):
    """One key: a block of ANSI X9.143 version D, what its key must check as, and of a PIN key its id."""

    model_config = ConfigDict(extra="forbid")

    name: Literal["terminal", "pin"]
    block: Annotated[str, Field(pattern="^D[0-9A-Z]{79,511}$")]
    check_value: CheckValue
    key_id: Annotated[str, Field(pattern="^([0-9a-f]{16})?$")] = ""


class KeyPackage(BaseModel):
    """What one terminal is to be given, and under which transport key."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    terminal_id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{8}$")]
    generation: Annotated[int, Field(ge=1, le=9999)]
    transport_check_value: CheckValue
    keys: Annotated[list[PackedKey], Field(min_length=1, max_length=4)]


def new_components(count: int) -> list[bytes]:
    """Random components; the transport key is their sum (XOR)."""
    return [secrets.token_bytes(TRANSPORT_KEY_BYTES) for _ in range(count)]


def read_component(text: str, name: str) -> bytes:
    """A component from hexadecimal digits, which may stand in groups. Raises KeyFault."""
    try:
        component = bytes.fromhex(text)
    except ValueError:
        component = b""
    if len(component) != TRANSPORT_KEY_BYTES:
        raise KeyFault(f"{name}: not {2 * TRANSPORT_KEY_BYTES} hexadecimal digits")
    return component


def sum_of(components: Sequence[bytes]) -> bytes:
    """The key that components make. Raises KeyFault for too few or too many, or two that are the same."""
    if len(components) not in _COMPONENTS:
        raise KeyFault("a key has two or three components")
    if len(set(components)) != len(components):
        raise KeyFault("a component comes twice")
    total = bytes(TRANSPORT_KEY_BYTES)
    for component in components:
        total = bytes(left ^ right for left, right in zip(total, component, strict=True))
    return total


def shown(key: bytes) -> str:
    """The check value of a key, as people compare it."""
    return cmac_check_value(key).hex()


def make_package(
    master: bytes,
    terminal_id: str,
    generation: int,
    transport_key: bytes,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> KeyPackage:
    """The terminal's key and an initial PIN key that nobody had before."""
    key = derive_terminal_key(master, terminal_id, generation)
    pin_key, key_id = derive_initial_pin_key(master, terminal_id, generation, random_bytes(_INJECTION_BYTES))
    return KeyPackage(
        terminal_id=terminal_id,
        generation=generation,
        transport_check_value=shown(transport_key),
        keys=[
            PackedKey(name="terminal", block=_wrapped(transport_key, "M6", "C", key), check_value=shown(key)),
            PackedKey(
                name="pin",
                block=_wrapped(transport_key, "B1", "X", pin_key),
                check_value=shown(pin_key),
                key_id=key_id.hex(),
            ),
        ],
    )


def read_package(path: Path) -> KeyPackage:
    """A package from a file. Raises KeyFault."""
    try:
        return KeyPackage.model_validate_json(path.read_bytes())
    except OSError as fault:
        raise KeyFault(f"{path}: {fault.strerror}") from None
    except ValidationError as fault:
        where = ".".join(str(part) for part in fault.errors()[0]["loc"])
        raise KeyFault(f"{path}: no key package ({where or 'not JSON'})") from None


def _wrapped(transport_key: bytes, usage: str, mode: str, key: bytes) -> str:
    return wrap(transport_key, KeyBlockHeader("D", usage, "A", mode), key)
