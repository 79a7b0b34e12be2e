"""How many messages of a link are in which phase. Messages move by the table, many at a time."""

from switch.gate.states import MESSAGE_TRANSITIONS, MessageEvent, MessagePhase


def _moves(event: MessageEvent) -> tuple[tuple[int, int], ...]:
    return tuple(
        (int(origin), int(target)) for (origin, on), target in MESSAGE_TRANSITIONS.items() if on is event
    )


def _only_move(event: MessageEvent) -> tuple[int, int]:
    (found,) = _moves(event)
    return found


# Read off the table once: this runs for each batch of each link.
_FROM_ABSENT, _TO_WAITING = _only_move(MessageEvent.ARRIVE)
_FROM_WAITING, _TO_DECIDED = _only_move(MessageEvent.DECIDE)
_FROM_UNREFUSED, _TO_REFUSED = _only_move(MessageEvent.REFUSE)
_FROM_UNIGNORED, _TO_IGNORED = _only_move(MessageEvent.IGNORE)
_FROM_DECIDED, _TO_ANSWERED = _only_move(MessageEvent.REPLY)
_FROM_GIVEN_UP, _TO_GIVEN_UP = _only_move(MessageEvent.GIVE_UP)
_LOSSES = _moves(MessageEvent.LOSE_LINK)


class MessageTally:
    """Counts by phase; in ABSENT stands, negative, how many ever came."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts = [0] * len(MessagePhase)

    @property
    def received(self) -> int:
        """How many ever came."""
        return -self.counts[MessagePhase.ABSENT]

    @property
    def decided(self) -> int:
        """How many await their reply."""
        return self.counts[_TO_DECIDED]

    def arrive(self, number: int) -> None:
        """So many whole messages came."""
        counts = self.counts
        counts[_FROM_ABSENT] -= number
        counts[_TO_WAITING] += number

    def serve(self, decided: int, ignored: int) -> None:
        """So many got a reply that now waits for the disk, so many get none."""
        counts = self.counts
        counts[_FROM_WAITING] -= decided
        counts[_TO_DECIDED] += decided
        if ignored:
            counts[_FROM_UNIGNORED] -= ignored
            counts[_TO_IGNORED] += ignored

    def refuse(self, number: int) -> None:
        """So many were refused undecided."""
        self.counts[_FROM_UNREFUSED] -= number
        self.counts[_TO_REFUSED] += number

    def reply(self, number: int) -> None:
        """So many replies were written."""
        counts = self.counts
        counts[_FROM_DECIDED] -= number
        counts[_TO_ANSWERED] += number

    def give_up(self, number: int) -> None:
        """So many, forwarded, get no reply after all."""
        self.counts[_FROM_GIVEN_UP] -= number
        self.counts[_TO_GIVEN_UP] += number

    def lose_link(self) -> None:
        """The link is gone: nothing that is open will be answered on it."""
        for origin, target in _LOSSES:
            self.counts[target] += self.counts[origin]
            self.counts[origin] = 0

    def add(self, *others: "MessageTally") -> None:
        """Sum up."""
        columns = zip(self.counts, *[other.counts for other in others], strict=True)
        self.counts = [sum(column) for column in columns]
