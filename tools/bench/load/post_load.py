"""The load over HTTP: prepared POST requests on connections that stay open, one in flight on each."""

import json
import random
import select
import socket
import time

from simulator.load.links import LoadFault
from tools.bench import switch_club as club
from tools.bench.load.plan import LoadResult, PostLoad
from tools.bench.load.processor import process_s
from tools.bench.rule_workload import AMOUNT_MAX

_READ_BYTES = 1 << 16
_CONNECT_TIMEOUT_S = 10.0
_STAN_MAX = 999_999
_NS = 1_000_000_000


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def reply(self) -> bytes | None:
        """The body of a whole reply, None where it isn't all there yet. Raises LoadFault."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise LoadFault("the plain design closed a connection")
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.lower().split(b"\r\n")
        if b" 200 " not in lines[0] + b" ":
            raise LoadFault(f"the plain design answered {lines[0].decode('latin-1')}")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        if len(body) < length:
            return None
        self.received = b""
        return body


def run_posts(plan: PostLoad) -> LoadResult:
    """Do it. Raises LoadFault or OSError."""
    host, _, port = plan.address.rpartition(":")
    connections = [_Connection(host, int(port)) for _ in range(plan.connections)]
    poll = select.epoll()
    by_descriptor = {each.socket.fileno(): each for each in connections}
    requests = _Requests(plan, host)
    try:
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        return _loop(plan, poll, by_descriptor, requests)
    finally:
        poll.close()
        for each in connections:
            each.socket.close()


class _Requests:
    """Requests of fresh identities, made when they are sent: far cheaper than their answers."""

    def __init__(self, plan: PostLoad, host: str) -> None:
        self._choose = random.Random(plan.seed)
        self._cards = plan.cards
        self._head = f"POST /purchases HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        self.made = 0

    def next(self) -> bytes:
        self.made += 1
        body = json.dumps(
            {
                "terminal": club.terminal_id(self.made % club.TERMINALS),
                "stan": self.made % _STAN_MAX + 1,
                "transmitted_s": self.made // _STAN_MAX,
                "card": club.card_number(int(self._choose.random() * self._cards)),
                "amount": int(self._choose.random() * AMOUNT_MAX),
            }
        )
        return f"{self._head}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")


def _loop(
    plan: PostLoad, poll: select.epoll, connections: dict[int, _Connection], requests: _Requests
) -> LoadResult:
    start_ns = time.monotonic_ns()
    warm_ns = start_ns + int(plan.warm_up_s * _NS)
    end_ns = warm_ns + int(plan.measured_s * _NS)
    stop_ns = end_ns + int(plan.drain_timeout_s * _NS)
    bodies: list[bytes] = []
    answered_warm: int | None = None
    warm_s, answered_end, used_s = 0.0, 0, 0.0
    for each in connections.values():
        each.socket.sendall(requests.next())
    while len(bodies) < requests.made and (now_ns := time.monotonic_ns()) < stop_ns:
        if answered_warm is None and now_ns >= warm_ns:
            warm_ns, answered_warm, warm_s = now_ns, len(bodies), process_s(plan.process_id)
        goes_on = now_ns < end_ns
        if not goes_on and not answered_end:
            end_ns, answered_end, used_s = now_ns, len(bodies), process_s(plan.process_id) - warm_s
        for descriptor, _ in poll.poll((stop_ns - now_ns) / _NS):
            body = connections[descriptor].reply()
            if body is not None:
                bodies.append(body)
                if goes_on:
                    connections[descriptor].socket.sendall(requests.next())
    measured = answered_end - (answered_warm or 0)
    return LoadResult(
        sent=requests.made,
        answered=len(bodies),
        approved=len(bodies),
        declined=0,
        shed=0,
        lost=requests.made - len(bodies),
        points=sum(int(json.loads(body)["points"]) for body in bodies),
        per_s=measured * _NS / (end_ns - warm_ns),
        processor_us=1e6 * used_s / max(measured, 1),
    )
