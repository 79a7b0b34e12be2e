"""Watches a switch as the console's page does, in a thread that only reads."""

import http.client
import threading
import time
from types import TracebackType
from typing import Final, Self

from tools.bench.switch_fault import BenchFault

_TIMEOUT_S: Final = 10.0
_EVENT: Final = b"event: frame"


class Watcher:
    """Reads the stream of the operations port at `address` until the block ends.

    Raises BenchFault where the switch refuses it, or stops telling.
    """

    def __init__(self, address: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=_TIMEOUT_S)
        self._token = token
        self._thread = threading.Thread(target=self._read)
        self._ends = threading.Event()
        self._events = 0
        self._span_s = 0.0
        self._fault = ""

    @property
    def events_per_s(self) -> float:
        """Frames that came, once the block has ended."""
        return self._events / max(self._span_s, 1e-9)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
        if kind is None and self._fault:
            raise BenchFault(f"the console's stream: {self._fault}")

    def _read(self) -> None:
        try:
            self._connection.request(
                "GET", "/console/stream", headers={"Authorization": f"Bearer {self._token}"}
            )
            answer = self._connection.getresponse()
            if answer.status != http.client.OK:
                self._fault = f"answered {answer.status}"
                return
            began_s = time.monotonic()
            while not self._ends.is_set():
                line = answer.readline()
                if not line:
                    self._fault = "ended"
                    return
                self._events += line.startswith(_EVENT)
            self._span_s = time.monotonic() - began_s
        except OSError as error:
            self._fault = str(error)
        finally:
            self._connection.close()
