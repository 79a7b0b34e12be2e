"""Where auctions and bids stand."""

from enum import StrEnum


class AuctionState(StrEnum):
    """OPEN until it is settled, also before its start and while the last bids are decided; then SOLD, UNSOLD
    (nobody has bid) or CANCELLED."""

    OPEN = "open"
    SOLD = "sold"
    UNSOLD = "unsold"
    CANCELLED = "cancelled"


class BidState(StrEnum):
    """ASKED: the switch is asked for its points. LEADING: they are set aside, and nobody has bid more.
    RETURNING and RETURNED: they go back. UNRETURNED: the switch refused that, and can be asked again. WON:
    they have paid the order. REFUSED: too few points. DOUBTFUL waits for the reconciliation."""

    ASKED = "asked"
    LEADING = "leading"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"
    WON = "won"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"

    @property
    def holds_points(self) -> bool:
        """Whether points of the member may be set aside for it."""
        return self not in (BidState.RETURNED, BidState.WON, BidState.REFUSED)
