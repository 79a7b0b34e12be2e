"""The reversal message and when to send it again."""

from terminal.messages.codec import pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow_core import Mac
    from terminal.transactions.journal import Journal, OpenSale
    from terminal.transactions.request import Fields

_LONGEST_DELAY_MS = 30000
# Done; already done; the switch never heard of the original, so there is nothing to undo.
_FINAL = ("00", "21", "25")


def reversal_message(
    journal: "Journal", sale: "OpenSale", buffer: bytearray, mac: "Mac"
) -> "tuple[str, Fields, bytes]":
    """Type, fields and payload of the sale's reversal: 0400, or 0401 when it went out before."""
    payload = journal.read(sale.reversal)
    mti, fields = unpack(payload)
    if sale.reversal_sent:
        mti = "0401"
        del fields[128]
        length = pack(buffer, mti, fields, mac)
        payload = bytes(memoryview(buffer)[:length])
    return mti, fields, payload


def acknowledged(response_code: object) -> bool:
    """Whether the switch has nothing more to undo."""
    return response_code in _FINAL


def retry_delay_ms(first_ms: int, attempts: int) -> int:
    """How long to wait before the next repeat: doubling, at most half a minute."""
    return min(first_ms << min(attempts, 10), _LONGEST_DELAY_MS)
