"""States of a card, and which may follow which."""

from enum import StrEnum
from typing import Final


class CardStatus(StrEnum):
    """Where a card stands.

    ORDERED: at the card bureau, unknown to the switch. NEW: in stock, may be given out. ACTIVE: a member's,
    or a gift card that was sold. BLOCKED: hot-listed, may be released. EXPIRED, REPLACED: hot-listed for
    good. DESTROYED: gone, also from the switch.
    """

    ORDERED = "ordered"
    NEW = "new"
    ACTIVE = "active"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    REPLACED = "replaced"
    DESTROYED = "destroyed"


class ChangeReason(StrEnum):
    """Why a card's state was changed."""

    ISSUED = "issued"
    RECEIVED = "received"
    SOLD = "sold"
    AT_TERMINAL = "at_terminal"
    UNDONE = "undone"
    LOST = "lost"
    STOLEN = "stolen"
    BY_CLUB = "by_club"
    BY_MEMBER = "by_member"
    FOUND = "found"
    DAMAGED = "damaged"
    MISPRINTED = "misprinted"
    MISSING = "missing"
    RENEWED = "renewed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_FOLLOWERS: Final = {
    CardStatus.ORDERED: {CardStatus.NEW, CardStatus.DESTROYED},
    CardStatus.NEW: {CardStatus.ACTIVE, CardStatus.EXPIRED, CardStatus.DESTROYED},
    CardStatus.ACTIVE: {
        CardStatus.BLOCKED,
        CardStatus.EXPIRED,
        CardStatus.REPLACED,
        CardStatus.DESTROYED,
    },
    CardStatus.BLOCKED: {
        CardStatus.ACTIVE,
        CardStatus.EXPIRED,
        CardStatus.REPLACED,
        CardStatus.DESTROYED,
    },
    CardStatus.EXPIRED: {CardStatus.REPLACED, CardStatus.DESTROYED},
    CardStatus.REPLACED: {CardStatus.DESTROYED},
    CardStatus.DESTROYED: set(),
}
# What a terminal takes back within minutes, only the journal tells.
_UNDONE: Final = {
    (CardStatus.ACTIVE, CardStatus.NEW),
    (CardStatus.REPLACED, CardStatus.ACTIVE),
}


def may_follow(before: CardStatus, after: CardStatus, reason: ChangeReason) -> bool:
    """Whether a card may go from one state to the other."""
    if reason is ChangeReason.UNDONE:
        return (before, after) in _UNDONE
    return after in _FOLLOWERS[before]


# Cards that count where a member may have so many.
HELD: Final = (CardStatus.ACTIVE, CardStatus.BLOCKED)
