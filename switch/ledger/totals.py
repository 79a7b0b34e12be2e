"""What all holders have in sum, found a slice at a time while the switch goes on authorising."""

from switch.journal.entries import LotMove, MaintenanceEntry, TransactionEntry
from switch.ledger.accounts import AccountKind, account_parts, has_lots
from switch.ledger.state import State

# About a millisecond of a plain engine.
SLICE_ACCOUNTS = 1024

HolderPurse = tuple[AccountKind, int]


class TotalsWalk:
    """Sums of lots by kind of holder and code of purse.

    Between two steps the state may move on: what an entry moved in accounts that were read before it is added
    afterwards, so the sums are those of one position. Once `is_done`, they are those of `position`.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._numbers = list(state.accounts.slots)
        self._read = 0
        self.position = state.position
        self.sums: dict[HolderPurse, int] = {}

    @property
    def is_done(self) -> bool:
        """Whether every account was read."""
        return self._read >= len(self._numbers)

    def step(self, accounts: int = SLICE_ACCOUNTS) -> None:
        """Take over what happened since the last step, and read so many more accounts.

        Raises JournalFault, EntryFault, OSError where an entry since then can't be found any more.
        """
        state = self._state
        for position in range(self.position + 1, state.position + 1):
            for move in self._moves_at(position):
                slot = state.accounts.slot(move.account)
                # An account that came up after the beginning held nothing then.
                if slot < self._read or slot >= len(self._numbers):
                    self._add(move.account, move.delta)
        self.position = state.position
        for number in self._numbers[self._read : self._read + accounts]:
            if has_lots(number):
                self._add(number, state.lots.balance(number))
        self._read += accounts

    def _moves_at(self, position: int) -> tuple[LotMove, ...]:
        entry = self._state.find_entry(position)
        if entry is None:
            raise OSError(0, "an entry is gone")
        return entry.lot_moves if isinstance(entry, TransactionEntry | MaintenanceEntry) else ()

    def _add(self, account: int, amount: int) -> None:
        kind, _, purse = account_parts(account)
        self.sums[kind, purse] = self.sums.get((kind, purse), 0) + amount
