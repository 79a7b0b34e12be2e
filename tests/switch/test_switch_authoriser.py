"""Authoriser and ledger against a tiny reference model, and replay of every journal they make."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from protocol.dialect import PurseCode, ResponseCode
from switch.authoriser.dates import resolve_transmission, transmission_text
from switch.authoriser.decision import Decision, Reply
from switch.authoriser.request import Details, Financial, Identity, Request, Reversal, Step
from switch.journal.entries import MaintenanceEntry, TransactionEntry
from switch.ledger import state
from switch.ledger.accounts import member_account
from switch.ledger.requests import REMEMBERED_REQUESTS
from switch.rules.compiler import compile_rules
from switch.rules.purses import BALANCE_MAX
from tests.amounts import many
from tests.switch.scenarios.club import Club as MemoryClub
from tests.switch.scenarios.club import token

TERMINALS = ("T1", "T2")
MEMBERS = (11, 22)
PURSES = (PurseCode.POINTS, PurseCode.CREDIT)
NOON_S = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp())
RULES = """
format = 2
programme = "vafa"
[[rules]]
rule_id = "EARN"
version = 1
status = "active"
kind = "earn"
name = { fa = "خرید", en = "Financial" }
trigger = "purchase"
effects = [
    { type = "earn", purse = "points", calc = { mode = "rate", give = 100, per = 1000000 } },
    { type = "earn", purse = "credit", calc = { mode = "percent", give = 2, per = 100 } },
]
[[rules]]
rule_id = "PAY"
version = 1
status = "active"
kind = "burn"
name = { fa = "پرداخت", en = "Pay" }
trigger = "burn_request"
effects = [
    { type = "tender", purse = "points", calc = { mode = "rate", give = 1, per = 1000 } },
    { type = "tender", purse = "credit", calc = { mode = "rate", give = 1, per = 1 } },
]
"""
TABLE = compile_rules(RULES, "test")


class Bench(MemoryClub):
    """Two terminals, two members and one card for each of them."""

    def __init__(self) -> None:
        super().__init__(TABLE, NOON_S)
        for terminal_id in TERMINALS:
            self.add_terminal(terminal_id, "SHOP")
        for number in MEMBERS:
            self.add_member(number)
            self.add_card(f"card{number}", number, number)

    def answer(self, request: Request) -> Decision:
        """Decide and apply; deciding alone must change nothing."""
        before = self.state.digest() if len(self.raws) < 100 else ""
        decision = self.decide(request)
        assert not before or self.state.digest() == before, "decide changed the state"
        if decision.entry is not None:
            self.append(decision.entry)
        return decision

    def code(self, request: Request) -> str:
        return str(self.answer(request).reply.response_code)

    def balance(self, number: int, purse: PurseCode) -> int:
        return self.state.accounts.balance(member_account(number, purse))


def purchase(
    terminal_id: str, stan: int, amount: int, member: int = 11, code: str = "000000", *, at_s: int = NOON_S
) -> Financial:
    content = token(repr((terminal_id, stan, at_s, amount, member, code)))
    identity = Identity(terminal_id, stan, at_s, content)
    return Financial(
        identity, Step.FINANCIAL, code, amount, "364", "SHOP", "02", token(f"card{member}"), None
    )


def reversal(original: Financial, stan: int, at_s: int = NOON_S) -> Reversal:
    named = original.identity
    identity = Identity(named.terminal_id, stan, at_s, token(repr(("reversal", named, stan))))
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
    """Financials, redemptions, repeats, conflicts and reversals in any order."""

    requests = Bundle("requests")
    unsent = Bundle("unsent")

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.stan = 0
        self.balances = {(number, purse): 0 for number in MEMBERS for purse in PURSES}
        self.effects: dict[Financial, dict[tuple[int, PurseCode], int]] = {}
        self.replies: dict[Financial, object] = {}
        self.undone: set[Financial] = set()

    def _draw(self, terminal_id: str, amount: int, member: int, code: str) -> Financial:
        self.stan += 1
        return purchase(terminal_id, self.stan, amount, member, code)

    def _send(self, request: Financial) -> None:
        member = 11 if request.card_token == token("card11") else 22
        amount, code = request.amount, request.processing_code
        points, credit = (member, PurseCode.POINTS), (member, PurseCode.CREDIT)
        effects = {
            "000000": {points: amount * 100 // 1_000_000, credit: amount * 2 // 100},
            "009100": {points: -((amount + 999) // 1000)},
            "009200": {credit: -amount},
        }[code]
        enough = all(change >= 0 or self.balances[key] + change >= 0 for key, change in effects.items())
        decision = self.bench.answer(request)
        assert decision.reply.response_code == ("00" if enough else "51")
        self.effects[request] = effects if enough else {}
        self.replies[request] = decision.reply
        self._move(self.effects[request], 1)

    def _move(self, effects: dict[tuple[int, PurseCode], int], sign: int) -> None:
        for key, change in effects.items():
            self.balances[key] += sign * change

    @rule(target=requests, draw=DRAWS)
    def buy(self, draw: tuple[str, int, int, str]) -> Financial:
        request = self._draw(*draw)
        self._send(request)
        return request

    @rule(target=unsent, draw=DRAWS)
    def prepare(self, draw: tuple[str, int, int, str]) -> Financial:
        return self._draw(*draw)

    @rule(target=requests, request=consumes(unsent))
    def send_late(self, request: Financial) -> object:
        if request in self.undone:
            assert self.bench.code(request) == "21"
            return multiple()
        self._send(request)
        return request

    @rule(request=requests)
    def repeat(self, request: Financial) -> None:
        before = self.bench.state.digest()
        decision = self.bench.answer(request)
        assert decision.entry is None
        if request in self.undone:
            assert decision.reply.response_code == "21"
        else:
            assert decision.reply == self.replies[request]
        assert self.bench.state.digest() == before

    @rule(request=requests)
    def repeat_with_other_content(self, request: Financial) -> None:
        before = self.bench.state.digest()
        other = request._replace(identity=request.identity._replace(digest=bytes(16)))
        assert self.bench.code(other) == "94"
        assert self.bench.state.digest() == before

    @rule(request=st.one_of(requests, unsent))
    def reverse(self, request: Financial) -> None:
        self.stan += 1
        undo = reversal(request, self.stan)
        decision = self.bench.answer(undo)
        assert decision.reply.response_code == "00"
        if request not in self.undone:
            self._move(self.effects.get(request, {}), -1)
        self.undone.add(request)
        again = self.bench.answer(undo)
        assert (again.entry, again.reply) == (None, decision.reply)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        assert not any(self.bench.state.accounts.trial_balance().values())
        for (number, purse), balance in self.balances.items():
            assert self.bench.balance(number, purse) == balance

    def teardown(self) -> None:
        for request in reversed(list(self.effects)):
            self.reverse(request)
        self.balances_are_those_of_the_model()
        assert set(self.balances.values()) == {0}
        assert self.bench.replayed().digest() == self.bench.state.digest()


TestClub = Club.TestCase
TestClub.settings = settings(max_examples=many(60), stateful_step_count=30, deadline=None)


def test_reversal_transfers_name_what_they_give_back() -> None:
    bench = Bench()
    original = purchase("T1", 1, 2_500_000)
    bench.answer(original)
    position = bench.state.position
    bench.answer(reversal(original, 2))
    entry = bench.last_entry()
    assert entry.reverses == position
    assert {transfer.undoes for transfer in entry.transfers} == {position << 8, position << 8 | 1}


def test_reversal_of_another_amount_or_kind_moves_nothing() -> None:
    bench = Bench()
    original = purchase("T1", 1, 2_500_000)
    bench.answer(original)
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
    bench.answer(first)
    for index in range(REMEMBERED_REQUESTS):
        bench.answer(purchase("T1", 1, 1000, at_s=NOON_S + 1 + index))
    points = bench.balance(11, PurseCode.POINTS)
    assert bench.code(first) == "94"
    assert bench.code(reversal(first, 2, at_s=NOON_S + 9000)) == "25"
    assert bench.code(purchase("T1", 999_999, 1000, at_s=NOON_S - 1)) == "94"
    assert bench.code(purchase("T2", 1, 1000)) == "00"
    assert bench.code(purchase("T1", 1, 1000, at_s=NOON_S + 1 + REMEMBERED_REQUESTS)) == "00"
    assert bench.balance(11, PurseCode.POINTS) == points
    assert bench.replayed().digest() == bench.state.digest()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench that keeps next to nothing in memory."""
    monkeypatch.setattr(state, "RECENT_ENTRIES", 4)
    return Bench()


