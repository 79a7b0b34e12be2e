"""A sale as messages, and what its answer means; no I/O."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from protocol.balances import unpack_balances
from protocol.dialect import IRR, EntryMode, ResponseCode, Tag, purchase_from
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.original_data import OriginalData
from till.faults import TillFault

AMOUNT_MAX = 999_999_999_999
_CARD = re.compile(r"[0-9]{8,19}(=[0-9]{1,17})?", re.ASCII)
_COPIED_BY_REVERSALS = (3, 4, 12, 13, 41, 42, 49)
# Other codes of a 0410 are final: 00 and 21 undid it, the rest would be the same for ever.
_REVERSAL_UNDECIDED = frozenset(
    (
        ResponseCode.NOT_PERMITTED_TO_TERMINAL,
        ResponseCode.SECURITY_VIOLATION,
        ResponseCode.RESPONSE_TOO_LATE,
        ResponseCode.SWITCH_INOPERATIVE,
        ResponseCode.SYSTEM_MALFUNCTION,
    )
)


class Outcome(StrEnum):
    """How a sale ended. Only `APPROVED` has moved points."""

    APPROVED = "approved"
    DECLINED = "declined"
    NOT_SENT = "not sent"
    REVERSED = "reversed"
    REVERSAL_OWED = "reversal owed"


@dataclass(frozen=True, slots=True)
class Sale:
    """The end of a sale.

    `response_code` is field 39, "" where there was no answer. Points and `to_pay`, in rial, are None where
    the answer doesn't tell them. `balances` are by purse code (91 points, 92 card credit). `text_fa` and
    `text_en` are the switch's words for the member.
    """

    outcome: Outcome
    response_code: str = ""
    rrn: str = ""
    points_earned: int | None = None
    points_spent: int | None = None
    to_pay: int | None = None
    text_fa: str = ""
    text_en: str = ""
    balances: dict[int, int] = field(default_factory=dict)

    @property
    def approved(self) -> bool:
        """Whether it counts."""
        return self.outcome is Outcome.APPROVED


def purchase_fields(card: str, amount: int, purse: int, merchant_id: str, now: datetime) -> dict[int, Value]:
    """Fields of a 0200, but for its identity.

    Args:
        card: the number as it was keyed or scanned, or track 2 without sentinels, with its "=".
        amount: in rial.
        purse: 0 for a sale that earns; 91 for one paid with points, 92 with card credit.
        now: the clock on the wall.

    Raises:
        TillFault: no such card, amount or purse can be written.
    """
    if not _CARD.fullmatch(card):
        raise TillFault("a card is 8 to 19 digits, or track 2 with its =")
    if not 1 <= amount <= AMOUNT_MAX:
        raise TillFault(f"an amount is from 1 to {AMOUNT_MAX} rial")
    if not (purse == 0 or 90 <= purse <= 99):
        raise TillFault("a purse is 0, or from 90 to 99")
    is_track = "=" in card
    return {
        3: purchase_from(purse),
        4: f"{amount:012d}",
        12: now.strftime("%H%M%S"),
        13: now.strftime("%m%d"),
        22: (EntryMode.STRIPE if is_track else EntryMode.KEYED).value,
        35 if is_track else 2: card,
        42: merchant_id,
        49: IRR,
    }


def reversal_fields(sale: Message) -> dict[int, Value]:
    """Fields of the 0400 that undoes a 0200, but for its identity; none of them tells the card."""
    copied = {number: sale.fields[number] for number in _COPIED_BY_REVERSALS if number in sale.fields}
    return {**copied, 90: OriginalData(sale.mti, sale.text(11), sale.text(7)).pack()}


def is_settled(answer: Message | None) -> bool:
    """Whether a reversal is over with this answer."""
    return answer is not None and answer.fields.get(39) not in _REVERSAL_UNDECIDED


def read_answer(answer: Message) -> Sale:
    """What a 0210 says."""
    code = _text(answer, 39)
    outcome = Outcome.APPROVED if code == ResponseCode.APPROVED else Outcome.DECLINED
    tags = answer.tags(48)

    def number(tag: Tag) -> int | None:
        value = tags.get(tag.value)
        return int(value) if isinstance(value, str) and value else None

    return Sale(
        outcome,
        response_code=code,
        rrn=_text(answer, 37),
        points_earned=number(Tag.POINTS_EARNED),
        points_spent=number(Tag.POINTS_SPENT),
        to_pay=number(Tag.NET_AMOUNT),
        text_fa=str(tags.get(Tag.MEMBER_TEXT_FA.value, "")),
        text_en=str(tags.get(Tag.MEMBER_TEXT_EN.value, "")),
        balances=_balances(_text(answer, 54)),
    )


def _balances(text: str) -> dict[int, int]:
    try:
        return {int(balance.account_type): balance.amount for balance in unpack_balances(text)}
    except (ProtocolFault, ValueError):
        # The sale stands, whatever is wrong with what is printed below it.
        return {}


def _text(message: Message, number: int) -> str:
    value = message.fields.get(number, "")
    return value if isinstance(value, str) else ""
