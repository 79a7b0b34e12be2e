"""Where orders at storefronts stand."""

from enum import StrEnum


class StorefrontPayment(StrEnum):
    """How an order is paid: directly to the seller, from a purse, or in instalments."""

    DIRECT = "direct"
    POINTS = "points"
    WALLET = "wallet"
    INSTALMENTS = "instalments"


class StorefrontOrderState(StrEnum):
    """PAYING waits for the switch. PLACED waits for the seller, CONFIRMED for the delivery, DELIVERED for the
    end of the days in which it can go back; COMPLETED ends well.

    REFUSED: not paid. DECLINED by the seller; CANCELLED by the member; WITHDRAWN by the seller after
    confirming; LAPSED: the seller let the time go by. RETURNED after delivery.
    """

    PAYING = "paying"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    REFUSED = "refused"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    RETURNED = "returned"


WITH_DEADLINE = (
    StorefrontOrderState.PLACED,
    StorefrontOrderState.CONFIRMED,
    StorefrontOrderState.DELIVERED,
)
OPEN = (StorefrontOrderState.PAYING, *WITH_DEADLINE)
BOUGHT = (*OPEN, StorefrontOrderState.COMPLETED)
