"""Where paid notices and their messages stand."""

from enum import StrEnum


class NoticeMeans(StrEnum):
    """What a seller pays a notice with: its account with the club, or the purses of a member who sells."""

    ACCOUNT = "account"
    POINTS = "points"
    WALLET = "wallet"


class PaidNoticeState(StrEnum):
    """QUOTED: the seller sees the price. PAYING waits for the switch, ASKED for a second person of the club.
    SENDING queues messages, SETTLING waits until each is sent or lost; then it is billed, and DONE.

    REFUSED: not paid. REJECTED by the club and CANCELLED by the seller cost nothing.
    """

    QUOTED = "quoted"
    PAYING = "paying"
    ASKED = "asked"
    SENDING = "sending"
    SETTLING = "settling"
    DONE = "done"
    REFUSED = "refused"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class NoticeMessageState(StrEnum):
    """QUEUED for the gateway, SENT by it, or LOST: not sent in its time, and not billed."""

    QUEUED = "queued"
    SENT = "sent"
    LOST = "lost"
