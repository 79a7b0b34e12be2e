"""The records on a card: what they say, and their bytes. `layout` has them as tables."""

from binascii import hexlify, unhexlify

from terminal.cards import layout
from terminal.cards.fault import CardFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    Table = tuple[tuple[str, int, int, int], ...]
    Values = dict[str, int | str]


class Identity:
    """Whose card it is. `raw` is the record itself, which the card's proof covers."""

    def __init__(self, raw: bytes) -> None:
        values = unpack(layout.IDENTITY, raw)
        self.raw = raw
        self.card_number = str(values["card_number"])
        self.card_sequence = int(values["card_sequence"])
        self.member_number = int(values["member_number"])
        self.expiry = str(values["expiry"])
        self.key_zone = int(values["key_zone"])
        self.key_generation = int(values["key_generation"])
        if not 1 <= int(self.expiry[2:]) <= 12:
            raise CardFault("bad_record")


class Balance:
    """What the member may spend while the switch cannot be asked.

    `balance` and `limit` are integers in the smallest unit of `currency`, or points; `limit` is what may
    still be spent without the switch. An offline sale lowers both and leaves `confirmed_on` (YYYYMMDD), the
    day on which the switch last stated the balance. `account_type` is that of the processing code. `counter`
    rises with each write.
    """

    def __init__(  # noqa: PLR0917  (in the order in which they lie on the card)
        self, counter: int, balance: int, limit: int, confirmed_on: str, account_type: str, currency: str
    ) -> None:
        self.counter = counter
        self.balance = balance
        self.limit = limit
        self.confirmed_on = confirmed_on
        self.account_type = account_type
        self.currency = currency

    def pack(self) -> bytes:
        """The content's bytes, without the MAC. Raises ValueError if something does not fit."""
        return pack(
            layout.BALANCE,
            {
                "version": layout.VERSION,
                "counter": self.counter,
                "balance": self.balance,
                "limit": self.limit,
                "confirmed_on": self.confirmed_on,
                "account_type": self.account_type,
                "currency": self.currency,
            },
        )


def read_balance(content: bytes) -> Balance:
    """The balance in a record's content, whose MAC has been checked.

    Raises:
        CardFault: unknown_version or bad_record.
    """
    values = unpack(layout.BALANCE, content)
    return Balance(
        int(values["counter"]),
        int(values["balance"]),
        int(values["limit"]),
        str(values["confirmed_on"]),
        str(values["account_type"]),
        str(values["currency"]),
    )


def pack(table: "Table", values: "Values") -> bytes:
    """A record's bytes. Raises ValueError if a value does not fit; the text does not show it."""
    record = b""
    for name, size, form, digits in table:
        value = values[name]
        if form == layout.NUMBER:
            number = int(value)
            if number < 0 or number >> 8 * size:
                raise ValueError(name)
            record += number.to_bytes(size, "big")
            continue
        text = str(value)
        if not text.isdigit() or not _fits(form, digits, len(text)):
            raise ValueError(name)
        filled = "f" * (2 * size - len(text)) if form == layout.PADDED_DIGITS else ""
        zeros = "0" * (2 * size - len(text) - len(filled))
        record += unhexlify(zeros + text + filled)
    return record


def unpack(table: "Table", record: bytes) -> "Values":
    """A record's values.

    Raises:
        CardFault: unknown_version or bad_record.
    """
    if record and record[0] != layout.VERSION:
        raise CardFault("unknown_version")
    values: "Values" = {}
    at = 0
    for name, size, form, digits in table:
        raw = record[at : at + size]
        at += size
        if len(raw) != size:
            raise CardFault("bad_record")
        if form == layout.NUMBER:
            values[name] = int.from_bytes(raw, "big")
            continue
        text = hexlify(raw).decode()
        if form == layout.PADDED_DIGITS:
            text = text.rstrip("f")
        else:
            zeros = len(text) - digits
            if text[:zeros] != "0" * zeros:
                raise CardFault("bad_record")
            text = text[zeros:]
        if not text.isdigit() or not _fits(form, digits, len(text)):
            raise CardFault("bad_record")
        values[name] = text
    if at != len(record):
        raise CardFault("bad_record")
    return values


def _fits(form: int, digits: int, length: int) -> bool:
    if form == layout.PADDED_DIGITS:
        return layout.CARD_NUMBER_SHORTEST <= length <= digits
    return length == digits
