"""Who we are to the peer: terminal, merchant, keys, test cards. For test installations only."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from protocol.security.keys import derive_terminal_key
from simulator.scripts.model import Name, Scalar

TerminalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}$")]
KeyText = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$")]
FILE_MAXIMUM_BYTES = 1 << 16


class ProfileFault(Exception):  # noqa: N818  (not an error in the program)
    """A profile can't be used; the text has no value of it."""


class Profile(BaseModel):
    """A test set-up, as TOML. Either the keys of single terminals, or a master key of which all come."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    terminal_id: TerminalId = "T0000001"
    merchant_id: Annotated[str, Field(pattern=r"^[ -~]{1,15}$")] = "SHOP1"
    generation: int = Field(1, ge=1, le=9999)
    master_key: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")] | None = Field(None, repr=False)
    keys: dict[TerminalId, KeyText] = Field({}, repr=False, description="MAC keys by terminal")
    utc_offset_minutes: int = Field(210, ge=-840, le=840, description="of the clock on the wall")
    variables: dict[Name, Scalar] = Field({}, repr=False, description="card, and whatever scripts ask for")
    without: tuple[Name, ...] = Field((), description="features that the subject under test does not have")

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if self.master_key is None and self.terminal_id not in self.keys:
            raise ValueError(f"no key: give master_key, or the key of {self.terminal_id} under keys")
        return self

    def key_of(self, terminal_id: str) -> bytes | None:
        """The terminal's MAC key; None where the profile has none."""
        own = self.keys.get(terminal_id)
        if own is not None:
            return bytes.fromhex(own)
        if self.master_key is None:
            return None
        return derive_terminal_key(bytes.fromhex(self.master_key), terminal_id, self.generation)

    def other_generations(self, terminal_id: str) -> list[tuple[int, bytes]]:
        """Keys that the terminal had or will have, by their generation, where there is a master key."""
        if self.master_key is None or terminal_id in self.keys:
            return []
        master = bytes.fromhex(self.master_key)
        near = [self.generation + turn for turn in (-2, -1, 1, 2) if 1 <= self.generation + turn <= 9999]
        return [(number, derive_terminal_key(master, terminal_id, number)) for number in near]


def load_profile(path: Path) -> Profile:
    """The profile of a file. Raises ProfileFault."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAXIMUM_BYTES + 1)
        if len(raw) > FILE_MAXIMUM_BYTES:
            raise ProfileFault(f"{path}: a profile has at most {FILE_MAXIMUM_BYTES} bytes")
        document = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise ProfileFault(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError as error:
        raise ProfileFault(f"{path}: byte {error.start} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileFault(f"{path}: {error}") from None
    return checked_profile(document, str(path))


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def checked_profile(document: dict[str, object], source: str) -> Profile:
    """The profile that a document describes. Raises ProfileFault."""
    try:
        return Profile.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        lines = [
            ": ".join(filter(None, (source, ".".join(map(str, fault["loc"])), _plain(fault["msg"]))))
            for fault in faults
        ]
        raise ProfileFault("\n".join(lines)) from None
