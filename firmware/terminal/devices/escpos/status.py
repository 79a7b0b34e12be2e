"""What the printer answers: DLE EOT, of which each byte has a fixed pattern, and GS r (ESC/POS reference)."""

from terminal.constant import const

OFFLINE = const(1)
COVER_OPEN = const(2)
PAPER_OUT = const(4)
PAPER_NEAR_END = const(8)
CUTTER_FAULT = const(16)
FAILED = const(32)

# By kind of DLE EOT: bits of the answer, and what they mean.
_MEANING = (
    (1, 0x08, OFFLINE),
    (2, 0x04, COVER_OPEN),
    (2, 0x20, PAPER_OUT),
    (2, 0x40, FAILED),
    (3, 0x08, CUTTER_FAULT),
    (3, 0x20, FAILED),
    (4, 0x0C, PAPER_NEAR_END),
    (4, 0x60, PAPER_OUT),
)


def is_answer_now(byte: int) -> bool:
    """Whether it can be an answer to DLE EOT."""
    return byte & 0x93 == 0x12


def is_paper_answer(byte: int) -> bool:
    """Whether it can be an answer to GS r 1."""
    return byte & 0x90 == 0


def flags_now(kind: int, byte: int) -> int:
    """The flags in the answer to DLE EOT `kind`."""
    flags = 0
    for asked, bits, meaning in _MEANING:
        if asked == kind and byte & bits:
            flags |= meaning
    return flags


def paper_flags(byte: int) -> int:
    """The flags in the answer to GS r 1."""
    return (PAPER_NEAR_END if byte & 0x03 else 0) | (PAPER_OUT if byte & 0x0C else 0)
