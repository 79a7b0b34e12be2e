"""Lots: what an account's balance is made of, by the times at which it can be spent and expires.

Lots are buckets. Two earnings that become spendable and expire at the same seconds are one bucket, whose key
is both times in one integer: keys sort by expiry. The bucket of key DEBT holds what is owed, as a negative
amount. The buckets of an account sum to its balance: what is held has left them.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from switch.journal.entries import LotMove
from switch.ledger.accounts import Accounts
from switch.rules.outcome import NEVER_S

TIME_BITS = 40
TIME_MASK = (1 << TIME_BITS) - 1
DEBT = 0

# Where an overdraft that has been repaid since is given back: its own times are lost, so it never expires.
TIMELESS = NEVER_S << TIME_BITS

_NOTHING: tuple[int, ...] = ()


class Bucket(NamedTuple):
    """One bucket of an account; times are UTC seconds, both 0 for debt."""

    expires_at_s: int
    available_from_s: int
    amount: int


def bucket_key(available_from_s: int, expires_at_s: int) -> int:
    """Key of a bucket; smaller keys expire earlier."""
    return expires_at_s << TIME_BITS | available_from_s


def is_spendable(key: int, now_s: int) -> bool:
    """Whether a bucket counts now; debt always does."""
    return key == DEBT or key & TIME_MASK <= now_s < key >> TIME_BITS


def is_pending(key: int, now_s: int) -> bool:
    """Whether a bucket will count later."""
    return key & TIME_MASK > now_s and key >> TIME_BITS > now_s


class Lots:
    """Buckets of all accounts, in two columns beside those of `Accounts`.

    Most accounts have one bucket: its key stands in one column and its amount in the other. Where there are
    more, the first column has them all in one tuple: key, amount, key, amount, sorted.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._buckets: list[int | tuple[int, ...]] = []
        self._amounts = array("q")
        # Keys are few and accounts many: each key is one object.
        self._keys: dict[int, int] = {}
        # Accounts by the expiry of their buckets: those to come, and those found to have expired, in reverse.
        self._expiring: dict[int, array[int]] = {}
        self._expired: dict[int, list[int]] = {}
        # The greatest time up to which it was asked what has expired.
        self._asked_s = 0

    def pairs(self, account: int) -> tuple[int, ...]:
        """Keys and amounts in turn, sorted by key."""
        slot = self._accounts.slots.get(account)
        if slot is None or slot >= len(self._buckets):
            return _NOTHING
        held = self._buckets[slot]
        if not isinstance(held, int):
            return held
        amount = self._amounts[slot]
        return (held, amount) if amount else _NOTHING

    def buckets(self, account: int) -> tuple[Bucket, ...]:
        """Buckets of an account, debt first, then by expiry."""
        return tuple(
            [Bucket(key >> TIME_BITS, key & TIME_MASK, amount) for key, amount in self._items(account)]
        )

    def available(self, account: int, now_s: int) -> int:
        """What can be spent now: buckets within their times, less debt; below zero where debt is greater."""
        pairs = self.pairs(account)
        if len(pairs) == 2:
            return pairs[1] if is_spendable(pairs[0], now_s) else 0
        return sum([amount for key, amount in self._items(account) if is_spendable(key, now_s)])

    def pending(self, account: int, now_s: int) -> int:
        """What can be spent only later."""
        return sum([amount for key, amount in self._items(account) if is_pending(key, now_s)])

    def balance(self, account: int) -> int:
        """All buckets together."""
        return sum(self.pairs(account)[1::2])

    def apply(self, moves: Iterable[LotMove]) -> None:
        """Add what an entry moved."""
        slots, buckets, amounts = self._accounts.slots, self._buckets, self._amounts
        for _, account, available_from_s, expires_at_s, delta in moves:
            slot = slots.get(account)
            if slot is None:
                slot = self._accounts.slot(account)
            if slot >= len(buckets):
                missing = slot + 1 - len(buckets)
                buckets.extend([DEBT] * missing)
                amounts.extend([0] * missing)
            key = expires_at_s << TIME_BITS | available_from_s
            held = buckets[slot]
            if isinstance(held, int):
                amount = amounts[slot]
                if not amount:
                    # An account with this key has been noted, and stays so until its expiry is looked at.
                    if held != key or expires_at_s <= self._asked_s:
                        buckets[slot] = self._noted(key, account)
                    amounts[slot] = delta
                    continue
                if held == key:
                    amounts[slot] = amount + delta
                    continue
                held = (held, amount)
            self._set(slot, self._added(held, key, delta, account))

    def expired(self, now_s: int) -> Iterator[tuple[int, int, int]]:
        """Account, key and amount of every bucket that has expired, by expiry and account.

        Forgets on the way what has nothing left to expire: asked again after each piece of work it doesn't
        begin from the start.
        """
        self._asked_s = max(self._asked_s, now_s)
        for expires_at_s in [moment for moment in self._expiring if moment <= now_s]:
            accounts = set(self._expiring.pop(expires_at_s))
            accounts.update(self._expired.get(expires_at_s, ()))
            self._expired[expires_at_s] = sorted(accounts, reverse=True)
        for expires_at_s in sorted([moment for moment in self._expired if moment <= now_s]):
            left = self._expired[expires_at_s]
            while left and not self._of_expiry(left[-1], expires_at_s):
                left.pop()
            if not left:
                del self._expired[expires_at_s]
            for account in reversed(left):
                for key, amount in self._of_expiry(account, expires_at_s):
                    yield account, key, amount

    def restore(
        self, counts: "array[int]", keys: Sequence[int], places: "array[int]", amounts: "array[int]"
    ) -> None:
        """Take over all buckets, into none: how many each account has, in the order of slots, and of each
        bucket in turn the place of its key among `keys` and its amount."""
        held_keys, held_amounts = self._buckets, self._amounts
        start = 0
        for account, count in zip(self._accounts.slots, counts, strict=True):
            if count == 1:
                held_keys.append(self._noted(keys[places[start]], account))
                held_amounts.append(amounts[start])
            else:
                held_keys.append(DEBT)
                held_amounts.append(0)
                if count:
                    pairs: list[int] = []
                    for place, amount in zip(
                        places[start : start + count], amounts[start : start + count], strict=True
                    ):
                        pairs += (self._noted(keys[place], account), amount)
                    self._set(len(held_keys) - 1, tuple(pairs))
            start += count

    def digest(self) -> bytes:
        """Hash over all buckets, independent of the order in which accounts came up."""
        found = hashlib.sha256()
        for account in sorted(self._accounts.slots):
            pairs = self.pairs(account)
            if pairs:
                found.update(f"{account}:{pairs};".encode())
        return found.digest()

    def _items(self, account: int) -> Iterator[tuple[int, int]]:
        pairs = iter(self.pairs(account))
        return zip(pairs, pairs, strict=True)

    def _of_expiry(self, account: int, expires_at_s: int) -> list[tuple[int, int]]:
        return [item for item in self._items(account) if item[0] >> TIME_BITS == expires_at_s]

    def _added(self, held: tuple[int, ...], key: int, delta: int, account: int) -> tuple[int, ...]:
        for place in range(0, len(held), 2):
            if held[place] == key:
                amount = held[place + 1] + delta
                if amount:
                    return (*held[: place + 1], amount, *held[place + 2 :])
                return held[:place] + held[place + 2 :]
            if held[place] > key:
                return (*held[:place], self._noted(key, account), delta, *held[place:])
        return (*held, self._noted(key, account), delta)

    def _set(self, slot: int, pairs: tuple[int, ...]) -> None:
        if len(pairs) > 2:
            self._buckets[slot] = pairs
            self._amounts[slot] = 0
        else:
            self._buckets[slot] = pairs[0] if pairs else DEBT
            self._amounts[slot] = pairs[1] if pairs else 0

    def _noted(self, key: int, account: int) -> int:
        """The key's one object; notes when the account has something to expire."""
        expires_at_s = key >> TIME_BITS
        if 0 < expires_at_s < NEVER_S:
            accounts = self._expiring.get(expires_at_s)
            if accounts is None:
                accounts = self._expiring[expires_at_s] = array("Q")
            accounts.append(account)
        return self._keys.setdefault(key, key)
