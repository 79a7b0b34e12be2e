"""Registers that speak the dialect by themselves, one lane for each; several lanes may share a connection.

A lane has one request under way. It repeats it until it is answered, or gives up and reverses it; the
reversal is repeated until the switch has acknowledged it.
"""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode, ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.message_type import response_of
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.world.agenda import Agenda, Appointment
from simulator.world.chronicle import Chronicle, Told
from simulator.world.network import Connection, Network
from simulator.world.operation import UNDECIDED, Fields, Operation, told_by

ANSWER_TIMEOUT_MS = 8_000
_AGAIN_MS = 1_000
_RECONNECT_MS_MAX = 4_000
# Some registers make a new reversal instead of repeating the old one.
_REVERSED_ANEW = 0.3
_ECHOED = (3, 4, 7, 11)
_FINAL_REVERSAL_CODES = ("00", "21", "25")
_SPEC = load_spec("vafa")


class Lane:
    """One register (or the host): its identities, key, clock and what it still has to do."""

    def __init__(
        self,
        terminal_id: str,
        merchant_id: str,
        *,
        agenda: Agenda,
        random: Random,
        chronicle: Chronicle,
        epoch_s: Callable[[], int],
        master_key: bytes,
    ) -> None:
        self.terminal_id = terminal_id
        self.merchant_id = merchant_id
        self.skew_s = 0
        self.is_signed_on = False
        self.concentrator: Concentrator | None = None
        self.agenda = agenda
        self.random = random
        self.chronicle = chronicle
        self.first_told: dict[tuple[str, int, str], Told] = {}
        self.finished: list[Operation] = []
        self._epoch_s = epoch_s
        self._master_key = master_key
        self._stan = 0
        self._queue: deque[Operation] = deque()
        self._current: Operation | None = None
        self._timer: Appointment | None = None
        self._sign_on: Operation | None = None
        self.set_key(1)

    def set_key(self, generation: int) -> None:
        """Use the key of a generation from now on."""
        self.generation = generation
        self._mac = Mac(derive_terminal_key(self._master_key, self.terminal_id, generation))

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self._current is None and not self._queue

    def now_s(self) -> int:
        """This lane's own clock, UTC seconds."""
        return self._epoch_s() + self.skew_s

    def identify(self, fields: Fields, at_s: int | None = None) -> Fields:
        """The fields with the next identity of this lane."""
        self._stan = self._stan % 999_999 + 1
        moment = datetime.fromtimestamp(self.now_s() if at_s is None else at_s, UTC)
        stamped = dict(fields)
        stamped[7] = moment.strftime("%m%d%H%M%S")
        stamped[11] = f"{self._stan:06d}"
        stamped[41] = self.terminal_id
        return stamped

    def request(self, operation: Operation) -> None:
        """Do something, after what was asked for before."""
        self._stamp(operation)
        self._queue.append(operation)
        self._next()

    # What the concentrator tells

    def connected(self) -> None:
        """There is a connection: sign on."""
        self.is_signed_on = False
        fields: Fields = {70: NetworkCode.SIGN_ON.value}
        self._sign_on = Operation("0800", self.identify(fields))
        self._transmit(self._sign_on)
        sign_on = self._sign_on
        self.agenda.after(ANSWER_TIMEOUT_MS, lambda: self._sign_on_missing(sign_on))

    def disconnected(self) -> None:
        """The connection is gone; what is under way will be asked again."""
        self.is_signed_on = False
        self._sign_on = None
        self._stop_timer()

    def answered(self, payload: bytes, reply: Message) -> None:
        """Take an answer that names this lane; a wrong or late one is dropped."""
        if not self._mac.verify(payload):
            return
        if _answers(self._sign_on, reply):
            self._sign_on = None
            if reply.text(39) == "00":
                self.is_signed_on = True
                self._next()
            return
        operation = self._current
        if operation is None or not _answers(operation, reply):
            return
        self._stop_timer()
        code = reply.text(39)
        if code in UNDECIDED:
            self.agenda.after(_AGAIN_MS, self._again_signed_on)
            return
        if operation.mti[:2] == "04" and code not in _FINAL_REVERSAL_CODES:
            self.chronicle.tell(f"{self.terminal_id} reversal refused with {code}")
            self.agenda.after(_AGAIN_MS * 5, self._send)
            return
        self._finish(operation, reply)

    # One request after the other

    def _stamp(self, operation: Operation) -> None:
        if 11 not in operation.fields:
            operation.fields = self.identify(operation.fields)
        fields = operation.fields
        operation.identity = (self.terminal_id, int(str(fields[11])), str(fields[7]))
        if operation.is_financial:
            self.chronicle.ask(operation.identity, operation.asked())

    def _next(self) -> None:
        if self._current is None and self._queue:
            self._current = self._queue.popleft()
        if self._current is not None and self._timer is None:
            self._send()

    def _send(self) -> None:
        operation = self._current
        if operation is None or not self.is_signed_on:
            return
        self._transmit(operation)
        first = operation.is_fresh
        operation.is_fresh = False
        wait_ms = ANSWER_TIMEOUT_MS
        if first:
            amount = operation.fields.get(4, "")
            self.chronicle.tell(
                f"{self.terminal_id} asks {operation.mti} {operation.fields.get(3, '')!s} "
                f"stan {operation.fields[11]!s} {amount!s}"
            )
            wait_ms = operation.cancel_ms if operation.cancel_ms >= 0 else wait_ms
        self._stop_timer()
        self._timer = self.agenda.after(wait_ms, self._unanswered)

    def _unanswered(self) -> None:
        self._timer = None
        operation = self._current
        if operation is None:
            return
        if operation.is_inquiry:
            self._current = None
            self._next()
        elif operation.gives_up and operation.is_financial:
            self._reverse(operation)
        elif operation.mti[:2] == "04" and self.random.random() < _REVERSED_ANEW:
            operation.fields = self.identify(operation.fields)
            operation.is_fresh = True
            self._stamp(operation)
            self._send()
        else:
            self._send()

    def _reverse(self, operation: Operation) -> None:
        reversal = Operation("0400", self.identify(operation.reversal_fields()))
        original = operation.identity

        def done(_: Operation, reply: Message) -> None:
            self.chronicle.undone.append((original, reply.text(39)))
            self.chronicle.tell(f"{self.terminal_id} reversed stan {original[1]}: {reply.text(39)}")

        reversal.done = done
        self._stamp(reversal)
        self._current = reversal
        self._send()

    def _finish(self, operation: Operation, reply: Message) -> None:
        self._current = None
        if operation.is_financial:
            told = told_by(operation, reply)
            self.chronicle.told.append(told)
            self.chronicle.tell(
                f"{self.terminal_id} told {told.code} rrn {told.rrn} "
                f"points {told.points} stan {told.identity[1]}"
            )
            if operation.is_conflict:
                if told.code != ResponseCode.DUPLICATE_TRANSMISSION:
                    self.chronicle.violate(f"{operation.identity} was used twice and told {told.code}")
            elif not operation.is_inquiry:
                self._compare(operation, told)
        if operation.done is not None:
            operation.done(operation, reply)
        self._next()

    def _compare(self, operation: Operation, told: Told) -> None:
        """A repeat must hear the same as the first time."""
        first = self.first_told.setdefault(operation.identity, told)
        if first is told:
            self.finished.append(operation)
        elif first.digest != told.digest:
            self.chronicle.violate(
                f"{operation.identity} was told {first.code}, and {told.code} when repeated"
            )

    def _again_signed_on(self) -> None:
        if self._current is not None and self.concentrator is not None and self.concentrator.is_connected:
            self.connected()

    def _sign_on_missing(self, sign_on: Operation) -> None:
        if self._sign_on is sign_on and self.concentrator is not None:
            self.concentrator.give_up()

    def _transmit(self, operation: Operation) -> None:
        if self.concentrator is not None:
            self.concentrator.send(frame(encode_sealed(_SPEC, operation.message(), self._mac)))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Concentrator:
    """The connection of some lanes."""

    def __init__(self, lanes: list[Lane], agenda: Agenda, random: Random, network: Network) -> None:
        self._lanes = {lane.terminal_id: lane for lane in lanes}
        self._agenda = agenda
        self._random = random
        self._network = network
        self._connection: Connection | None = None
        self._decoder = FrameDecoder()
        for lane in lanes:
            lane.concentrator = self

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as this end knows."""
        return self._connection is not None

    def connect(self) -> None:
        """Connect, now or as soon as it can be."""
        if self._connection is not None:
            return
        self._decoder = FrameDecoder()
        self._connection = self._network.connect(self)
        if self._connection is None:
            self._agenda.after(self._random.randint(200, _RECONNECT_MS_MAX), self.connect)
            return
        for lane in self._lanes.values():
            lane.connected()

    def send(self, data: bytes) -> None:
        """A frame of one of the lanes."""
        if self._connection is not None:
            self._connection.send_up(data)

    def give_up(self) -> None:
        """This connection doesn't work: make another."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.cut()
            for lane in self._lanes.values():
                lane.disconnected()
            self._agenda.after(self._random.randint(200, _RECONNECT_MS_MAX), self.connect)

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes of the switch."""
        if connection is not self._connection:
            return
        try:
            payloads = self._decoder.feed(data)
        except ProtocolFault:
            self.give_up()
            return
        for payload in payloads:
            reply = decode(_SPEC, payload)
            lane = self._lanes.get(reply.text(41))
            if lane is not None:
                lane.answered(payload, reply)

    def disconnected(self, connection: Connection) -> None:
        """The connection is gone."""
        if connection is self._connection:
            self.give_up()


def _answers(operation: Operation | None, reply: Message) -> bool:
    return (
        operation is not None
        and reply.mti == response_of(operation.mti)
        and all(reply.fields.get(number) == operation.fields.get(number) for number in _ECHOED)
    )
