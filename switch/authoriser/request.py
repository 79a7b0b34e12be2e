"""Requests as the authoriser takes them: typed, without wire forms, card numbers replaced by tokens."""

from enum import IntEnum
from typing import NamedTuple

from protocol.reconciliation import NO_TOTALS, BatchTotals
from switch.ledger.requests import request_key
from switch.rules.facts import Line


class Identity(NamedTuple):
    """What makes a request this one and no other.

    `transmitted_s` is field 7 resolved to UTC seconds; `digest` covers all content but repeat mark and MAC.
    """

    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes

    @property
    def key(self) -> int:
        """Key among the requests of its terminal."""
        return request_key(self.transmitted_s, self.stan)


class Step(IntEnum):
    """What the message class asks for: an answer only (or a hold), or something final."""

    AUTHORISATION = 1
    FINANCIAL = 2
    ADVICE = 3


class PinState(IntEnum):
    """What the gate found of a PIN."""

    ABSENT = 1
    RIGHT = 2
    WRONG = 3


class Details(NamedTuple):
    """What field 48 adds to a request; empty, 0 or None where it says nothing.

    `tender_amount` are minor units, `tender_units` units of the purse. `original_rrn` is the position of the
    sale, hold or adjustment that the request is about. `metrics` are name and value. `valid_days` 0 is for
    ever. `branch_number` is where a host says that a sale was made. Cards and phones are tokens.
    """

    tender_amount: int | None = None
    tender_units: int | None = None
    original_rrn: int = 0
    reward: str = ""
    lines: tuple[Line, ...] = ()
    code: str = ""
    operator: str = ""
    channel: str = ""
    metrics: tuple[tuple[str, int], ...] = ()
    event: str = ""
    reason: str = ""
    valid_days: int = 0
    branch_number: int = 0
    other_member: int | None = None
    new_card_token: bytes | None = None
    phone_token: bytes | None = None
    member_name: str = ""


NO_DETAILS = Details()


class Financial(NamedTuple):
    """Everything of classes 1 and 2: purchases, returns, inquiries, adjustments and their kin.

    `amount` in minor units of `currency`, 0 where the message has none. Exactly one of `card_token` and
    `member_number` names the member; only hosts may use the number.
    """

    identity: Identity
    step: Step
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    entry_mode: str
    card_token: bytes | None
    member_number: int | None
    details: Details = NO_DETAILS
    pin: PinState = PinState.ABSENT


class Reversal(NamedTuple):
    """Reversal (0400) of what field 90 names."""

    identity: Identity
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    original_mti: str
    original_stan: int
    original_s: int


class FileAction(NamedTuple):
    """Change of a record (0300); `card_token` where field 2 names a card."""

    identity: Identity
    action: str
    file_name: str
    card_token: bytes | None
    record: tuple[tuple[str, str | bytes], ...]


class Uploaded(NamedTuple):
    """One transaction of an upload as the terminal has it; `rrn` 0 where it got no reply."""

    mti: str
    processing_code: str
    stan: int
    transmitted_s: int
    amount: int
    rrn: int


class Reconciliation(NamedTuple):
    """Totals of a business day (0500), or transactions of one (0520: `is_upload`).

    `month_day` is field 15. `announced` is how many transactions an upload had that this 0500 ends, None
    where it ends none.
    """

    identity: Identity
    is_upload: bool
    merchant_id: str
    month_day: str
    totals: BatchTotals = NO_TOTALS
    announced: int | None = None
    records: tuple[Uploaded, ...] = ()


Request = Financial | Reversal | FileAction | Reconciliation
