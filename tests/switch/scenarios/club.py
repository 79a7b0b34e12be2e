"""A club in memory: the authoriser and the ledger with real entries, driven by plain calls.

Everything goes the way of the live switch: request, decision, packed entry, unpacked entry, state.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.dialect import IRR, FileName, FileUpdateCode, Tag
from switch.authoriser.decide import decide
from switch.authoriser.decision import Decision, Reply
from switch.authoriser.request import (
    Details,
    FileAction,
    Financial,
    Identity,
    PinState,
    Request,
    Reversal,
    Step,
)
from switch.journal.entries import ENTRY_VERSION, Entry, RuleTableEntry, TransactionEntry, pack, unpack
from switch.journal.format import RawEntry
from switch.ledger.maintenance import due
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.rules.table import RuleTable

HOST = "HOST0001"
TILL = "T0000001"
MERCHANT = "SHOP1"
MAINTENANCE_LIMIT = 200


def token(name: str) -> bytes:
    """Token of a card or phone by its name in a test."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def host_record() -> TerminalRecord:
    """The club's own link."""
    return TerminalRecord(HOST, "", 0, 1, Role.HOST, Status.ACTIVE)


@dataclass
class Club:
    """State, the journal in memory and a clock; requests get their identities here."""

    table: RuleTable
    now_s: int
    state: State = field(init=False)
    raws: list[RawEntry] = field(default_factory=list)
    sent: list[tuple[Request, Reply]] = field(default_factory=list)
    _stan: int = 0

    def __post_init__(self) -> None:
        self.state = State(host_record())
        self.state.find_older = self.find_raw
        self.adopt(self.table)
        self.add_terminal(TILL, MERCHANT)

    def adopt(self, table: RuleTable) -> None:
        """Bring a rule table into force."""
        self.table = table
        version = self.state.rule_table_version + 1
        self.append(RuleTableEntry(self.now_s * 1000, version, table.packed))

    def find_raw(self, position: int) -> RawEntry | None:
        """Entry by position, as the journal would give it."""
        return self.raws[position - 1] if 1 <= position <= len(self.raws) else None

    def find(self, position: int) -> Entry | None:
        """The same, unpacked."""
        raw = self.find_raw(position)
        return None if raw is None else unpack(raw.kind, raw.version, raw.body)

    def append(self, entry: Entry) -> None:
        """Journal an entry: only its bytes count."""
        kind, body = pack(entry)
        raw = RawEntry(self.state.position + 1, kind, ENTRY_VERSION, body)
        self.raws.append(raw)
        self.state.apply(raw, unpack(kind, ENTRY_VERSION, body))

    def send(self, request: Request) -> Reply:
        """Decide, journal and apply a request."""
        decision = self.decide(request)
        if decision.entry is not None:
            self.append(decision.entry)
        self.sent.append((request, decision.reply))
        return decision.reply

    def decide(self, request: Request) -> Decision:
        """Decide a request without its consequences."""
        return decide(self.state, self.state.rule_table, request, self.now_s * 1000)

    def identity(self, terminal_id: str = TILL, at_s: int | None = None) -> Identity:
        """The next identity of a terminal."""
        self._stan += 1
        at_s = self.now_s if at_s is None else at_s
        return Identity(terminal_id, self._stan, at_s, token(f"{terminal_id}/{self._stan}"))

    def financial(
        self,
        processing_code: str,
        amount: int = 0,
        *,
        card: str | None = None,
        member: int | None = None,
        terminal_id: str = TILL,
        merchant_id: str = MERCHANT,
        step: Step = Step.FINANCIAL,
        details: Details | None = None,
        currency: str = IRR,
        pin: PinState = PinState.ABSENT,
        at_s: int | None = None,
    ) -> Financial:
        """A request of class 1 or 2."""
        return Financial(
            self.identity(terminal_id, at_s),
            step,
            processing_code,
            amount,
            currency,
            merchant_id,
            "02",
            None if card is None else token(card),
            member,
            Details() if details is None else details,
            pin,
        )

    def reversal_of(self, original: Financial) -> Reversal:
        """The reversal that the original's terminal would send."""
        mti = {Step.AUTHORISATION: "0100", Step.FINANCIAL: "0200", Step.ADVICE: "0220"}[original.step]
        return Reversal(
            self.identity(original.identity.terminal_id),
            original.processing_code,
            original.amount,
            original.currency,
            original.merchant_id,
            mti,
            original.identity.stan,
            original.identity.transmitted_s,
        )

    def add_terminal(self, terminal_id: str, merchant_id: str, **tags: str) -> None:
        """Set a terminal's record."""
        record = {Tag.SUBJECT_TERMINAL_ID.value: terminal_id, Tag.RECORD_MERCHANT_ID.value: merchant_id}
        self.set_record(FileName.TERMINAL, record | tags)

    def add_member(self, number: int, tags: Mapping[str, str | bytes] | None = None) -> None:
        """Set a member's record."""
        record: dict[str, str | bytes] = {
            Tag.MEMBER_NUMBER.value: f"{number:012d}",
            Tag.MEMBER_NAME.value: "عضو نمونه",
        }
        self.set_record(FileName.MEMBER, record | dict(tags or {}))

    def add_card(
        self,
        name: str,
        member: int,
        reference: int,
        card_type: str = "CLASSIC",
        status: Status = Status.ACTIVE,
    ) -> None:
        """Set a card's record."""
        record = {
            Tag.CARD_REFERENCE.value: f"{reference:012d}",
            Tag.MEMBER_NUMBER.value: f"{member:012d}",
            Tag.CARD_TYPE.value: card_type,
            Tag.STATUS.value: status.value,
        }
        self.set_record(FileName.CARD, record, name)

    def set_record(
        self, file_name: FileName, record: Mapping[str, str | bytes], card: str | None = None
    ) -> None:
        """Send a file action that must succeed."""
        reply = self.send(
            FileAction(
                self.identity(HOST),
                FileUpdateCode.ADD_OR_REPLACE.value,
                file_name.value,
                None if card is None else token(card),
                tuple(record.items()),
            )
        )
        assert reply.response_code in ("00", "26"), reply

    def pass_time(self, seconds: int) -> None:
        """Let time pass and do the upkeep that falls due in it."""
        self.now_s += seconds
        while (entry := due(self.state, self.now_s, MAINTENANCE_LIMIT)) is not None:
            self.append(entry)

    def last_entry(self) -> TransactionEntry:
        """The newest entry, which is that of a transaction."""
        entry = self.find(len(self.raws))
        assert isinstance(entry, TransactionEntry)
        return entry

    def replayed(self) -> State:
        """A state folded from the journal alone."""
        state = State(host_record())
        for raw in self.raws:
            state.apply(raw, unpack(raw.kind, raw.version, raw.body, for_replay=True))
        return state
