"""A bounded queue of events between the tasks and the flow."""

import asyncio

from terminal.constant import const

_CAPACITY = const(32)
_RESERVED = const(8)  # what a busy keypad can't take from answers, timers and the printer


class EventQueue:
    """First in, first out. Input from people is dropped, and counted, when the queue is nearly full."""

    def __init__(self) -> None:
        self.discarded = 0
        self._items: "list[tuple[int, object]]" = []
        self._filled = asyncio.Event()

    def post(self, event: int, data: object = None) -> None:
        """Add an event that must not be lost; there are at most a few of these outstanding."""
        if len(self._items) >= _CAPACITY:
            self.discarded += 1
            return
        self._items.append((event, data))
        self._filled.set()

    def post_input(self, event: int, data: object = None) -> None:
        """Add something a person did, if there is room."""
        if len(self._items) >= _CAPACITY - _RESERVED:
            self.discarded += 1
            return
        self.post(event, data)

    async def get(self) -> "tuple[int, object]":
        """The oldest event; waits for one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._items.pop(0)
