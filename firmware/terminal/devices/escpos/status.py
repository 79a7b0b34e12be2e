"""What the printer answers: DLE EOT, of which each byte has a fixed pattern, and GS r (ESC/POS reference)."""

from terminal.constant import const

OFFLINE = const(1)
COVER_OPEN = const(2)
PAPER_OUT = const(4)
PAPER_NEAR_END = const(8)
CUTTER_FAULT = const(16)
FAILED = const(32)

# Kind of DLE EOT, bits of its answer, and what they mean. Bytes, not tuples: those would lie on the heap.
_MEANING = (
    b"\x01\x08\x01"  # offline
    b"\x02\x04\x02"  # cover
    b"\x02\x20\x04"  # paper's end
    b"\x02\x40\x20"  # fault
    b"\x03\x08\x10"  # cutter
    b"\x03\x20\x20"  # what cannot be mended
    b"\x04\x0c\x08"  # paper nearly at its end
    b"\x04\x60\x04"  # paper's end
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
    for at in range(0, len(_MEANING), 3):
        if _MEANING[at] == kind and byte & _MEANING[at + 1]:
            flags |= _MEANING[at + 2]
    return flags


def paper_flags(byte: int) -> int:
    """The flags in the answer to GS r 1."""
    return (PAPER_NEAR_END if byte & 0x03 else 0) | (PAPER_OUT if byte & 0x0C else 0)
