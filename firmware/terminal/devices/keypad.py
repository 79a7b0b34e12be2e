"""The front panel's stream: keys, the card slot's switch and the case's, one byte each."""

from terminal.transactions import events

_BY_BYTE = {
    0x0D: (events.ENTER, None),
    0x08: (events.CLEAR, None),
    0x1B: (events.CANCEL, None),
    0x50: (events.KIND, "purchase"),
    0x52: (events.KIND, "redemption"),
    0x42: (events.KIND, "balance"),
    0x4D: (events.KIND, "menu"),
    0x69: (events.CARD_IN, None),
    0x6F: (events.CARD_OUT, None),
    0x74: (events.CASE_OPEN, None),
}


def panel_event(byte: int) -> "tuple[int, str | None] | None":
    """The event of one panel byte; None for line noise."""
    if 0x30 <= byte <= 0x39:
        return (events.DIGIT, chr(byte))
    return _BY_BYTE.get(byte)
