"""Where orders, their lines and what is given back stand."""

from enum import StrEnum


class ShopOrderState(StrEnum):
    """States of an order.

    PAYING: the switch is asked. ACCEPTED: all lines are paid. UNDOING: a line was refused, and what others
    have paid is on its way back. REFUSED: nothing is paid, or all is back.
    """

    PAYING = "paying"
    ACCEPTED = "accepted"
    UNDOING = "undoing"
    REFUSED = "refused"


class OrderLineState(StrEnum):
    """States of a line.

    PAYING, then PAID or REFUSED; DOUBTFUL waits for the reconciliation. A reservation is PAID until its time.
    Then PREPARING, and SENT or READY at a counter, and DELIVERED; of a reservation DELIVERED or NO_SHOW.
    UNDONE: the order is off. CANCELLED before delivery, RETURNED after it, whole.
    """

    PAYING = "paying"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    PAID = "paid"
    PREPARING = "preparing"
    SENT = "sent"
    READY = "ready"
    DELIVERED = "delivered"
    NO_SHOW = "no_show"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class GivingBackState(StrEnum):
    """States of what is given back: FAILED was declined by the switch, and can be asked again."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class GivingBackCause(StrEnum):
    """Why points come back."""

    UNDO = "undo"
    CANCELLATION = "cancellation"
    RETURN = "return"
