"""Random trade of two merchants over several business days: totals, reports and ledger tell the same.

`make test-long` lives more of them.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.dialect import load_of, purchase_from
from protocol.reconciliation import BatchTotals
from switch.authoriser.request import Details, Financial, Reversal, Step
from switch.ledger.accounts import account_number
from switch.ledger.business_day import DAYS_KEPT
from switch.rules.outcome import Party
from switch.settlement.figures import Discount, Payout, Sale
from switch.settlement.report import By, report_of, sum_of
from tests.amounts import many
from tests.switch.settlement.shops import DAY_S, MEMBERS, POINTS, TILLS, WALLET, Shops, recomputed, record_of

_TILLS = st.sampled_from(sorted(TILLS))
_MEMBERS = st.sampled_from(MEMBERS)
_MERCHANTS = sorted({merchant for merchant, *_ in TILLS.values()})
_AMOUNTS = st.integers(1, 3_000_000)


class TradeMachine(RuleBasedStateMachine):
    """Everything that moves a merchant's account, in any order, with cut-overs anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.shops = Shops()
        self.first_day = self.shops.state.business.open_day.day
        self.days = [self.first_day]
        self.sales: list[tuple[int, str, int, int]] = []
        self.holds: list[tuple[int, str, int]] = []
        self.sent: list[Financial] = []

    def ask(self, till: str, code: str, amount: int, member: int, details: Details | None = None) -> str:
        request, reply = self.shops.ask(till, code, amount, member, details)
        self.sent.append(request)
        if reply.response_code == "00" and code.startswith("00"):
            self.sales.append((reply.position, till, member, amount))
        return reply.response_code

    @rule(till=_TILLS, member=_MEMBERS, amount=_AMOUNTS)
    def purchase(self, till: str, member: int, amount: int) -> None:
        assert self.ask(till, "000000", amount, member) == "00"

    @rule(till=_TILLS, member=_MEMBERS, amount=_AMOUNTS, part=_AMOUNTS)
    def pay_from_points(self, till: str, member: int, amount: int, part: int) -> None:
        details = Details(tender_amount=min(part, amount))
        self.ask(till, purchase_from(POINTS), amount, member, details)

    @rule(till=_TILLS, member=_MEMBERS, amount=_AMOUNTS)
    def load_and_pay_from_wallet(self, till: str, member: int, amount: int) -> None:
        assert self.ask(till, load_of(WALLET), amount, member) == "00"
        self.ask(till, purchase_from(WALLET), amount, member)

    @rule(till=_TILLS, member=_MEMBERS, amount=_AMOUNTS)
    def take_a_discount(self, till: str, member: int, amount: int) -> None:
        self.ask(till, "000000", amount, member, Details(reward="OFF"))

    @rule(till=_TILLS, member=_MEMBERS, amount=_AMOUNTS)
    def hold(self, till: str, member: int, amount: int) -> None:
        request = self.shops.financial(
            purchase_from(POINTS),
            amount,
            card=f"card{member}",
            terminal_id=till,
            merchant_id=TILLS[till][0],
            step=Step.AUTHORISATION,
        )
        self.sent.append(request)
        reply = self.shops.send(request)
        if reply.response_code == "00":
            self.holds.append((reply.position, till, member))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=_AMOUNTS, voids=st.booleans())
    def end_a_hold(self, data: st.DataObject, amount: int, voids: bool) -> None:
        position, till, member = data.draw(st.sampled_from(self.holds))
        code = "200000" if voids else purchase_from(POINTS)
        self.ask(till, code, amount, member, Details(original_rrn=position))

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), part=_AMOUNTS)
    def give_back(self, data: st.DataObject, part: int) -> None:
        position, till, member, amount = data.draw(st.sampled_from(self.sales))
        self.ask(till, "200000", min(part, amount), member, Details(original_rrn=position))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.shops.send(self.shops.reversal_of(data.draw(st.sampled_from(self.sent))))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        position = self.shops.state.position
        self.shops.send(data.draw(st.sampled_from(self.sent)))
        assert self.shops.state.position == position

    @rule(days=st.integers(1, 3))
    def end_the_day(self, days: int) -> None:
        self.shops.pass_time(days * DAY_S)
        assert self.shops.cut_over()
        assert not self.shops.cut_over()
        self.days.append(self.shops.state.business.open_day.day)

    @rule(till=_TILLS, is_right=st.booleans())
    def reconcile(self, till: str, is_right: bool) -> None:
        """The till has all that it was answered; a wrong sum leads to an upload."""
        shops = self.shops
        counted = shops.counted(till)
        claimed = counted if is_right else counted._replace(debits_amount=counted.debits_amount + 1)
        reply = shops.send(shops.reconcile(till, claimed))
        assert reply.response_code == ("00" if is_right else "95")
        if is_right:
            return
        day = shops.state.business.open_day
        kept = {
            (request.identity.stan, request.identity.transmitted_s): record_of(request, reply.position)
            for request, reply in shops.sent
            if isinstance(request, (Financial, Reversal)) and request.identity.terminal_id == till
            if reply.response_code == "00" and day.holds(reply.position)
            if isinstance(request, Reversal) or request.step is Step.FINANCIAL
            if request.amount
        }
        records = list(kept.values())
        for start in range(0, len(records), 36):
            sent = shops.upload(till, *records[start : start + 36])
            assert shops.send(sent).response_code == "00"
        reply = shops.send(shops.reconcile(till, claimed, announced=len(records)))
        assert reply.response_code == "00"
        # A till that counts what moved nothing, as voids and second reversals, is told of those alone.
        assert int(dict(reply.tags)["DF37"]) == len(records) - counted.number

    @invariant()
    def books_are_those_of_the_entries(self) -> None:
        state = self.shops.state
        plain = recomputed(self.shops.raws, self.first_day)
        kept = [book.day for book in state.business.books]
        assert kept == self.days[-DAYS_KEPT:]
        for book in state.business.books:
            for till in TILLS:
                assert book.totals(till) == plain.get((book.day, till), BatchTotals())

    def teardown(self) -> None:
        """Day by day, the reports' lines sum up to the ledger."""
        shops = self.shops
        assert shops.replayed().digest() == shops.state.digest()
        moved: dict[tuple[str, int], int] = {}
        payouts = dict.fromkeys(_MERCHANTS, (0,) * len(Payout))
        discounts = dict.fromkeys(_MERCHANTS, (0,) * len(Discount))
        plain = recomputed(shops.raws, self.first_day)
        for day in self.days:
            totals = shops.totals(day)
            by = {by: report_of(totals, day, by) for by in By}
            assert all(report.agrees for report in by.values())
            whole = sum_of(by[By.MERCHANT].groups)
            assert whole.purses == sum_of(by[By.BRANCH].groups).purses == sum_of(by[By.GUILD].groups).purses
            assert whole.sales == sum_of(by[By.BRANCH].groups).sales == sum_of(by[By.GUILD].groups).sales
            numbers = [plain[key] for key in plain if key[0] == day]
            counted = BatchTotals(*map(sum, zip(*numbers, strict=True))) if numbers else BatchTotals()
            assert whole.sales[Sale.PURCHASES] == counted.debits_number
            assert whole.sales[Sale.PURCHASE_AMOUNT] == counted.debits_amount
            assert whole.sales[Sale.RETURNS] + whole.sales[Sale.LOADS] == counted.credits_number
            reversals = counted.credits_reversal_number + counted.debits_reversal_number
            assert whole.sales[Sale.REVERSALS] == reversals
            for till in TILLS:
                assert len(totals.positions.get(till, ())) == plain.get((day, till), BatchTotals()).number
            assert whole.discounts == sum_of(by[By.BRANCH].groups).discounts
            assert whole.sales[Sale.DISCOUNT] == sum(whole.discounts)
            for group in by[By.MERCHANT].groups:
                name = group.names[0]
                payouts[name] = plus(payouts[name], group.payouts)
                discounts[name] = plus(discounts[name], group.discounts)
            for group in (*by[By.MERCHANT].groups, *by[By.PARTNER].groups):
                for line in group.purses:
                    assert line.opening == moved.get((group.names[0], line.purse), 0)
                    assert line.opening + sum(line.causes) == line.closing
                    moved[group.names[0], line.purse] = line.closing
        for name, (_, *paid) in discounts.items():
            # Nobody can undo more of anything than was done.
            assert min(paid) >= 0
            owed = payouts[name]
            assert min(owed[Payout.TENDERED_RIAL], owed[Payout.DISCOUNTS_RIAL], owed[Payout.EARNED_RIAL]) >= 0
            assert max(owed[Payout.FUNDED_RIAL], owed[Payout.LOADED_RIAL]) <= 0
            assert owed[Payout.OTHER_RIAL] == 0
        accounts = shops.state.accounts
        for (name, purse), amount in moved.items():
            party, _, number = name.partition(":")
            if number:
                account = account_number(Party[party.upper()], int(number), purse)
            else:
                account = account_number(Party.MERCHANT, shops.state.merchant_ordinals[name], purse)
            assert accounts.posted(account) == amount


def plus(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(mine + theirs for mine, theirs in zip(one, other, strict=True))


TradeMachine.TestCase.settings = settings(max_examples=many(25), stateful_step_count=40, deadline=None)
TestTrade = TradeMachine.TestCase
