"""Random lives of a small club: whatever is sent in whatever order, the books stay true.

`make test-long` lives more of them.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.dialect import purchase_from
from switch.authoriser.request import Details, Financial, Reversal, Step
from switch.ledger.accounts import has_lots
from switch.rules.compiler import compile_rules
from tests.amounts import many
from tests.switch.scenarios.club import Club

POINTS = 91
MEMBERS = (1, 2, 3)
DAILY_CAP = 700
BUDGET = 40_000
RULES = f"""
format = 2
programme = "machine"
calendar = "gregorian"
return_days = 400
[[budgets]]
id = "CLUB"
amount = {BUDGET}
unit = "units"
on_empty = "stop"
funded_by = [{{ party = "merchant", share = 333 }}, {{ party = "programme", share = 667 }}]
[[groups]]
name = "network"
mode = "sum"
[[rules]]
rule_id = "EARN"
version = 1
status = "active"
kind = "earn"
name = {{ fa = "خرید", en = "Purchase" }}
trigger = "purchase"
budget = "CLUB"
effects = [{{ type = "earn", purse = "points", calc = {{ mode = "rate", give = 1, per = 3000 }} }}]
caps = [{{ of = "units", per = "member", window = "day", limit = {DAILY_CAP}, on_hit = "clip" }}]
[[rules]]
rule_id = "NET"
version = 1
status = "active"
kind = "earn"
name = {{ fa = "معرف", en = "Introducer" }}
trigger = "purchase"
stacking = {{ phase = "bonus", group = "network" }}
effects = [
    {{ type = "earn", purse = "points", levels = [{{ give = 1, per = 7000 }}] }},
]
[[rules]]
rule_id = "OFF"
version = 1
status = "active"
kind = "discount"
name = {{ fa = "تخفیف", en = "Discount" }}
trigger = "burn_request"
effects = [
    {{ type = "cost", purse = "points", calc = {{ mode = "fixed", give = 100 }} }},
    {{ type = "discount", calc = {{ mode = "percent", give = 10, per = 100 }} }},
]
[[rules]]
rule_id = "PAY"
version = 1
status = "active"
kind = "burn"
name = {{ fa = "پرداخت", en = "Pay" }}
trigger = "burn_request"
effects = [
    {{ type = "tender", purse = "points", calc = {{ mode = "rate", give = 1, per = 1000 }} }},
]
"""
TABLE = compile_rules(RULES, "machine")
START_S = 1_780_000_000
AMOUNTS = st.integers(1, 3_000_000)


class ClubMachine(RuleBasedStateMachine):
    """Purchases, payments, holds, returns and reversals of three members in a row of introductions."""

    def __init__(self) -> None:
        super().__init__()
        self.club = Club(TABLE, START_S)
        for number in MEMBERS:
            introducer = {} if number == 1 else {"DF46": f"{number - 1:012d}"}
            self.club.add_member(number, introducer)
            self.club.add_card(f"card{number}", number, number)
        self.sales: list[tuple[int, int, int]] = []  # position, member, amount
        self.holds: list[tuple[int, int]] = []
        self.financials: list[Financial] = []

    def send(self, request: Financial | Reversal) -> str:
        reply = self.club.send(request)
        if isinstance(request, Financial):
            self.financials.append(request)
        return reply.response_code

    def buy(self, member: int, amount: int, details: Details, code: str = "000000") -> None:
        request = self.club.financial(code, amount, card=f"card{member}", details=details)
        if self.send(request) == "00":
            self.sales.append((self.club.state.position, member, amount))

    @rule(member=st.sampled_from(MEMBERS), amount=AMOUNTS)
    def purchase(self, member: int, amount: int) -> None:
        self.buy(member, amount, Details())

    @rule(member=st.sampled_from(MEMBERS), amount=AMOUNTS, part=AMOUNTS)
    def pay_partly(self, member: int, amount: int, part: int) -> None:
        self.buy(member, amount, Details(tender_amount=min(part, amount)), purchase_from(POINTS))

    @rule(member=st.sampled_from(MEMBERS), amount=AMOUNTS)
    def take_a_discount(self, member: int, amount: int) -> None:
        self.buy(member, amount, Details(reward="OFF"))

    @rule(member=st.sampled_from(MEMBERS), amount=AMOUNTS)
    def hold(self, member: int, amount: int) -> None:
        code = purchase_from(POINTS)
        request = self.club.financial(code, amount, card=f"card{member}", step=Step.AUTHORISATION)
        if self.send(request) == "00":
            self.holds.append((self.club.state.position, member))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=AMOUNTS)
    def complete(self, data: st.DataObject, amount: int) -> None:
        position, member = data.draw(st.sampled_from(self.holds))
        self.buy(member, amount, Details(original_rrn=position), purchase_from(POINTS))

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        position, member = data.draw(st.sampled_from(self.holds))
        details = Details(original_rrn=position)
        self.send(self.club.financial("200000", 0, card=f"card{member}", details=details))

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), part=AMOUNTS)
    def give_back(self, data: st.DataObject, part: int) -> None:
        position, member, amount = data.draw(st.sampled_from(self.sales))
        self.return_sale(position, member, min(part, amount))

    @precondition(lambda self: self.financials)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.send(self.club.reversal_of(data.draw(st.sampled_from(self.financials))))

    @precondition(lambda self: self.financials)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        position = self.club.state.position
        self.club.send(data.draw(st.sampled_from(self.financials)))
        assert self.club.state.position == position

    @rule(hours=st.integers(1, 30))
    def let_time_pass(self, hours: int) -> None:
        self.club.pass_time(hours * 3600)

    def return_sale(self, position: int, member: int, amount: int) -> str:
        details = Details(original_rrn=position)
        return self.send(self.club.financial("200000", amount, card=f"card{member}", details=details))

    @invariant()
    def books_balance(self) -> None:
        state = self.club.state
        assert not any(state.accounts.trial_balance().values())
        for account in state.accounts:
            if has_lots(account):
                counters = state.accounts.counters(account)
                held = counters.credits_posted - counters.debits_posted - counters.debits_pending
                assert sum(bucket.amount for bucket in state.lots.buckets(account)) == held

    @invariant()
    def counters_keep_their_bounds(self) -> None:
        for key, value in self.club.state.counters.items():
            assert value >= 0, key
            if key.counter == "EARN/0":
                assert value <= DAILY_CAP
            if key.counter == "budget:CLUB":
                assert value <= BUDGET

    def teardown(self) -> None:
        """Give everything back: nothing may be left of anything, and the journal tells the same story."""
        for position, member in self.holds:
            self.send(
                self.club.financial("200000", 0, card=f"card{member}", details=Details(original_rrn=position))
            )
        for position, member, amount in self.sales:
            returned = self.club.state.returns.get(position)
            left = amount - (returned.amount if returned else 0)
            if left and not (returned and returned.is_undone):
                assert self.return_sale(position, member, left) == "00"
        state = self.club.state
        for account in state.accounts:
            assert state.accounts.posted(account) == 0
        assert not any(value for _, value in state.counters.items())
        assert self.club.replayed().digest() == state.digest()


ClubMachine.TestCase.settings = settings(max_examples=many(40), stateful_step_count=50, deadline=None)
TestClub = ClubMachine.TestCase


def test_twenty_spends_of_one_balance_spend_it_once() -> None:
    club = Club(TABLE, START_S)
    club.add_member(1)
    club.add_card("card1", 1, 1)
    club.send(club.financial("000000", 2_100_000, card="card1"))
    requests = [club.financial(purchase_from(POINTS), 700_000, card="card1") for _ in range(20)]
    codes = [club.send(request).response_code for request in requests]
    assert codes == ["00", *["51"] * 19]
