"""A slip as data: what a receipt is made of, before anybody knows how wide the paper is."""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from terminal.devices.escpos.printer import Printer

    # Kind, text, second text; `DIRECTION` has its value in place of the first text.
    Element = tuple[int, "str | int", str]

LINE = const(0)
CENTRED = const(1)
ROW = const(2)  # label, value
BIG = const(3)
SEPARATOR = const(4)
QR_CODE = const(5)
BARCODE = const(6)
DIRECTION = const(7)  # `bidi.RIGHT_TO_LEFT` or `bidi.LEFT_TO_RIGHT`, for what follows
TEAR = const(8)  # a broken line: what follows is to be torn off


async def print_slip(printer: "Printer", elements: "Iterable[Element]") -> int:
    """Print a slip, cut it, and wait until it is on paper; returns the paper's status flags.

    Elements that are made one at a time never stand on the heap together.

    Raises:
        OSError: the printer went away or has no paper; the slip may be torn.
        CommandFault: a code does not fit.
    """
    await printer.start()
    for kind, first, second in elements:
        if kind == DIRECTION:
            printer.direction = int(first)
            continue
        text = str(first)
        if kind == ROW:
            await printer.row(text, second)
        elif kind == CENTRED:
            await printer.centred(text)
        elif kind == BIG:
            await printer.big(text)
        elif kind in (SEPARATOR, TEAR):
            await printer.separator(kind == TEAR)
        elif kind == QR_CODE:
            await printer.qr_code(text.encode())
        elif kind == BARCODE:
            await printer.barcode(text)
        else:
            await printer.line(text)
    return await printer.finish()
