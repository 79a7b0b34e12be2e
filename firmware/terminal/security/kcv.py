"""Key check value of an AES key (ANSI X9.24-1:2017 annex A)."""

from terminal.messages.cmac import cmac

CHECK_BYTES = 5


def check_value(key: "bytes | bytearray") -> bytes:
    """The leftmost 5 bytes of the CMAC over a block of zeros."""
    return cmac(key, bytes(16), 16)[:CHECK_BYTES]
