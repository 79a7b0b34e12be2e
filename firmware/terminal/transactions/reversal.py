"""The reversal message and when to send it again."""

from terminal.messages.codec import MAC_BYTES, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow_core import Mac
    from terminal.transactions.journal import Journal, OpenSale
    from terminal.transactions.request import Fields

_LONGEST_DELAY_MS = 30000
# Done, or done already.
_DONE = ("00", "21")
# They decide nothing: the switch is asked again. Any other code is its last word, however often it is asked.
_UNDECIDED = ("58", "63", "68", "91", "96")


def reversal_message(journal: "Journal", sale: "OpenSale", mac: "Mac") -> "tuple[str, Fields, bytes]":
    """Type, fields and payload of the sale's reversal: 0400, or 0401 when it went out before.

    Raises:
        RecordUnreadable: its key was erased: it must be owed anew.
    """
    payload = seal_again(journal.read(sale.reversal), mac, sale.reversal_sent)
    mti, fields = unpack(payload)
    return mti, fields, payload


def seal_again(payload: bytes, mac: "Mac", is_repeat: bool) -> bytes:
    """A stored message under the present key, as a repeat where it may have gone out before.

    Its content stays the same: the switch knows it again by that.
    """
    sealed = bytearray(payload)
    if is_repeat:
        sealed[1] |= 1
    end = len(sealed) - MAC_BYTES
    sealed[end:] = mac(sealed, end)
    return bytes(sealed)


def is_done(response_code: object) -> bool:
    """Whether the switch has nothing more to undo."""
    return response_code in _DONE


def is_final(response_code: object) -> bool:
    """Whether asking again would bring the same answer."""
    return response_code not in _UNDECIDED


def retry_delay_ms(first_ms: int, attempts: int) -> int:
    """How long to wait before the next repeat: doubling, at most half a minute."""
    return min(first_ms << min(attempts, 10), _LONGEST_DELAY_MS)
