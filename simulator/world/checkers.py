"""What must hold of a world that has come to rest, and of every position on the way there."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.world.chronicle import Asked, Chronicle, Identity, Told
from simulator.world.disk import SimulatedDisk
from simulator.world.disk_calls import DIRECTORY, DiskCalls
from simulator.world.model import CREDIT, POINTS, Model, Request, Verdict
from simulator.world.rule_book import RuleBook, table_of
from simulator.world.switch_machine import Shown, host_record
from switch.authoriser.dates import transmission_text
from switch.journal.entries import (
    Entry,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    RuleTableEntry,
    TransactionEntry,
    unpack,
)
from switch.journal.format import RawEntry
from switch.journal.reader import JournalScan
from switch.journal.verify import verify
from switch.ledger.accounts import has_lots, member_account
from switch.ledger.requests import request_key
from switch.ledger.state import State
from switch.ledger.stores import Engine


class Findings(NamedTuple):
    """What the audit saw, for the report."""

    entries: int
    approved: int
    reversals: int
    digest: str


class Audit:
    """One walk along the journal of a world at rest, with the model beside it."""

    def __init__(
        self,
        chronicle: Chronicle,
        books: Sequence[RuleBook],
        shown: Mapping[Identity, set[Shown]],
        terminal_merchants: Mapping[str, str],
    ) -> None:
        self._chronicle = chronicle
        self._books = {table_of(book).packed: book for book in books}
        self._merchants = terminal_merchants
        self._told: dict[Identity, list[Told]] = {}
        self._told_at: dict[int, list[Told]] = {}
        self._asks_at: dict[int, list[tuple[Told, Shown]]] = {}
        for told in chronicle.told:
            self._told.setdefault(told.identity, []).append(told)
            if told.rrn:
                self._told_at.setdefault(told.rrn, []).append(told)
            elif told.code == "00" and told.mti == "0100":
                self._expect_inquiry(told, shown.get(told.identity, set()))
        # The plain engine, whichever the living switch has: so each world holds the one against the other.
        self._state = State(host_record(), Engine.PYTHON)
        self._model = Model()
        self._effective: dict[Identity, int] = {}
        self._approved = 0
        self._reversals = 0

    def run(self, disk: SimulatedDisk, live: State) -> Findings:
        """Check everything; what is wrong goes into the chronicle."""
        system = DiskCalls(disk)
        report = verify(DIRECTORY, system)
        if not report.ok:
            self._wrong(f"the journal can't be verified: {report.fault}")
        for batch in JournalScan(DIRECTORY, system=system).run():
            for raw in batch.entries:
                self._look_at(raw)
        digest = self._state.digest()
        if digest != live.digest():
            self._wrong("replay gives another state than the living switch has")
        self._check_answers()
        self._check_reversals()
        for broken in self._model.broken:
            self._wrong(broken)
        return Findings(self._state.position, self._approved, self._reversals, digest)

    def _look_at(self, raw: RawEntry) -> None:
        entry = unpack(raw.kind, raw.version, raw.body)
        self._check_inquiries(raw.position - 1)
        self._state.apply(raw, entry)
        self._model.note_day(entry.at_ms)
        self._follow(raw.position, entry)
        self._check_books(raw.position, entry)
        for told in self._told_at.get(raw.position, ()):
            self._check_told(told, raw.position, entry)

    # The model

    def _follow(self, position: int, entry: Entry) -> None:
        model = self._model
        if isinstance(entry, RuleTableEntry):
            model.adopt(entry.at_ms, self._books[entry.table])
        elif isinstance(entry, MaintenanceEntry):
            for held in entry.released_holds:
                if model.holds[held].expires_s > entry.at_ms // 1000:
                    self._wrong(f"position {position}: a hold ended before its time")
                model.release(held)
        elif isinstance(entry, FileActionEntry):
            tags = dict(entry.record)
            if entry.file_name == "CARD":
                number = int(str(tags["DF20"]))
                (model.blocked.discard if tags["DF21"] == "A" else model.blocked.add)(number)
        elif isinstance(entry, ForwardedEntry):
            self._wrong(f"position {position}: forwarded, and there is no partner in this world")
        elif isinstance(entry, TransactionEntry):
            if entry.mti == "0400":
                self._follow_reversal(position, entry)
            else:
                self._follow_request(position, entry)

    def _follow_request(self, position: int, entry: TransactionEntry) -> None:
        identity = (entry.terminal_id, entry.stan, transmission_text(entry.transmitted_s))
        asked = self._asked(identity, entry)
        if asked is None or entry.member_number is None:
            self._wrong(f"position {position}: nobody asked for {identity}")
            return
        request = Request(
            position,
            request_key(entry.transmitted_s, entry.stan),
            entry.terminal_id,
            entry.merchant_id,
            entry.member_number,
            entry.at_ms // 1000,
            entry.transmitted_s,
            asked,
        )
        verdict = self._model.decide(request)
        self._compare(position, entry, verdict)
        if entry.response_code == "00":
            self._approved += 1
            if identity in self._effective:
                self._wrong(f"position {position}: {identity} counts twice")
            self._effective[identity] = position

    def _follow_reversal(self, position: int, entry: TransactionEntry) -> None:
        self._reversals += 1
        original = request_key(entry.original_s, entry.original_stan)
        code, undone = self._model.reverse(entry.terminal_id, original)
        if entry.response_code != code:
            self._wrong(f"position {position}: reversal got {entry.response_code}, the model says {code}")
        if entry.response_code == "00" and entry.reverses != undone:
            self._wrong(f"position {position}: undid {entry.reverses}, the model says {undone}")

    def _asked(self, identity: Identity, entry: TransactionEntry) -> Asked | None:
        for asked in self._chronicle.asked.get(identity, ()):
            if (asked.mti, asked.processing_code, asked.amount) == (
                entry.mti,
                entry.processing_code,
                entry.amount,
            ):
                return asked
        return None

    def _compare(self, position: int, entry: TransactionEntry, verdict: Verdict) -> None:
        balances = dict(entry.balances)
        found = Verdict(entry.response_code, balances.get(POINTS, 0), balances.get(CREDIT, 0))
        if found != verdict:
            self._wrong(f"position {position}: decided {tuple(found)}, the model says {tuple(verdict)}")

    # The ledger at each position

    def _check_books(self, position: int, entry: Entry) -> None:
        state = self._state
        if any(state.accounts.trial_balance().values()):
            self._wrong(f"position {position}: trial balance is not zero")
        if isinstance(entry, (TransactionEntry, MaintenanceEntry)):
            for transfer in entry.transfers:
                for account in (transfer.debit, transfer.credit):
                    if has_lots(account) and state.lots.balance(account) != state.accounts.balance(account):
                        self._wrong(f"position {position}: lots and counters of an account differ")
        if isinstance(entry, TransactionEntry) and entry.member_number is not None:
            now_s = entry.at_ms // 1000
            for purse in (POINTS, CREDIT):
                available = state.lots.available(member_account(entry.member_number, purse), now_s)
                if available != self._model.balances.get((entry.member_number, purse), 0):
                    self._wrong(f"position {position}: the ledger has {available} of purse {purse}")
        book = self._model.books[-1][1] if self._model.books else None
        if book is not None and self._model.counters.get(("pot", 0, 0), 0) > book.points_budget:
            self._check_pot(position, entry)

    def _check_pot(self, position: int, entry: Entry) -> None:
        """Above its budget a pot may be only where the table's budget was lowered: then nothing is drawn."""
        if isinstance(entry, TransactionEntry) and any(
            move.delta > 0 and move.key.counter.endswith("pot") for move in entry.counter_moves
        ):
            before = max(book.points_budget for _, book in self._model.books)
            if self._model.counters["pot", 0, 0] > before:
                self._wrong(f"position {position}: the budget is exceeded")

    # What clients were told

    def _check_told(self, told: Told, position: int, entry: Entry) -> None:
        if not isinstance(entry, TransactionEntry):
            self._wrong(f"{told.identity} was told position {position}, which is no transaction")
            return
        identity = (entry.terminal_id, entry.stan, transmission_text(entry.transmitted_s))
        if told.code in ("94", "21") and identity != told.identity:
            return
        if identity != told.identity or entry.response_code != told.code:
            self._wrong(f"{told.identity} was told {told.code} of position {position}, which is {identity}")
        balances = dict(entry.balances)
        if told.points is not None and (told.points, told.credit) != (
            balances.get(POINTS, 0),
            balances.get(CREDIT, 0),
        ):
            self._wrong(f"{told.identity} was told other balances than the ledger had at position {position}")

    def _check_answers(self) -> None:
        last = self._state.position
        self._check_inquiries(last)
        for position in self._told_at:
            if position > last:
                self._wrong(
                    f"{self._told_at[position][0].identity} was told position {position}, which is lost"
                )
        for position in self._asks_at:
            self._wrong(f"an inquiry was answered from position {position}, which is lost")

    def _check_reversals(self) -> None:
        """Reversed and acknowledged leaves nothing; approved and accepted stays."""
        undone = {identity for identity, _ in self._chronicle.undone}
        model = self._model
        for identity, code in self._chronicle.undone:
            position = self._effective.get(identity)
            if position is None or code != "00":
                continue
            done = model.done[position]
            if done.kind == "hold" and position in model.holds:
                self._wrong(f"{identity} was reversed and is still held")
            elif done.kind != "hold" and not done.is_undone:
                self._wrong(f"{identity} was reversed and still counts")
        for told in self._chronicle.told:
            position = self._effective.get(told.identity)
            if told.code != "00" or told.identity in undone or not told.rrn:
                continue
            if position is None:
                self._wrong(f"{told.identity} was approved and is nowhere")
            elif model.done[position].is_undone:
                self._wrong(f"{told.identity} was approved and undone by nobody")

    def _expect_inquiry(self, told: Told, shown: set[Shown]) -> None:
        if not shown:
            self._wrong(f"{told.identity} got an answer that nobody gave")
        elif len(shown) == 1:
            at = next(iter(shown))
            self._asks_at.setdefault(at.position, []).append((told, at))

    def _check_inquiries(self, position: int) -> None:
        """What an inquiry was told must be what the ledger has at the position it was answered from."""
        for told, at in self._asks_at.pop(position, ()):
            member = self._member_of(told)
            for purse, amount in ((POINTS, told.points), (CREDIT, told.credit)):
                available = self._state.lots.available(member_account(member, purse), at.at_s)
                if available != amount:
                    self._wrong(f"{told.identity} asked and was told {amount}, the ledger has {available}")

    def _member_of(self, told: Told) -> int:
        """Cards of a street carry the number of their member."""
        return int(self._chronicle.asked[told.identity][0].card[6:15])

    def _wrong(self, text: str) -> None:
        self._chronicle.violate(text)
