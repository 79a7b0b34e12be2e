"""The bar code scanner, on boards that name one."""

from terminal.cards.presented import presented
from terminal.devices.misread import Misread
from terminal.devices.scanner.reader import read_scans
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.devices.card_number import CardNumber
    from terminal.hal.contract import Stream
    from terminal.system.devices import Devices

    Post = Callable[..., None]


async def watch(devices: "Devices", post: "Post") -> None:
    """Post what is scanned, for ever."""

    def scanned(scan: "CardNumber | Misread") -> None:
        if isinstance(scan, Misread):
            post(events.MISREAD, scan)
        else:
            post(events.CARD, presented(scan))

    async def work(stream: "Stream") -> None:
        await read_scans(stream, scanned)

    await devices.use("scanner", work)
