"""The records of the card application: what they say, and their bytes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from protocol.card_application.faults import CardFault, CardFaultCode
from protocol.card_application.layout import (
    BALANCE,
    BALANCE_BYTES,
    CARD_NUMBER_SHORTEST,
    IDENTITY,
    IDENTITY_BYTES,
    VERSION,
    Field,
    Form,
)

Values = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose card it is. It may be read by anyone and changed by nobody."""

    card_number: str = field(repr=False)
    card_sequence: int  # counts the cards that were issued with one number
    member_number: int
    expiry: str  # YYMM
    key_zone: int
    key_generation: int

    def pack(self) -> bytes:
        """The record's bytes. Raises ValueError naming the field that does not fit."""
        return _pack(IDENTITY, {"version": VERSION, **asdict(self)})

    @classmethod
    def unpack(cls, record: bytes) -> "Identity":
        """Raises CardFault: unknown version or bad record."""
        values = _unpack(IDENTITY, record, IDENTITY_BYTES)
        identity = cls(**values)  # type: ignore[arg-type]  # the table has the names and the forms
        if not 1 <= int(identity.expiry[2:]) <= 12:
            raise CardFault(CardFaultCode.BAD_RECORD)
        return identity


@dataclass(frozen=True, slots=True)
class Balance:
    """What the member may spend while the switch cannot be asked.

    Both amounts are integers in the smallest unit of `currency`, or points. `limit` is what may still be
    spent without the switch; an offline sale lowers both by its amount and leaves `confirmed_on`, the day on
    which the switch last stated the balance. `account_type` is that of the processing code (ISO 8583). The
    counter rises with every write; the highest is the one that counts.
    """

    counter: int
    balance: int
    limit: int
    confirmed_on: str  # YYYYMMDD, Gregorian
    account_type: str
    currency: str

    def pack(self) -> bytes:
        """The content's bytes, without its MAC. Raises ValueError naming the field that does not fit."""
        return _pack(BALANCE, {"version": VERSION, **asdict(self)})

    @classmethod
    def unpack(cls, content: bytes) -> "Balance":
        """Raises CardFault: unknown version or bad record."""
        values = _unpack(BALANCE, content, BALANCE_BYTES)
        return cls(**values)  # type: ignore[arg-type]  # the table has the names and the forms


def counter_of(content: bytes) -> int | None:
    """The counter of a balance record of a known version, else None: all that a card reads of it."""
    if len(content) < BALANCE_BYTES or content[0] != VERSION:
        return None
    return int.from_bytes(content[1:5])


def _pack(table: tuple[Field, ...], values: Values) -> bytes:
    return b"".join(_pack_field(row, values[row.name]) for row in table)


def _pack_field(row: Field, value: int | str) -> bytes:
    if row.form is Form.NUMBER:
        if not isinstance(value, int) or not 0 <= value < 1 << 8 * row.size_bytes:
            raise ValueError(f"{row.name} must be a number of at most {row.size_bytes} bytes")
        return value.to_bytes(row.size_bytes)
    text = str(value)
    if not (text.isascii() and text.isdecimal()) or not _right_length(row, text):
        raise ValueError(f"{row.name} must be {_asked(row)} digits")
    width = 2 * row.size_bytes
    return bytes.fromhex(text.ljust(width, "f") if row.form is Form.PADDED_DIGITS else text.zfill(width))


def _right_length(row: Field, text: str) -> bool:
    if row.form is Form.PADDED_DIGITS:
        return CARD_NUMBER_SHORTEST <= len(text) <= row.digits
    return len(text) == row.digits


def _asked(row: Field) -> str:
    return f"{CARD_NUMBER_SHORTEST} to {row.digits}" if row.form is Form.PADDED_DIGITS else str(row.digits)


def _unpack(table: tuple[Field, ...], record: bytes, size_bytes: int) -> dict[str, int | str]:
    if record[:1] and record[0] != VERSION:
        raise CardFault(CardFaultCode.UNKNOWN_VERSION)
    if len(record) != size_bytes:
        raise CardFault(CardFaultCode.BAD_RECORD)
    values: dict[str, int | str] = {}
    position = 0
    for row in table:
        values[row.name] = _unpack_field(row, record[position : position + row.size_bytes])
        position += row.size_bytes
    del values["version"]
    return values


def _unpack_field(row: Field, raw: bytes) -> int | str:
    if row.form is Form.NUMBER:
        return int.from_bytes(raw)
    text = raw.hex()
    if row.form is Form.PADDED_DIGITS:
        text = text.rstrip("f")
    else:
        zeros = len(text) - row.digits
        if text[:zeros].strip("0"):
            raise CardFault(CardFaultCode.BAD_RECORD)
        text = text[zeros:]
    if not text.isdecimal() or not _right_length(row, text):
        raise CardFault(CardFaultCode.BAD_RECORD)
    return text
