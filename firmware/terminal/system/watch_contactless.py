"""The contactless reader, on boards that name one."""

import asyncio

from terminal.cards.presented import presented
from terminal.constant import const
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.reader import CARD_IN, TWO_CARDS, ContactlessReader
from terminal.devices.contactless.serial_port import SerialPort
from terminal.devices.misread import Misread
from terminal.loading import MEETING_MODULES, let_go
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.devices.contactless.reader import ContactlessCard
    from terminal.hal.contract import Stream
    from terminal.system.devices import Devices

    Post = Callable[..., None]


_LOOK_MS = const(20)


async def watch(devices: "Devices", post: "Post") -> None:
    """Post each card that comes into the field, for ever."""

    async def prove(card: "ContactlessCard") -> None:
        from terminal.system.card_meeting import meet  # noqa: PLC0415  (tags need none of it)

        event, what = await meet(devices.board, card, card.entry_mode)
        let_go(MEETING_MODULES)
        del meet
        writer = devices.card_writer
        if writer:
            writer.hold(card, what)
        post(event, what)
        while writer and card.connected:
            await asyncio.sleep_ms(_LOOK_MS)
            await writer.write(card)
        if writer:
            writer.release(card)

    def notify(event: int, card: "ContactlessCard | None") -> None:
        if event == TWO_CARDS:
            post(events.MISREAD, Misread("two_cards"))
        elif event == CARD_IN and card:
            if card.number:
                post(events.CARD, presented(card.number))
            elif card.misread:
                post(events.MISREAD, card.misread)
            else:
                # It goes on by itself: this is called between two looks at the field.
                asyncio.create_task(prove(card))  # noqa: RUF006  (MicroPython's loop keeps its tasks)

    async def work(stream: "Stream") -> None:
        try:
            await ContactlessReader(SerialPort(stream), notify).run()
        except ContactlessFault:
            pass

    await devices.use("contactless", work)
