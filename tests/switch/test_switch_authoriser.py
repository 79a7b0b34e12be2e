"""Authoriser and ledger against a tiny reference model, and replay of every journal they make."""

import hashlib
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from switch.authoriser.dates import resolve_transmission, transmission_text
from switch.authoriser.decide import decide
from switch.authoriser.decision import Decision
from switch.authoriser.request import FileAction, Identity, Purchase, Request, Reversal
from switch.journal.entries import ENTRY_VERSION, Entry, RuleTableEntry, pack, unpack
from switch.journal.format import RawEntry
from switch.ledger.accounts import member_account
from switch.ledger.purses import PurseCode
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.requests import REMEMBERED_REQUESTS
from switch.ledger.state import State
from switch.rules.compiler import load_rules

HOST = TerminalRecord("HOST0001", "", 0, 1, Role.HOST, Status.ACTIVE)
TERMINALS = ("T1", "T2")
MEMBERS = (11, 22)
NOON_S = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp())


class Bench:
    """An authoriser with its journal in memory, with terminals, members and one card for each member."""

    def __init__(self) -> None:
        self.state = State(HOST)
        self.journal: list[RawEntry] = []
        self.now_ms = NOON_S * 1000
        self.take(RuleTableEntry(self.now_ms, 1, load_rules(None).packed))
        stan = 0
        for terminal_id in TERMINALS:
            stan += 1
            record = (("DF28", terminal_id), ("DF22", "SHOP"), ("DF25", "0001"), ("DF26", "T"))
            self.file_action(stan, "TERMINAL", None, record)
        for number in MEMBERS:
            tags = (("DF20", f"{number:012d}"), ("DF05", "n"), ("DF29", "000000000001"))
            self.file_action(stan + 1, "MEMBER", None, tags)
            self.file_action(stan + 2, "CARD", card_token(number), tags)
            stan += 2

    def file_action(
        self, stan: int, name: str, token: bytes | None, tags: tuple[tuple[str, str], ...]
    ) -> None:
        identity = Identity(HOST.terminal_id, stan, NOON_S, digest_of(name, tags, token))
        assert self.decide(FileAction(identity, "1", name, token, tags)).reply.response_code == "00"

    def take(self, entry: Entry) -> None:
        kind, body = pack(entry)
        assert unpack(kind, ENTRY_VERSION, body) == entry
        raw = RawEntry(self.state.position + 1, kind, ENTRY_VERSION, body)
        self.state.apply(raw, entry)
        self.journal.append(raw)

    def decide(self, request: Request) -> Decision:
        before = self.state.digest() if len(self.journal) < 100 else ""
        decision = decide(self.state, self.state.rule_table, request, self.now_ms)
        assert not before or self.state.digest() == before, "decide changed the state"
        if decision.entry is not None:
            self.take(decision.entry)
        return decision

    def code(self, request: Request) -> str:
        return str(self.decide(request).reply.response_code)

    def balance(self, number: int, purse: PurseCode) -> int:
        return self.state.accounts.balance(member_account(number, purse))

    def replayed(self) -> State:
        state = State(HOST)
        for raw in self.journal:
            state.apply(raw, unpack(raw.kind, raw.version, raw.body))
        return state


def card_token(number: int) -> bytes:
    return number.to_bytes(16, "big")


