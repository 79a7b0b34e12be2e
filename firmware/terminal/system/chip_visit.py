"""A chip in the slot, from its answer to reset until it is taken out."""

import asyncio

from terminal.constant import const
from terminal.devices.chip.chip import Chip
from terminal.devices.chip.fault import ChipFault
from terminal.devices.entry_mode import CHIP
from terminal.devices.misread import Misread
from terminal.loading import MEETING_MODULES, let_go
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Stream
    from terminal.system.devices import Devices

    Post = Callable[..., None]

_LOOK_MS = const(500)
_WRITE_MS = const(20)  # from a look for something to write to the next
_GET_CHALLENGE = b"\x00\x84\x00\x00\x08"  # ISO/IEC 7816-4, 11.5.3; a card that does not know it answers too


async def visit(devices: "Devices", line: "Stream", post: "Post") -> bool:
    """Stay with the chip behind `line` until the slot is empty; whether there was one that answered."""
    lines = [line]

    async def power_on() -> "Stream":
        return lines.pop() if lines else await devices.board.open_device("chip")

    chip = Chip(power_on)
    is_told = False
    while True:
        try:
            await chip.connect()
        except ChipFault as fault:
            # An empty slot may be a reader without power as well: nothing but a chip tells.
            if fault.reason == "absent":
                return False
            if not is_told:
                is_told = True
                post(events.MISREAD, Misread(fault.reason))
        else:
            devices.note("chip", True)
            await _serve(devices, chip, post)
            return True
        await asyncio.sleep_ms(_LOOK_MS)


async def _serve(devices: "Devices", chip: Chip, post: "Post") -> None:
    from terminal.system.card_meeting import meet  # noqa: PLC0415  (for the meeting only)

    post(events.CARD_IN)
    event, what = await meet(devices.board, chip, CHIP)
    let_go(MEETING_MODULES)
    del meet
    writer = devices.card_writer
    if writer:
        writer.hold(chip, what)
    post(event, what)
    while True:
        for _ in range(_LOOK_MS // _WRITE_MS):
            await asyncio.sleep_ms(_WRITE_MS)
            if writer:
                await writer.write(chip)
        try:
            await chip.exchange(_GET_CHALLENGE)
        except ChipFault:
            break
    if writer:
        writer.release(chip)
    chip.close()
