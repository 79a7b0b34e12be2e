"""All that the switch knows, as a fold of the journal."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from protocol.dialect import FileName, FileUpdateCode, ResponseCode, TransactionType
from switch.journal.entries import (
    CutOverEntry,
    Effect,
    Entry,
    Fate,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    OrderEntry,
    ReconciliationEntry,
    RuleTableEntry,
    TransactionEntry,
    Transfer,
    transfer_position,
    unpack,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import AccountKind, account_number, member_account
from switch.ledger.business_day import BusinessDays
from switch.ledger.directory import UPLINE_LEVELS_MAX, Directory
from switch.ledger.holds import Holds, hold_of
from switch.ledger.recent import RecentEntries
from switch.ledger.records import MemberRecord, TerminalRecord
from switch.ledger.requests import request_key
from switch.ledger.returns import NOT_RETURNED, Returned, Returns
from switch.ledger.stores import Engine, Window, empty_stores, engine_wanted, in_order
from switch.ledger.tables import TableInForce, Tables
from switch.rules.counting import KEPT_DAYS
from switch.rules.purses import Purse
from switch.rules.table import RuleTable

if TYPE_CHECKING:
    from switch.ledger.flat.fold import FlatFold

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

# Entries that are kept in memory whatever the journal's reader can do. Those not yet durable must be among
# them: the gate lets at most twice 4 MiB wait for the disk, and an entry has 128 bytes or more.
RECENT_ENTRIES = 65_536

# What came back of a sale is known for as long as the rules in force let it be returned, and never for less
# than this: so long a reversal of it may come.
RETURNS_KEPT_DAYS_MIN = KEPT_DAYS

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
    `engine` says in which form the stores are; by default it is the one that the environment wants.
    `find_older` reads the entry at a position from the journal, None where there is none; the shell sets it.
    `holds` are the open holds by the position of their authorisation, `returns` what came back of sales by
    the position of the sale. `business` are the business days. `last_purchase_s` are the last activities of
    members, `last_household_purchase_s` those of households. `orders` are operators'.
    """

    def __init__(self, host: TerminalRecord, engine: Engine | None = None) -> None:
        stores = empty_stores(engine_wanted() if engine is None else engine)
        self._host = host
        self._directory = Directory(stores)
        self.recent = RecentEntries(RECENT_ENTRIES)
        self.find_older: Callable[[int], RawEntry | None] = _find_nothing
        self.position = 0
        self.stores = stores
        self.accounts = stores.accounts
        self.lots = stores.lots
        self.counters = stores.counters
        self.holds = Holds()
        self.returns = Returns()
        self.last_purchase_s = stores.last_purchase_s
        self.last_household_purchase_s = stores.last_household_purchase_s
        self.cards = self._directory.cards
        self.cards_of_member = self._directory.cards_of_member
        self.members = self._directory.members
        self.terminals = self._directory.terminals
        self.merchants = self._directory.merchants
        self.merchant_ordinals = self._directory.merchant_ordinals
        self.orders = self._directory.orders
        self.windows: dict[str, Window] = {}
        self.tables = Tables()
        self.business = BusinessDays()
        # Not part of the state's meaning: what maintenance has looked up, and on which day.
        self.inactive_accounts: tuple[int, list[int]] = (0, [])
        self.fold = fold_of(self)

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

    @property
    def terminal_changes(self) -> int:
        """How often a terminal's record was set or deleted."""
        return self._directory.terminal_changes

    def table_at(self, moment_s: int) -> TableInForce:
        """The table that was in force at a time (UTC seconds), as far back as tables are kept."""
        return self.tables.at(moment_s * _SECOND_MS + _SECOND_MS - 1)

    def terminal(self, terminal_id: str) -> TerminalRecord | None:
        """Record of a terminal or host, if it may be known at all."""
        record = self.terminals.get(terminal_id)
        if record is None and terminal_id == self._host.terminal_id:
            return self._host
        return record

    def window(self, terminal_id: str) -> "Window | None":
        """Remembered requests of a terminal, if it ever had one journaled."""
        return self.windows.get(terminal_id)

    def window_of(self, terminal_id: str) -> Window:
        """The same, made where there is none yet."""
        window = self.windows.get(terminal_id)
        if window is None:
            window = self.windows[terminal_id] = self.stores.new_window()
        return window

    def uplines(self, member_number: int, today: int, depth: int = UPLINE_LEVELS_MAX) -> tuple[int, ...]:
        """Introducers of a member, nearest first; see `Directory.uplines`."""
        return self._directory.uplines(member_number, today, depth)

    def find_entry(self, position: int) -> Entry | None:
        """The entry at a position, from memory or from the journal. Raises what `find_older` raises."""
        if not 0 < position <= self.position:
            return None
        raw = self.recent.find(position) or self.find_older(position)
        return None if raw is None else unpack(raw.kind, raw.version, raw.body)

    def replay(self, raw: RawEntry) -> None:
        """Take over a journal entry from its bytes. Raises ValueError as `apply` does, EntryFault for unknown
        or malformed bytes."""
        if self.fold is None or not self.fold.take(raw):
            self.apply(raw, unpack(raw.kind, raw.version, raw.body, for_replay=True))

    def apply(self, raw: RawEntry, entry: Entry) -> None:
        """Take over the outcome of a journal entry; the same on the live path and in replay.

        `entry` is what `raw` holds. Raises ValueError where positions don't follow each other.
        """
        if self.fold is not None and self.fold.take(raw):
            return
        self.begin(raw.position, raw.kind, raw.version, raw.body, entry.at_ms)
        if isinstance(entry, TransactionEntry):
            self._apply_transaction(raw, entry)
        elif isinstance(entry, FileActionEntry):
            self._apply_file_action(raw, entry)
        elif isinstance(entry, RuleTableEntry):
            self.tables.add(entry.version, entry.at_ms, entry.table)
            self.business.begin(self.rule_table.programme.time_zone, entry.at_ms // _SECOND_MS)
        elif isinstance(entry, MaintenanceEntry):
            self._apply_maintenance(entry)
        elif isinstance(entry, CutOverEntry):
            self.business.cut_over(entry, raw.position)
        elif isinstance(entry, ForwardedEntry):
            self._apply_forwarded(raw, entry)
        elif isinstance(entry, OrderEntry):
            self._apply_order(entry)
        else:
            self._remember(raw.position, entry)
            self.business.reconcile(entry)

    def begin(self, position: int, kind: int, version: int, body: bytes, at_ms: int) -> None:
        """Step to the next position, and to its day; what the entry means is then taken over."""
        if position != self.position + 1:
            raise ValueError(f"entry {position} can't follow {self.position}")
        self.position = position
        self.recent.put(position, kind, version, body)
        day = at_ms // _DAY_MS
        if day > self.counters.day:
            self.counters.advance(day)
            kept_days = max(self.rule_table.programme.return_days, RETURNS_KEPT_DAYS_MIN)
            self.returns.advance(day, position, kept_days)

    def resume(self, position: int, member_number_max: int) -> None:
        """Go on behind a position, with the greatest member number so far; stores have been filled."""
        self.position = position
        self._directory.member_number_max = member_number_max
        if self.stores.records is not None:
            self.stores.records.member_number_max = member_number_max

    def digest(self) -> str:
        """SHA-256 over the whole state, in hexadecimal; equal journals give equal digests."""
        found = hashlib.sha256(b"%d;" % self.position)
        for kept in self.tables.kept:
            origin = "host" if kept.is_published else "start"
            found.update(f"{kept.version}:{kept.at_ms}:{kept.table.digest}:{origin};".encode())
        found.update(self.accounts.digest())
        found.update(self.lots.digest())
        found.update(self.counters.digest())
        found.update(self.business.digest())
        for number, hold in sorted(self.holds.items()):
            found.update(f"hold {number}={tuple(hold)!r};".encode())
        found.update(self.returns.digest())
        for part in (self.last_purchase_s, self.last_household_purchase_s):
            for number, at_s in in_order(part):
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
        window = self.window_of(entry.terminal_id)
        is_counted = entry.response_code == _APPROVED and self._take_effect(raw.position, entry, window)
        # Last: the window may forget for it what it reverses.
        window.remember(request_key(entry.transmitted_s, entry.stan), raw.position, is_counted=is_counted)

    def _take_effect(self, position: int, entry: TransactionEntry, window: Window) -> bool:
        """Take over what an approved transaction means beside its postings.

        Returns whether the business day counts it as one that a reversal can take out again.
        """
        if entry.hold_until_s:
            hold = hold_of(position, entry)
            if hold is not None:
                self.holds.open(hold)
        if entry.activity and entry.member_number is not None:
            self._note_activity(entry.member_number, entry.looked_at_s)
        settles = (entry.concerns or entry.reverses) and self._settle_holds(entry.transfers)
        is_counted = False
        if entry.mti == _REVERSAL:
            key = request_key(entry.original_s, entry.original_stan)
            if entry.reverses and not settles and window.undone_by(key) is None:
                self._undo(entry)
                if window.is_counted(key):
                    self.business.count_reversal(entry)
            window.undo(key, position)
        else:
            is_return = entry.processing_code.startswith(_RETURN)
            if not (settles and is_return):  # which is the void of a hold
                is_counted = self.business.count(entry)
            if entry.concerns and is_return and not settles:
                self._note_return(entry, 1)
        for change in entry.record_changes:
            self._directory.apply(change.file_name, change.delete, change.card_token, change.record)
        return is_counted

    def _apply_file_action(self, raw: RawEntry, entry: FileActionEntry) -> None:
        self._remember(raw.position, entry)
        if entry.file_name == FileName.RULES:
            self.tables.note_published()
        elif entry.response_code in FILE_CHANGED:
            deletes = entry.action == FileUpdateCode.DELETE
            self._directory.apply(entry.file_name, deletes, entry.card_token, entry.record)

    def _apply_forwarded(self, raw: RawEntry, entry: ForwardedEntry) -> None:
        """Remember what a partner's switch decided, and count it on the day; the ledger has no part in it."""
        if entry.fate == Fate.DISCARDED:
            return  # between the partner and us: the terminal was told otherwise, and counts it
        window = self.window_of(entry.terminal_id)
        is_counted = False
        if entry.fate == Fate.UNDOES:
            key = request_key(entry.original_s, entry.original_stan)
            if window.undone_by(key) is None and window.is_counted(key):
                self.business.count_reversal(entry)
            window.undo(key, raw.position)
        elif entry.response_code == _APPROVED and not entry.voids_hold:
            is_counted = self.business.count(entry)
        window.remember(request_key(entry.transmitted_s, entry.stan), raw.position, is_counted=is_counted)

    def _apply_order(self, entry: OrderEntry) -> None:
        directory, subject = self._directory, entry.subject
        if entry.effect == Effect.CLOSE_LINK:
            self.orders.closed_links.add(subject.decode())
        elif entry.effect == Effect.OPEN_LINK:
            self.orders.closed_links.discard(subject.decode())
        elif entry.effect == Effect.CLOSE_TERMINAL:
            directory.close_terminal(subject.decode("ascii"))
        elif entry.effect == Effect.OPEN_TERMINAL:
            directory.open_terminal(subject.decode("ascii"))
        elif entry.effect == Effect.RAISE_KEY_GENERATION:
            directory.raise_key_generation(subject.decode("ascii"), entry.number)
        elif entry.effect == Effect.BLOCK_CARD:
            directory.block_card(subject)
        elif entry.effect == Effect.UNBLOCK_CARD:
            directory.unblock_card(subject)
        elif entry.effect == Effect.KEEP_TABLE:
            self.tables.note_published()

    def _apply_maintenance(self, entry: MaintenanceEntry) -> None:
        self.accounts.post(entry.transfers)
        self.lots.apply(entry.lot_moves)
        for position in entry.released_holds:
            self.holds.close(position)

    def _settle_holds(self, transfers: tuple[Transfer, ...]) -> bool:
        """Take away the holds that transfers settle; whether there were any."""
        found = False
        for transfer in transfers:
            if transfer.origin:
                position = transfer_position(transfer.origin)
                if position in self.holds:
                    self.holds.close(position)
                found = True
        return found

    def _undo(self, entry: TransactionEntry) -> None:
        """What a first reversal means for later returns: of a return, that the sale has it again; of a sale,
        that nothing of it can come back."""
        if not entry.processing_code.startswith(_RETURN):
            self.returns.undo(entry.reverses)
        elif entry.concerns:
            self._note_return(entry, -1)

    def _note_return(self, entry: TransactionEntry, sign: int) -> None:
        self.returns.add(
            entry.concerns,
            sign * entry.amount,
            [(index, sign * amount) for index, amount in entry.line_returns],
            [(part, sign * amount) for part, amount in entry.part_returns],
        )

    def _note_activity(self, member_number: int, at_s: int) -> None:
        last = self.last_purchase_s
        if at_s > last.get(member_number, 0):
            last[member_number] = at_s
        member = self.members.get(member_number)
        if member is not None and member.household:
            last = self.last_household_purchase_s
            if at_s > last.get(member.household, 0):
                last[member.household] = at_s

    def _remember(self, position: int, entry: FileActionEntry | ReconciliationEntry) -> None:
        self.window_of(entry.terminal_id).remember(request_key(entry.transmitted_s, entry.stan), position)


def fold_of(state: State) -> "FlatFold | None":
    """What folds entries into a state's flat stores, if it has such."""
    if state.stores.engine == Engine.PYTHON:
        return None
    from switch.ledger.flat.fold import FlatFold  # noqa: PLC0415  (it is there only where it was built)

    return FlatFold(state)


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
