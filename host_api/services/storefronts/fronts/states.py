"""Where storefronts, goods and privileges stand."""

from enum import StrEnum


class ShowState(StrEnum):
    """ASKED waits for a second person; members see what is SHOWN. CLOSED: its seller has taken it away."""

    ASKED = "asked"
    SHOWN = "shown"
    REJECTED = "rejected"
    CLOSED = "closed"


class StorefrontGoodKind(StrEnum):
    """What is sold."""

    GOODS = "goods"
    SERVICE = "service"
