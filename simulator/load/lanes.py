"""A link's requests: those made ahead, those that are due, those on their way."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from protocol.dialect import ResponseCode
from protocol.security.mac import Mac
from simulator.load.choices import Choices
from simulator.load.moments import Moment
from simulator.load.replies import Answer
from simulator.load.requests import Kind, RequestWriter, Sale, Terminal, stan_of

# Approved sales that a link remembers, to return or to reverse them.
_SALES_MAX = 256
# Requests given up that a link remembers, to know a late answer from one that nobody asked for.
_GIVEN_UP_MAX = 4096
# Requests made ahead on a link; those of a longer queue are made when they leave.
_PREPARED_MAX = 4096

# A member of an enumeration costs a look-up each time, which would be felt here.
_PURCHASE = Kind.PURCHASE
_UNDOING = frozenset({Kind.RETURN, Kind.REVERSAL})


class Request(NamedTuple):
    """A request on its way: `due_ns` is when it was planned, `sale` what it is if it is approved."""

    due_ns: int
    sent_ns: int
    stage: int
    kind: Kind
    sale: Sale | None


class Lane:
    """The requests of one link, whose terminals take turns. STANs count up, and begin again at their end."""

    def __init__(
        self, number: int, terminals: Sequence[Terminal], choices: Choices, moment: Callable[[], Moment]
    ) -> None:
        self.number = number
        self.macs: dict[bytes, Mac] = {terminal.field_41: terminal.mac for terminal in terminals}
        self._terminals = terminals
        self._choices = choices
        self._moment = moment
        self._writer = RequestWriter()
        self._keeps_sales = bool(choices.kinds & _UNDOING)
        self._sales: deque[Sale] = deque(maxlen=_SALES_MAX)
        # Frame, STAN, kind, and what it is if it is approved.
        self._prepared: deque[tuple[bytes, str, Kind, Sale | None]] = deque()
        self._made = 0
        self._given_up: dict[bytes, None] = {}
        # (time, stage) of requests that may leave, and how many are promised beside them.
        self.due: deque[tuple[int, int]] = deque()
        self.promised = 0
        self.waiting: dict[bytes, Request] = {}
        self.thinking = 0

    @property
    def active(self) -> int:
        """Users of a closed loop that aren't free: their request is due or on its way, or they think."""
        return len(self.due) + len(self.waiting) + self.thinking

    def prepare(self) -> None:
        """Make one more request."""
        choices, writer, moment = self._choices, self._writer, self._moment()
        made, kind = self._made, choices.kind()
        self._made = made + 1
        stan = stan_of(made)
        if kind in _UNDOING:
            if self._sales:
                undone = self._sales.popleft()
                undo = writer.return_of if kind is Kind.RETURN else writer.reversal_of
                self._prepared.append((undo(undone, stan, moment), stan, kind, None))
                return
            # Nothing has been sold yet that could be undone.
            kind = Kind.PURCHASE
        terminal = self._terminals[made % len(self._terminals)]
        track = choices.track()
        amount, tags = choices.bill()
        sale = None
        if kind is not _PURCHASE:
            amount, tags = "" if kind is Kind.BALANCE else amount, b""
        elif self._keeps_sales:
            sale = Sale(terminal, track, amount, moment, stan, b"")
        frame = writer.sale(kind, terminal, stan, moment, track, amount, tags)
        self._prepared.append((frame, stan, kind, sale))

    def promise(self) -> None:
        """See that there is a request for one more arrival."""
        self.promised += 1
        if len(self._prepared) < min(self.promised + len(self.due), _PREPARED_MAX):
            self.prepare()

    def send_due(self, count: int, now_ns: int) -> bytes:
        """Frames of so many due requests, which are on their way now."""
        frames = []
        prepared, due, waiting = self._prepared, self.due, self.waiting
        for _ in range(count):
            if not prepared:
                self.prepare()
            frame, stan, kind, sale = prepared.popleft()
            due_ns, stage = due.popleft()
            waiting[bytes.fromhex(stan)] = Request(due_ns, now_ns, stage, kind, sale)
            frames.append(frame)
        return b"".join(frames)

    def settle(self, answer: Answer) -> Request | None:
        """The request that is answered; None where it isn't waited for."""
        request = self.waiting.pop(answer.stan, None)
        if request is not None and request.sale is not None and answer.code == ResponseCode.APPROVED:
            self._sales.append(request.sale._replace(rrn=answer.rrn))
        return request

    def was_given_up(self, stan: bytes) -> bool:
        """Whether an answer that isn't waited for is only late; asked once for each."""
        is_late = stan in self._given_up
        self._given_up.pop(stan, None)
        return is_late

    def give_up(self, sent_until_ns: int) -> list[Request]:
        """Stop to wait for what was sent before a time."""
        found = []
        while self.waiting:
            stan, request = next(iter(self.waiting.items()))
            if request.sent_ns > sent_until_ns:
                break
            del self.waiting[stan]
            found.append(request)
            self._given_up[stan] = None
            if len(self._given_up) > _GIVEN_UP_MAX:
                del self._given_up[next(iter(self._given_up))]
        return found
