"""Totals of the business days as a fold of the journal, beside the state that the journal makes."""

from array import array

from protocol.dialect import IRR, ResponseCode, TransactionType
from protocol.reconciliation import is_debit
from switch.journal.entries import (
    ForwardedEntry,
    GrantRecord,
    MaintenanceEntry,
    ReconciliationEntry,
    RuleTableEntry,
    Stage,
    TransactionEntry,
    Transfer,
    unpack,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import account_parts
from switch.ledger.business_day import DAYS_KEPT
from switch.ledger.requests import request_key
from switch.ledger.state import State
from switch.rules.outcome import Party
from switch.settlement.away import Forwarding
from switch.settlement.discounts import Discounts
from switch.settlement.figures import NOWHERE, SETTLED_PARTIES, Cause, Place, PlaceFigures, Sale, Side
from switch.settlement.meaning import UNDOING, cause_of, meaning_of
from switch.snapshot.making import NO_HOST

_REVERSAL = "0400"
_APPROVED = ResponseCode.APPROVED.value
_POSTS = (Stage.POSTED, Stage.POST_PENDING)


class SettlementTotals:
    """Figures of the last `days_kept` business days by place.

    They count from the state `begun` on, that of a snapshot, or else from the journal's beginning. `running`
    is what every settled account came to at every place; of what it was at `begun` no place is known but the
    merchant. Of the day `listed_day`, `positions` has every counted message by terminal. `discounts_agree`
    tells whether all who pay for a discount together paid it. `lacking` tells, of days that can't be told in
    full, what of them is gone.
    """

    def __init__(self, days_kept: int = DAYS_KEPT, listed_day: int = 0, begun: State | None = None) -> None:
        self.state = State(NO_HOST) if begun is None else begun
        self.days: dict[int, dict[Place, PlaceFigures]] = {}
        self.running: dict[tuple[Place, Side], int] = {}
        self.reconciliations: list[ReconciliationEntry] = []
        self.positions: dict[str, array[int]] = {}
        self.listed_day = listed_day
        self.discounts_agree = True
        self.lacking: dict[int, str] = {}
        self._days_kept = days_kept
        returned = {position: found.amount for position, found in self.state.returns.items() if found.amount}
        self._discounts = Discounts(returned)
        self._forwarding = Forwarding(self.state)
        for table in self.state.tables.kept:
            self._discounts.adopt(table.version, table.table)
        for account in self.state.accounts:
            if account >> 56 in SETTLED_PARTIES:
                side = Side(*account_parts(account))
                self.running[self._home(side), side] = self.state.accounts.posted(account)

    def apply(self, raw: RawEntry) -> None:
        """Take over a journal entry. Raises what `unpack` and `State.apply` raise."""
        entry = unpack(raw.kind, raw.version, raw.body, for_replay=True)
        if isinstance(entry, TransactionEntry):
            if entry.response_code == _APPROVED:
                self._note(raw, entry)
        elif isinstance(entry, MaintenanceEntry):
            self._note_transfers(NOWHERE, entry.transfers)
        elif isinstance(entry, ForwardedEntry):
            place = self._place(entry)
            if self._forwarding.note(self.figures(self._day, place), entry) and self._is_listed:
                self._list(raw, entry)
        elif isinstance(entry, ReconciliationEntry) and entry.day == self.listed_day:
            self.reconciliations.append(entry)
        self.state.apply(raw, entry)
        if isinstance(entry, RuleTableEntry):
            self._discounts.adopt(entry.version, self.state.rule_table)

    def note_gone(self, what: str) -> None:
        """What the open day needs isn't kept any more."""
        self.lacking.setdefault(self._day, what)

    def figures(self, day: int, place: Place) -> PlaceFigures:
        """Figures of a place on a day, made where it has none."""
        places = self.days.get(day)
        if places is None:
            places = self.days[day] = {}
            while len(self.days) > self._days_kept:
                del self.days[min(self.days)]
        found = places.get(place)
        if found is None:
            found = places[place] = PlaceFigures()
        return found

    def _note(self, raw: RawEntry, entry: TransactionEntry) -> None:
        place = self._place(entry)
        if entry.discount or any(transfer.reason in UNDOING for transfer in entry.transfers):
            # Who pays for a discount, and what is undone, is told by the grants, which replay leaves out.
            entry = _whole(raw)
        counted = (
            self._note_reversal(place, entry) if entry.mti == _REVERSAL else self._note_sale(place, entry)
        )
        if counted and self._is_listed:
            self._list(raw, entry)
        self._note_transfers(place, entry.transfers, entry.grants)

    @property
    def _day(self) -> int:
        return self.state.business.open_day.day

    @property
    def _is_listed(self) -> bool:
        return self._day == self.listed_day

    def _place(self, entry: TransactionEntry | ForwardedEntry) -> Place:
        terminal = self.state.terminals.get(entry.terminal_id)
        guild = "" if terminal is None else terminal.guild
        return Place(entry.merchant_id, entry.branch_number, guild, entry.terminal_id)

    def _list(self, raw: RawEntry, entry: TransactionEntry | ForwardedEntry) -> None:
        self.positions.setdefault(entry.terminal_id, array("Q")).append(raw.position)

    def _note_sale(self, place: Place, entry: TransactionEntry) -> bool:
        if is_debit(entry.mti, entry.processing_code, entry.currency, entry.amount) is None or _voids(entry):
            return False
        self._count(place, entry, 1)
        return True

    def _note_reversal(self, place: Place, entry: TransactionEntry) -> bool:
        original = self._original(entry)
        if original is None or _voids(entry):
            return False
        if is_debit(original.mti, original.processing_code, original.currency, original.amount) is None:
            return False
        sales = self.figures(self._day, place).sales
        sales[Sale.REVERSALS] += 1
        sales[Sale.REVERSAL_AMOUNT] += original.amount
        self._count(place, original, -1)
        return True

    def _count(self, place: Place, entry: TransactionEntry, sign: int) -> None:
        """Count a sale, return or load; of one that is reversed only what it left in the till."""
        figures = self.figures(self._day, place)
        sales = figures.sales
        code = entry.processing_code[:2]
        if code == TransactionType.PURCHASE:
            number, amount, money = Sale.PURCHASES, Sale.PURCHASE_AMOUNT, entry.net_amount
        elif code == TransactionType.RETURN:
            number, amount, money = Sale.RETURNS, Sale.RETURN_AMOUNT, -entry.net_amount
        elif code in (TransactionType.LOAD, TransactionType.CARD_ACTIVATION):
            number, amount, money = Sale.LOADS, Sale.LOAD_AMOUNT, entry.amount
        else:
            return
        if sign > 0:
            sales[number] += 1
            sales[amount] += entry.amount
        if entry.currency == IRR:
            sales[Sale.NET_MONEY] += sign * money
        if code == TransactionType.PURCHASE:
            sales[Sale.DISCOUNT] += sign * entry.discount
            sales[Sale.TENDERED] += sign * entry.tendered
            if entry.discount:
                shares = self._discounts.of_sale(entry)
                self.discounts_agree = self.discounts_agree and sum(shares.values()) == entry.discount
                figures.note_discounts(shares, sign)
        elif code == TransactionType.RETURN:
            sale = self.state.find_entry(entry.concerns)
            if isinstance(sale, TransactionEntry) and sale.discount:
                if not self._discounts.knows(sale.rule_table_version):
                    self.note_gone(f"rule table {sale.rule_table_version}")
                figures.note_discounts_back(
                    self._discounts.of_return(entry.concerns, sale, sign * entry.amount)
                )

    def _original(self, entry: TransactionEntry) -> TransactionEntry | None:
        """The approved transaction that a reversal is the first to undo."""
        window = self.state.window(entry.terminal_id)
        key = request_key(entry.original_s, entry.original_stan)
        if not entry.reverses or window is None or window.undone_by(key) is not None:
            return None
        position = window.find(key)
        found = None if position is None else self.state.find_entry(position)
        if not isinstance(found, TransactionEntry) or found.response_code != _APPROVED:
            return None
        return found

    def _note_transfers(
        self, place: Place, transfers: tuple[Transfer, ...], grants: tuple[GrantRecord, ...] = ()
    ) -> None:
        for transfer in transfers:
            if transfer.stage not in _POSTS:
                continue
            meaning = meaning_of(transfer, grants)
            if place is not NOWHERE and meaning is not None:
                self.figures(self._day, place).note_flow(*meaning, transfer)
            for account in (transfer.debit, transfer.credit):
                if account >> 56 in SETTLED_PARTIES:
                    is_credited = transfer.credit == account
                    cause = Cause.OTHER if meaning is None else cause_of(meaning, is_credited=is_credited)
                    self._move(place, account, cause, transfer)

    def _move(self, place: Place, account: int, cause: Cause, transfer: Transfer) -> None:
        side = Side(*account_parts(account))
        if side.party is Party.MERCHANT and self.state.merchants[side.number - 1] != place.merchant_id:
            # Another merchant's account: it is settled with that one, wherever this happened.
            place = self._home(side)
        self.figures(self._day, place).note_movement(account, cause, transfer)
        amount = transfer.amount if transfer.credit == account else -transfer.amount
        self.running[place, side] = self.running.get((place, side), 0) + amount

    def _home(self, side: Side) -> Place:
        """Where an account belongs of which no place is known."""
        if side.party is Party.MERCHANT:
            return Place(self.state.merchants[side.number - 1], 0, "", "")
        return NOWHERE


def _whole(raw: RawEntry) -> TransactionEntry:
    entry = unpack(raw.kind, raw.version, raw.body)
    if not isinstance(entry, TransactionEntry):
        raise TypeError("not the entry of a transaction")
    return entry


def _voids(entry: TransactionEntry) -> bool:
    """Whether this releases a hold, whole: a void, or the reversal of an authorisation."""
    if entry.mti != _REVERSAL and not entry.processing_code.startswith(TransactionType.RETURN.value):
        return False
    return any(transfer.origin for transfer in entry.transfers)
