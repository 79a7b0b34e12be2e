"""What the queue file holds, and the changes that are written to it."""

from enum import IntEnum
from typing import NamedTuple

from protocol.message import Message
from switch.journal.entries import ForwardedEntry


class Undone(IntEnum):
    """Who has taken a request back."""

    NO = 0
    BY_US = 1
    BY_TERMINAL = 2


class Forwarded(NamedTuple):
    """A request that went out, or may have: its identity here and at the partner's.

    `local_key` is as `Identity.key`; `digest` tells a repeat from another request. `mti` is without repeat
    mark. `terminal_id`, `sent_s` (epoch seconds, field 7) and `stan` are its identity at the partner's.
    """

    number: int
    local_terminal_id: str
    local_key: int
    digest: bytes
    mti: str
    terminal_id: str
    sent_s: int
    stan: int
    undone: Undone = Undone.NO


class Item(NamedTuple):
    """An advice or a reversal on its way.

    Those of one `order` (a terminal of ours) go out one after another, by `number`. `message` is what the
    partner gets; a reversal has no fields 7 and 11 yet, as it gets new ones with each attempt. `queued_ms`
    is epoch time. `entry` is what the journal tells of it. `dead_reason` is empty while it lives.
    """

    number: int
    order: str
    message: Message
    queued_ms: int
    entry: ForwardedEntry
    attempts: int = 0
    dead_reason: str = ""


class Remember(NamedTuple):
    """Keep a request's identities."""

    row: Forwarded


class Undo(NamedTuple):
    """A request was taken back."""

    local_terminal_id: str
    local_key: int
    undone: Undone


class Forget(NamedTuple):
    """Drop a request; its terminal's `floor` is the greatest key of any that was dropped."""

    row: Forwarded
    floor: int


class Pending(NamedTuple):
    """What the journal is yet to tell of a request; it stays in the file until that is durable.

    `position` is the journal's when this is written: the entry comes behind it. `reversal` takes the request
    back, a message as in `Item`; None once it is known what the request comes to.
    """

    number: int
    position: int
    entry: ForwardedEntry
    reversal: Message | None = None


class Journaled(NamedTuple):
    """The journal has told it, durably."""

    number: int


class Enqueue(NamedTuple):
    """Keep an item."""

    item: Item


class Attempted(NamedTuple):
    """An item went out so many times in vain."""

    number: int
    attempts: int


class Remove(NamedTuple):
    """An item has arrived, or is given up."""

    number: int


class Bury(NamedTuple):
    """An item is a dead letter."""

    number: int
    attempts: int
    reason: str


class Revive(NamedTuple):
    """A dead letter is to be tried again."""

    number: int


Change = Remember | Undo | Forget | Pending | Journaled | Enqueue | Attempted | Remove | Bury | Revive


class Loaded(NamedTuple):
    """The queue file's content, oldest first. `floors` by terminal here."""

    rows: tuple[Forwarded, ...]
    items: tuple[Item, ...]
    pending: tuple[Pending, ...]
    floors: dict[str, int]
    next_number: int
