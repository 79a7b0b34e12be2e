"""A scripted switch as the partner's, in a thread with a loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from protocol.message import Message
from protocol.security.keys import derive_terminal_key
from simulator.scripted_switch import Behaviour, ScriptedSwitch
from tests.switch.conftest import MASTER_KEY
from tests.switch.upstream.partner_process import write_upstream_file
from tests.switch.upstream.partner_wire import PARTNER_TERMINAL

_TIMEOUT_S = 60.0
_Result = TypeVar("_Result")


class ScriptedPartner:
    """Answers as it is told; approves by default."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._switch = ScriptedSwitch(derive_terminal_key(MASTER_KEY, PARTNER_TERMINAL, 1))

    def __enter__(self) -> "ScriptedPartner":
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._switch.address[1]

    def listen(self) -> None:
        """Come up, at the same port as before."""
        self._run(self._switch.listen())

    def leave(self) -> None:
        """Cut every link, and listen no more."""
        self._run(self._switch.stop_listening())

    def refuse(self, message_class: str, *codes: str) -> None:
        """Response codes of the next requests of a class, as "04"."""
        self._loop.call_soon_threadsafe(lambda: self._switch.script.next_code(message_class, *codes))

    def behave(self, message_class: str, *behaviours: Behaviour) -> None:
        """What the next requests of a class meet."""
        self._loop.call_soon_threadsafe(lambda: self._switch.script.next(message_class, *behaviours))

    def wait_for(self, message_class: str, count: int) -> list[Message]:
        """The requests of a class, once so many have come."""

        async def wait() -> list[Message]:
            await self._switch.wait_for(
                self._has(message_class, count),
                timeout_ms=int(_TIMEOUT_S * 1000),
            )
            return self._switch.requests_of(message_class)

        return self._run(wait())

    def _has(self, message_class: str, count: int) -> Callable[[], bool]:
        return lambda: len(self._switch.requests_of(message_class)) >= count

    def _run(self, main: Coroutine[object, object, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(main, self._loop).result(_TIMEOUT_S + 5)


def upstream_file(directory: Path, partner: ScriptedPartner, **queue: float) -> Path:
    """An operator's file for this partner; `queue` are more settings of the queue."""
    path = write_upstream_file(directory, partner.port)
    more = "".join(f"\n{name} = {value}" for name, value in queue.items())
    path.write_text(f'name = "sister"\n{path.read_text()}{more}')
    return path
