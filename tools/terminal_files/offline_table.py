"""The offline table of one terminal, as firmware/terminal/transactions/offline_table.py reads it."""

import struct
import tomllib
from pathlib import Path
from typing import Annotated, Self

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from protocol.security.mac import Mac

TABLE_BYTES_MAX = 4084  # what the terminal keeps of it in one block of its flash
_KEY_LABEL = b"vafa offline table"
_AMOUNT = Field(ge=0, le=999_999_999_999)
_NUMBER = Field(ge=0, le=0xFFFF)
_LEADING_DIGITS = 10

Amount = Annotated[int, _AMOUNT]
Number = Annotated[int, _NUMBER]
Leading = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]
Parts = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
CardNumber = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]


class TableFault(Exception):  # noqa: N818  (not an error in the program)
    """A table can't be made; the text is for the operator."""


class Limits(BaseModel):
    """What the switch does not know of yet may come to no more than this. Amounts in rial."""

    model_config = ConfigDict(extra="forbid")

    sale: Amount
    card_sales: Number
    card: Amount
    day: Amount
    sales: Number
    sum: Amount


class Step(BaseModel):
    """From this amount on a sale is expected to earn so many ten-thousandths of itself."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    points: Parts
    credit: Parts


class TablePlan(BaseModel):
    """A table as people write it, in TOML.

    `ranges` are first and last leading digits of the cards that may be sold to; `blocked` are card numbers.
    `sequence` counts tables up: no terminal goes back to an older one.
    """

    model_config = ConfigDict(extra="forbid")

    sequence: Annotated[int, Field(ge=1, le=0xFFFFFFFF)]
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    limits: Limits
    ranges: Annotated[list[tuple[Leading, Leading]], Field(min_length=1, max_length=0xFFFF)]
    earns: list[Step] = []
    blocked: list[CardNumber] = []

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not 0 <= self.valid_from.timestamp() < self.valid_until.timestamp() <= 0xFFFFFFFF:
            raise ValueError("valid_from must be before valid_until")
        if any(
            first.ljust(_LEADING_DIGITS, "0") > last.ljust(_LEADING_DIGITS, "9")
            for first, last in self.ranges
        ):
            raise ValueError("a range ends before it begins")
        amounts = [step.amount for step in self.earns]
        if amounts != sorted(set(amounts)):
            raise ValueError("the amounts of earns must rise")
        return self


def read_plan(path: Path) -> TablePlan:
    """A plan from a TOML file. Raises TableFault."""
    try:
        return TablePlan.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise TableFault(f"{path}: {fault.strerror}") from None
    except ValidationError as fault:
        faults = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()]
        raise TableFault(f"{path}: " + "; ".join(faults)) from None
    except ValueError as fault:
        raise TableFault(f"{path}: {fault}") from None


def make_table(plan: TablePlan, terminal_id: str, terminal_key: bytes) -> bytes:
    """The sealed table of one terminal. Raises TableFault."""
    mac = Mac(_table_key(terminal_key))
    limits = plan.limits
    data = b"VOT\x01" + struct.pack(">I", plan.sequence) + terminal_id.encode("ascii").ljust(8)
    data += struct.pack(">II", int(plan.valid_from.timestamp()), int(plan.valid_until.timestamp()))
    data += _amount(limits.sale) + struct.pack(">H", limits.card_sales) + _amount(limits.card)
    data += _amount(limits.day) + struct.pack(">H", limits.sales) + _amount(limits.sum)
    data += struct.pack(">H", len(plan.ranges))
    for first, last in plan.ranges:
        data += bytes.fromhex(first.ljust(_LEADING_DIGITS, "0") + last.ljust(_LEADING_DIGITS, "9"))
    data += struct.pack(">H", len(plan.earns))
    for step in plan.earns:
        data += _amount(step.amount) + struct.pack(">II", step.points, step.credit)
    # A tag instead of the number: a table that is lost tells of no card.
    tags = sorted({mac.digest(b"card" + number.lstrip("0").encode())[:4] for number in plan.blocked})
    data += struct.pack(">H", len(tags)) + b"".join(tags)
    data += mac.sign(data)
    if len(data) > TABLE_BYTES_MAX:
        raise TableFault(
            f"the table has {len(data):,} bytes, a terminal keeps {TABLE_BYTES_MAX:,}: block fewer cards"
        )
    return data


def _table_key(terminal_key: bytes) -> bytes:
    derivation = KBKDFCMAC(
        algorithm=AES,
        mode=Mode.CounterMode,
        length=16,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=_KEY_LABEL,
        context=b"",
        fixed=None,
    )
    return derivation.derive(terminal_key)


def _amount(value: int) -> bytes:
    return value.to_bytes(6, "big")
