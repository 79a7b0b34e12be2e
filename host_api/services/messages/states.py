"""Channels that messages go by, and where a message stands."""

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """How a member is reached."""

    SMS = "sms"
    EMAIL = "email"
    INBOX = "inbox"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    """Where a message stands.

    HELD waits for a person to release its topic's messages. SENDING is with a gateway; DOUBTFUL was when the
    process ended, and the gateway can't be asked: it isn't sent again by itself. DROPPED was not to be sent.
    """

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    DROPPED = "dropped"
    LATE = "late"


class Purpose(StrEnum):
    """Why a message is sent; one-time codes are none of these, and go at any time."""

    SERVICE = "service"
    PROMOTIONAL = "promotional"


# What was not sent, and why.
NO_ADDRESS: Final = "no-address"
NO_CONSENT: Final = "no-consent"
SUPPRESSED: Final = "suppressed"
CAPPED: Final = "capped"
TEMPLATE_GONE: Final = "template-gone"
LATE: Final = "late"
