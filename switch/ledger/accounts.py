"""Double-entry accounts: flat integer numbers, four counters each."""

import hashlib
import struct
from array import array
from collections.abc import Iterable
from enum import IntEnum

from switch.journal.entries import Transfer
from switch.ledger.purses import PurseCode

# Counters are signed 64-bit; this leaves room for any one transfer (12 digits) above every check.
COUNTER_MAX = (1 << 62) - 1

_COUNTERS = struct.Struct(">Qqqqq")
_OWNER_SHIFT = 8
_KIND_SHIFT = 56


class AccountKind(IntEnum):
    """Whose account it is."""

    PROGRAMME = 1
    MEMBER = 2
    MERCHANT = 3


# What the programme owes its members; every earning is drawn from it.
LIABILITY = 1


def account_number(kind: AccountKind, owner: int, purse: PurseCode) -> int:
    """The flat number of an account; `owner` is a member number or a merchant's ordinal."""
    return kind << _KIND_SHIFT | owner << _OWNER_SHIFT | purse


def member_account(member_number: int, purse: PurseCode) -> int:
    """Account of a member's purse."""
    return AccountKind.MEMBER << _KIND_SHIFT | member_number << _OWNER_SHIFT | purse


def account_parts(number: int) -> tuple[AccountKind, int, PurseCode]:
    """Kind, owner and purse of an account number."""
    owner = number >> _OWNER_SHIFT & (1 << _KIND_SHIFT - _OWNER_SHIFT) - 1
    return AccountKind(number >> _KIND_SHIFT), owner, PurseCode(number & 0xFF)


class Accounts:
    """Counters of all accounts, in four flat columns. An account exists from its first transfer on."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._debits_posted = array("q")
        self._credits_posted = array("q")
        self._debits_pending = array("q")
        self._credits_pending = array("q")

    def __len__(self) -> int:
        return len(self._slots)

    def balance(self, number: int) -> int:
        """What the owner can dispose of: posted credits less posted and pending debits."""
        slot = self._slots.get(number)
        if slot is None:
            return 0
        return self._credits_posted[slot] - self._debits_posted[slot] - self._debits_pending[slot]

    def has_room(self, transfer: Transfer) -> bool:
        """Whether both sides can still count this transfer."""
        debit, credit = self._slots.get(transfer.debit), self._slots.get(transfer.credit)
        debits = 0 if debit is None else self._debits_posted[debit]
        credits_ = 0 if credit is None else self._credits_posted[credit]
        return debits + transfer.amount <= COUNTER_MAX and credits_ + transfer.amount <= COUNTER_MAX

    def post(self, transfers: Iterable[Transfer]) -> None:
        """Count transfers on both their sides."""
        for transfer in transfers:
            purse = transfer.purse
            if (
                transfer.amount <= 0
                or transfer.debit == transfer.credit
                or transfer.debit & 0xFF != purse
                or transfer.credit & 0xFF != purse
            ):
                raise ValueError("a transfer moves a positive amount between two accounts of its purse")
            self._debits_posted[self._slot(transfer.debit)] += transfer.amount
            self._credits_posted[self._slot(transfer.credit)] += transfer.amount

    def trial_balance(self) -> dict[PurseCode, int]:
        """Credits less debits over all accounts of each purse; anything but zero is a broken ledger."""
        sums = dict.fromkeys(PurseCode, 0)
        for number, slot in self._slots.items():
            sums[PurseCode(number & 0xFF)] += (
                self._credits_posted[slot]
                - self._debits_posted[slot]
                + self._credits_pending[slot]
                - self._debits_pending[slot]
            )
        return sums

    def digest(self) -> bytes:
        """Hash over all counters, independent of the order in which accounts came up."""
        found = hashlib.sha256()
        for number, slot in sorted(self._slots.items()):
            found.update(
                _COUNTERS.pack(
                    number,
                    self._debits_posted[slot],
                    self._credits_posted[slot],
                    self._debits_pending[slot],
                    self._credits_pending[slot],
                )
            )
        return found.digest()

    def _slot(self, number: int) -> int:
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = len(self._slots)
            for column in (
                self._debits_posted,
                self._credits_posted,
                self._debits_pending,
                self._credits_pending,
            ):
                column.append(0)
        return slot
