"""The partner's switch, as an operator writes it down: TOML, named by VAFA_SWITCH_UPSTREAM_FILE."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from protocol.dialect import ResponseCode
from switch.gate.link_plan import (
    AddressText,
    ClientTls,
    DocumentFault,
    LinkName,
    Seconds,
    TerminalId,
    check_loopback,
    read_document,
)
from switch.upstream.correlation import DEFAULT_KEY_FIELDS

UPSTREAM_FILE_BYTES_MAX = 1 << 20
_DIGITS_OF_CODE = r"^[0-9A-Z]{2}$"

Code = Annotated[str, Field(pattern=_DIGITS_OF_CODE)]


class UpstreamFault(Exception):  # noqa: N818  (not an error in the program)
    """The partner's switch can't be as it is written; the text is one line for the operator."""


class Takes(StrEnum):
    """What goes out in the name of a terminal."""

    ALL = "all"
    REQUESTS = "requests"
    ADVICES = "advices"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TerminalPart(_Part):
    """A terminal that the partner has given to this club; requests go out in its name, under its key.

    `merchants` are merchants here that it stands for; without them it stands for all that no other names.
    """

    terminal_id: TerminalId
    merchant_id: str = Field(pattern=r"^[!-~]{1,15}$", description="its merchant at the partner's")
    key_file: Path = Field(description="AES-128 MAC key, 32 hexadecimal digits, mode 0600")
    pin_key_file: Path | None = Field(
        None, description="AES-128 key of PIN blocks; without it no PIN is sent"
    )
    merchants: frozenset[str] = frozenset()
    takes: Takes = Takes.ALL


class QueuePart(_Part):
    """Store-and-forward: advices and reversals that the partner must get, whenever that may be."""

    file: Path = Path("var/upstream/queue.sqlite3")
    depth_max: int = Field(10_000, ge=1, le=1_000_000, description="with dead letters")
    window: int = Field(32, ge=1, le=1024, description="under way at once, of a terminal never more than one")
    attempts_max: int = Field(30, ge=1, le=10_000)
    reply_timeout_s: Seconds = 15.0
    first_wait_s: Seconds = 1.0
    longest_wait_s: Seconds = 300.0
    done_codes_of_advices: frozenset[Code] = frozenset(
        {ResponseCode.APPROVED.value, ResponseCode.NO_ACTION_TAKEN.value}
    )
    done_codes_of_reversals: frozenset[Code] = frozenset({ResponseCode.APPROVED.value})
    retry_codes: frozenset[Code] = Field(
        frozenset(
            {
                ResponseCode.NOT_PERMITTED_TO_TERMINAL.value,
                ResponseCode.SECURITY_VIOLATION.value,
                ResponseCode.RESPONSE_TOO_LATE.value,
                ResponseCode.SWITCH_INOPERATIVE.value,
                ResponseCode.SYSTEM_MALFUNCTION.value,
            }
        ),
        description="every other code is final, and makes a dead letter",
    )
    remembered_max: int = Field(65_536, ge=1024, le=4_000_000, description="requests known for a repeat")

    @model_validator(mode="after")
    def _codes_are_apart(self) -> Self:
        both = (self.done_codes_of_advices | self.done_codes_of_reversals) & self.retry_codes
        if both:
            raise ValueError(f"code {min(both)} can't be done and be tried again")
        return self


class UpstreamDocument(_Part):
    """The upstream file."""

    name: LinkName = Field("partner", description="of the link, in logs and metrics")
    addresses: tuple[AddressText, ...] = Field(min_length=1, max_length=16, description="tried in turn")
    tls: ClientTls | None = None
    card_prefixes: frozenset[Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]] = frozenset()
    card_types: frozenset[Annotated[str, Field(min_length=1, max_length=8)]] = frozenset()
    terminals: tuple[TerminalPart, ...] = Field(min_length=1, max_length=64)
    queue: QueuePart = QueuePart()
    correlation: dict[
        Annotated[str, Field(pattern=r"^[0-9]{2}[02468]0$")],
        Annotated[tuple[Annotated[int, Field(ge=2, le=128)], ...], Field(min_length=1, max_length=8)],
    ] = Field({}, description=f"fields that pair request and reply, by type; else {DEFAULT_KEY_FIELDS}")
    in_flight_max: int = Field(64, ge=1, le=4096, description="no more than the partner takes of one link")
    frame_bytes_max: int = Field(1024, ge=64, le=65_535)
    reply_timeout_s: Seconds = Field(8.0, description="less than a terminal waits")
    late_kept_max: int = Field(4096, ge=1, le=1_000_000, description="whose late reply is still recognised")
    connect_timeout_s: Seconds = 5.0
    sign_on_timeout_s: Seconds = 5.0
    echo_interval_s: Seconds = Field(30.0, description="an echo goes out after so long a silence")
    echo_timeout_s: Seconds = 10.0
    first_wait_s: Seconds = Field(0.5, description="before the second attempt to connect; it doubles")
    longest_wait_s: Seconds = 30.0

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.tls is None:
            check_loopback(self.addresses)
        names = [terminal.terminal_id for terminal in self.terminals]
        if len(set(names)) != len(names):
            raise ValueError("a terminal is there twice")
        if self.queue.remembered_max < 2 * self.in_flight_max:
            raise ValueError("queue.remembered_max must be at least twice in_flight_max")
        if not self.card_prefixes and not self.card_types:
            raise ValueError("card_prefixes or card_types must tell which cards are the partner's")
        return self


def load_upstream(path: Path) -> UpstreamDocument:
    """Read an upstream file, JSON if its name ends so, else TOML. Raises UpstreamFault."""
    try:
        return read_document(path, UPSTREAM_FILE_BYTES_MAX, UpstreamDocument)
    except DocumentFault as fault:
        raise UpstreamFault(f"upstream file {path}: {fault}") from None
