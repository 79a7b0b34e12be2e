"""Where sellers, settlements and movements stand, and what lines are of."""

from enum import StrEnum


class SellerState(StrEnum):
    """ASKED waits for a second person; only an ACTIVE one begins anything new."""

    ASKED = "asked"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


class SellerStatus(StrEnum):
    """What the club makes of one that was approved."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class SellerSettlementState(StrEnum):
    """ASKED waits for a second person."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"


class SellerLineKind(StrEnum):
    """Lines of a seller's account.

    PAYMENT: a member has paid from a purse, COMMISSION what the club keeps of that; BACK of each is their
    return. BONUS: points given at the seller's cost. NOTICE: messages sent. SETTLEMENT: money that was paid.
    """

    PAYMENT = "payment"
    PAYMENT_BACK = "payment_back"
    COMMISSION = "commission"
    COMMISSION_BACK = "commission_back"
    BONUS = "bonus"
    NOTICE = "notice"
    SETTLEMENT = "settlement"


class SellerMovementKind(StrEnum):
    """PAYMENT: a member pays for what is sold. BONUS: a member gets points of a seller. FEE: a seller pays
    the club."""

    PAYMENT = "payment"
    BONUS = "bonus"
    FEE = "fee"


class SellerMovementState(StrEnum):
    """ASKED waits for the switch. REFUSED moved nothing; DOUBTFUL is for the next reconciliation. RETURNING
    gives units back; UNRETURNED could not, and wants a person."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"

    @property
    def is_open(self) -> bool:
        """Whether the switch, or a person, still has to do something."""
        return self not in (
            SellerMovementState.DONE,
            SellerMovementState.REFUSED,
            SellerMovementState.RETURNED,
        )


class PurseMeans(StrEnum):
    """Purses that pay for what sellers sell: points at the club's worth, or rials of the wallet."""

    POINTS = "points"
    WALLET = "wallet"
