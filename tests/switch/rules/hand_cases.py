"""Requests and rules for cases computed by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

from switch.rules.compiler import compile_document
from switch.rules.evaluator import evaluate
from switch.rules.facts import Facts, NumberDimension, Subject, TextDimension
from switch.rules.outcome import Grant, Outcome
from switch.rules.reference import decide_by_reading
from switch.rules.schema.document import RuleSet
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters

TEHRAN = ZoneInfo("Asia/Tehran")
# Thursday 30 Esfand 1403, the last day of a leap year, 10:00 in Tehran.
LAST_DAY_S = int(datetime(2025, 3, 20, 10, 0, tzinfo=TEHRAN).timestamp())
MEMBER, HOUSEHOLD, MERCHANT = 1, 5, 20


def local_s(year: int, month: int, day: int) -> int:
    """Start of a Gregorian day in Tehran."""
    return int(datetime(year, month, day, tzinfo=TEHRAN).timestamp())


def rule_of(rule_id: str, *effects: Json, **parts: object) -> Json:
    """An earn rule for purchases, where nothing else is said."""
    return {
        "rule_id": rule_id,
        "status": "active",
        "kind": "earn",
        "trigger": "purchase",
        "name": {"fa": rule_id, "en": rule_id},
        "effects": list(effects),
        **parts,
    }


def points(give: int, per: int | None = None, **parts: object) -> Json:
    """`give` points once, or for every `per`."""
    calc: Json = {"mode": "fixed", "give": give}
    if per:
        calc = {"mode": "rate", "give": give, "per": per}
    return {"type": "earn", "purse": "points", "calc": calc, **parts}


def percent_off(percent: int) -> Json:
    """A discount."""
    return {"type": "discount", "calc": {"mode": "percent", "give": percent}}


def burn(rule_id: str = "BURN", give: int = 1, per: int = 1000, **parts: object) -> Json:
    """A rule that takes points, one for 1000 rial."""
    calc = {"mode": "rate", "give": give, "per": per}
    effect = {"type": "tender", "purse": "points", "calc": calc, **parts}
    return rule_of(rule_id, effect, kind="burn", trigger="burn_request")


def purchase(amount: int | None = 10_000, **parts: object) -> Facts:
    """A purchase by the sample member."""
    numbers: list[int | None] = [None] * len(NumberDimension)
    numbers[NumberDimension.AMOUNT] = amount
    plain = Facts(
        trigger="purchase",
        at_s=LAST_DAY_S,
        texts=("",) * len(TextDimension),
        numbers=tuple(numbers),
        sets=(0, 0),
        balances={},
        metrics={},
        lines=(),
        subject=Subject(MEMBER, 10, HOUSEHOLD, MERCHANT, 30, 40, 50),
        uplines=(),
        has_pin=False,
        reward="",
        tender_purse=0,
        tender_amount=None,
        tender_units=None,
    )
    return plain._replace(**parts)  # type: ignore[arg-type]  # each test names fields of Facts


def decide(rules: list[Json], facts: Facts, store: Counters | None = None, **head: object) -> Outcome:
    """What the reference decides; the compiled evaluator has to decide the same."""
    document = RuleSet.model_validate({"format": 2, "programme": "vafa", "rules": rules, **head})
    counters = store or Counters()
    outcome = decide_by_reading(document, facts, counters)
    assert evaluate(compile_document(document), facts, counters) == outcome
    return outcome


def amounts(outcome: Outcome) -> list[tuple[str, int]]:
    """Who granted how much."""
    return [(grant.rule_id, grant.granted) for grant in outcome.grants]


def only(outcome: Outcome) -> Grant:
    """The one grant of an outcome."""
    assert len(outcome.grants) == 1
    return outcome.grants[0]
