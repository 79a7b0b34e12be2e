"""The rules of simulated worlds: few and simple, so that a model of a page can follow them."""

from functools import lru_cache
from typing import NamedTuple

from switch.rules.compiler import compile_rules
from switch.rules.table import RuleTable

HOLD_MINUTES = 30
POINTS_PER = 1_000_000
RIAL_PER_POINT = 1_000


class RuleBook(NamedTuple):
    """One table's numbers.

    `points_give` for every million rial that is left to pay, at most `points_per_day` for a member and day
    and `points_budget` in all; `credit_percent` of it as credit, `credit_uses_per_day` times for a member
    and day.
    """

    points_give: int
    credit_percent: int
    points_per_day: int
    points_budget: int
    credit_uses_per_day: int


BOOKS = (
    RuleBook(100, 2, 1_000, 4_000, 3),
    RuleBook(150, 3, 600, 4_000, 5),
    RuleBook(70, 1, 5_000, 2_500, 2),
)

_TEXT = """
format = 2
programme = "street"
return_days = 30
hold_minutes = {hold_minutes}

[[limits]]
purse = "points"
of = "units"
per = "member"
window = "day"
limit = {book.points_per_day}

[[budgets]]
id = "pot"
amount = {book.points_budget}
unit = "units"
on_empty = "stop"

[[rules]]
rule_id = "EARN-01"
status = "active"
kind = "earn"
priority = 200
name = {{ fa = "امتیاز", en = "Points" }}
trigger = "purchase"
budget = "pot"
[[rules.effects]]
type = "earn"
purse = "points"
calc = {{ mode = "rate", per = {per}, give = {book.points_give} }}

[[rules]]
rule_id = "EARN-02"
status = "active"
kind = "earn"
priority = 100
name = {{ fa = "اعتبار", en = "Credit" }}
trigger = "purchase"
caps = [{{ of = "uses", per = "member", window = "day", limit = {book.credit_uses_per_day} }}]
effects = [{{ type = "earn", purse = "credit", calc = {{ mode = "percent", give = {book.credit_percent} }} }}]

[[rules]]
rule_id = "BURN-01"
status = "active"
kind = "burn"
name = {{ fa = "پرداخت", en = "Payment" }}
trigger = "burn_request"
effects = [
    {{ type = "tender", purse = "points", calc = {{ mode = "rate", give = 1, per = {rial_per_point} }} }},
    {{ type = "tender", purse = "credit", calc = {{ mode = "rate", give = 1, per = 1 }} }},
]
"""


@lru_cache(maxsize=len(BOOKS))
def table_of(book: RuleBook) -> RuleTable:
    """The compiled table of a book."""
    text = _TEXT.format(book=book, hold_minutes=HOLD_MINUTES, per=POINTS_PER, rial_per_point=RIAL_PER_POINT)
    return compile_rules(text, "street")
