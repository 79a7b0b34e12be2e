"""All that the switch knows, as a fold of the journal."""

import hashlib
from collections.abc import Callable

from protocol.dialect import FileUpdateCode, ResponseCode, TransactionType
from switch.journal.entries import (
    CutOverEntry,
    Entry,
    FileActionEntry,
    MaintenanceEntry,
    ReconciliationEntry,
    RuleTableEntry,
    TransactionEntry,
    Transfer,
    transfer_position,
    unpack,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import AccountKind, Accounts, account_number, member_account
from switch.ledger.business_day import BusinessDays
from switch.ledger.counters import CounterStore
from switch.ledger.directory import UPLINE_LEVELS_MAX, Directory
from switch.ledger.holds import Hold, hold_of
from switch.ledger.lots import Lots
from switch.ledger.records import MemberRecord, TerminalRecord
from switch.ledger.requests import RequestWindow, request_key
from switch.ledger.returns import NOT_RETURNED, Returned
from switch.ledger.tables import TableInForce, Tables
from switch.rules.packing import unpack as unpack_table
from switch.rules.purses import Purse
from switch.rules.table import RuleTable

__all__ = [
    "FILE_CHANGED",
    "NOT_RETURNED",
    "RECENT_ENTRIES",
    "Returned",
    "State",
    "TableInForce",
    "purse_account",
    "tier_of",
]

# Response codes with which a file action has changed something.
FILE_CHANGED = (ResponseCode.APPROVED, ResponseCode.RECORD_REPLACED)

# Entries that are kept in memory whatever the journal's reader can do: those not yet durable are among them.
RECENT_ENTRIES = 8192

_REVERSAL = "0400"
_RETURN = TransactionType.RETURN.value
_APPROVED = ResponseCode.APPROVED.value
_DAY_MS = 86_400_000
_SECOND_MS = 1000


def _find_nothing(position: int) -> RawEntry | None:
    return None


class State:
    """Ledger, records and remembered requests. `apply` is the only thing that changes them.

    `host` is the host link that may act before any record exists; a TERMINAL record of its id replaces it.
    `find_older` reads the entry at a position from the journal, None where there is none; the shell sets it.
    `holds` are the open holds by the position of their authorisation, `returns` what came back of sales by
    the position of the sale. `business` are the business days. `last_purchase_s` are the last activities of
    members, `last_household_purchase_s` those of households.
    """

    def __init__(self, host: TerminalRecord) -> None:
        self._host = host
        self._directory = Directory()
        self._recent: list[RawEntry | None] = [None] * RECENT_ENTRIES
        self.find_older: Callable[[int], RawEntry | None] = _find_nothing
        self.position = 0
        self.accounts = Accounts()
        self.lots = Lots(self.accounts)
        self.counters = CounterStore()
        self.holds: dict[int, Hold] = {}
        self.returns: dict[int, Returned] = {}
        self.last_purchase_s: dict[int, int] = {}
        self.last_household_purchase_s: dict[int, int] = {}
        self.cards = self._directory.cards
        self.cards_of_member = self._directory.cards_of_member
        self.members = self._directory.members
        self.terminals = self._directory.terminals
        self.merchants = self._directory.merchants
        self.merchant_ordinals = self._directory.merchant_ordinals
        self.windows: dict[str, RequestWindow] = {}
        self.tables = Tables()
        self.business = BusinessDays()
        # Not part of the state's meaning: what maintenance has looked up, and on which day.
        self.inactive_accounts: tuple[int, list[int]] = (0, [])

    @property
    def rule_table(self) -> RuleTable:
        """The table in force."""
        return self.tables.newest.table

    @property
    def rule_table_version(self) -> int:
        """Number of the table in force."""
        return self.tables.newest.version

    @property
    def member_number_max(self) -> int:
        """The greatest number that any member ever had."""
        return self._directory.member_number_max

    def table_at(self, moment_s: int) -> TableInForce:
        """The table that was in force at a time (UTC seconds), as far back as tables are kept."""
        return self.tables.at(moment_s * _SECOND_MS + _SECOND_MS - 1)

    def terminal(self, terminal_id: str) -> TerminalRecord | None:
        """Record of a terminal or host, if it may be known at all."""
        record = self.terminals.get(terminal_id)
        if record is None and terminal_id == self._host.terminal_id:
            return self._host
        return record

    def window(self, terminal_id: str) -> RequestWindow | None:
        """Remembered requests of a terminal, if it ever had one journaled."""
        return self.windows.get(terminal_id)

    def uplines(self, member_number: int, today: int, depth: int = UPLINE_LEVELS_MAX) -> tuple[int, ...]:
        """Introducers of a member, nearest first; see `Directory.uplines`."""
        return self._directory.uplines(member_number, today, depth)

    def find_entry(self, position: int) -> Entry | None:
        """The entry at a position, from memory or from the journal. Raises what `find_older` raises."""
        raw = self._recent[position % RECENT_ENTRIES]
        if raw is None or raw.position != position:
            if not 0 < position <= self.position:
                return None
            raw = self.find_older(position)
        return None if raw is None else unpack(raw.kind, raw.version, raw.body)

    def apply(self, raw: RawEntry, entry: Entry) -> None:
        """Take over the outcome of a journal entry; the same on the live path and in replay.

        `entry` is what `raw` holds. Raises ValueError where positions don't follow each other.
        """
        if raw.position != self.position + 1:
            raise ValueError(f"entry {raw.position} can't follow {self.position}")
        self.position = raw.position
        self._recent[raw.position % RECENT_ENTRIES] = raw
        day = entry.at_ms // _DAY_MS
        if day > self.counters.day:
            self.counters.advance(day)
        if isinstance(entry, TransactionEntry):
            self._apply_transaction(raw, entry)
        elif isinstance(entry, FileActionEntry):
            self._apply_file_action(raw, entry)
        elif isinstance(entry, RuleTableEntry):
            self.tables.add(entry.version, entry.at_ms, unpack_table(entry.table))
            self.business.begin(self.rule_table.programme.time_zone, entry.at_ms // _SECOND_MS)
        elif isinstance(entry, MaintenanceEntry):
            self._apply_maintenance(entry)
        elif isinstance(entry, CutOverEntry):
            self.business.cut_over(entry, raw.position)
        else:
            self._remember(raw, entry)
            self.business.reconcile(entry)

    def digest(self) -> str:
        """SHA-256 over the whole state, in hexadecimal; equal journals give equal digests."""
        found = hashlib.sha256(b"%d;" % self.position)
        for kept in self.tables.kept:
            found.update(f"{kept.version}:{kept.at_ms}:{kept.table.digest};".encode())
        found.update(self.accounts.digest())
        found.update(self.lots.digest())
        found.update(self.counters.digest())
        found.update(self.business.digest())
        for number, hold in sorted(self.holds.items()):
            found.update(f"hold {number}={tuple(hold)!r};".encode())
        for number, returned in sorted(self.returns.items()):
            found.update(f"returned {number}={tuple(returned)!r};".encode())
        for part in (self.last_purchase_s, self.last_household_purchase_s):
            for number, at_s in sorted(part.items()):
                found.update(b"%d@%d;" % (number, at_s))
        for record in self._directory.digest_parts():
            found.update(record)
        for terminal_id, window in sorted(self.windows.items()):
            found.update(terminal_id.encode("ascii") + b":" + window.digest())
        return found.hexdigest()

    def _apply_transaction(self, raw: RawEntry, entry: TransactionEntry) -> None:
        if entry.transfers:
            self.accounts.post(entry.transfers)
        if entry.lot_moves:
            self.lots.apply(entry.lot_moves)
        if entry.counter_moves:
            self.counters.apply(entry.counter_moves)
        # Before the window takes this entry: it may forget the original for it.
        original = self._original(entry) if entry.reverses else None
        window = self._remember(raw, entry)
        if entry.response_code != _APPROVED:
            return
        if entry.hold_until_s:
            hold = hold_of(raw.position, entry)
            if hold is not None:
                self.holds[raw.position] = hold
        if entry.activity and entry.member_number is not None:
            self._note_activity(entry.member_number, entry.looked_at_s)
        settles = (entry.concerns or entry.reverses) and self._settle_holds(entry.transfers)
        if entry.mti == _REVERSAL:
            key = request_key(entry.original_s, entry.original_stan)
            if entry.reverses and not settles and window.undone_by(key) is None:
                self._undo(entry)
                if original is not None and original.response_code == _APPROVED:
                    self.business.count_reversal(original)
            window.undo(key, raw.position)
        else:
            is_return = entry.processing_code.startswith(_RETURN)
            if not (settles and is_return):  # which is the void of a hold
                self.business.count(entry)
            if entry.concerns and is_return and not settles:
                self._note_return(entry, 1)
        for change in entry.record_changes:
            self._directory.apply(change.file_name, change.delete, change.card_token, change.record)

    def _apply_file_action(self, raw: RawEntry, entry: FileActionEntry) -> None:
        self._remember(raw, entry)
        if entry.response_code in FILE_CHANGED:
            deletes = entry.action == FileUpdateCode.DELETE
            self._directory.apply(entry.file_name, deletes, entry.card_token, entry.record)

    def _apply_maintenance(self, entry: MaintenanceEntry) -> None:
        self.accounts.post(entry.transfers)
        self.lots.apply(entry.lot_moves)
        for position in entry.released_holds:
            del self.holds[position]

    def _settle_holds(self, transfers: tuple[Transfer, ...]) -> bool:
        """Take away the holds that transfers settle; whether there were any."""
        found = False
        for transfer in transfers:
            if transfer.origin:
                self.holds.pop(transfer_position(transfer.origin), None)
                found = True
        return found

    def _original(self, reversal: TransactionEntry) -> TransactionEntry | None:
        """What a reversal undoes, as far as it is remembered; without what changes no state."""
        window = self.windows.get(reversal.terminal_id)
        raw = None
        if window is not None:
            raw = window.find(request_key(reversal.original_s, reversal.original_stan))
        if raw is None:
            return None
        entry = unpack(raw.kind, raw.version, raw.body, for_replay=True)
        return entry if isinstance(entry, TransactionEntry) else None

    def _undo(self, entry: TransactionEntry) -> None:
        """What a first reversal means for later returns: of a return, that the sale has it again; of a sale,
        that nothing of it can come back."""
        if not entry.processing_code.startswith(_RETURN):
            before = self.returns.get(entry.reverses, NOT_RETURNED)
            self.returns[entry.reverses] = before._replace(is_undone=True)
        elif entry.concerns:
            self._note_return(entry, -1)

    def _note_return(self, entry: TransactionEntry, sign: int) -> None:
        position = entry.concerns
        returned = self.returns.get(position, NOT_RETURNED).plus(
            sign * entry.amount,
            [(index, sign * amount) for index, amount in entry.line_returns],
            [(part, sign * amount) for part, amount in entry.part_returns],
        )
        if returned == NOT_RETURNED:
            self.returns.pop(position, None)
        else:
            self.returns[position] = returned

    def _note_activity(self, member_number: int, at_s: int) -> None:
        last = self.last_purchase_s
        if at_s > last.get(member_number, 0):
            last[member_number] = at_s
        member = self.members.get(member_number)
        if member is not None and member.household:
            last = self.last_household_purchase_s
            if at_s > last.get(member.household, 0):
                last[member.household] = at_s

    def _remember(
        self, raw: RawEntry, entry: TransactionEntry | FileActionEntry | ReconciliationEntry
    ) -> RequestWindow:
        window = self.windows.get(entry.terminal_id)
        if window is None:
            window = self.windows[entry.terminal_id] = RequestWindow()
        window.remember(request_key(entry.transmitted_s, entry.stan), raw)
        return window


def purse_account(member: MemberRecord, purse: Purse) -> int:
    """The account that a purse of this member is: the household's where its purses are pooled."""
    if purse.is_pooled and member.household:
        return account_number(AccountKind.HOUSEHOLD, member.household, purse.code)
    return member_account(member.number, purse.code)


def tier_of(state: State, table: RuleTable, member: MemberRecord) -> str:
    """A member's tier: that of the record or that reached by the tier purse, whichever is higher.

    A tier of the record that the table doesn't know stands as it is. Empty where there is none at all.
    """
    programme = table.programme
    if not programme.tiers or not programme.tier_purse:
        return member.tier
    names = [tier.name for tier in programme.tiers]
    if member.tier and member.tier not in names:
        return member.tier
    posted = state.accounts.posted(purse_account(member, table.purses[programme.tier_purse]))
    # The first tier is everybody's, also of those who owe tier points.
    rank = max(sum([posted >= tier.from_balance for tier in programme.tiers]) - 1, 0)
    if member.tier:
        rank = max(rank, names.index(member.tier))
    return names[rank]