def digest_of(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()[:16]


def purchase(
    terminal_id: str,
    stan: int,
    amount: int,
    member: int = 11,
    code: str = "000000",
    *,
    at_s: int = NOON_S,
) -> Purchase:
    identity = Identity(terminal_id, stan, at_s, digest_of(terminal_id, stan, at_s, amount, member, code))
    return Purchase(identity, code, amount, "364", "SHOP", card_token(member))


def reversal(original: Purchase, stan: int, at_s: int = NOON_S) -> Reversal:
    named = original.identity
    identity = Identity(named.terminal_id, stan, at_s, digest_of("reversal", named, stan))
    return Reversal(
        identity,
        original.processing_code,
        original.amount,
        "364",
        "SHOP",
        "0200",
        named.stan,
        named.transmitted_s,
    )


DRAWS = st.tuples(
    st.sampled_from(TERMINALS),
    st.one_of(st.integers(1, 3000), st.integers(1, 10**8)),
    st.sampled_from(MEMBERS),
    st.sampled_from(["000000", "000000", "009100", "009200"]),
)


class Club(RuleBasedStateMachine):
    """Purchases, redemptions, repeats, conflicts and reversals in any order."""

    requests = Bundle("requests")
    unsent = Bundle("unsent")

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.stan = 0
        self.balances = {(number, purse): 0 for number in MEMBERS for purse in PurseCode}
        self.effects: dict[Purchase, dict[tuple[int, PurseCode], int]] = {}
        self.replies: dict[Purchase, object] = {}
        self.undone: set[Purchase] = set()

    def _draw(self, terminal_id: str, amount: int, member: int, code: str) -> Purchase:
        self.stan += 1
        return purchase(terminal_id, self.stan, amount, member, code)

    def _send(self, request: Purchase) -> None:
        member = int.from_bytes(request.card_token, "big")
        amount, code = request.amount, request.processing_code
        points, credit = (member, PurseCode.POINTS), (member, PurseCode.CREDIT)
        effects = {
            "000000": {points: amount * 100 // 1_000_000, credit: amount * 2 // 100},
            "009100": {points: -((amount + 999) // 1000)},
            "009200": {credit: -amount},
        }[code]
        enough = all(change >= 0 or self.balances[key] + change >= 0 for key, change in effects.items())
        decision = self.bench.decide(request)
        assert decision.reply.response_code == ("00" if enough else "51")
        self.effects[request] = effects if enough else {}
        self.replies[request] = decision.reply
        self._move(self.effects[request], 1)

    def _move(self, effects: dict[tuple[int, PurseCode], int], sign: int) -> None:
        for key, change in effects.items():
            self.balances[key] += sign * change

    @rule(target=requests, draw=DRAWS)
    def buy(self, draw: tuple[str, int, int, str]) -> Purchase:
        request = self._draw(*draw)
        self._send(request)
        return request

    @rule(target=unsent, draw=DRAWS)
    def prepare(self, draw: tuple[str, int, int, str]) -> Purchase:
        return self._draw(*draw)

    @rule(target=requests, request=consumes(unsent))
    def send_late(self, request: Purchase) -> object:
        if request in self.undone:
            assert self.bench.code(request) == "21"
            return multiple()
        self._send(request)
        return request

    @rule(request=requests)
    def repeat(self, request: Purchase) -> None:
        before = self.bench.state.digest()
        decision = self.bench.decide(request)
        assert decision.entry is None
        if request in self.undone:
            assert decision.reply.response_code == "21"
        else:
            assert decision.reply == self.replies[request]
        assert self.bench.state.digest() == before

    @rule(request=requests)
    def repeat_with_other_content(self, request: Purchase) -> None:
        before = self.bench.state.digest()
        other = request._replace(identity=request.identity._replace(digest=bytes(16)))
        assert self.bench.code(other) == "94"
        assert self.bench.state.digest() == before

    @rule(request=st.one_of(requests, unsent))
    def reverse(self, request: Purchase) -> None:
        self.stan += 1
        undo = reversal(request, self.stan)
        decision = self.bench.decide(undo)
        assert decision.reply.response_code == "00"
        if request not in self.undone:
            self._move(self.effects.get(request, {}), -1)
        self.undone.add(request)
        again = self.bench.decide(undo)
        assert (again.entry, again.reply) == (None, decision.reply)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        state = self.bench.state
        assert set(state.accounts.trial_balance().values()) == {0}
        for (number, purse), balance in self.balances.items():
            assert self.bench.balance(number, purse) == balance

    def teardown(self) -> None:
        for request in reversed(list(self.effects)):
            self.reverse(request)
        self.balances_are_those_of_the_model()
        assert set(self.balances.values()) == {0}
        assert self.bench.replayed().digest() == self.bench.state.digest()


TestClub = Club.TestCase
TestClub.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_reversal_transfers_name_what_they_give_back() -> None:
    bench = Bench()
    original = purchase("T1", 1, 2_500_000)
    bench.decide(original)
    position = bench.state.position
    bench.decide(reversal(original, 2))
    entry = unpack(*bench.journal[-1][1:])
    assert not isinstance(entry, RuleTableEntry)
    assert entry.reverses == position  # type: ignore[union-attr]
    assert [transfer.undoes for transfer in entry.transfers] == [position << 8, position << 8 | 1]  # type: ignore[union-attr]


def test_reversal_of_another_amount_or_kind_moves_nothing() -> None:
    bench = Bench()
    original = purchase("T1", 1, 2_500_000)
    bench.decide(original)
    assert bench.code(reversal(original, 2)._replace(amount=1)) == "13"
    assert bench.code(reversal(original, 3)._replace(processing_code="009100")) == "12"
    assert bench.code(reversal(original, 4)._replace(original_mti="0100")) == "12"
    assert bench.balance(11, PurseCode.POINTS) == 250
    other_terminal = original._replace(identity=original.identity._replace(terminal_id="T2"))
    assert bench.code(reversal(other_terminal, 5)) == "00"
    assert bench.balance(11, PurseCode.POINTS) == 250


def test_what_the_window_forgot_is_never_counted_again() -> None:
    bench = Bench()
    first = purchase("T1", 1, 1_000_000)
    bench.decide(first)
    for index in range(REMEMBERED_REQUESTS):
        bench.decide(purchase("T1", 1, 1000, at_s=NOON_S + 1 + index))
    points = bench.balance(11, PurseCode.POINTS)
    assert bench.code(first) == "94"
    assert bench.code(reversal(first, 2, at_s=NOON_S + 9000)) == "25"
    assert bench.code(purchase("T1", 999_999, 1000, at_s=NOON_S - 1)) == "94"
    assert bench.code(purchase("T2", 1, 1000)) == "00"
    assert bench.code(purchase("T1", 1, 1000, at_s=NOON_S + 1 + REMEMBERED_REQUESTS)) == "00"
    assert bench.balance(11, PurseCode.POINTS) == points
    assert bench.replayed().digest() == bench.state.digest()


def test_balances_stay_within_field_54() -> None:
    bench = Bench()
    largest = 999_999_999_999
    codes = [bench.code(purchase("T1", stan, largest)) for stan in range(1, 60)]
    assert codes == ["00"] * 50 + ["61"] * 9
    assert bench.balance(11, PurseCode.CREDIT) == 50 * (largest * 2 // 100)


def test_year_of_field_7() -> None:
    def at(*parts: int) -> int:
        return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]

    new_year = at(2027, 1, 1, 0, 0, 5)
    assert resolve_transmission("1231235959", new_year) == at(2026, 12, 31, 23, 59, 59)
    assert resolve_transmission("0101000003", new_year) == at(2027, 1, 1, 0, 0, 3)
    assert resolve_transmission("0101000003", at(2026, 12, 31, 23)) == at(2027, 1, 1, 0, 0, 3)
    assert resolve_transmission("0229120000", at(2028, 1, 10)) == at(2028, 2, 29, 12)
    assert resolve_transmission("0229120000", at(2026, 7, 1)) is None
    for wrong in (
        "1301000000",
        "0001000000",
        "0132000000",
        "0101240000",
        "0101006000",
        "01010000",
        "01010000é1",
    ):
        assert resolve_transmission(wrong, new_year) is None
    assert transmission_text(new_year) == "0101000005"


def test_message_types_are_told_apart_by_content() -> None:
    """A reversal that reuses its original's identity is no repeat of it."""
    bench = Bench()
    original = purchase("T1", 1, 1_000_000)
    bench.decide(original)
    assert bench.code(reversal(original, 1)) == "94"
