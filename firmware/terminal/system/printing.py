"""A slip on paper. What printing needs is loaded for it and let go again: it would take 12 KB of the heap."""

import asyncio
import gc
import sys

from terminal.constant import const
from terminal.loading import let_go
from terminal.system.health import PAPER_LOW as HEALTH_LOW
from terminal.system.health import PAPER_OK as HEALTH_OK
from terminal.system.health import PAPER_OUT as HEALTH_OUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from terminal.devices.escpos.slip import Element
    from terminal.hal.contract import Board, Stream
    from terminal.system.health import Health

_PASSING = (
    "devices.escpos devices.escpos.commands devices.escpos.printer devices.escpos.raster devices.escpos.slip "
    "devices.escpos.status screens.bidi screens.bidi_classes screens.bidi_rules screens.font screens.jalali "
    "screens.receipt screens.shaping screens.ticket screens.totals_slip screens.typesetting"
)
_DOTS_58_MM = const(384)
_DOTS_80_MM = const(576)
# A band of 32 rows behind its command's header.
_BAND_BYTES = const(8)
_BAND_BYTES_OF_DOT = const(4)


class NoRoom(Exception):  # noqa: N818  (a fault is the field's word)
    """The heap has no room for the slip; `torn`: some of it may be on paper."""

    def __init__(self, torn: bool) -> None:
        super().__init__()
        self.torn = torn


def band_bytes(paper_mm: int) -> int:
    """How long a buffer `print_on` needs for paper of this width, 58 or 80 mm."""
    return _BAND_BYTES + _BAND_BYTES_OF_DOT * _dots(paper_mm)


def _dots(paper_mm: int) -> int:
    return _DOTS_80_MM if paper_mm == 80 else _DOTS_58_MM


async def print_on(
    stream: "Stream",
    board: "Board",
    paper_mm: int,
    elements: "Iterable[Element]",
    *,
    health: "Health",
    band: bytearray,
) -> None:
    """Print a slip, cut it, and wait until it is on paper.

    Args:
        stream: to the printer and back.
        board: has the fonts.
        paper_mm: width of the paper, 58 or 80.
        elements: made while they are printed.
        health: learns how much paper there is.
        band: `band_bytes` or more, the same for every slip: later no piece of the heap might be that long.

    Raises:
        OSError: the printer went away or can't print; the slip may be torn.
        NoRoom: it may have come out in part. What was loaded is gone.
    """
    begun = [False]
    try:
        await _print_on(stream, board, paper_mm, elements, health=health, band=band, begun=begun)
    except MemoryError:
        raise NoRoom(begun[0]) from None


async def _print_on(
    stream: "Stream",
    board: "Board",
    paper_mm: int,
    elements: "Iterable[Element]",
    *,
    health: "Health",
    band: bytearray,
    begun: "list[bool]",
) -> None:
    passing = " ".join(name for name in _PASSING.split() if "terminal." + name not in sys.modules)
    fonts = []
    gc.collect()  # what comes now is long-lived for a while: it should lie in one piece
    try:
        # Loading takes as long as drawing: the other tasks have their turn in between.
        from terminal.screens import shaping  # noqa: F401, PLC0415

        await asyncio.sleep_ms(0)
        from terminal.screens import bidi  # noqa: F401, PLC0415

        await asyncio.sleep_ms(0)
        from terminal.devices.escpos.commands import CommandFault  # noqa: PLC0415
        from terminal.devices.escpos.printer import Printer  # noqa: PLC0415

        await asyncio.sleep_ms(0)
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
        printer = None
        try:
            printer = Printer(stream, _dots(paper_mm), Font(fonts[0].read), Font(fonts[1].read), band)
            await asyncio.sleep_ms(0)
            # Asked first: half a slip is worse than none, and an offline printer would keep us waiting.
            if await printer.status() & (COVER_OPEN | CUTTER_FAULT | FAILED | PAPER_OUT):
                raise OSError("the printer is not ready")
            begun[0] = True
            await print_slip(printer, elements)
        except (CommandFault, FontFault):
            raise OSError("the slip can't be printed") from None
        finally:
            if printer and printer.told >= 0:
                out, low = printer.told & PAPER_OUT, printer.told & PAPER_NEAR_END
                health.paper = HEALTH_OUT if out else HEALTH_LOW if low else HEALTH_OK
    finally:
        for font in fonts:
            font.close()
        let_go(passing)