def _pass_entries(bench: Bench) -> None:
    """Let so many entries pass that those before them are only in the journal."""
    for _ in range(state.RECENT_ENTRIES):
        bench.append(MaintenanceEntry(bench.now_s * 1000, (), (), ()))


def test_repeats_and_reversals_of_what_only_the_journal_still_has(forgetful: Bench) -> None:
    bench = forgetful
    first = purchase("T1", 1, 1_000_000)
    reply = bench.answer(first).reply
    _pass_entries(bench)
    assert bench.answer(first) == Decision(None, reply, repeats=reply.position)
    assert bench.code(reversal(first, 2)) == "00"
    assert bench.balance(11, PurseCode.POINTS) == 0
    assert bench.state.business.open_day.totals("T1")[:4] == (0, 0, 1, 1)
    # A replay reads nothing but what it is given.
    assert bench.replayed().digest() == bench.state.digest()


def test_what_the_journal_no_longer_has_counts_as_forgotten(forgetful: Bench) -> None:
    bench = forgetful
    first, second = purchase("T1", 1, 1_000_000), purchase("T1", 2, 1_000_000)
    for request in (first, second, reversal(second, 3)):
        assert bench.code(request) == "00"
    undone_at = bench.state.position
    _pass_entries(bench)
    bench.state.find_older = lambda position: None
    assert bench.code(first) == "94"
    assert bench.code(reversal(first, 4)) == "25"
    assert bench.code(reversal(second, 5)) == "00"
    assert bench.answer(second).reply == Reply(ResponseCode.NO_ACTION_TAKEN, undone_at)
    assert bench.balance(11, PurseCode.POINTS) == 100
    assert bench.state.business.open_day.totals("T1")[:4] == (0, 0, 2, 1)


