"""A counter with the real terminal firmware: its flow and journal, on simulated flash, clock and link.

The firmware's two asyncio shells (App and Link) are replaced by the agenda: the same steps in the same order.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from random import Random

from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from simulator.virtual_terminal.stripe import characters
from simulator.world.agenda import Agenda, Appointment
from simulator.world.chronicle import Asked, Chronicle, Identity, Told
from simulator.world.firmware_modules import (
    Backoff,
    Clock,
    Config,
    Flow,
    FrameFault,
    FrameParser,
    Journal,
    Rejected,
    events,
    frame,
    from_characters,
    pack,
    presented,
    read_answer,
    request,
    tlv,
)
from simulator.world.flash import Flash, PowerLost
from simulator.world.network import Connection, Network

Fields = dict[int, str | bytes]
Answer = tuple[bytes, str, Fields]
Settled = Callable[[Answer | None], None]

_SWITCH_TIME_TAG = 0xDF0B
_SIGN_ON, _ECHO = "001", "301"
_PRINT_MS = 300
_EVENTS_MAX = 32


class Exchange:
    """One request on its way: what is waited for, and who wants to know."""

    def __init__(self, mti: str, fields: Fields, payload: bytes, settled: Settled) -> None:
        self.mti = mti
        self.fields = fields
        self.payload = payload
        self.settled = settled


class Till:
    """One terminal, its shop and its customers."""

    def __init__(
        self,
        terminal_id: str,
        merchant_id: str,
        *,
        agenda: Agenda,
        random: Random,
        network: Network,
        chronicle: Chronicle,
        epoch_s: Callable[[], int],
        master_key: bytes,
    ) -> None:
        self.terminal_id = terminal_id
        self.merchant_id = merchant_id
        self.skew_s = 0
        self.print_fails = 0
        self.is_on = False
        self.flash = Flash(random)
        self._agenda = agenda
        self._random = random
        self._network = network
        self._chronicle = chronicle
        self._epoch_s = epoch_s
        self._master_key = master_key
        self._boots = 0
        self._sent_at: dict[int, str] = {}
        self._config = Config(
            {
                "terminal_id": terminal_id,
                "merchant_id": merchant_id,
                "switch_host": "switch",
                "switch_port": 7583,
                "languages": ["en"],
                "backoff_limit_ms": 8_000,
            }
        )
        self.set_key(1)

    def set_key(self, generation: int) -> None:
        """Put the key of a generation into the secure slot."""
        self.generation = generation
        self._mac_key = Mac(derive_terminal_key(self._master_key, self.terminal_id, generation))

    # Power

    def switch_on(self) -> None:
        """Boot: everything but the flash is new."""
        self._boots += 1
        self.is_on = True
        self._events: deque[tuple[int, object]] = deque()
        self._is_handling = False
        self._job: tuple[int, Exchange] | None = None
        self._connection: Connection | None = None
        self._parser = FrameParser()
        self._online = False
        self._current: Exchange | None = None
        self._deadline: Appointment | None = None
        self._turn: deque[Exchange] = deque()
        self._timer: Appointment | None = None
        self._backoff = Backoff(
            self._config.backoff_first_ms, self._config.backoff_limit_ms, self._random.randrange
        )
        self._guarded(self._boot)

    def switch_off(self) -> None:
        """Lose the power now."""
        self._chronicle.tell(f"{self.terminal_id} loses its power")
        self.is_on = False
        self._boots += 1
        if self._connection is not None:
            self._connection.cut()
            self._connection = None

    def _boot(self) -> None:
        self._clock = Clock(lambda: self._epoch_s() + self.skew_s, self._config.local_offset_minutes)
        self._journal = Journal(self.flash)
        self._flow = Flow(self._journal, self._clock, self._config, mac=self._mac, actions=self)
        self._handle(events.START)
        self._later(self._random.randint(1, 200), self._connect)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except PowerLost:
            self.switch_off()

    def _later(self, delay_ms: int, action: Callable[[], None]) -> Appointment:
        boot = self._boots

        def act() -> None:
            if boot == self._boots:
                self._guarded(action)

        return self._agenda.after(delay_ms, act)

    # What people do

    @property
    def state(self) -> str:
        """State of the flow; "off" without power."""
        return str(self._flow.state) if self.is_on else "off"

    @property
    def owes(self) -> int:
        """Sales that aren't finished."""
        return len(self._journal.open_sales())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is open and the terminal is ready."""
        return self.is_on and self.state == "idle" and not self.owes

    def visit(self, kind: str, track2: str, amount: int) -> bool:
        """Have a customer come; False where the counter isn't free."""
        if self.state != "idle":
            return False
        if kind != "purchase":
            self._handle(events.KIND, kind)
        self._handle(events.CARD_IN)
        self._handle(events.CARD, presented(from_characters(characters(track2))))
        if kind != "balance":
            self._later(self._random.randint(100, 900), lambda: self._key_in(amount))
        self._later(self._random.randint(1_000, 9_000), lambda: self._handle(events.CARD_OUT))
        return True

    def _key_in(self, amount: int) -> None:
        for digit in str(amount):
            self._handle(events.DIGIT, digit)
        self._handle(events.ENTER)

    # What the flow asks for

    def show(self, _lines: list[str], _large: int = -1) -> None:
        """Nobody looks."""

    def set_timer(self, generation: int, wait_ms: int) -> None:
        """One timer, the last one set."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = (
            self._later(wait_ms, lambda: self._handle(events.TIMEOUT, generation)) if wait_ms else None
        )

    def send(self, token: int, mti: str, fields: Fields, payload: bytes) -> None:
        """Exchange a request once the flow has come to rest."""
        if mti[:2] != "04":
            identity = self._identity(fields)
            self._sent_at[identity[1]] = identity[2]
            card = str(fields[35]).partition("=")[0]
            amount = int(str(fields.get(4, "0")))
            self._chronicle.ask(identity, Asked(mti, str(fields[3]), amount, card))
            self._chronicle.tell(f"{self.terminal_id} asks {mti} {fields[3]!s} stan {fields[11]!s} {amount}")
        else:
            # Also of a sale whose record was written and whose request never left.
            original = str(fields[90])
            self._sent_at[int(original[4:10])] = original[10:20]

        def settled(answer: Answer | None) -> None:
            if answer is None:
                self._handle(events.NO_ANSWER, token)
            else:
                self._handle(events.ANSWER, (token, *answer))

        self._job = (token, Exchange(mti, fields, payload, settled))

    def print_slip(self, elements: Iterable[object]) -> None:
        """The printer takes a moment, or fails."""
        deque(elements, maxlen=0)
        fails = self._random.randrange(1000) < self.print_fails
        event = events.PRINT_FAILED if fails else events.PRINTED
        self._later(self._random.randint(1, _PRINT_MS), lambda: self._handle(event))

    def serve_keys(self) -> None:
        """No technician comes by."""

    def log(self, event: str, **fields: object) -> None:
        """What the firmware says of itself is what the terminal was told."""
        if event == "transaction":
            stan = int(str(fields["stan"]))
            identity = (self.terminal_id, stan, self._sent_at[stan])
            code, rrn = str(fields["response_code"]), str(fields["rrn"])
            points = int(str(fields["points_balance"])) if code == "00" else None
            credit = int(str(fields["credit_balance"])) if code == "00" else None
            told = Told(
                identity, str(fields["mti_request"]), code, int(rrn or "0"), points, credit, _digest(fields)
            )
            self._chronicle.told.append(told)
            self._chronicle.tell(f"{self.terminal_id} told {code} rrn {rrn} points {points} stan {stan}")
        elif event == "reversed":
            stan = int(str(fields["original_stan"]))
            self._chronicle.undone.append(
                ((self.terminal_id, stan, self._sent_at[stan]), str(fields["response_code"]))
            )
            self._chronicle.tell(f"{self.terminal_id} reversed stan {stan}: {fields['response_code']}")
        elif event in ("reversal_sent", "reversal_refused", "no_answer", "journal_full"):
            detail = fields.get("original_stan", fields.get("response_code", ""))
            self._chronicle.tell(f"{self.terminal_id} {event} {detail}")

    def _handle(self, event: int, data: object = None) -> None:
        """Post an event; events that follow from one come after it."""
        if len(self._events) < _EVENTS_MAX:
            self._events.append((event, data))
        if self._is_handling:
            return
        self._is_handling = True
        try:
            while self._events:
                self._flow.handle(*self._events.popleft())
                if self._job is not None:
                    job, self._job = self._job, None
                    self._exchange(job[1])
        finally:
            self._is_handling = False

    # The link, as terminal/links/link.py has it

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes of the switch."""
        if connection is self._connection and self.is_on:
            self._guarded(lambda: self._take_all(data))

    def disconnected(self, connection: Connection) -> None:
        """The connection is gone."""
        if connection is self._connection and self.is_on:
            self._guarded(self._end_session)

    def _connect(self) -> None:
        self._parser = FrameParser()
        self._connection = self._network.connect(self)
        if self._connection is None:
            self._later(self._backoff.wait_ms(), self._connect)
            return
        private = bytearray(40)
        end = tlv.put(private, 0, 0xDF0A, b"vafa-terminal simulated")
        self._network_exchange(_SIGN_ON, self._signed_on, bytes(private[:end]))

    def _signed_on(self, answer: Answer | None) -> None:
        if answer is None or answer[2][39] != "00":
            self._end_session()
            return
        private = answer[2].get(48, b"")
        time = tlv.find(private, _SWITCH_TIME_TAG) if isinstance(private, bytes) else None
        if time:
            self._clock.set_from(time.hex())
        self._backoff.succeeded()
        self._online = True
        self._later(self._config.echo_interval_ms, self._echo_turn())
        self._handle(events.ONLINE)

    def _echo_turn(self) -> Callable[[], None]:
        connection = self._connection

        def echo() -> None:
            if connection is not self._connection or not self._online:
                return
            self._later(self._config.echo_interval_ms, echo)
            if self._current is None:
                self._network_exchange(_ECHO, self._echoed)

        return echo

    def _echoed(self, answer: Answer | None) -> None:
        if answer is None and self._online:
            self._end_session()

    def _network_exchange(self, code: str, settled: Settled, private: bytes = b"") -> None:
        fields: Fields = request.network(code, self._journal.next_stan(), self._clock, self._config)
        if private:
            fields[48] = private
        buffer = bytearray(128)
        length = pack(buffer, "0800", fields, self._mac)
        self._exchange(Exchange("0800", fields, bytes(buffer[:length]), settled))

    def _exchange(self, exchange: Exchange) -> None:
        if self._current is not None:
            self._turn.append(exchange)
            return
        if self._connection is None:
            exchange.settled(None)
            return
        self._current = exchange
        self._connection.send_up(frame(exchange.payload))
        self._deadline = self._later(self._config.response_timeout_ms, lambda: self._settle(None))

    def _settle(self, answer: Answer | None) -> None:
        exchange, self._current = self._current, None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if exchange is not None:
            exchange.settled(answer)
        while self._turn and self._current is None:
            self._exchange(self._turn.popleft())

    def _take_all(self, data: bytes) -> None:
        try:
            for payload in self._parser.feed(data):
                self._take(payload)
        except FrameFault:
            self._chronicle.violate(f"{self.terminal_id} got a frame that is none")

    def _take(self, payload: bytes) -> None:
        current = self._current
        try:
            mti, fields = read_answer(payload, current and (current.mti, current.fields), self._mac)
        except Rejected as rejected:
            self._chronicle.tell(f"{self.terminal_id} drops an answer: {rejected.reason}")
            return
        self._settle((payload, mti, fields))

    def _end_session(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.cut()
        if self._online:
            self._online = False
            self._handle(events.OFFLINE)
        self._settle(None)
        self._later(self._backoff.wait_ms(), self._connect)

    def _mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        return self._mac_key.sign(bytes(memoryview(buffer)[:length]))

    def _identity(self, fields: Fields) -> Identity:
        return self.terminal_id, int(str(fields[11])), str(fields[7])


def _digest(fields: dict[str, object]) -> bytes:
    return hashlib.blake2b(repr(sorted(fields.items())).encode(), digest_size=8).digest()
