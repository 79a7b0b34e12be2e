"""What a decision about a financial request starts from."""

from typing import NamedTuple

from protocol.dialect import ResponseCode
from switch.authoriser.holder import Holder
from switch.authoriser.request import Financial
from switch.ledger.accounts import account_number
from switch.ledger.posting import Posting
from switch.ledger.records import Role, TerminalRecord
from switch.ledger.state import State
from switch.rules.outcome import CounterView, Party
from switch.rules.table import RuleTable


class Context(NamedTuple):
    """What every decision about a financial request starts from.

    `looked_at_s` is the time the rules look at: now, or that of an offline sale; `table` was in force then.
    `holder_fault` is why the holder can't be served. `balances` is what can be spent now, by purse; purses
    that were never used are left out. `counters` are what the rules count by: the state's own, or another
    table's where somebody only wants to know.
    """

    state: State
    table: RuleTable
    request: Financial
    terminal: TerminalRecord
    holder: Holder
    table_version: int
    holder_fault: ResponseCode | None
    now_ms: int
    looked_at_s: int
    balances: dict[int, int]
    counters: CounterView

    @property
    def now_s(self) -> int:
        """The switch's time, UTC seconds."""
        return self.now_ms // 1000

    @property
    def branch_number(self) -> int:
        """The branch of the request's merchant: the terminal's, or where a host says so; 0 for none."""
        is_told = self.terminal.role == Role.HOST and self.request.details.branch_number
        return self.request.details.branch_number if is_told else self.terminal.branch_number

    def posting(self) -> Posting:
        """An empty posting on the ledger as it stands."""
        return Posting(self.state, self.table.purses, self.now_s)

    def account(self, purse: int) -> int:
        """The holder's account of a purse; only for holders that can have one."""
        account = self.holder.account(self.table, purse)
        if account is None:
            raise ValueError("this holder has no accounts")
        return account

    def merchant_account(self, purse: int) -> int:
        """The account of the request's merchant."""
        return account_number(Party.MERCHANT, self.state.merchant_ordinals[self.request.merchant_id], purse)
