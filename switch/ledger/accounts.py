"""Double-entry accounts: flat integer numbers, four counters each."""

import hashlib
import struct
from array import array
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from switch.journal.entries import Stage, Transfer
from switch.rules.outcome import Party

# Counters are signed 64-bit; this leaves room for any one transfer (12 digits) above every check.
COUNTER_MAX = (1 << 62) - 1

# For loops that can't afford a call of `account_purse`.
PURSE_MASK = 0xFF

_COUNTERS = struct.Struct(">Qqqqq")
_OWNER_SHIFT = 8
_KIND_SHIFT = 56
_OWNER_MASK = (1 << _KIND_SHIFT - _OWNER_SHIFT) - 1

# Whose account it is: the parties that rules know.
AccountKind = Party

_LOT_KINDS = frozenset({AccountKind.MEMBER, AccountKind.HOUSEHOLD, AccountKind.GIFT_CARD})


class ProgrammeAccount(IntEnum):
    """Owners among the programme's own accounts.

    LIABILITY is what earnings are drawn from, BREAKAGE takes what expired, ADJUSTMENT what people corrected,
    CONVERSION stands between two purses, SALES is what was sold: gift cards, stored value.
    """

    LIABILITY = 1
    BREAKAGE = 2
    ADJUSTMENT = 3
    CONVERSION = 4
    SALES = 5


def account_number(kind: Party, owner: int, purse: int) -> int:
    """The flat number of an account; `owner` is a number of at most 48 bits within its kind."""
    return kind << _KIND_SHIFT | owner << _OWNER_SHIFT | purse


def member_account(member_number: int, purse: int) -> int:
    """Account of a member's own purse."""
    return AccountKind.MEMBER << _KIND_SHIFT | member_number << _OWNER_SHIFT | purse


def programme_account(owner: ProgrammeAccount, purse: int) -> int:
    """One of the programme's own accounts."""
    return AccountKind.PROGRAMME << _KIND_SHIFT | owner << _OWNER_SHIFT | purse


def account_parts(number: int) -> tuple[Party, int, int]:
    """Kind, owner and purse of an account number."""
    return Party(number >> _KIND_SHIFT), number >> _OWNER_SHIFT & _OWNER_MASK, number & PURSE_MASK


def account_purse(number: int) -> int:
    """Code of the purse that an account number belongs to."""
    return number & PURSE_MASK


def has_lots(number: int) -> bool:
    """Whether an account's balance lies in lots: those of members, households and gift cards do."""
    return number >> _KIND_SHIFT in _LOT_KINDS


class Counters(NamedTuple):
    """The four counters of an account."""

    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


_NO_COUNTERS = Counters(0, 0, 0, 0)


class Accounts:
    """Counters of all accounts, in four flat columns. An account exists from its first transfer on.

    `slots` tells the place of an account in the columns; columns beside these use the same places.
    """

    def __init__(self) -> None:
        self.slots: dict[int, int] = {}
        self._debits_posted = array("q")
        self._credits_posted = array("q")
        self._debits_pending = array("q")
        self._credits_pending = array("q")

    def __len__(self) -> int:
        return len(self.slots)

    def __contains__(self, number: int) -> bool:
        return number in self.slots

    def __iter__(self) -> Iterator[int]:
        return iter(self.slots)

    def counters(self, number: int) -> Counters:
        """The four counters, all zero for an account that never moved."""
        slot = self.slots.get(number)
        if slot is None:
            return _NO_COUNTERS
        return Counters(
            self._debits_posted[slot],
            self._credits_posted[slot],
            self._debits_pending[slot],
            self._credits_pending[slot],
        )

    def balance(self, number: int) -> int:
        """What the owner has left: posted credits less posted and pending debits. Lots sum to the same."""
        slot = self.slots.get(number)
        if slot is None:
            return 0
        return self._credits_posted[slot] - self._debits_posted[slot] - self._debits_pending[slot]

    def posted(self, number: int) -> int:
        """Posted credits less posted debits; what is held is still in it."""
        slot = self.slots.get(number)
        return 0 if slot is None else self._credits_posted[slot] - self._debits_posted[slot]

    def post(self, transfers: Iterable[Transfer]) -> None:
        """Count transfers on both their sides. Raises ValueError for one that is no movement of its purse."""
        slots = self.slots
        for purse, debit, credit, amount, _, _, stage, _, _ in transfers:
            if amount <= 0 or debit == credit or debit & PURSE_MASK != purse or credit & PURSE_MASK != purse:
                raise ValueError("a transfer moves a positive amount between two accounts of its purse")
            debit_slot = slots.get(debit)
            if debit_slot is None:
                debit_slot = self.slot(debit)
            credit_slot = slots.get(credit)
            if credit_slot is None:
                credit_slot = self.slot(credit)
            if stage is Stage.POSTED:
                self._debits_posted[debit_slot] += amount
                self._credits_posted[credit_slot] += amount
                continue
            pending = amount if stage is Stage.PENDING else -amount
            self._debits_pending[debit_slot] += pending
            self._credits_pending[credit_slot] += pending
            if stage is Stage.POST_PENDING:
                self._debits_posted[debit_slot] += amount
                self._credits_posted[credit_slot] += amount

    def trial_balance(self) -> dict[int, int]:
        """Credits less debits over all accounts of each purse; anything but zero is a broken ledger."""
        sums: dict[int, int] = {}
        for number, slot in self.slots.items():
            sums[number & PURSE_MASK] = (
                sums.get(number & PURSE_MASK, 0)
                + self._credits_posted[slot]
                - self._debits_posted[slot]
                + self._credits_pending[slot]
                - self._debits_pending[slot]
            )
        return sums

    def restore(self, numbers: "array[int]", counters: "tuple[array[int], ...]") -> None:
        """Take over all accounts, into none: numbers, ascending, and the columns of `Counters`."""
        self.slots.update(zip(numbers, range(len(numbers)), strict=True))
        columns = (
            self._debits_posted,
            self._credits_posted,
            self._debits_pending,
            self._credits_pending,
        )
        for column, values in zip(columns, counters, strict=True):
            column.extend(array("q", values))

    def digest(self) -> bytes:
        """Hash over all counters, independent of the order in which accounts came up."""
        found = hashlib.sha256()
        for number, slot in sorted(self.slots.items()):
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

    def slot(self, number: int) -> int:
        """Place of an account in the columns, made where it has none yet."""
        slot = self.slots.get(number)
        if slot is None:
            slot = self.slots[number] = len(self.slots)
            for column in (
                self._debits_posted,
                self._credits_posted,
                self._debits_pending,
                self._credits_pending,
            ):
                column.append(0)
        return slot
