"""Simple rules: what each line stands for, in both languages, and what is said of lines not understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.rules.compiler import parse_rules
from switch.rules.schema import Rule
from tests.amounts import many
from tests.switch.rules.rule_files import Json, document, faults_of, text_of

TIERS: Json = {
    "purse": "tier_points",
    "levels": [{"name": "silver", "from": 0}, {"name": "gold", "from": 5}, {"name": "platinum", "from": 9}],
}
BY_AMOUNT: Json = {"purse": "points", "calc": {"mode": "rate", "give": 100, "per": 1_000_000}}
TEN_OFF: Json = {"calc": {"mode": "percent", "give": 10}}


def with_line(line: str, **parts: object) -> Json:
    return document(simple=[{"rule_id": "S-1", "text": line}], **parts)


def expanded(line: str) -> Rule:
    return parse_rules(text_of(with_line(line)), "simple").rules[0]


def said(line: str) -> Json:
    """What a line says beyond the defaults, without ids and texts."""
    rule = expanded(line)
    found = rule.model_dump(exclude_defaults=True, mode="json")
    for part in ("rule_id", "status", "name", "member_text"):
        found.pop(part)
    for effect in found["effects"]:
        effect.pop("rounding")
        if effect["type"] == ("earn" if found["kind"] == "earn" else "discount"):
            effect.pop("type")
    return {key: value for key, value in found.items() if key not in ("kind", "trigger")} | {
        "is": f"{rule.kind} {'/'.join(rule.triggers)}"
    }


def earn(effect: Json, trigger: str = "purchase", **parts: object) -> Json:
    return {"is": f"earn {trigger}", "effects": [effect], **parts}


def event(trigger: str, give: int, **parts: object) -> Json:
    effect: Json = {"purse": "points", "calc": {"mode": "fixed", "give": give}}
    return earn(effect, trigger, basis={"of": "visits"}, **parts)


def off(effect: Json, **parts: object) -> Json:
    return {"is": "discount purchase", "effects": [effect], **parts}


def for_points(effect: Json, units: int, **parts: object) -> Json:
    cost: Json = {"type": "cost", "purse": "points", "calc": {"mode": "fixed", "give": units}}
    return {"is": "discount burn_request", "effects": [effect, cost], **parts}


def cap(of: str, window: str, limit: int) -> list[Json]:
    return [{"of": of, "per": "member", "window": window, "limit": limit}]


def above(amount: int, op: str = ">") -> Json:
    return {"f": "amount", "op": op, "v": amount}


def percent_of(purse: str, give: int) -> Json:
    return {"purse": purse, "calc": {"mode": "percent", "give": give}}


DOUBLE: Json = {"purse": "points", "calc": {"mode": "multiplier", "give": 2, "per": 1}}
BRANCHES: Json = {"branches": ["M1/1", "M1/2"]}
GOLD: Json = {"f": "tier", "op": "in", "v": ["gold", "platinum"]}
WEEKEND: Json = {"windows": [{"days": ["SAT", "SUN"]}]}

# Each group of lines says one thing.
LINES: list[tuple[Json, list[str]]] = [
    (
        earn(BY_AMOUNT, scope=BRANCHES),
        [
            "100 points per 1,000,000 rial at M1/1, M1/2",
            "100 points for every 100 thousand toman at branch M1/1 and M1/2.",
            "per 1 million rial 100 points in branches M1/1, M1/2",
            "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز در شعبه M1/1، M1/2",
            "هر ۱٬۰۰۰٬۰۰۰ ريال خريد، ۱۰۰ امتياز در شعبه‌های M1/1 و M1/2",
            "۱۰۰ امتیاز به ازای هر ۱۰۰ هزار تومان خرید در M1/1، M1/2",
        ],
    ),
    (earn(BY_AMOUNT), ["هر ۱۰۰ هزار تومان ۱۰۰ امتیاز", "100 points per 1000000 rials"]),
    (earn(percent_of("credit", 2)), ["2% credit", "2 percent credit", "۲ درصد اعتبار", "۲٪ خرید، اعتبار"]),
    (
        earn({"purse": "credit", "calc": {"mode": "rate", "give": 1, "per": 40}}),
        ["2.5% credit", "۲٫۵٪ اعتبار"],
    ),
    (event("review", 50), ["50 points for review", "۵۰ امتیاز برای نظر", "نوشتن نظر = ۵۰ امتیاز"]),
    (event("referral", 200), ["200 points for referral", "معرفی هر دوست = ۲۰۰ امتیاز"]),
    (event("enrol", 5), ["5 points per enrolment", "۵ امتیاز برای ثبت‌نام"]),
    (event("purchase", 5), ["5 points per purchase", "هر خرید ۵ امتیاز"]),
    (
        event("visit", 10, caps=cap("uses", "day", 1)),
        [
            "10 points per visit, once per day",
            "10 points per visit, 1 times per day",
            "10 points each visit; max once a day",
            "۱۰ امتیاز هر مراجعه، یک بار در روز",
            "هر بازدید ۱۰ امتیاز، روزی یک‌بار",
        ],
    ),
    (
        earn(DOUBLE, when=GOLD),
        [
            "x2 points for gold, platinum",
            "2x points for tiers gold and platinum",
            "double points for gold, platinum",
            "۲ برابر امتیاز برای سطح gold و platinum",
            "امتیاز دو برابر برای gold، platinum",
        ],
    ),
    (
        earn({"purse": "points", "calc": {"mode": "multiplier", "give": 3, "per": 2}}, schedule=WEEKEND),
        [
            "x1.5 points on SAT, SUN",
            "x1.5 points on Saturday and Sunday",
            "۱٫۵ برابر امتیاز در روزهای شنبه و یک‌شنبه",
            "۱.۵ برابر امتیاز، شنبه‌ها، یکشنبه‌ها",
        ],
    ),
    (off(TEN_OFF), ["10% off", "10% discount", "۱۰٪ تخفیف", "۱۰ درصد تخفیف"]),
    (
        off(
            {"calc": {"mode": "percent", "give": 20}}, when=above(2_000_000), caps=cap("uses", "lifetime", 1)
        ),
        [
            "20% off once above 2,000,000 rial",
            "۲۰٪ تخفیف، یک بار، بالای ۲۰۰ هزار تومان",
        ],
    ),
    (off(TEN_OFF, when=above(10, ">=")), ["10% off at least 10 rial", "۱۰٪ تخفیف حداقل ۱ تومان"]),
    (
        for_points(TEN_OFF, 1000),
        ["10% off for 1000 points", "10% off with 1,000 points", "۱۰٪ تخفیف با ۱۰۰۰ امتیاز"],
    ),
    (
        for_points({"calc": {"mode": "fixed", "give": 500_000}}, 50),
        ["500,000 rial off for 50 points", "۵۰ هزار تومان تخفیف برای ۵۰ امتیاز"],
    ),
    (off(TEN_OFF, schedule={"to": "2027-03-20"}), ["10% off until 2027-03-20", "۱۰٪ تخفیف تا 2027/3/20"]),
    (
        off(TEN_OFF, schedule={"from": "1405-01-01", "to": "1405-01-13"}),
        [
            "10% off from 1405-01-01 until 1405-01-13",
            "10% off 1405-01-01..1405-01-13",
            "۱۰٪ تخفیف از ۱۴۰۵/۱/۱ تا ۱۴۰۵/۱/۱۳",
        ],
    ),
    (
        off(TEN_OFF, schedule={"windows": [{"from": "16:00", "to": "18:00"}]}),
        ["10% off from 16:00 to 18:00", "۱۰٪ تخفیف از ۱۶:۰۰ تا ۱۸:۰۰"],
    ),
    (
        earn({**BY_AMOUNT, "max": 500}, caps=cap("units", "week", 2000)),
        [
            "100 points per 100 thousand toman, max 500 points per purchase, max 2,000 per week",
            "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز، حداکثر ۵۰۰ امتیاز در خرید، حداکثر ۲ هزار امتیاز در هفته",
            "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز، حداکثر ۵۰۰ در هر خرید، هفتگی حداکثر ۲۰۰۰ امتیاز",
        ],
    ),
    (
        off({**TEN_OFF, "max": 500_000}, caps=cap("uses", "month", 3)),
        [
            "10% off max 500,000 rial per purchase max 3 times per month",
            "۱۰٪ تخفیف، حداکثر ۵۰ هزار تومان در هر خرید، حداکثر ۳ بار در ماه",
        ],
    ),
    (off(TEN_OFF, scope={"merchants": ["M1", "M2"]}), ["10% off at M1, M2", "۱۰٪ تخفیف در پذیرنده M1، M2"]),
    (
        off(
            TEN_OFF,
            when={
                "any": [
                    {"f": "branch", "op": "in", "v": ["M2/3"]},
                    {"f": "merchant", "op": "in", "v": ["M1"]},
                ]
            },
        ),
        ["10% off at M1, M2/3"],
    ),
    (
        off(TEN_OFF, when={"all": [above(5), {"f": "tier", "op": "in", "v": ["نقره‌ای", "up to 5"]}]}),
        ['10% off above 5 rial for نقره‌ای, "up to 5"'],
    ),
]


@pytest.mark.parametrize(
    ("line", "wanted"), [(line, wanted) for wanted, lines in LINES for line in lines], ids=str
)
def test_each_line_stands_for_its_rule(line: str, wanted: Json) -> None:
    assert said(line) == wanted


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("10 pionts for review", "“pionts” at character 4 is not understood: expected a purse"),
        ("10 pionts for review", "did you mean points"),
        ("10 points for revew", "“revew” at character 15 is not understood"),
        ("10 points for revew", "did you mean review"),
        ("۱۰ امتیاز برای نطر", "“نطر” at character 16 is not understood"),
        ("۱۰ امتیاز برای نطر", "did you mean نظر"),
        ("100 points per 1,000 rial att M1", "“att” at character 27"),
        ("100 points per 1,000 rial att M1", "did you mean at"),
        ("100 points per 1,000", "the line ends where rial or toman should follow"),
        ("100 points", "the line ends where an event or per should follow"),
        ("ten points per visit", "“ten” at character 1"),
        ("0 points per visit", "a whole number above 0"),
        ("1.5 points per visit", "a whole number above 0"),
        ("0% off", "more than 0 and at most 100 percent"),
        ("101% off", "more than 0 and at most 100 percent"),
        ("x1 points", "a factor above 1"),
        (
            "10% off for friends",
            "“friends” at character 13 is not understood: expected one of the tiers silver",
        ),
        ("x2 points for glod", "did you mean gold"),
        ("10% off at", "the line ends where a name should follow"),
        ("10% off once per purchase", "expected day, week, month"),
        ("10% off max 3 times per purchase", "expected day, week, month"),
        ("10% off max 3", "the line ends where per day, week, month"),
        ("2% credit, max 5 points per day", "expected credit, as the rule gives that"),
        ("2% credit for 10 points", "only a discount can cost something"),
        ("10% off until tomorrow", "expected a date"),
        ("10% off until 1405-12-30", "S-1: schedule.to: there is no day 1405-12-30"),
        ("10% off % 5", "“%” at character 9"),
        ("1000000000000 points per visit", "S-1: text: effects.0.calc.give: Input should be less"),
        ("", "S-1: text"),
        ("   ", "the line ends"),
    ],
)
def test_lines_not_understood_are_pointed_at(line: str, told: str) -> None:
    faults = faults_of(with_line(line, tiers=TIERS))
    assert faults
    assert all(fault.startswith("S-1: ") for fault in faults)
    assert any(told in fault for fault in faults), faults


def test_a_purse_of_the_document_has_its_own_words() -> None:
    purse = {"code": 80, "name": "miles", "title": {"fa": "مایل", "en": "air miles"}}
    for line in ("5 miles per visit", "5 air miles per visit", "5 mile per visit", "۵ مایل برای مراجعه"):
        rule = parse_rules(text_of(with_line(line, purses=[purse])), "simple").rules[0]
        assert rule.effects[0].purse == "miles"
    assert "expected a purse" in faults_of(with_line("5 points per visit", purses=[purse]))[0]


def test_what_a_simple_rule_says_beside_its_line() -> None:
    line = "۱۰٪ تخفیف"
    written: Json = {"rule_id": "S-1", "text": line, "priority": 7, "version": 3, "status": "paused"}
    plain = parse_rules(text_of(document(simple=[written])), "simple").rules[0]
    assert (plain.priority, plain.version, plain.status) == (7, 3, "paused")
    assert plain.name.fa == plain.member_text.fa == plain.member_text.en == line
    texts: Json = {"name": {"fa": "ن", "en": "n"}, "member_text": {"fa": "م", "en": "m"}}
    named = parse_rules(text_of(document(simple=[written | texts])), "simple").rules[0]
    assert (named.name.en, named.member_text.en) == ("n", "m")


def test_a_line_too_long_for_a_receipt_makes_no_text_of_it() -> None:
    rule = expanded("10% off at " + ", ".join(f"شعبه{number}/1" for number in range(20)))
    assert rule.member_text.fa == ""
    assert len(rule.name.fa.encode()) <= 160


WORDS = [word for _, lines in LINES for line in lines for word in line.split()]


@settings(max_examples=many(300), deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=12).map(" ".join))
def test_any_words_are_a_rule_or_a_fault(line: str) -> None:
    """Nothing but a fault comes of nonsense, whatever its words and characters."""
    faults_of(with_line(line[:400]))
