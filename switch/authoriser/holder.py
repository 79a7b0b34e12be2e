"""Who stands behind a card or member number, and what they may use."""

from typing import NamedTuple

from protocol.dialect import ResponseCode
from switch.authoriser.request import Financial
from switch.ledger.accounts import account_number
from switch.ledger.records import CardRecord, MemberRecord, Role, Status, TerminalRecord
from switch.ledger.state import State, purse_account
from switch.rules.outcome import Party
from switch.rules.table import RuleTable

GIFT_CARD_TYPE = "GIFT"


class Holder(NamedTuple):
    """Card and member as far as they are known. A gift card has no member: it holds its own purses."""

    card: CardRecord | None
    member: MemberRecord | None

    @property
    def member_number(self) -> int | None:
        """Number of the member, if there is one."""
        return None if self.member is None else self.member.number

    @property
    def card_reference(self) -> int | None:
        """Club's reference of the card, if one was shown."""
        return None if self.card is None else self.card.reference

    @property
    def can_hold(self) -> bool:
        """Whether there are accounts at all."""
        return self.member is not None or self.card is not None

    def account(self, table: RuleTable, purse: int) -> int | None:
        """Account that a purse of this holder is; None where nobody can hold anything."""
        if self.member is not None:
            return purse_account(self.member, table.purses[purse])
        if self.card is not None:
            return account_number(Party.GIFT_CARD, self.card.reference, purse)
        return None

    def balances(self, state: State, table: RuleTable, now_s: int) -> dict[int, int]:
        """What can be spent at a time, by purse; purses that were never used are left out."""
        member, card = self.member, self.card
        if member is not None:
            own = account_number(Party.MEMBER, member.number, 0)
        elif card is not None:
            own = account_number(Party.GIFT_CARD, card.reference, 0)
        else:
            return {}
        found = {}
        accounts, lots = state.accounts, state.lots
        for code, purse in table.purses.items():
            account = own | code
            if purse.is_pooled and member is not None:
                account = purse_account(member, purse)
            if account in accounts:
                found[code] = lots.available(account, now_s)
        return found


NOBODY = Holder(None, None)


def holder_of(state: State, request: Financial, today: int) -> tuple[Holder, ResponseCode | None]:
    """The holder that a request names, and why they can't be served. `today` is YYYYMMDD in local time."""
    if request.card_token is None:
        member = None if request.member_number is None else state.members.get(request.member_number)
        if member is None:
            return NOBODY, ResponseCode.INVALID_CARD_NUMBER
        return Holder(None, member), _member_fault(member)
    card = state.cards.get(request.card_token)
    if card is None:
        return NOBODY, ResponseCode.INVALID_CARD_NUMBER
    member = state.members.get(card.member_number)
    holder = Holder(card, member)
    if card.status == Status.NEW:
        return holder, ResponseCode.CARD_NOT_ACTIVE
    if member is None and card.card_type != GIFT_CARD_TYPE:
        return holder, ResponseCode.INVALID_CARD_NUMBER
    if card.status != Status.ACTIVE:
        return holder, ResponseCode.RESTRICTED_CARD
    if card.expires_on and card.expires_on < today:
        return holder, ResponseCode.EXPIRED_CARD
    return holder, None if member is None else _member_fault(member)


def merchant_fault(state: State, merchant_id: str, terminal: TerminalRecord) -> ResponseCode | None:
    """A terminal acts for its own merchant, a host for any that has a terminal."""
    permitted = (
        merchant_id in state.merchant_ordinals
        if terminal.role == Role.HOST
        else merchant_id == terminal.merchant_id
    )
    return None if permitted else ResponseCode.INVALID_MERCHANT


def _member_fault(member: MemberRecord) -> ResponseCode | None:
    return None if member.status == Status.ACTIVE else ResponseCode.NOT_PERMITTED_TO_CARDHOLDER
