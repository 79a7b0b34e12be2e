"""A closed loop over HTTP: connections that stay open, one request in flight on each."""

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from simulator.load.links import LoadFault
from tools.bench.load.percentiles import latency_of
from tools.bench.load.plan import HttpLoop, LoadResult
from tools.bench.load.processor import process_s

_READ_BYTES = 1 << 16
_CONNECT_TIMEOUT_S = 10.0
_NS = 1_000_000_000


@dataclass
class _Connection:
    socket: socket.socket
    received: bytes = b""
    sent_ns: int = 0

    def body(self) -> bytes | None:
        """The body of a whole reply, None where it isn't all there yet. Raises LoadFault."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise LoadFault("the server closed a connection")
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.lower().split(b"\r\n")
        if lines[0].split(b" ")[1][:1] != b"2":
            raise LoadFault(f"the server answered {lines[0].decode('latin-1')}")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        if len(body) < length:
            return None
        self.received = b""
        return body


def request_bytes(method: str, target: str, host: str, headers: dict[str, str], body: str = "") -> bytes:
    """A request as it is sent; a body is JSON."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def run_loop(
    plan: HttpLoop, next_request: Callable[[], bytes], take: Callable[[bytes], None] = lambda body: None
) -> LoadResult:
    """Send what `next_request` makes and give `take` the bodies that come back.

    Raises LoadFault for a reply that is none of success, or OSError.
    """
    host, _, port = plan.address.rpartition(":")
    connections: dict[int, _Connection] = {}
    poll = select.epoll()
    try:
        for _ in range(plan.connections):
            one = socket.create_connection((host, int(port)), timeout=_CONNECT_TIMEOUT_S)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections[one.fileno()] = _Connection(one)
            poll.register(one.fileno(), select.EPOLLIN)
        return _Loop(plan, poll, connections, next_request, take).run()
    finally:
        poll.close()
        for each in connections.values():
            each.socket.close()


class _Loop:
    def __init__(
        self,
        plan: HttpLoop,
        poll: select.epoll,
        connections: dict[int, _Connection],
        next_request: Callable[[], bytes],
        take: Callable[[bytes], None],
    ) -> None:
        self._plan = plan
        self._poll = poll
        self._connections = connections
        self._next_request = next_request
        self._take = take
        self._sent = 0

    def run(self) -> LoadResult:
        """Warm up, measure, and let what is on its way come in."""
        plan = self._plan
        warm_ns = time.monotonic_ns() + int(plan.warm_up_s * _NS)
        measured_ns, drain_ns = int(plan.measured_s * _NS), int(plan.drain_timeout_s * _NS)
        end_ns = warm_ns + measured_ns
        stop_ns = end_ns + drain_ns
        answered, answered_warm, answered_end = 0, -1, -1
        warm_s = used_s = 0.0
        times_ns: list[int] = []
        for each in self._connections.values():
            self._send(each)
        while answered < self._sent and (now_ns := time.monotonic_ns()) < stop_ns:
            if answered_warm < 0 and now_ns >= warm_ns:
                warm_ns, answered_warm, warm_s = now_ns, answered, process_s(plan.process_id)
                # However long this process was kept waiting, it measures as long as was asked for.
                end_ns = now_ns + measured_ns
                stop_ns = end_ns + drain_ns
            goes_on = now_ns < end_ns
            if not goes_on and answered_end < 0:
                end_ns, answered_end, used_s = now_ns, answered, process_s(plan.process_id) - warm_s
            for descriptor, _ in self._poll.poll((stop_ns - now_ns) / _NS):
                connection = self._connections[descriptor]
                body = connection.body()
                if body is None:
                    continue
                answered += 1
                if answered_warm >= 0 and answered_end < 0:
                    times_ns.append(time.monotonic_ns() - connection.sent_ns)
                self._take(body)
                if goes_on:
                    self._send(connection)
        measured = answered_end - max(answered_warm, 0)
        return LoadResult(
            sent=self._sent,
            answered=answered,
            approved=answered,
            declined=0,
            shed=0,
            lost=self._sent - answered,
            points=0,
            per_s=measured * _NS / max(end_ns - warm_ns, 1),
            processor_us=1e6 * used_s / max(measured, 1),
            latency=latency_of(times_ns) if times_ns else None,
        )

    def _send(self, connection: _Connection) -> None:
        request = self._next_request()
        self._sent += 1
        connection.sent_ns = time.monotonic_ns()
        connection.socket.sendall(request)
