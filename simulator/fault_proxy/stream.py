"""One direction of one link: bytes go in, departures come out; no socket, no clock, no chance of its own."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from simulator.fault_proxy.faults import Direction, Fault, FaultKind

FRAME_MAX_BYTES = 4096
HELD_BACK_MAX = 64
ONCE_MAX = 1000
DUPLICATES_MAX = 100


class Ending(Enum):
    """What becomes of the link behind a departure."""

    NONE = auto()
    CUT = auto()
    HALF_OPEN = auto()


@dataclass(frozen=True, slots=True)
class Departure:
    """Bytes that leave so much later, and so slowly; 0 bytes a second is as fast as it goes.

    `faults` are those that were made, `number` the frame's: 0 for what is no frame.
    """

    data: bytes
    number: int = 0
    delay_ms: int = 0
    bytes_per_s: int = 0
    ending: Ending = Ending.NONE
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Plan:
    """The faults of a proxy: `standing` ones, and those for the `once` next frame that they concern."""

    standing: tuple[Fault, ...] = ()
    once: deque[Fault] = field(default_factory=lambda: deque(maxlen=ONCE_MAX))

    def of_frame(self, direction: Direction, number: int, random: Random) -> tuple[Fault, ...]:
        """The faults that meet a frame. Draws once for each that leaves it to chance."""
        met = [
            fault
            for fault in self.standing
            if fault.concerns(direction, number)
            and (fault.percent == 100 or random.random() * 100 < fault.percent)
        ]
        for fault in tuple(self.once):
            if fault.direction in (None, direction):
                self.once.remove(fault)
                met.append(fault)
                break
        return tuple(met)


class FaultyStream:
    """Cuts a stream into frames and makes the plan's faults.

    Keep-alives pass and do not count. From a frame of more than FRAME_MAX_BYTES on everything passes as it
    comes: whatever that is, it is to reach the peer.
    """

    def __init__(
        self,
        plan: Plan,
        direction: Direction,
        random: Random,
        on_payload: Callable[[bytes], None] | None = None,
    ) -> None:
        self._plan = plan
        self._direction = direction
        self._random = random
        self._on_payload = on_payload
        self._decoder: FrameDecoder | None = FrameDecoder(FRAME_MAX_BYTES)
        self._rest = b""
        self._number = 0
        self._held_back: list[bytes] = []

    def feed(self, data: bytes) -> list[Departure]:
        """What leaves when these bytes have come."""
        if self._decoder is None:
            return [Departure(data)]
        stream = self._rest + data
        departures: list[Departure] = []
        try:
            payloads = self._decoder.feed(data)
        except ProtocolFault:
            # The frames in front of the bad one went with it: they are cut here once more.
            self._decoder = None
            payloads = []
            while len(stream) >= 2 and (size := int.from_bytes(stream[:2], "big")) <= FRAME_MAX_BYTES:
                payloads.append(stream[2 : 2 + size])
                stream = stream[2 + size :]
        else:
            stream = stream[len(stream) - self._decoder.pending_bytes :]
        self._rest = stream
        for payload in payloads:
            departures += self._frame(payload)
        if self._decoder is None:
            departures += self.end()
        return departures

    def end(self) -> list[Departure]:
        """What leaves when no more bytes come: what was held back, and half a frame."""
        rest = b"".join(self._held_back) + self._rest
        self._held_back, self._rest = [], b""
        return [Departure(rest)] if rest else []

    def _frame(self, payload: bytes) -> Iterable[Departure]:
        if not payload:
            return [Departure(frame(payload))]
        self._number += 1
        if self._on_payload is not None:
            self._on_payload(payload)
        met = self._plan.of_frame(self._direction, self._number, self._random)
        leaving = self._met(payload, met)
        if any(fault.kind is FaultKind.REORDER for fault in met) and len(self._held_back) < HELD_BACK_MAX:
            self._held_back.append(leaving.data)
            return [Departure(b"", self._number, faults=met)]
        behind, self._held_back = self._held_back, []
        return [leaving, *(Departure(data) for data in behind)]

    def _met(self, payload: bytes, met: tuple[Fault, ...]) -> Departure:
        copies, delay_ms, bytes_per_s, cut_at = 1, 0, 0, None
        ending = Ending.NONE
        for fault in met:
            match fault.kind:
                case FaultKind.CORRUPT:
                    payload = self._corrupted(payload, fault.value or 1)
                case FaultKind.TRUNCATE:
                    payload = payload[: len(payload) // 2 if fault.value is None else fault.value]
                case FaultKind.DUPLICATE:
                    copies = min(copies * (fault.value or 2), DUPLICATES_MAX)
                case FaultKind.DROP:
                    copies = 0
                case FaultKind.DELAY:
                    delay_ms += fault.value or 0
                case FaultKind.THROTTLE:
                    bytes_per_s = min(bytes_per_s or (fault.value or 1), fault.value or 1)
                case FaultKind.CUT:
                    cut_at, ending = fault.value if fault.value is not None else -1, Ending.CUT
                case FaultKind.HALF_OPEN:
                    copies, ending = 0, Ending.HALF_OPEN
                case FaultKind.REORDER:
                    pass
        data = frame(payload) * copies
        if cut_at is not None:
            data = data[: len(data) // 2 if cut_at < 0 else cut_at]
        return Departure(data, self._number, delay_ms, bytes_per_s, ending, met)

    def _corrupted(self, payload: bytes, count: int) -> bytes:
        changed = bytearray(payload)
        for place in self._random.sample(range(len(changed)), min(count, len(changed))):
            changed[place] ^= self._random.randrange(1, 256)
        return bytes(changed)
