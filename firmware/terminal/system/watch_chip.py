"""The chip slot, on boards that name one."""

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

    from terminal.system.devices import Devices

    Post = Callable[..., None]

_LOOK_MS = const(500)
_GET_CHALLENGE = b"\x00\x84\x00\x00\x08"  # ISO/IEC 7816-4, 11.5.3; a card that does not know it answers too
_WRITE_MS = const(20)  # from a look for something to write to the next


async def watch(devices: "Devices", post: "Post") -> None:
    """Post a card that is put in, and that it was taken out, for ever."""
    board = devices.board
    chip = Chip(lambda: board.open_device("chip"))
    is_told = False
    while True:
        try:
            await chip.connect()
        except ChipFault as fault:
            # An empty slot may be a reader without power as well: nothing but a chip tells.
            if fault.reason == "absent":
                is_told = False
            elif not is_told:
                is_told = True
                post(events.MISREAD, Misread(fault.reason))
        else:
            devices.note("chip", True)
            await _serve(devices, chip, post)
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
    post(events.CARD_OUT)
