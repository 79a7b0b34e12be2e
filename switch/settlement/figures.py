"""What is counted of one place on one business day; figures only ever add up."""

from enum import IntEnum
from typing import NamedTuple

from switch.journal.entries import Transfer
from switch.ledger.accounts import account_parts, has_lots
from switch.rules.outcome import Party
from switch.settlement.discounts import Shares

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


class Away(IntEnum):
    """Columns of what a till did with cards that a partner's switch decides, in rial; as those of `Sale`.

    Amounts are field 4, the others what the partner told: it settles them. Of advices it told nothing: all of
    the amount counts as money. DISCARDED is what it will never get, advices and reversals: an operator gave
    them up.
    """

    FORWARDED_PURCHASES = 0
    FORWARDED_PURCHASE_AMOUNT = 1
    FORWARDED_RETURNS = 2
    FORWARDED_RETURN_AMOUNT = 3
    FORWARDED_LOADS = 4
    FORWARDED_LOAD_AMOUNT = 5
    FORWARDED_REVERSALS = 6
    FORWARDED_REVERSAL_AMOUNT = 7
    FORWARDED_DISCOUNT = 8
    FORWARDED_TENDERED = 9
    FORWARDED_NET_MONEY = 10
    FORWARDED_DISCARDED = 11
    FORWARDED_DISCARDED_AMOUNT = 12


class Discount(IntEnum):
    """Columns of the discounts, in rial: DISCOUNT of the sales less BACK, what returns took back, is what the
    others pay together. The merchant has paid its own part by taking less money; the others owe it theirs."""

    DISCOUNT_BACK = 0
    DISCOUNT_BY_PROGRAMME = 1
    DISCOUNT_BY_MERCHANT = 2
    DISCOUNT_BY_PARTNERS = 3


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


class Payout(IntEnum):
    """Columns of what the programme owes for a day, in rial; minus is what it is owed.

    TENDERED is the worth of what members spent, FUNDED of earnings paid for, LOADED of stored value sold,
    EARNED of own earnings, OTHER of every other movement; each less what was undone of it. DISCOUNTS is what
    the programme and partners pay of a merchant's discounts, and of a partner what it pays itself.
    """

    TENDERED_RIAL = 0
    DISCOUNTS_RIAL = 1
    FUNDED_RIAL = 2
    LOADED_RIAL = 3
    EARNED_RIAL = 4
    OTHER_RIAL = 5


# Of each payout but DISCOUNTS the causes that it is the worth of.
CAUSES_OF: dict[Payout, tuple[Cause, ...]] = {
    Payout.TENDERED_RIAL: (Cause.SPENT, Cause.SPENT_BACK),
    Payout.FUNDED_RIAL: (Cause.FUNDED, Cause.FUNDED_BACK),
    Payout.LOADED_RIAL: (Cause.LOADED, Cause.LOADED_BACK),
    Payout.EARNED_RIAL: (Cause.EARNED, Cause.EARNED_BACK),
    Payout.OTHER_RIAL: (Cause.OTHER,),
}


class Side(NamedTuple):
    """Whose account, of which purse."""

    party: Party
    number: int
    purse: int


class PlaceFigures:
    """All figures of one place on one day. `discounts` are by column, `partners` what each pays of them.
    `away` are the columns of forwarded requests by the link's name."""

    __slots__ = ("away", "discounts", "flows", "funding", "movements", "partners", "sales")

    def __init__(self) -> None:
        self.sales = [0] * len(Sale)
        self.discounts = [0] * len(Discount)
        self.partners: dict[int, int] = {}
        self.away: dict[str, list[int]] = {}
        self.flows: dict[int, list[int]] = {}
        self.funding: dict[Side, int] = {}
        self.movements: dict[Side, list[int]] = {}

    def add(self, other: "PlaceFigures") -> None:
        """Add another place's or day's figures."""
        self.sales = [mine + theirs for mine, theirs in zip(self.sales, other.sales, strict=True)]
        _add(self.discounts, other.discounts)
        for number, amount in other.partners.items():
            self.partners[number] = self.partners.get(number, 0) + amount
        for purse, flows in other.flows.items():
            _add(self.flows.setdefault(purse, [0] * len(Flow)), flows)
        for side, amount in other.funding.items():
            self.funding[side] = self.funding.get(side, 0) + amount
        for side, causes in other.movements.items():
            _add(self.movements.setdefault(side, [0] * len(Cause)), causes)

    def away_of(self, link: str) -> list[int]:
        """Columns of what went to one partner, which may be counted up."""
        return self.away.setdefault(link, [0] * len(Away))

    def note_discounts(self, shares: Shares, sign: int = 1) -> None:
        """Count who pays for a sale's discounts; of a reversed one with `sign` -1."""
        for (party, number), amount in shares.items():
            self.discounts[_PAYERS[party]] += sign * amount
            if party is Party.PARTNER:
                self.partners[number] = self.partners.get(number, 0) + sign * amount

    def note_discounts_back(self, shares: Shares) -> None:
        """Count what a return changes of them."""
        self.discounts[Discount.DISCOUNT_BACK] -= sum(shares.values())
        self.note_discounts(shares)

    def note_flow(self, flow: Flow, sign: int, transfer: Transfer) -> None:
        """Count what a posted transfer did to a member's purse, and who paid for it.

        `sign` is -1 where it takes back what is counted in this column.
        """
        amount = sign * transfer.amount
        if has_lots(transfer.credit) or has_lots(transfer.debit):
            self.flows.setdefault(transfer.purse, [0] * len(Flow))[flow] += amount
        if flow is Flow.EARNED:
            self._fund(transfer.debit, amount)
        elif flow is Flow.EARNED_BACK:
            self._fund(transfer.credit if sign > 0 else transfer.debit, -amount)

    def note_movement(self, account: int, cause: Cause, transfer: Transfer) -> None:
        """Count what a posted transfer did to an account of a settled party: plus is what it is owed."""
        amount = transfer.amount if transfer.credit == account else -transfer.amount
        self.movements.setdefault(Side(*account_parts(account)), [0] * len(Cause))[cause] += amount

    def _fund(self, account: int, amount: int) -> None:
        side = Side(*account_parts(account))
        self.funding[side] = self.funding.get(side, 0) + amount


_PAYERS = {
    Party.PROGRAMME: Discount.DISCOUNT_BY_PROGRAMME,
    Party.MERCHANT: Discount.DISCOUNT_BY_MERCHANT,
    Party.PARTNER: Discount.DISCOUNT_BY_PARTNERS,
}


def _add(mine: list[int], theirs: list[int]) -> None:
    for index, amount in enumerate(theirs):
        mine[index] += amount
