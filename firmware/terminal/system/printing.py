"""A slip on paper. What printing needs is loaded for it and let go again: it would take 12 KB of the heap."""

import gc
import sys

from terminal.loading import let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from terminal.devices.escpos.slip import Element
    from terminal.hal.contract import Board, Stream

_PASSING = (
    "devices.escpos devices.escpos.commands devices.escpos.printer devices.escpos.raster devices.escpos.slip "
    "devices.escpos.status screens.bidi screens.bidi_classes screens.bidi_rules screens.font screens.jalali "
    "screens.receipt screens.shaping screens.ticket screens.totals_slip screens.typesetting"
)


async def print_on(stream: "Stream", board: "Board", paper_mm: int, elements: "Iterable[Element]") -> bool:
    """Print a slip, cut it, and wait until it is on paper; returns whether the paper is near its end.

    Args:
        stream: to the printer and back.
        board: has the fonts.
        paper_mm: width of the paper, 58 or 80.
        elements: made while they are printed.

    Raises:
        OSError: the printer went away or can't print; the slip may be torn.
    """
    passing = " ".join(name for name in _PASSING.split() if "terminal." + name not in sys.modules)
    fonts = []
    gc.collect()  # what comes now is long-lived for a while: it should lie in one piece
    try:
        from terminal.devices.escpos.commands import CommandFault  # noqa: PLC0415
        from terminal.devices.escpos.printer import PAPER_58_MM_DOTS, PAPER_80_MM_DOTS, Printer  # noqa: PLC0415
        from terminal.devices.escpos.slip import print_slip  # noqa: PLC0415
        from terminal.devices.escpos.status import (  # noqa: PLC0415
            COVER_OPEN,
            CUTTER_FAULT,
            FAILED,
            PAPER_NEAR_END,
            PAPER_OUT,
        )
        from terminal.screens.font import Font, FontFault  # noqa: PLC0415

        fonts += [board.open_font("receipt"), board.open_font("digits")]
        try:
            printer = Printer(
                stream,
                PAPER_80_MM_DOTS if paper_mm == 80 else PAPER_58_MM_DOTS,
                Font(fonts[0].read),
                Font(fonts[1].read),
            )
            # Asked first: half a slip is worse than none, and an offline printer would keep us waiting.
            if await printer.status() & (COVER_OPEN | CUTTER_FAULT | FAILED | PAPER_OUT):
                raise OSError("the printer is not ready")
            return bool(await print_slip(printer, elements) & PAPER_NEAR_END)
        except (CommandFault, FontFault):
            raise OSError("the slip can't be printed") from None
    finally:
        for font in fonts:
            font.close()
        let_go(passing)
