"""Two merchants with three tills, members who buy there, and reconciliations by them."""

from protocol.dialect import Tag, purchase_from
from protocol.reconciliation import BatchTotals, is_debit
from switch.authoriser.cut_over import cut_over_due
from switch.authoriser.decision import Reply
from switch.authoriser.request import Details, Financial, Reconciliation, Reversal, Uploaded
from switch.journal.entries import CutOverEntry, TransactionEntry, unpack
from switch.journal.format import RawEntry
from switch.rules.compiler import compile_rules
from switch.rules.local_time import local_day
from switch.settlement.totals import SettlementTotals
from tests.switch.scenarios.club import Club

POINTS, WALLET = 91, 94
MEMBERS = (1, 2)
TILLS = {"T0000001": ("SHOP1", "000001", "food"), "T0000002": ("SHOP1", "000002", "food")}
TILLS["T0000003"] = ("SHOP2", "000001", "books")
# 2026-06-14, 08:00 in Tehran.
START_S = 1_781_411_400
DAY_S = 86_400
RULES = """
format = 2
programme = "settled"
return_days = 400
[[budgets]]
id = "JOINT"
amount = 100000000
unit = "units"
on_empty = "stop"
funded_by = [
    { party = "merchant", share = 333 },
    { party = "partner", number = 3, share = 167 },
    { party = "programme", share = 500 },
]
[[budgets]]
id = "SALES"
amount = 400000
unit = "rial"
on_empty = "continue_unfunded"
funded_by = [
    { party = "merchant", share = 401 },
    { party = "partner", number = 5, share = 250 },
    { party = "programme", share = 349 },
]
[[rules]]
rule_id = "EARN"
version = 1
status = "active"
kind = "earn"
name = { fa = "خرید", en = "Purchase" }
trigger = "purchase"
budget = "JOINT"
effects = [
    { type = "earn", purse = "points", calc = { mode = "rate", give = 1, per = 3000 } },
    { type = "earn", purse = "points", calc = { mode = "rate", give = 1, per = 50000 }, to = "charity:7" },
]
[[rules]]
rule_id = "SHOP"
version = 1
status = "active"
kind = "earn"
name = { fa = "سکهٔ فروشگاه", en = "Coins for the shop" }
trigger = "purchase"
effects = [
    { type = "earn", purse = "coins", calc = { mode = "rate", give = 1, per = 90000 }, to = "merchant" },
]
[[rules]]
rule_id = "OFF"
version = 1
status = "active"
kind = "discount"
name = { fa = "تخفیف", en = "Discount" }
trigger = "burn_request"
budget = "SALES"
effects = [
    { type = "cost", purse = "points", calc = { mode = "fixed", give = 100 } },
    { type = "discount", calc = { mode = "percent", give = 10, per = 100 } },
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
    { type = "tender", purse = "wallet", calc = { mode = "rate", give = 1, per = 1 } },
]
"""
TABLE = compile_rules(RULES, "settled")


