"""Devices of an event loop in programs that have none: they live in a thread of their own."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Self, TypeVar

Answer = TypeVar("Answer")

CALL_TIMEOUT_S = 60.0
_END_TIMEOUT_S = 10.0


class EventLoopThread:
    """An event loop that runs until `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vafa bench", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[object, None, Answer], timeout_s: float = CALL_TIMEOUT_S) -> Answer:
        """Do the work there, and wait for its end here.

        Raises:
            TimeoutError: it takes longer; it is cancelled then.
            RuntimeError: called from that thread itself, which would wait for ever.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("this would wait for itself: await it instead")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        if not self._thread.is_alive():
            return
        self.call(_cancel_others(), _END_TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_TIMEOUT_S)
        self._loop.close()


class Blocking:
    """A device that serves as `async with` in the running event loop, and as `with` in a thread of its own.

    Whoever derives from it has `__aenter__` and `__aexit__`; coroutines of a device used with plain `with`
    go through `call`.
    """

    _own_thread: EventLoopThread | None = None

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        thread = EventLoopThread()
        try:
            thread.call(self.__aenter__())
        except BaseException:
            thread.close()
            raise
        self._own_thread = thread
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        thread, self._own_thread = self._own_thread, None
        if thread is not None:
            try:
                thread.call(self.__aexit__(kind, fault, trace))
            finally:
                thread.close()

    def call(self, work: Coroutine[object, None, Answer], timeout_s: float = CALL_TIMEOUT_S) -> Answer:
        """Do the work in the device's own thread, which it has after `with`. Raises what the work raises."""
        if self._own_thread is None:
            work.close()
            raise RuntimeError("the device was not entered with `with`: await it instead")
        return self._own_thread.call(work, timeout_s)


async def _cancel_others() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
