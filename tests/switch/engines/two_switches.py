"""The same messages to a switch of either engine: replies, entries and states must be the same bytes."""

from collections import deque
from collections.abc import Mapping

from protocol.codec import encode_sealed
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.authoriser.request import Financial, Reversal
from switch.gate.deferred import Deferred
from switch.gate.exchange import Exchange, Now
from switch.gate.forwarding import Forwarded
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


class PartnerOf:
    """Claims the sales with one card, as `switch.upstream` does; nothing ever went there before."""

    def __init__(self, card_number: str) -> None:
        self._card_number = card_number
        self._token = KEYRING.card_token(card_number)

    def claims(self, _message: Message, request: Financial | Reversal, _card_type: str) -> bool:
        return isinstance(request, Financial) and request.card_token == self._token

    def claims_sale(self, _terminal_id: str, _key: int, card_number: str, _card_type: str) -> bool:
        return card_number == self._card_number

    def may_have_forgotten(self, _reversal: Reversal) -> bool:
        return False

    def knows(self, _terminal_id: str, _key: int) -> bool:
        return False

    def ask(self, *_: object) -> None:
        raise AssertionError("the gate asks, not the exchange")


class OneSwitch:
    """An exchange with one link on which everybody has signed on."""

    def __init__(
        self, engine: Engine, candidate: Candidate | None = None, partner: PartnerOf | None = None
    ) -> None:
        self.state = State(HOST, engine)
        self.metrics = Metrics()
        self.exchange = Exchange(
            SPEC, self.state, KEYRING, self.metrics, candidate=candidate, forwarding=partner
        )
        self.link = LinkState(0.0)
        self.by_the_core = 0

    def answers(self, payloads: list[bytes], now_ms: int) -> list[bytes | None]:
        """The replies to payloads that came together, as a gate gets them."""
        now = Now(now_ms, now_ms / 1000)
        frames = deque(payloads)
        found: list[bytes | None] = []
        while frames:
            replies: list[bytes] = []
            served = self.exchange.serve_plain_purchases(self.link, frames, len(frames), now, replies)
            assert len(replies) == served
            self.by_the_core += served
            found += replies
            if frames:
                reply = self.exchange.serve(self.link, frames.popleft(), now)
                assert not isinstance(reply, Deferred)
                found.append(b"forwarded" if isinstance(reply, Forwarded) else reply)
        return found


def sealed(mti: str, fields: Mapping[int, Value]) -> bytes:
    """A message's payload, sealed by its terminal."""
    mac = Mac(derive_terminal_key(MASTER_KEY, str(fields[41]), 1))
    return encode_sealed(SPEC, Message(mti, dict(fields)), mac)


class TwoSwitches:
    """One with the plain engine, one with the compiled; `entries` are those that both have journaled."""

    def __init__(self, partner: PartnerOf | None = None) -> None:
        self.plain = OneSwitch(Engine.PYTHON, partner=partner)
        self.compiled = OneSwitch(Engine.COMPILED, partner=partner)
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
        return self.give(sealed(mti, fields), now_ms)

    def give(self, payload: bytes, now_ms: int) -> bytes | None:
        """Give a payload as it is to both; their one answer."""
        return self.rush([payload], now_ms)[0]

    def rush(self, payloads: list[bytes], now_ms: int) -> list[bytes | None]:
        """Give payloads that come together to both; their answers."""
        plain, compiled = (each.answers(payloads, now_ms) for each in self.both)
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
