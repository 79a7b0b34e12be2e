"""What is counted of one place on one business day; figures only ever add up."""

from enum import IntEnum
from typing import NamedTuple

from switch.journal.entries import NO_GRANT, Reason, Transfer
from switch.ledger.accounts import AccountKind, ProgrammeAccount, account_parts, has_lots
from switch.rules.outcome import Party

SETTLED_PARTIES = (Party.MERCHANT, Party.PARTNER, Party.CHARITY)


class Place(NamedTuple):
    """Where something happened, as the terminal's record said then. A host's link has only the merchant."""

    merchant_id: str
    branch_number: int
    guild: str
    terminal_id: str


NOWHERE = Place("", 0, "", "")


class Sale(IntEnum):
    """Columns of what a till did, in rial. A reversal is counted when it is accepted.

    DISCOUNT and TENDERED are those of sales less those of reversed sales, NET_MONEY is the money that the
    till should have taken: sales less discounts and what was paid from purses, less refunds, plus loads.
    """

    PURCHASES = 0
    PURCHASE_AMOUNT = 1
    RETURNS = 2
    RETURN_AMOUNT = 3
    LOADS = 4
    LOAD_AMOUNT = 5
    REVERSALS = 6
    REVERSAL_AMOUNT = 7
    DISCOUNT = 8
    TENDERED = 9
    NET_MONEY = 10


class Flow(IntEnum):
    """Columns of what members' purses gained and lost, in the purse's units; BACK is what was undone."""

    EARNED = 0
    EARNED_BACK = 1
    SPENT = 2
    SPENT_BACK = 3
    LOADED = 4
    LOADED_BACK = 5


class Cause(IntEnum):
    """Why the account of a merchant, partner or charity moved; even ones are undone by the next."""

    SPENT = 0
    SPENT_BACK = 1
    LOADED = 2
    LOADED_BACK = 3
    FUNDED = 4
    FUNDED_BACK = 5
    EARNED = 6
    EARNED_BACK = 7
    OTHER = 8


class Side(NamedTuple):
    """Whose account, of which purse."""

    party: Party
    number: int
    purse: int


class PlaceFigures:
    """All figures of one place on one day."""

    __slots__ = ("flows", "funding", "movements", "sales")

    def __init__(self) -> None:
        self.sales = [0] * len(Sale)
        self.flows: dict[int, list[int]] = {}
        self.funding: dict[Side, int] = {}
        self.movements: dict[Side, list[int]] = {}

    def add(self, other: "PlaceFigures") -> None:
        """Add another place's or day's figures."""
        self.sales = [mine + theirs for mine, theirs in zip(self.sales, other.sales, strict=True)]
        for purse, flows in other.flows.items():
            _add(self.flows.setdefault(purse, [0] * len(Flow)), flows)
        for side, amount in other.funding.items():
            self.funding[side] = self.funding.get(side, 0) + amount
        for side, causes in other.movements.items():
            _add(self.movements.setdefault(side, [0] * len(Cause)), causes)

    def note_flow(self, transfer: Transfer) -> None:
        """Count what a posted transfer did to a member's purse, and who paid for it."""
        flow = _flow(transfer)
        if flow is None:
            return
        if has_lots(transfer.credit if flow in _GAINS else transfer.debit):
            self.flows.setdefault(transfer.purse, [0] * len(Flow))[flow] += transfer.amount
        if flow is Flow.EARNED:
            self._fund(transfer.debit, transfer.amount)
        elif flow is Flow.EARNED_BACK:
            self._fund(transfer.credit, -transfer.amount)

    def note_movement(self, account: int, transfer: Transfer) -> None:
        """Count what a posted transfer did to an account of a settled party: plus is what it is owed."""
        sign = 1 if transfer.credit == account else -1
        flow = _flow(transfer)
        cause = Cause.OTHER if flow is None else _cause(flow, sign)
        side = Side(*account_parts(account))
        self.movements.setdefault(side, [0] * len(Cause))[cause] += sign * transfer.amount

    def _fund(self, account: int, amount: int) -> None:
        side = Side(*account_parts(account))
        self.funding[side] = self.funding.get(side, 0) + amount


_GAINS = (Flow.EARNED, Flow.SPENT_BACK, Flow.LOADED)
_FORWARD = {
    Reason.EARN: Flow.EARNED,
    Reason.SPEND: Flow.SPENT,
    Reason.COST: Flow.SPENT,
    Reason.LOAD: Flow.LOADED,
}


def _flow(transfer: Transfer) -> Flow | None:
    """What a transfer is to members; None for corrections, conversions, expiry and gifts among members."""
    forward = _FORWARD.get(transfer.reason)
    if forward is not None:
        return forward
    if transfer.reason not in (Reason.RETURN, Reason.REVERSE):
        return None
    party, number, _ = account_parts(transfer.debit if has_lots(transfer.credit) else transfer.credit)
    if transfer.grant == NO_GRANT:
        return Flow.LOADED_BACK if party is AccountKind.MERCHANT else None
    if party is AccountKind.PROGRAMME and number != ProgrammeAccount.LIABILITY:
        return None
    return Flow.SPENT_BACK if has_lots(transfer.credit) else Flow.EARNED_BACK


def _cause(flow: Flow, sign: int) -> Cause:
    """The same as the settled party sees it: an earning is its gain where it is credited, else its cost."""
    if flow is Flow.EARNED:
        return Cause.EARNED if sign > 0 else Cause.FUNDED
    if flow is Flow.EARNED_BACK:
        return Cause.FUNDED_BACK if sign > 0 else Cause.EARNED_BACK
    return _CAUSES[flow]


_CAUSES = {
    Flow.SPENT: Cause.SPENT,
    Flow.SPENT_BACK: Cause.SPENT_BACK,
    Flow.LOADED: Cause.LOADED,
    Flow.LOADED_BACK: Cause.LOADED_BACK,
}


def _add(mine: list[int], theirs: list[int]) -> None:
    for index, amount in enumerate(theirs):
        mine[index] += amount
