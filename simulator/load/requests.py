"""Requests of terminals: framed and sealed, put together from bytes that the codec wrote.

All messages of a kind have the same fields, so only what differs is written for each of them. Most of that is
numeric, two digits to a byte: such fields are handled as their hexadecimal digits and become bytes together.
"""

from enum import StrEnum
from typing import NamedTuple

from protocol.codec import encode_sealed, mac_field
from protocol.codec.table import codec_table
from protocol.dialect import IRR, EntryMode, NetworkCode, ProcessingCode, Tag
from protocol.framing import frame
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from protocol.security.mac import MAC_BYTES, Mac
from protocol.spec import load_spec
from simulator.load.moments import Moment

STAN_MAX = 999_999
# Sign-ons have it, so that no other request of the same second can be taken for one of them.
SIGN_ON_STAN = STAN_MAX
TRACK_END = "=99125010000"

SPEC = load_spec("vafa")
_FIELDS = codec_table(SPEC)


class Kind(StrEnum):
    """What a request is; the names are those of a plan's mix."""

    PURCHASE = "purchase"
    REDEMPTION = "redemption"
    BALANCE = "balance"
    RETURN = "return"
    REVERSAL = "reversal"

    # An enumeration's own is written in Python and would be called some times for every request.
    __hash__ = str.__hash__


class Terminal(NamedTuple):
    """A terminal; `field_41` and `shop`, which is fields 41 and 42, are as they stand in its messages."""

    number: int
    terminal_id: str
    field_41: bytes
    shop: bytes
    mac: Mac


class Sale(NamedTuple):
    """An approved purchase that may be returned or reversed; `rrn` is field 37 of its reply.

    `track`, `amount` and `stan` are hexadecimal digits of fields 35 (its length in front), 4 and 11.
    """

    terminal: Terminal
    track: str
    amount: str
    moment: Moment
    stan: str
    rrn: bytes


_TYPES: dict[Kind, tuple[str, str]] = {
    Kind.PURCHASE: ("0200", ProcessingCode.PURCHASE),
    Kind.REDEMPTION: ("0200", ProcessingCode.PURCHASE_FROM_POINTS),
    Kind.BALANCE: ("0100", ProcessingCode.BALANCE_INQUIRY),
    Kind.RETURN: ("0200", ProcessingCode.RETURN),
    Kind.REVERSAL: ("0400", ProcessingCode.PURCHASE),
}
_NUMBERS: dict[Kind, tuple[int, ...]] = {
    **dict.fromkeys(Kind, (3, 4, 7, 11, 12, 13, 22, 35, 41, 42, 49)),
    Kind.BALANCE: (3, 7, 11, 12, 13, 22, 35, 41, 42, 49),
    Kind.REVERSAL: (3, 4, 7, 11, 12, 13, 41, 42, 49, 90),
}
REPLY_TYPES = frozenset(f"{mti[:2]}1{mti[3]}" for mti, _ in _TYPES.values())

_ENTRY_MODE = _FIELDS.field(22).write(EntryMode.STRIPE.value).hex()
_CURRENCY = _FIELDS.field(49).write(IRR)


def terminal_of(number: int, terminal_id: str, merchant_id: str, mac: Mac) -> Terminal:
    """The terminal of a number, in the merchant's shop."""
    field_41 = _FIELDS.field(41).write(terminal_id)
    return Terminal(number, terminal_id, field_41, field_41 + _FIELDS.field(42).write(merchant_id), mac)


def track_around(card: str) -> tuple[str, str]:
    """What stands before and behind the digits of a card like this one in field 35, its length in front."""
    before, _, behind = _FIELDS.field(35).write(card + TRACK_END).hex().partition(card)
    return before, behind


def stan_of(number: int) -> str:
    """The STAN of a link's request of a number from 0; they begin again at their end."""
    return f"{number % (SIGN_ON_STAN - 1) + 1:06d}"


def basket_of(lines: str) -> bytes:
    """Field 48 with a basket (tag DF10), its length in front; nothing where there are no lines."""
    return _FIELDS.field(48).write({Tag.BASKET: lines}) if lines else b""


def sign_on(terminal: Terminal, moment: Moment) -> bytes:
    """The frame that signs a terminal on."""
    fields: dict[int, Value] = {
        7: moment.transmitted,
        11: f"{SIGN_ON_STAN:06d}",
        41: terminal.terminal_id,
        70: NetworkCode.SIGN_ON.value,
    }
    return frame(encode_sealed(SPEC, Message("0800", fields), terminal.mac))


class RequestWriter:
    """Writes frames. What they have in common by kind is written once."""

    def __init__(self) -> None:
        self._heads = {(kind, has_tags): _head(kind, has_tags) for kind in Kind for has_tags in (False, True)}

    def sale(  # noqa: PLR0917  (it is called for every request: keywords cost)
        self, kind: Kind, terminal: Terminal, stan: str, moment: Moment, track: str, amount: str, tags: bytes
    ) -> bytes:
        """A purchase, redemption or balance inquiry, which has no amount; `tags` is field 48 or nothing."""
        digits = f"{amount}{moment.transmitted}{stan}{moment.local}{_ENTRY_MODE}{track}"
        head = self._heads[kind, tags != b""]
        return _sealed(terminal.mac, head + bytes.fromhex(digits) + terminal.shop + tags + _CURRENCY)

    def return_of(self, sale: Sale, stan: str, moment: Moment) -> bytes:
        """All of a sale given back."""
        tags = _FIELDS.field(48).write({Tag.ORIGINAL_RRN: sale.rrn.decode("ascii")})
        return self.sale(Kind.RETURN, sale.terminal, stan, moment, sale.track, sale.amount, tags)

    def reversal_of(self, sale: Sale, stan: str, moment: Moment) -> bytes:
        """The reversal of a sale."""
        digits = bytes.fromhex(f"{sale.amount}{moment.transmitted}{stan}{sale.moment.local}")
        original = OriginalData("0200", sale.stan, sale.moment.transmitted)
        end = sale.terminal.shop + _CURRENCY + _FIELDS.field(90).write(original.pack())
        return _sealed(sale.terminal.mac, self._heads[Kind.REVERSAL, False] + digits + end)


def _sealed(mac: Mac, covered: bytes) -> bytes:
    return (len(covered) + MAC_BYTES).to_bytes(2, "big") + covered + mac.sign(covered)


def _head(kind: Kind, has_tags: bool) -> bytes:
    mti, processing_code = _TYPES[kind]
    numbers = sorted({*_NUMBERS[kind], *([48] if has_tags else [])})
    sealed = [*numbers, mac_field(dict.fromkeys(numbers, b""))]
    return _FIELDS.write_mti(mti) + _FIELDS.write_bitmap(sealed) + _FIELDS.field(3).write(processing_code)
