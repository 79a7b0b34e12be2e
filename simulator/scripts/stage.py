"""What the steps of a script stand on: links, the clock, waits with a deadline, frames that leave."""

import heapq
from collections.abc import Callable, Generator

from protocol.dialect import NetworkCode
from protocol.message_type import is_response
from protocol.spec import load_spec
from simulator.scripts.conversation import Conversation
from simulator.scripts.events import Action, Close, Open, Progress, Write
from simulator.scripts.failure import Failure
from simulator.scripts.link import Incoming, Link
from simulator.scripts.model import Fault, Script
from simulator.scripts.outcome import Exchanged, Outcome
from simulator.scripts.profile import Profile
from simulator.scripts.transmission import Departure, departure

Waiting = Generator[None, None, bool]
_DEPARTURES_MAX = 1024


class StepFailed(Exception):  # noqa: N818  (the script's verdict)
    """Ends a run with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.problem.en)
        self.failure = failure


class Stage:
    """State of a run that its steps may see and change. What drives it is the runner."""

    def __init__(self, script: Script, profile: Profile, *, epoch_ms: int, first_stan: int) -> None:
        self.script = script
        self.spec = load_spec("vafa")
        self.talk = Conversation(script, profile, self.spec, first_stan, epoch_ms)
        self.outcome = Outcome()
        self.done = False
        self.deadline_ms: int | None = None
        self.links: dict[int, Link] = {}
        self.link = 0
        self.step = ""
        self.turn = ""
        self.now_ms = 0
        self.refusal = ""
        self.stan_reused = False
        self._epoch_ms = epoch_ms
        self._jump_ms = 0
        self.started_ms = 0
        self.actions: list[Action] = []
        self.later: list[tuple[int, int, int, Departure]] = []
        self._count = 0

    def set_time(self, now_ms: int) -> None:
        """Take the time of the event that is being handled."""
        self.now_ms = self.talk.monotonic_ms = now_ms
        self.talk.epoch_ms = self._epoch_ms + (now_ms - self.started_ms) + self._jump_ms

    @property
    def current(self) -> Link | None:
        """The newest link, None where there is none or it has ended."""
        link = self.links.get(self.link)
        return link if link is not None and link.is_open else None

    @property
    def total_left_ms(self) -> int:
        """Until the script's own bound."""
        return self.started_ms + self.script.total_ms - self.now_ms

    def until(self, ready: Callable[[], bool], limit_ms: int) -> Waiting:
        """Wait for a condition; False where it isn't so in time."""
        deadline_ms = self.now_ms + min(limit_ms, max(self.total_left_ms, 0))
        while not ready():
            if self.now_ms >= deadline_ms:
                return False
            self.deadline_ms = deadline_ms
            yield
        return True

    def begin(self, step: str, action: str, turn: str) -> None:
        """Note where the script is."""
        self.step, self.turn = step, turn
        self.outcome.steps += 1
        self.actions.append(Progress(step, action, turn))

    def act(self, action: Action) -> None:
        """Have the shell do something."""
        self.actions.append(action)

    def open(self) -> int:
        """Ask for a new link."""
        number = max([self.link, *self.links]) + 1
        self.refusal = ""
        self.act(Open(number))
        return number

    def close(self) -> None:
        """End the newest link at once."""
        link = self.current
        if link is not None:
            link.is_open = False
            self.act(Close(link.number))

    def jump(self, seconds: int) -> None:
        """Set our clock forward, or back."""
        self._jump_ms += seconds * 1000
        self.set_time(self.now_ms)

    def transmit(
        self, link: Link, payload: bytes, fault: Fault | None, sign: Callable[[bytes], bytes]
    ) -> int:
        """Let a payload leave; how long the script has to wait for it, in milliseconds."""
        leaving = departure(payload, fault, self.talk.resolve, sign)
        note = fault.kind if fault is not None else ""
        self.outcome.note(Exchanged("out", leaving.payload, self.now_ms - self.started_ms, self.step, note))
        if leaving.held_back:
            link.held_back.append(leaving.data)
            return 0
        if leaving.delay_ms:
            self._count += 1
            if len(self.later) < _DEPARTURES_MAX:
                due_ms = self.now_ms + leaving.delay_ms
                heapq.heappush(self.later, (due_ms, self._count, link.number, leaving))
            return leaving.delay_ms if leaving.waits else 0
        self._leave(link, leaving)
        return 0

    def write(self, link: Link, data: bytes, note: str) -> None:
        """Send bytes that are no message of ours."""
        self.outcome.note(Exchanged("out", data, self.now_ms - self.started_ms, self.step, note))
        self._leave(link, Departure(data, data))

    def _leave(self, link: Link, leaving: Departure) -> None:
        if not link.is_open:
            return
        if leaving.data:
            self.act(Write(link.number, leaving.data))
        while link.held_back:
            self.act(Write(link.number, link.held_back.pop(0)))
        if leaving.closes:
            link.is_open = False
            self.act(Close(link.number))

    def depart(self) -> None:
        """Let go what is due."""
        while self.later and self.later[0][0] <= self.now_ms:
            _, _, number, leaving = heapq.heappop(self.later)
            if number in self.links:
                self._leave(self.links[number], leaving)

    def note_incoming(self, incoming: Incoming) -> None:
        """Judge the MAC of a message that came, and keep it."""
        at_ms = self.now_ms - self.started_ms
        self.outcome.note(Exchanged("in", incoming.payload, at_ms, self.step))
        message = incoming.message
        if message is not None:
            is_exchange = message.mti[1] == "8" and message.fields.get(70) == NetworkCode.KEY_CHANGE
            own_allowed = is_exchange or (is_response(message.mti) and message.fields.get(39) == "63")
            incoming.mac = self.talk.verified(incoming.payload, message, incoming.link, own_allowed)
        self.links[incoming.link].put(incoming)


_NETWORK_CODES = {
    "sign_on": NetworkCode.SIGN_ON,
    "sign_off": NetworkCode.SIGN_OFF,
    "key_change": NetworkCode.KEY_CHANGE,
    "echo": NetworkCode.ECHO,
}


def network_code(name: str) -> NetworkCode:
    """Field 70 of a step's name."""
    return _NETWORK_CODES[name]
