"""A proxy between us and the partner that can hold replies back, let them go, or cut."""

import select
import socket
import threading
from types import TracebackType

_POLL_S = 0.05


class StallingProxy:
    """Passes bytes on, in a thread of its own. While it stalls, what the partner sends is held; so are new
    connections."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._is_stalled = False
        self._stops = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "StallingProxy":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stops = True
        self._thread.join()
        self.cut()
        self._listener.close()

    def stall(self) -> None:
        """Hold back what comes from the partner."""
        self._is_stalled = True

    def go_on(self) -> None:
        """Let it go."""
        self._is_stalled = False

    def cut(self) -> None:
        """Close every connection; new ones work."""
        with self._lock:
            self._is_stalled = False
            for pair in self._pairs:
                for each in pair:
                    each.close()
            self._pairs.clear()

    def _run(self) -> None:
        while not self._stops:
            with self._lock:
                self._pass_on()

    def _pass_on(self) -> None:
        near = [pair[0] for pair in self._pairs]
        far = [] if self._is_stalled else [pair[1] for pair in self._pairs]
        listening = [] if self._is_stalled else [self._listener]
        for readable in select.select([*listening, *near, *far], [], [], _POLL_S)[0]:
            if readable is self._listener:
                ours = self._listener.accept()[0]
                try:
                    self._pairs.append((ours, socket.create_connection(self._target)))
                except OSError:
                    ours.close()
                continue
            pair = next((pair for pair in self._pairs if readable in pair), None)
            if pair is None:
                continue
            other = pair[1] if readable is pair[0] else pair[0]
            try:
                data = readable.recv(65_536)
                other.sendall(data)
            except OSError:
                data = b""
            if not data:
                self._pairs.remove(pair)
                for each in pair:
                    each.close()
