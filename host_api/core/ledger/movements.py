"""What a service can ask of the switch's ledger, as the fields of its message (docs/messages.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from host_api.core.persian_text import shorten_to_bytes
from protocol.dialect import (
    IRR,
    NO_CURRENCY,
    ProcessingCode,
    PurseCode,
    Tag,
    conversion_of,
    credit_adjustment_of,
    debit_adjustment_of,
    debit_return_of,
    load_of,
    purchase_from,
    transfer_of,
)

# The club's own acts are not a shop's.
CLUB_MERCHANT_ID = "CLUB"

LARGEST_AMOUNT = 999_999_999_999
LONGEST_DAYS = 9_999

_REASON_BYTES = 40
_MONEY = (PurseCode.CREDIT, PurseCode.WALLET, PurseCode.GIFT)


class MovementKind(StrEnum):
    """What a request does."""

    CREDIT = "credit"
    DEBIT = "debit"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    EVENT = "event"
    RELEASE = "release"
    LOAD = "load"
    SALE = "sale"
    SPENDING = "spending"
    HOLD = "hold"
    COMPLETION = "completion"
    RETURN = "return"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Movement:
    """One request's content.

    Parameters:
        amount: units of the purse; of spendings, holds and returns the bill's minor units.
        purse: account type (60 to 99), 0 where the rules decide or the original has it.
        member_id, card_number: exactly one of them; a card number is forgotten once the request is over.
    """

    kind: MovementKind
    processing_code: str
    amount: int
    purse: int
    currency: str
    member_id: int | None = None
    card_number: str | None = None
    other_member_id: int | None = None
    merchant_id: str = CLUB_MERCHANT_ID
    mti: str = "0200"
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for what no message could say."""
        if not 0 <= self.amount <= LARGEST_AMOUNT:
            raise ValueError("an amount has at most twelve digits")
        if (self.member_id is None) == (self.card_number is None):
            raise ValueError("a movement names a member or a card")

    @property
    def can_be_reversed(self) -> bool:
        """Whether a doubtful one can be taken back.

        A release and the void of a hold can't, and may be repeated for ever.
        """
        return self.kind not in {MovementKind.RELEASE, MovementKind.VOID}


def unit_currency(purse: int) -> str:
    """Field 49 of what moves within a purse."""
    return IRR if purse in _MONEY else NO_CURRENCY


def credit(
    member_id: int, purse: int, amount: int, reason: str, *, valid_days: int | None = None
) -> Movement:
    """Give to a member's purse; EARN-15.

    Parameters:
        valid_days: how many days after today it can be spent, 1 to 9999; None for ever.
    """
    given = _adjustment(MovementKind.CREDIT, member_id, purse, amount, reason)
    if valid_days is None:
        return given
    if not 0 < valid_days <= LONGEST_DAYS:
        raise ValueError("what is given is valid for 1 to 9999 days")
    return replace(given, tags={**given.tags, Tag.VALID_DAYS.value: f"{valid_days:04d}"})


def debit(member_id: int, purse: int, amount: int, reason: str) -> Movement:
    """Take from a member's purse; EARN-15."""
    return _adjustment(MovementKind.DEBIT, member_id, purse, amount, reason)


def transfer(member_id: int, other_member_id: int, purse: int, amount: int) -> Movement:
    """From a member to another, within a purse that may be given away; what is given keeps its expiry."""
    return Movement(
        MovementKind.TRANSFER,
        transfer_of(purse),
        amount,
        purse,
        unit_currency(purse),
        member_id=member_id,
        other_member_id=other_member_id,
        tags={Tag.OTHER_MEMBER.value: f"{other_member_id:012d}"},
    )


def conversion(member_id: int, from_purse: int, to_purse: int, amount: int) -> Movement:
    """Between two purses of a member, at the rate of a rule."""
    return Movement(
        MovementKind.CONVERSION,
        conversion_of(from_purse, to_purse),
        amount,
        from_purse,
        unit_currency(from_purse),
        member_id=member_id,
    )


def event(member_id: int, name: str, amount: int = 0) -> Movement:
    """Something that earns without a sale, by the rules; `amount` in rial where they ask for one."""
    return Movement(
        MovementKind.EVENT,
        ProcessingCode.EVENT.value,
        amount,
        0,
        IRR,
        member_id=member_id,
        tags={Tag.EVENT.value: name},
    )


