"""Holds: amounts that an authorisation keeps aside until it is completed, released or has expired."""

from typing import NamedTuple

from switch.journal.entries import LotMove, Stage, TransactionEntry, transfer_number


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
        return self.account & 0xFF


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
