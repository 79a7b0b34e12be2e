"""Devices that may be missing, or go away: opened again and again, with longer and longer pauses."""

import asyncio

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from terminal.hal.contract import Board, Stream
    from terminal.system.card_writer import CardWriter

RETRY_MS = const(200)
_RETRY_LIMIT_MS = const(5000)
OPTIONAL = ("contactless", "scanner", "chip")


class Devices:
    """What is plugged into a board. `answers` tells by name whether a device does.

    `card_writer` has what is to be written onto cards, where any is.
    """

    def __init__(self, board: "Board") -> None:
        self.board = board
        self.answers: "dict[str, bool]" = {}
        self.card_writer: "CardWriter | None" = None

    def note(self, name: str, answers: bool) -> None:
        """Take down that a device answers, or that it does not; the latter is logged once."""
        if not answers and self.answers.get(name, True):
            self.board.log("device_missing", device=name)
        self.answers[name] = answers

    async def use(self, name: str, work: "Callable[[Stream], Awaitable[None]]") -> None:
        """Have `work` use the device until it returns or raises OSError, and again, for ever."""
        wait_ms = RETRY_MS
        while True:
            began = self.board.ticks_ms()
            try:
                stream = await self.board.open_device(name)
            except OSError:
                pass
            else:
                self.note(name, True)
                try:
                    await work(stream)
                except OSError:
                    pass
                stream.close()
            self.note(name, False)
            if self.board.ticks_since(began) > _RETRY_LIMIT_MS:
                wait_ms = RETRY_MS
            await asyncio.sleep_ms(wait_ms)
            wait_ms = min(2 * wait_ms, _RETRY_LIMIT_MS)
