"""The slip printer, ESC/POS: UTF-8 lines, cut (GS V 0), and status (GS r 1), answered once all is printed."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Stream

_CUT_AND_ASK = b"\x1dV\x00\x1dr\x01"
_PAPER_OUT = 0x0C


async def print_slip(stream: "Stream", lines: "list[str]") -> None:
    """Print `lines`, which are used up, cut, and wait until the printer says that they are on paper.

    Raises:
        OSError: the printer went away or has no paper; the slip may be torn.
    """
    # Emptied as it goes: the caller's frame would keep the slip's strings until the next one.
    while lines:
        stream.write(lines.pop(0).encode())
        stream.write(b"\n")
        await stream.drain()
    stream.write(_CUT_AND_ASK)
    await stream.drain()
    status = bytearray(1)
    if await stream.readinto(status) != 1 or status[0] & _PAPER_OUT:
        raise OSError("the slip is not on paper")
