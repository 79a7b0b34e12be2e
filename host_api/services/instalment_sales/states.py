"""Where instalment sales and their payments stand."""

from enum import StrEnum


class InstalmentSaleState(StrEnum):
    """RUNNING until all is paid; CANCELLED: what was paid goes back."""

    RUNNING = "running"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class InstalmentMeans(StrEnum):
    """DIRECT: money at the seller's, who tells of it. POINTS and WALLET are the member's purses."""

    DIRECT = "direct"
    POINTS = "points"
    WALLET = "wallet"


class InstalmentPaymentState(StrEnum):
    """ASKED waits for the switch; REFUSED moved nothing. VOID: told by mistake. BACK: the sale is off, and
    the payment goes back: by the switch, or of a direct one by the seller."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    VOID = "void"
    BACK = "back"
