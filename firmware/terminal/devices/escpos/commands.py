"""The ESC/POS commands that the terminal sends (Epson's ESC/POS command reference)."""

from terminal.constant import const

CODE_LIMIT_BYTES = const(512)  # of a QR code; far below what the symbol holds, above what a voucher needs
_BARCODE_LIMIT = const(40)
_FEED_LIMIT_LINES = const(255)

RESET = b"\x1b@"
DRAWER_KICK = b"\x1bp\x00\x19\xfa"  # pin 2, 50 ms on, 500 ms off
CUT = b"\x1dV\x42\x00"  # feeds to the cutter first, leaves the slip hanging by one point
ASK_PAPER = b"\x1dr\x01"  # answered in the order of the stream: when all before it is printed
CENTRE = b"\x1ba\x01"
LEFT = b"\x1ba\x00"


class CommandFault(Exception):  # noqa: N818
    """The printer could not print this; the caller must check lengths and characters before."""


def ask_now(kind: int) -> bytes:
    """DLE EOT, answered at once: 1 printer, 2 why offline, 3 errors, 4 paper."""
    return bytes((0x10, 0x04, kind))


def feed(lines: int) -> bytes:
    """ESC d: feed the paper by lines of the printer's own text."""
    return bytes((0x1B, 0x64, max(0, min(lines, _FEED_LIMIT_LINES))))


def raster_header(into: memoryview, width_bytes: int, rows: int) -> None:
    """GS v 0: write the header of a bitmap in normal density over the first 8 bytes of `into`."""
    into[0] = 0x1D
    into[1] = 0x76
    into[2] = 0x30
    into[3] = 0
    into[4] = width_bytes & 0xFF
    into[5] = width_bytes >> 8
    into[6] = rows & 0xFF
    into[7] = rows >> 8


def qr_code(data: bytes, module_dots: int) -> bytes:
    """GS ( k: a QR code, model 2, error correction M, modules of 1 to 16 dots.

    Raises:
        CommandFault: no data, or more than `CODE_LIMIT_BYTES`.
    """
    if not 0 < len(data) <= CODE_LIMIT_BYTES or not 1 <= module_dots <= 16:
        raise CommandFault
    size = len(data) + 3
    return (
        b"\x1d(k\x04\x001A2\x00"
        + b"\x1d(k\x03\x001C"
        + bytes((module_dots,))
        + b"\x1d(k\x03\x001E1"
        + b"\x1d(k"
        + bytes((size & 0xFF, size >> 8))
        + b"1P0"
        + data
        + b"\x1d(k\x03\x001Q0"
    )


def barcode(text: str, paper_dots: int) -> bytes:
    """GS k: Code 128, set B, 80 dots high, its text below, modules of 2 dots where they fit, else 1.

    Raises:
        CommandFault: it is empty, not printable ASCII, or too long for the paper.
    """
    if not 0 < len(text) <= _BARCODE_LIMIT:
        raise CommandFault
    data = b"{B"
    for character in text:
        if not " " <= character <= "~":
            raise CommandFault
        # The brace introduces the printer's own code sets.
        data += b"{{" if character == "{" else character.encode()
    # Start, check and stop symbols, and a quiet zone of 10 modules on both sides (ISO/IEC 15417).
    modules = 11 * (len(text) + 2) + 13 + 20
    if modules > paper_dots:
        raise CommandFault
    width = 2 if 2 * modules <= paper_dots else 1
    return b"\x1dh\x50\x1dH\x02\x1dw" + bytes((width,)) + b"\x1dk\x49" + bytes((len(data),)) + data
