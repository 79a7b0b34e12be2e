"""A link by its name: settings, counts over all its connections, and what an operator sees of it."""

import asyncio
from typing import NamedTuple, Protocol

from switch.gate.inbox import Inbox
from switch.gate.link import LinkState
from switch.gate.link_plan import ClientLink, LinkLimits, ServerLink
from switch.gate.states import DIAL_TRANSITIONS, DialEvent, DialPhase, LinkPhase, MessagePhase
from switch.gate.tally import MessageTally
from switch.gate.tls import LinkContext


class LinkStatus(NamedTuple):
    """One named link now. Counts since the start of the process; `silent_ms` since the last byte heard.

    `phase` is "closed" for a listener that was closed by order, "listening" for another one, else the phase
    of the dial; `connections` counts those that are open by their phase. `refused` messages got response code
    91, `lost` ones lost their link before their reply. `oldest_wait_ms` is the age of the oldest message that
    waits to be decided.
    """

    name: str
    role: str
    address: str
    is_tls: bool
    phase: str
    connections: dict[str, int]
    terminals: int
    opened: int
    turned_away: int
    timed_out: int
    failures: int
    received: int
    waiting: int
    decided: int
    answered: int
    refused: int
    ignored: int
    lost: int
    echoes_sent: int
    echoes_answered: int
    oldest_wait_ms: int
    silent_ms: int | None


class Connection(Protocol):
    """What a named link counts of each of its connections."""

    inbox: Inbox
    state: LinkState
    tally: MessageTally

    @property
    def heard_s(self) -> float:
        """When the last byte came."""

    @property
    def terminals(self) -> int:
        """How many have signed on."""

    @property
    def echoes(self) -> tuple[int, int]:
        """Echoes sent and answered."""


class NamedLink:
    """Everything that the connections of one name share; `tls` is None for a plain link.

    Raises LinksFault where its certificates can't be used.
    """

    def __init__(self, planned: ServerLink | ClientLink, defaults: LinkLimits) -> None:
        self.planned = planned
        limits = planned.limits.over(defaults)
        if isinstance(planned, ClientLink) and planned.limits.sign_on_timeout_s is None:
            # At night a concentrator may have nobody to sign on.
            limits = limits._replace(sign_on_timeout_s=limits.idle_timeout_s)
        self.limits = limits
        self.tls = None if planned.tls is None else LinkContext(planned.tls)
        self.connections: set[Connection] = set()
        self.address = ""
        self.opened = 0
        self.turned_away = 0
        self.timed_out = 0
        self.failures = 0
        # Set unless an operator closed the link.
        self.opened_by_order = asyncio.Event()
        self.opened_by_order.set()
        self._dial_phase = DialPhase.RESTING
        self._gone = MessageTally()
        self._gone_echoes = (0, 0)
        self._gone_heard_s: float | None = None

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.planned.name

    @property
    def has_room(self) -> bool:
        """Whether one more connection is allowed."""
        return self.opened_by_order.is_set() and len(self.connections) < self.limits.connections_max

    @property
    def dial_phase(self) -> DialPhase:
        """Where a link of the client role is."""
        return self._dial_phase

    def on_dial(self, event: DialEvent) -> None:
        """Move a link of the client role on."""
        self._dial_phase = DIAL_TRANSITIONS[self._dial_phase, event]

    def note_failure(self) -> None:
        """A connection came to nothing."""
        self.failures += 1

    def add(self, connection: Connection) -> None:
        """A connection of this name is there."""
        self.opened += 1
        self.connections.add(connection)

    def forget(self, connection: Connection) -> None:
        """It is gone; its counts stay."""
        if connection in self.connections:
            self.connections.remove(connection)
            self._gone.add(connection.tally)
            self._gone_echoes = _sum(self._gone_echoes, connection.echoes)
            self._gone_heard_s = max(self._gone_heard_s or 0.0, connection.heard_s)

    def status(self, now_s: float) -> LinkStatus:
        """What an operator sees."""
        # One column at a time: there may be thousands, and somebody looks every second.
        connections = tuple(self.connections)
        tally = MessageTally()
        tally.add(self._gone, *[connection.tally for connection in connections])
        echoes = [self._gone_echoes, *[connection.echoes for connection in connections]]
        in_phases = [connection.state.phase for connection in connections]
        phases = {phase.name.lower(): count for phase in LinkPhase if (count := in_phases.count(phase))}
        heard = [connection.heard_s for connection in connections]
        heard_s = max(heard, default=None)
        if self._gone_heard_s is not None:
            heard_s = max(heard_s or 0.0, self._gone_heard_s)
        oldest_s = min([connection.inbox.oldest_s(now_s) for connection in connections], default=now_s)
        is_client = isinstance(self.planned, ClientLink)
        listens = "listening" if self.opened_by_order.is_set() else "closed"
        counts = tally.counts
        return LinkStatus(
            name=self.name,
            role=self.planned.role,
            address=self.address,
            is_tls=self.planned.tls is not None,
            phase=self._dial_phase.name.lower() if is_client else listens,
            connections=phases,
            terminals=sum([connection.terminals for connection in connections]),
            opened=self.opened,
            turned_away=self.turned_away,
            timed_out=self.timed_out,
            failures=self.failures,
            received=tally.received,
            waiting=counts[MessagePhase.WAITING],
            decided=counts[MessagePhase.DECIDED],
            answered=counts[MessagePhase.ANSWERED],
            refused=counts[MessagePhase.REFUSED],
            ignored=counts[MessagePhase.IGNORED],
            lost=counts[MessagePhase.LOST],
            echoes_sent=sum([sent for sent, _ in echoes]),
            echoes_answered=sum([answered for _, answered in echoes]),
            oldest_wait_ms=int((now_s - oldest_s) * 1000),
            silent_ms=None if heard_s is None else max(0, int((now_s - heard_s) * 1000)),
        )


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