def release(member_id: int, rrn: str) -> Movement:
    """Make what the transaction `rrn` earned on action spendable."""
    return Movement(
        MovementKind.RELEASE,
        ProcessingCode.RELEASE.value,
        0,
        0,
        IRR,
        member_id=member_id,
        tags={Tag.ORIGINAL_RRN.value: rrn},
    )


def load(
    purse: int, amount: int, *, merchant_id: str, member_id: int | None = None, card_number: str | None = None
) -> Movement:
    """Stored value that a merchant has taken money for."""
    return Movement(
        MovementKind.LOAD,
        load_of(purse),
        amount,
        purse,
        unit_currency(purse),
        member_id=member_id,
        card_number=card_number,
        merchant_id=merchant_id,
    )


def sale(
    member_id: int, bill: int, *, merchant_id: str, branch_number: int, channel: str, basket: str = ""
) -> Movement:
    """A sale for so many rial that a merchant has made without a terminal: it earns by the rules.

    `basket` names its lines, as tag DF10 has them.
    """
    tags = {Tag.CHANNEL.value: channel, Tag.BRANCH_NUMBER.value: f"{branch_number:06d}"}
    return Movement(
        MovementKind.SALE,
        purchase_from(0),
        bill,
        0,
        IRR,
        member_id=member_id,
        merchant_id=merchant_id,
        tags={**tags, **({Tag.BASKET.value: basket} if basket else {})},
    )


def spending(
    member_id: int,
    purse: int,
    bill: int,
    *,
    units: int | None = None,
    merchant_id: str = CLUB_MERCHANT_ID,
    is_hold: bool = False,
) -> Movement:
    """Pay a bill of so many rial from a purse, whole or with `units` of it; or hold that much."""
    return Movement(
        MovementKind.HOLD if is_hold else MovementKind.SPENDING,
        purchase_from(purse),
        bill,
        purse,
        IRR,
        member_id=member_id,
        merchant_id=merchant_id,
        mti="0100" if is_hold else "0200",
        tags={} if units is None else {Tag.TENDER_UNITS.value: f"{units:012d}"},
    )


def completion(
    member_id: int, purse: int, bill: int, rrn: str, *, merchant_id: str = CLUB_MERCHANT_ID
) -> Movement:
    """Spend what the hold `rrn` keeps aside; the rest of it is free again."""
    return Movement(
        MovementKind.COMPLETION,
        purchase_from(purse),
        bill,
        purse,
        IRR,
        member_id=member_id,
        merchant_id=merchant_id,
        tags={Tag.ORIGINAL_RRN.value: rrn},
    )


def return_of(
    member_id: int | None,
    bill: int,
    rrn: str,
    *,
    card_number: str | None = None,
    merchant_id: str = CLUB_MERCHANT_ID,
    basket: str = "",
) -> Movement:
    """Return so much of the sale `rrn`, of a gift card by its number.

    `basket` names the lines that come back, as tag DF10 has them.
    """
    return Movement(
        MovementKind.RETURN,
        ProcessingCode.RETURN.value,
        bill,
        0,
        IRR,
        member_id=member_id,
        card_number=card_number,
        merchant_id=merchant_id,
        tags={Tag.ORIGINAL_RRN.value: rrn, **({Tag.BASKET.value: basket} if basket else {})},
    )


def return_of_debit(member_id: int, purse: int, units: int, rrn: str) -> Movement:
    """Give units of the debit `rrn` back with the expiry that they had; in parts, until all are back."""
    return Movement(
        MovementKind.RETURN,
        debit_return_of(purse),
        units,
        purse,
        unit_currency(purse),
        member_id=member_id,
        tags={Tag.ORIGINAL_RRN.value: rrn},
    )


def void_of_hold(
    member_id: int | None,
    bill: int,
    rrn: str,
    *,
    card_number: str | None = None,
    merchant_id: str = CLUB_MERCHANT_ID,
) -> Movement:
    """Free all that the hold `rrn` keeps aside."""
    return Movement(
        MovementKind.VOID,
        ProcessingCode.RETURN.value,
        bill,
        0,
        IRR,
        member_id=member_id,
        card_number=card_number,
        merchant_id=merchant_id,
        tags={Tag.ORIGINAL_RRN.value: rrn},
    )


def _adjustment(kind: MovementKind, member_id: int, purse: int, amount: int, reason: str) -> Movement:
    of = credit_adjustment_of if kind is MovementKind.CREDIT else debit_adjustment_of
    return Movement(
        kind,
        of(purse),
        amount,
        purse,
        unit_currency(purse),
        member_id=member_id,
        tags={Tag.REASON.value: shorten_to_bytes(reason, _REASON_BYTES).rstrip()},
    )
