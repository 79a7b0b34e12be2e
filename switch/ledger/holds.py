"""Holds: amounts that an authorisation keeps aside until it is completed, released or has expired."""

import heapq
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from switch.journal.entries import LotMove, Stage, TransactionEntry, transfer_number
from switch.ledger.accounts import account_purse

_CLOSED_EXPIRIES_MAX = 64


class Hold(NamedTuple):
    """What an authorisation holds.

    `position` is that of its entry, `transfer` the number of its pending transfer, which goes from `account`
    to `credit_account`. `lots` are the lots that the amount left, `tendered` the part of the bill that it
    pays (minor units).
    """

    position: int
    transfer: int
    account: int
    credit_account: int
    amount: int
    lots: tuple[LotMove, ...]
    expires_at_s: int
    terminal_id: str
    merchant_id: str
    card_reference: int | None
    member_number: int | None
    tendered: int

    @property
    def purse(self) -> int:
        """Code of the purse that the amount is held in."""
        return account_purse(self.account)


class Holds(Mapping[int, Hold]):
    """The open holds by the position of their authorisation.

    Beside them lie their expiries in a heap, which may name closed ones too, but never many.
    """

    __slots__ = ("_expiries", "_open")

    def __init__(self) -> None:
        self._open: dict[int, Hold] = {}
        self._expiries: list[tuple[int, int]] = []

    def __getitem__(self, position: int) -> Hold:
        return self._open[position]

    def __iter__(self) -> Iterator[int]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, hold: Hold) -> None:
        """Take up a hold."""
        self._open[hold.position] = hold
        heapq.heappush(self._expiries, (hold.expires_at_s, hold.position))

    def close(self, position: int) -> None:
        """Drop a hold. Raises KeyError where it isn't open."""
        del self._open[position]
        if len(self._expiries) > 2 * len(self._open) + _CLOSED_EXPIRIES_MAX:
            self._expiries = [(hold.expires_at_s, hold.position) for hold in self._open.values()]
            heapq.heapify(self._expiries)

    def expired(self, now_s: int, limit: int) -> list[Hold]:
        """At most `limit` holds that have run out, by expiry and position. Looks at no others."""
        expiries = self._expiries
        found: list[Hold] = []
        while expiries and expiries[0][0] <= now_s and len(found) < limit:
            hold = self._open.get(heapq.heappop(expiries)[1])
            if hold is not None:
                found.append(hold)
        for hold in found:
            heapq.heappush(expiries, (hold.expires_at_s, hold.position))
        return found


def hold_of(position: int, entry: TransactionEntry) -> Hold | None:
    """The hold that an entry opens, if it opens one."""
    for index, transfer in enumerate(entry.transfers):
        if transfer.stage is Stage.PENDING:
            return Hold(
                position=position,
                transfer=transfer_number(position, index),
                account=transfer.debit,
                credit_account=transfer.credit,
                amount=transfer.amount,
                lots=tuple([move for move in entry.lot_moves if move.transfer == index]),
                expires_at_s=entry.hold_until_s,
                terminal_id=entry.terminal_id,
                merchant_id=entry.merchant_id,
                card_reference=entry.card_reference,
                member_number=entry.member_number,
                tendered=entry.tendered,
            )
    return None