def test_where_a_sale_was_made_is_for_hosts_to_say() -> None:
    scoped = RULES.replace(
        'trigger = "purchase"', 'trigger = "purchase"\nscope = { branches = ["SHOP/7"] }', 1
    )
    club = MemoryClub(compile_rules(scoped, "test"), NOON_S)
    club.add_terminal("T1", "SHOP")
    club.add_member(11)
    club.add_card("card11", 11, 11)
    own = club.state.terminals["T1"].branch_number
    told = []
    for stan, (terminal_id, branch) in enumerate((("HOST0001", 7), ("HOST0001", 0), ("T1", 7)), 901):
        request = purchase(terminal_id, stan, 1_000_000)._replace(details=Details(branch_number=branch))
        decision = club.decide(request)
        assert isinstance(decision.entry, TransactionEntry)
        assert decision.reply.response_code == "00"
        told.append((decision.entry.branch_number, len(decision.entry.grants)))
    assert told == [(7, 2), (0, 0), (own, 0)]


def test_balances_stay_within_field_54() -> None:
    bench = Bench()
    codes = [bench.code(purchase("T1", stan, BALANCE_MAX)) for stan in range(1, 60)]
    assert codes == ["00"] * 50 + ["61"] * 9
    assert bench.balance(11, PurseCode.CREDIT) == 50 * (BALANCE_MAX * 2 // 100)


def test_what_is_held_counts_towards_the_greatest_balance() -> None:
    """So nothing that only gives back has to be refused."""
    bench = Bench()
    for stan in range(1, 51):
        bench.answer(purchase("T1", stan, BALANCE_MAX))
    held = purchase("T1", 60, 400_000_000_000, code="009200")._replace(step=Step.AUTHORISATION)
    assert bench.code(held) == "00"
    position = bench.state.position
    assert bench.code(purchase("T1", 61, BALANCE_MAX)) == "61"
    void = purchase("T1", 62, 400_000_000_000, code="200000")
    reply = bench.answer(void._replace(details=Details(original_rrn=position))).reply
    assert (reply.response_code, dict(reply.balances)[PurseCode.CREDIT]) == (
        "00",
        50 * (BALANCE_MAX * 2 // 100),
    )


def test_an_overflowing_load_of_a_gift_card_is_declined() -> None:
    bench = Bench()
    bench.add_card("gift", 0, 77, "GIFT")

    def load(stan: int, amount: int) -> Financial:
        return purchase("T1", stan, amount, code="210096")._replace(card_token=token("gift"))

    assert bench.code(load(1, BALANCE_MAX)) == "00"
    assert bench.code(load(2, 1)) == "61"
    assert dict(bench.answer(load(1, BALANCE_MAX)).reply.balances)[PurseCode.GIFT] == BALANCE_MAX


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
    bench.answer(original)
    assert bench.code(reversal(original, 1)) == "94"


def test_a_reversal_of_what_a_wrong_clock_sent_is_accepted() -> None:
    """Else its terminal would ask for it for ever."""
    bench = Bench()
    ahead = purchase("T1", 1, 1_000_000, at_s=NOON_S + 3 * 86_400)
    assert bench.code(ahead) == "12"
    assert bench.code(reversal(ahead, 2)) == "00"
    assert bench.code(ahead) == "21"
    assert bench.balance(11, PurseCode.POINTS) == 0