class Shops(Club):
    """The club with its tills; requests come from the till that is named."""

    def __init__(self, now_s: int = START_S) -> None:
        super().__init__(TABLE, now_s)
        for terminal_id, (merchant_id, branch, guild) in TILLS.items():
            tags = {Tag.BRANCH_NUMBER.value: branch, Tag.GUILD.value: guild}
            self.add_terminal(terminal_id, merchant_id, **tags)
        for number in MEMBERS:
            self.add_member(number)
            self.add_card(f"card{number}", number, number)

    def ask(
        self, till: str, code: str, amount: int, member: int = 1, details: Details | None = None
    ) -> tuple[Financial, Reply]:
        """Send a request of a till; it and its reply."""
        request = self.financial(
            code,
            amount,
            card=f"card{member}",
            terminal_id=till,
            merchant_id=TILLS[till][0],
            details=details,
        )
        return request, self.send(request)

    def buy(self, till: str, amount: int, member: int = 1) -> Financial:
        """A purchase that must be approved."""
        request, reply = self.ask(till, "000000", amount, member)
        assert reply.response_code == "00"
        return request

    def pay(self, till: str, amount: int, member: int = 1) -> tuple[Financial, Reply]:
        """A purchase paid from points as far as they go."""
        details = Details(tender_amount=amount)
        return self.ask(till, purchase_from(POINTS), amount, member, details)

    def cut_over(self, minute: int = 0) -> bool:
        """Let the clock end the business day, if it does."""
        entry = cut_over_due(self.state, self.now_s * 1000, minute)
        if entry is not None:
            self.append(entry)
        return entry is not None

    def next_day(self) -> None:
        """One day later, behind the cut-over."""
        self.pass_time(DAY_S)
        assert self.cut_over()

    @property
    def month_day(self) -> str:
        """Field 15 of the open day."""
        return month_day(self.state.business.open_day.day)

    def counted(self, till: str) -> BatchTotals:
        """What the switch has of a till on the open day."""
        return self.state.business.open_day.totals(till)

    def reconcile(
        self, till: str, totals: BatchTotals, announced: int | None = None, day: str = ""
    ) -> Reconciliation:
        """A 0500 of a till, not sent yet."""
        return Reconciliation(
            self.identity(till), False, TILLS[till][0], day or self.month_day, totals, announced
        )

    def upload(self, till: str, *records: Uploaded, day: str = "") -> Reconciliation:
        """A 0520 of a till, not sent yet."""
        return Reconciliation(
            self.identity(till), True, TILLS[till][0], day or self.month_day, records=records
        )

    def totals(self, listed_day: int = 0) -> SettlementTotals:
        """The settlement's own fold of the journal, up to the end of a day (0: all of it)."""
        found = SettlementTotals(listed_day=listed_day)
        for raw in self.raws:
            if listed_day and found.state.business.open_day.day > listed_day:
                break
            found.apply(raw)
        return found


def month_day(day: int) -> str:
    """Field 15 of a business day."""
    return f"{local_day(day).date:08d}"[4:]


def record_of(request: Financial | Reversal, rrn: int = 0, **changes: int | str) -> Uploaded:
    """A request as its till would upload it, with some of it changed."""
    mti = "0400" if isinstance(request, Reversal) else "0200"
    found = Uploaded(
        mti,
        request.processing_code,
        request.identity.stan,
        request.identity.transmitted_s,
        request.amount,
        rrn,
    )
    return Uploaded(**{**found._asdict(), **changes})


def recomputed(raws: list[RawEntry], first_day: int) -> dict[tuple[int, str], BatchTotals]:
    """Totals by day and terminal, from the entries alone and in the plainest way."""
    entries = {raw.position: unpack(raw.kind, raw.version, raw.body) for raw in raws}
    sums: dict[tuple[int, str], list[int]] = {}
    undone: set[int] = set()
    day = first_day
    for entry in entries.values():
        if isinstance(entry, CutOverEntry):
            day = entry.day
        if not isinstance(entry, TransactionEntry) or entry.response_code != "00":
            continue
        counted, reversal = entry, 0
        if entry.mti == "0400":
            original = entries.get(entry.reverses)
            if not isinstance(original, TransactionEntry) or original.response_code != "00":
                continue
            if entry.reverses in undone:
                continue
            undone.add(entry.reverses)
            counted, reversal = original, 1
        if counted.processing_code == "200000" and any(transfer.origin for transfer in counted.transfers):
            continue
        debit = is_debit(counted.mti, counted.processing_code, counted.currency, counted.amount)
        if debit is None:
            continue
        place = (2 if debit else 0) + reversal
        figures = sums.setdefault((day, entry.terminal_id), [0] * 8)
        figures[place] += 1
        figures[place + 4] += counted.amount
    return {key: BatchTotals(*figures) for key, figures in sums.items()}
