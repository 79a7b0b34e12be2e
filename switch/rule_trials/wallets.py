"""Balances of a simulated club: earnings with their times, spent first to expire first."""

from collections import defaultdict

from switch.rules.outcome import NEVER_S

# When it expires, and from when it can be spent: UTC seconds.
_Times = tuple[int, int]


class Wallets:
    """What members hold. Earnings that wait for an action stay waiting: nobody acts in a simulation."""

    def __init__(self) -> None:
        self._held: defaultdict[tuple[int, int], defaultdict[_Times, int]] = defaultdict(
            lambda: defaultdict(int)
        )

    def balance(self, member: int, purse: int, at_s: int) -> int:
        """What can be spent at a time."""
        # A purse without a line of its own must not get one by being looked at.
        held = self._held.get((member, purse))
        if held is None:
            return 0
        return sum(amount for (expires, available), amount in held.items() if available <= at_s < expires)

    def earn(self, member: int, purse: int, amount: int, available_from_s: int, expires_at_s: int) -> None:
        """Add an earning."""
        self._held[member, purse][expires_at_s, available_from_s] += amount

    def spend(self, member: int, purse: int, amount: int, at_s: int) -> None:
        """Take as much as there is of an amount."""
        held = self._held[member, purse]
        for expires, available in sorted(held):
            if available <= at_s < expires:
                taken = min(amount, held[expires, available])
                amount -= taken
                held[expires, available] -= taken
                if not held[expires, available]:
                    del held[expires, available]

    def set(self, member: int, purse: int, amount: int) -> None:
        """Replace what a member holds."""
        held = self._held[member, purse]
        held.clear()
        if amount:
            held[NEVER_S, 0] = amount
