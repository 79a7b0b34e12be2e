"""The same messages to a switch of either engine: replies, entries and states must be the same bytes."""

from collections import deque
from collections.abc import Mapping

from protocol.codec import encode_sealed
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.gate.exchange import Exchange, Now
from switch.gate.link import LinkState
from switch.journal.entries import Entry, FileActionEntry, RecordTags, RuleTableEntry
from switch.keyring import Keyring
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.metrics.store import Metrics
from switch.publication.candidate import Candidate
from switch.rules.table import RuleTable
from tests.protocol.golden_vectors import MASTER_KEY

SPEC = load_spec("vafa")
KEYRING = Keyring(MASTER_KEY)
HOST = TerminalRecord("HOST0001", "", 0, 1, Role.HOST, Status.ACTIVE)
_NO_CARD = bytes(16)


class OneSwitch:
    """An exchange with one link on which everybody has signed on."""

    def __init__(self, engine: Engine, candidate: Candidate | None = None) -> None:
        self.state = State(HOST, engine)
        self.metrics = Metrics()
        self.exchange = Exchange(SPEC, self.state, KEYRING, self.metrics, candidate=candidate)
        self.link = LinkState(0.0)
        self.by_the_core = 0

    def answer(self, payload: bytes, now_ms: int) -> bytes | None:
        """The reply to a payload, as a gate gets it."""
        now = Now(now_ms, now_ms / 1000)
        replies: list[bytes] = []
        frames = deque([payload])
        if self.exchange.serve_plain_purchases(self.link, frames, 1, now, replies):
            self.by_the_core += 1
            return replies[0]
        reply = self.exchange.serve(self.link, payload, now)
        assert reply is None or isinstance(reply, bytes)
        return reply


class TwoSwitches:
    """One with the plain engine, one with the compiled; `entries` are those that both have journaled."""

    def __init__(self) -> None:
        self.plain = OneSwitch(Engine.PYTHON)
        self.compiled = OneSwitch(Engine.COMPILED)
        self.entries: list[bytes] = []
        self._stan = 0

    @property
    def both(self) -> tuple[OneSwitch, OneSwitch]:
        """Plain, then compiled."""
        return self.plain, self.compiled

    def adopt(self, table: RuleTable, now_ms: int) -> None:
        """Put a rule table in force."""
        self.journal(RuleTableEntry(now_ms, self.plain.state.rule_table_version + 1, table.packed))

    def record(self, file_name: str, tags: RecordTags, now_ms: int, card_number: str = "") -> None:
        """Set a record."""
        self._stan += 1
        token = KEYRING.card_token(card_number) if card_number else _NO_CARD
        self.journal(
            FileActionEntry(
                now_ms, HOST.terminal_id, self._stan, 1, bytes(16), "1", file_name, "00", token, tags
            )
        )

    def journal(self, entry: Entry) -> None:
        """Let both take over an entry."""
        for each in self.both:
            each.exchange.journal(entry)
        self.compare()

    def sign_on(self, terminal_id: str) -> None:
        """Let a terminal be served."""
        for each in self.both:
            each.link.sign_on(terminal_id)

    def send(self, mti: str, fields: Mapping[int, Value], now_ms: int) -> bytes | None:
        """Give a message, sealed by its terminal, to both; their one answer."""
        terminal_id = str(fields[41])
        mac = Mac(derive_terminal_key(MASTER_KEY, terminal_id, 1))
        return self.give(encode_sealed(SPEC, Message(mti, dict(fields)), mac), now_ms)

    def give(self, payload: bytes, now_ms: int) -> bytes | None:
        """Give a payload as it is to both; their one answer."""
        plain, compiled = (each.answer(payload, now_ms) for each in self.both)
        assert compiled == plain
        self.compare()
        return plain

    def check_states(self) -> None:
        """Hold everything that both know against each other."""
        assert self.compiled.state.digest() == self.plain.state.digest()
        assert self.compiled.metrics.answers() == self.plain.metrics.answers()

    def compare(self) -> None:
        """Hold what both have journaled since the last time against each other."""
        plain, compiled = (each.exchange.take_staged() for each in self.both)
        assert compiled == plain
        self.entries += plain
