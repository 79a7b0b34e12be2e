"""What a terminal may sell without a link: limits, card ranges, blocked cards, and what a sale would earn.

The switch makes one for each terminal. Big-endian: `VOT`, format version, sequence number (4), terminal id
(8), valid from and until (4 each, seconds since 1970 UTC), limits (amounts 6, numbers 2): amount of a sale;
number and sum by card; sum by day; number and sum altogether. Then, each after its count of 2 bytes: card
ranges (first and last, 10 leading digits as BCD), steps of the preview (from amount 6, points and credit as
parts of 10,000 of the amount, 4 each) in ascending order, and tags of blocked cards (4) in ascending order.
At its end stand 8 bytes of AES-CMAC under the key derived for `TABLE_KEY_INPUT`.
"""

import struct
from binascii import hexlify

from terminal.constant import const
from terminal.messages.cmac import equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import MacKey

TABLE_KEY_INPUT = b"vafa offline table\x00\x00\x00\x00\x80"
_MAGIC = b"VOT"
_VERSION = const(1)
_HEAD = ">I8sIIHIHHIHIHHI"
_HEAD_AT = const(4)
_HEAD_BYTES = const(48)
_MAC_BYTES = const(8)
_LIMIT_BYTES = const(4096)
_RANGE_BYTES = const(10)
_STEP_BYTES = const(14)
_TAG_BYTES = const(4)
_PARTS = const(10000)


class TableFault(Exception):  # noqa: N818
    """A table is refused; `reason` is size, version, mac, terminal, sequence, expired or format."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OfflineTable:
    """A table in force. Amounts in minor units.

    Args:
        data: as it came.
        key: derived in the key slot for `TABLE_KEY_INPUT`.
        terminal_id: whose table it must be.
        now: seconds since 1970, UTC.
        least_sequence: an older table is refused.

    Raises:
        TableFault: see there.
    """

    def __init__(
        self, data: bytes, key: "MacKey", *, terminal_id: str, now: int, least_sequence: int
    ) -> None:
        end = len(data) - _MAC_BYTES
        if end < _HEAD_AT + _HEAD_BYTES or len(data) > _LIMIT_BYTES:
            raise TableFault("size")
        # The version goes first: a later one may be sealed otherwise.
        if data[:3] != _MAGIC or data[3] != _VERSION:
            raise TableFault("version")
        if not equal(key.cmac8(data, end), data[end:]):
            raise TableFault("mac")
        (
            self.sequence,
            terminal,
            self.valid_from,
            self.valid_until,
            sale_high,
            sale_low,
            self.card_number_limit,
            card_high,
            card_low,
            day_high,
            day_low,
            self.number_limit,
            sum_high,
            sum_low,
        ) = struct.unpack_from(_HEAD, data, _HEAD_AT)
        if terminal != terminal_id.encode():
            raise TableFault("terminal")
        if self.sequence < least_sequence:
            raise TableFault("sequence")
        if now >= self.valid_until:
            raise TableFault("expired")
        self.sale_limit = sale_high << 32 | sale_low
        self.card_limit = card_high << 32 | card_low
        self.day_limit = day_high << 32 | day_low
        self.sum_limit = sum_high << 32 | sum_low
        self._data = data
        self._ranges, at = _part(data, _HEAD_AT + _HEAD_BYTES, _RANGE_BYTES, end)
        self._steps, at = _part(data, at, _STEP_BYTES, end)
        self._blocked, at = _part(data, at, _TAG_BYTES, end)
        if at != end:
            raise TableFault("format")

    def is_valid(self, now: int) -> bool:
        """Whether it is in force at a time, seconds since 1970 UTC."""
        return bool(self.valid_from <= now < self.valid_until)

    def has_range_of(self, card_number: str) -> bool:
        """Whether a card may be sold to without a link at all."""
        leading = (card_number + "0000000000")[:10]
        for at in range(self._ranges[0], self._ranges[1], _RANGE_BYTES):
            bounds = hexlify(self._data[at : at + _RANGE_BYTES]).decode()
            if bounds[:10] <= leading <= bounds[10:]:
                return True
        return False

    def is_blocked(self, card_tag: int) -> bool:
        """Whether a card, by its `card_tag`, is on the list of blocked cards."""
        first = 0
        last = (self._blocked[1] - self._blocked[0]) // _TAG_BYTES
        while first < last:
            middle = (first + last) // 2
            found = struct.unpack_from(">I", self._data, self._blocked[0] + middle * _TAG_BYTES)[0]
            if found == card_tag:
                return True
            if found < card_tag:
                first = middle + 1
            else:
                last = middle
        return False

    def preview(self, amount: int) -> "tuple[int, int]":
        """Points and card credit that a purchase will earn, about: the rules decide when it is forwarded."""
        points = credit = 0
        for at in range(self._steps[0], self._steps[1], _STEP_BYTES):
            high, low, point_parts, credit_parts = struct.unpack_from(">HIII", self._data, at)
            if amount < high << 32 | low:
                break
            points, credit = point_parts, credit_parts
        return amount * points // _PARTS, amount * credit // _PARTS


def card_tag(key: "MacKey", card_number: str) -> int:
    """What stands for a card in tables and records: 4 bytes of a MAC, so that no card number lies there.

    `card_number` without leading zeros; the key as for `OfflineTable`.
    """
    text = b"card" + card_number.encode()
    tag: int = struct.unpack_from(">I", key.cmac8(text, len(text)))[0]
    return tag


def _part(data: bytes, at: int, item_bytes: int, end: int) -> "tuple[tuple[int, int], int]":
    """Where the items of a list begin and end, and what comes after it."""
    if at + 2 > end:
        raise TableFault("format")
    begin = at + 2
    after = begin + struct.unpack_from(">H", data, at)[0] * item_bytes
    if after > end:
        raise TableFault("format")
    return (begin, after), after
