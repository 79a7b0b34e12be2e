"""What is earned: basis, rounding, bounds, bands, multipliers, introducers, beneficiaries, stacking."""

import pytest

from switch.rules.conditions import ItemTest, Operator
from switch.rules.evaluator import evaluate
from switch.rules.facts import ItemDimension
from switch.rules.outcome import NEVER_S, EffectType, Party
from switch.rules.table import (
    Band,
    Basis,
    BasisOf,
    CalcMode,
    Effect,
    ExpiryModel,
    Kind,
    Level,
    PendingKind,
    Phase,
    Rounding,
    StackGroup,
    StackMode,
    TableRule,
)
from tests.switch.rules.tables import (
    BASE_GROUP,
    CREDIT,
    EFFECT,
    ITEMS,
    NEVER,
    NOON_S,
    POINTS,
    RULE,
    SUBJECT,
    TENDER,
    VOUCHERS,
    Counters,
    at,
    basis,
    facts,
    fixed,
    granted,
    line,
    multiplier,
    sku,
    table,
)

NONE = Counters()
LINES = (
    line("tea", 2_000, 2, "food", "promo"),
    line("rice", 5_000, 1, "food"),
    line("soap", 1_500, 3, "home"),
)
BASKET = facts(8_500)._replace(lines=LINES)
FOOD = ItemTest(ItemDimension.CATEGORY, Operator.ANY_LINE, ("food",))
PROMO = ItemTest(ItemDimension.LABEL, Operator.ANY_LINE, ("promo", "other"))
AMOUNT, NET, LINE, QUANTITY, METRIC, VISITS = BasisOf
# A point for every rial of the basis.
ONE = EFFECT._replace(give=1, per=1)
PAYS_HALF = RULE._replace(
    rule_id="B-1", kind=Kind.BURN, triggers=("burn_request",), effects=(TENDER._replace(give=1, per=1),)
)


@pytest.mark.parametrize(
    ("of", "expected", "lines"),
    [
        (basis(AMOUNT), 8_500, 0),
        (basis(NET), 4_250, 0),
        (basis(AMOUNT, include=(FOOD,)), 7_000, 0b011),
        (basis(AMOUNT, exclude=(FOOD,)), 1_500, 0b100),
        (basis(AMOUNT, include=(FOOD,), exclude=(PROMO,)), 5_000, 0b010),
        (basis(AMOUNT, include=(PROMO, sku("soap"))), 3_500, 0b101),
        # Half was paid with points: each line bears half.
        (basis(NET, include=(FOOD,)), 3_500, 0b011),
        (basis(NET, exclude=(sku("nothing"),)), 4_250, 0b111),
        (basis(LINE), 8_500, 0b111),
        (basis(LINE, include=(sku("tea"),)), 2_000, 0b001),
        (basis(QUANTITY), 6, 0b111),
        (basis(QUANTITY, exclude=(PROMO,)), 4, 0b110),
        (basis(METRIC), 120, 0),
        (basis(METRIC, include=(FOOD,)), 120, 0b011),
        (basis(VISITS), 1, 0),
        (basis(VISITS, include=(sku("nothing"),)), 1, 0),
    ],
)
def test_basis(of: Basis, expected: int, lines: int) -> None:
    """8,500 for tea (2,000), rice (5,000) and soap (1,500); 4,250 of it paid with points; 120 miles."""
    request = BASKET._replace(metrics={"miles": 120}, tender_purse=POINTS, tender_amount=4_250)
    (grant,) = evaluate(table(PAYS_HALF, RULE._replace(basis=of, effects=(ONE,))), request, NONE).grants
    assert (grant.basis, grant.lines, grant.granted) == (expected, lines, expected)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (basis(AMOUNT), 8_500),
        (basis(AMOUNT, include=(FOOD,)), 0),
        (basis(AMOUNT, exclude=(FOOD,)), 8_500),
        (basis(NET, include=(FOOD,)), 0),
        (basis(NET, exclude=(FOOD,)), 8_500),
        (basis(LINE), 0),
        (basis(QUANTITY), 0),
        (basis(METRIC), 0),
    ],
)
def test_basis_without_lines(of: Basis, expected: int) -> None:
    """A request that tells no basket: what asks for articles gets nothing."""
    outcome = evaluate(table(RULE._replace(basis=of, effects=(ONE,))), facts(8_500), NONE)
    assert [(grant.granted, grant.lines) for grant in outcome.grants] == ([(expected, 0)] if expected else [])


@pytest.mark.parametrize(
    ("amount", "lines", "net_of_tea"),
    [
        (1_000, (("tea", 300), ("rice", 700)), 249),  # 833 * 300 / 1,000 = 249.9
        (1_000, (("tea", 5_000),), 833),  # no more than the bill
        (0, (("tea", 100),), 0),
    ],
)
def test_share_of_lines_is_rounded_down(
    amount: int, lines: tuple[tuple[str, int], ...], net_of_tea: int
) -> None:
    """167 of 1,000 were paid with points."""
    request = facts(amount)._replace(lines=tuple(line(*article) for article in lines))
    if amount:
        request = request._replace(tender_purse=POINTS, tender_amount=167)
    rule = RULE._replace(basis=basis(NET, include=(sku("tea"),)), effects=(ONE,))
    grants = evaluate(table(PAYS_HALF, rule), request, NONE).grants
    assert sum(grant.granted for grant in grants) == net_of_tea


FLOOR, HALF_UP, CEIL = Rounding
BANDS = (Band(1_000, 5, 0), Band(5_000, 1, 100), Band(9_000, 3, 200))


@pytest.mark.parametrize(
    ("effect", "amount", "expected"),
    [
        (EFFECT, 199, 1),
        (EFFECT, 200, 2),
        (EFFECT, 99, 0),
        (EFFECT._replace(rounding=HALF_UP), 149, 1),
        (EFFECT._replace(rounding=HALF_UP), 150, 2),
        (EFFECT._replace(rounding=HALF_UP), 49, 0),
        (EFFECT._replace(rounding=CEIL), 101, 2),
        (EFFECT._replace(rounding=CEIL), 100, 1),
        (EFFECT._replace(give=3, per=7, rounding=HALF_UP), 12, 5),  # 36/7 = 5.14
        (EFFECT._replace(give=3, per=7, rounding=HALF_UP), 13, 6),  # 39/7 = 5.57
        (EFFECT._replace(give=1, per=2, rounding=HALF_UP), 1, 1),
        (fixed(250), 1, 250),
        (fixed(250), 0, 0),
        (EFFECT._replace(minimum=5), 499, 0),
        (EFFECT._replace(minimum=5), 500, 5),
        (EFFECT._replace(maximum=5), 599, 5),
        (EFFECT._replace(maximum=5), 600, 5),
        (EFFECT._replace(mode=CalcMode.BANDED, bands=BANDS), 999, 0),
        (EFFECT._replace(mode=CalcMode.BANDED, bands=BANDS), 4_999, 5),
        (EFFECT._replace(mode=CalcMode.BANDED, bands=BANDS), 5_000, 50),
        (EFFECT._replace(mode=CalcMode.BANDED, bands=BANDS), 9_000, 135),
        (EFFECT._replace(mode=CalcMode.BANDED, bands=BANDS, rounding=CEIL), 9_001, 136),
        # 999,999,999,999 rial times 999,999,999,999 is exact.
        (EFFECT._replace(give=10**12 - 1, per=1), 10**12 - 1, (10**12 - 1) ** 2),
    ],
)
def test_amounts(effect: Effect, amount: int, expected: int) -> None:
    """Each way of computing, at its edges."""
    outcome = evaluate(table(RULE._replace(effects=(effect,))), facts(amount), NONE)
    assert [grant.granted for grant in outcome.grants] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        # The base earns 33 and 20 points for the member; what others get doesn't count.
        (multiplier(2), 53),
        (multiplier(3), 106),
        (multiplier(3, 2), 26),  # half of 53
        (multiplier(3, 2, HALF_UP), 27),
        (multiplier(3, 2, CEIL), 27),
        (multiplier(11, 10), 5),
        (multiplier(1), 0),
        (multiplier(2)._replace(maximum=40), 40),
        (multiplier(2)._replace(minimum=54), 0),
        (multiplier(2)._replace(purse=CREDIT), 9),
        (multiplier(2)._replace(purse=VOUCHERS), 0),
        (fixed(4), 4),  # a multiplier rule may also give a fixed amount
    ],
)
def test_multipliers(effect: Effect, expected: int) -> None:
    """What comes on top of the base earning; the cap that cuts the base comes later."""
    household = SUBJECT._replace(household=8)
    rules = table(
        RULE._replace(rule_id="A", effects=(EFFECT._replace(give=33, per=10_000), fixed(9, CREDIT))),
        RULE._replace(rule_id="B", effects=(fixed(20), fixed(500)._replace(to=Party.MERCHANT))),
        RULE._replace(rule_id="C", effects=(fixed(1_000)._replace(to=Party.HOUSEHOLD),)),
        RULE._replace(rule_id="M", phase=Phase.MULTIPLIER, effects=(effect,)),
        RULE._replace(rule_id="Z", phase=Phase.BONUS, effects=(fixed(1),)),
    )
    grants = evaluate(rules, facts()._replace(subject=household), NONE).grants
    assert [grant.granted for grant in grants if grant.rule_id == "M"] == ([expected] if expected else [])


def test_multiplier_takes_the_base_after_stacking() -> None:
    """Of 10 and 30 in a group the better counts; doubling gives 30 more."""
    rules = table(
        RULE._replace(rule_id="A", effects=(fixed(10),), group=1),
        RULE._replace(rule_id="B", effects=(fixed(30),), group=1),
        RULE._replace(rule_id="M", phase=Phase.MULTIPLIER, effects=(multiplier(2),)),
        groups=(BASE_GROUP, StackGroup("best", StackMode.BEST_FOR_MEMBER)),
    )
    assert granted(evaluate(rules, facts(), NONE)) == [("B", 30), ("M", 30)]


def test_order_of_grants() -> None:
    """Base, multipliers, bonuses; in table order; effect by effect, level by level."""
    levels = EFFECT._replace(levels=(Level(5, 0), Level(1, 1_000)))
    rules = table(
        RULE._replace(rule_id="A", phase=Phase.BONUS, priority=900, effects=(fixed(3),)),
        RULE._replace(rule_id="B", phase=Phase.MULTIPLIER, priority=800, effects=(multiplier(2),)),
        RULE._replace(rule_id="C", effects=(fixed(1), levels, fixed(2))),
        RULE._replace(rule_id="D", kind=Kind.GIFT, priority=100, effects=(fixed(1, ITEMS),)),
    )
    outcome = evaluate(rules, facts()._replace(uplines=(21, 22, 23)), NONE)
    assert [(grant.rule_id, grant.effect_index, grant.number, grant.granted) for grant in outcome.grants] == [
        ("C", 0, 7, 1),
        ("C", 1, 21, 5),
        ("C", 1, 22, 10),
        ("C", 2, 7, 2),
        ("B", 0, 7, 3),
        ("A", 0, 7, 3),
        ("D", 0, 7, 1),
    ]


@pytest.mark.parametrize(
    ("levels", "uplines", "expected"),
    [
        ((Level(5, 0), Level(2, 0)), (), []),
        ((Level(5, 0), Level(2, 0)), (21,), [(21, 5)]),
        ((Level(5, 0),), (21, 22), [(21, 5)]),
        ((Level(1, 300), Level(1, 10_001)), (21, 22), [(21, 33)]),  # the second comes to 0
    ],
)
def test_introducers(
    levels: tuple[Level, ...], uplines: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    """They get it instead of the member, as far as there are any."""
    rules = table(RULE._replace(effects=(fixed(99)._replace(levels=levels),)))
    grants = evaluate(rules, facts()._replace(uplines=uplines), NONE).grants
    assert [(grant.number, grant.granted) for grant in grants] == expected
    assert all(grant.party == Party.MEMBER for grant in grants)


def test_bounds_of_introducers() -> None:
    """Rounded half up: 33.3, 66.7 and 100 points, at least 50 and at most 90."""
    levels = (Level(1, 300), Level(2, 300), Level(1, 100))
    effect = EFFECT._replace(levels=levels, rounding=HALF_UP, minimum=50, maximum=90)
    outcome = evaluate(table(RULE._replace(effects=(effect,))), facts()._replace(uplines=(21, 22, 23)), NONE)
    assert [(grant.number, grant.granted) for grant in outcome.grants] == [(22, 67), (23, 90)]


WAITING = EFFECT._replace(
    pending=PendingKind.AFTER,
    pending_days=1,
    expiry=NEVER._replace(model=ExpiryModel.FIXED, until_s=NOON_S + 1),
)


@pytest.mark.parametrize(
    ("to", "household", "party", "number", "has_lots"),
    [
        (Party.MEMBER, 0, Party.MEMBER, 7, True),
        (Party.HOUSEHOLD, 8, Party.HOUSEHOLD, 8, True),
        (Party.HOUSEHOLD, 0, Party.MEMBER, 7, True),
        (Party.MERCHANT, 8, Party.MERCHANT, 5, False),
        (Party.PARTNER, 8, Party.PARTNER, 66, False),
        (Party.CHARITY, 8, Party.CHARITY, 66, False),
    ],
)
def test_beneficiaries(to: Party, household: int, party: Party, number: int, has_lots: bool) -> None:
    """Who gets it; only members, households and gift cards hold lots that wait and expire."""
    request = facts()._replace(subject=SUBJECT._replace(household=household))
    effect = WAITING._replace(to=to, to_number=66)
    (grant,) = evaluate(table(RULE._replace(effects=(effect,))), request, NONE).grants
    assert (grant.party, grant.number) == (party, number)
    times = (at("2026-05-06T00:00"), NOON_S + 1) if has_lots else (0, NEVER_S)
    assert (grant.available_from_s, grant.expires_at_s) == times


@pytest.mark.parametrize(("second", "count"), [(0, 1), (1, 0), (2, 0)])
def test_what_has_expired_already_is_not_granted(second: int, count: int) -> None:
    """From the second of its expiry on; introducers get nothing either."""
    levels = WAITING._replace(levels=(Level(1, 0),))
    rules = table(RULE._replace(effects=(WAITING,)), RULE._replace(rule_id="R-2", effects=(levels,)))
    request = facts(at_s=NOON_S + second)._replace(uplines=(21,))
    assert len(evaluate(rules, request, NONE).grants) == 2 * count


RICH, POOR = fixed(3), fixed(2_900, CREDIT)  # 3 points are worth 3,000 rial


@pytest.mark.parametrize(
    ("mode", "effects", "expected"),
    [
        (StackMode.SUM, (POOR, RICH, RICH), ["A", "B", "C"]),
        (StackMode.BEST_FOR_MEMBER, (POOR, RICH, RICH), ["B"]),
        (StackMode.BEST_FOR_OWNER, (RICH, POOR, POOR), ["B"]),
        (StackMode.FIRST, (RICH, POOR, POOR), ["A"]),
        # A rule that comes to 0 doesn't compete.
        (StackMode.FIRST, (fixed(0), POOR, RICH), ["B"]),
        (StackMode.BEST_FOR_OWNER, (fixed(0), RICH, POOR), ["C"]),
        # Vouchers are worth 7/3 rial, rounded up: 1,286 of them 3,001.
        (StackMode.BEST_FOR_MEMBER, (RICH, fixed(1_286, VOUCHERS), POOR), ["B"]),
        (StackMode.BEST_FOR_MEMBER, (RICH, fixed(1_285, VOUCHERS), POOR), ["A"]),
    ],
)
def test_stacking(mode: StackMode, effects: tuple[Effect, ...], expected: list[str]) -> None:
    """By rial value; the earlier wins a tie."""
    rules = [
        RULE._replace(rule_id=name, effects=(effect,), group=1)
        for name, effect in zip("ABC", effects, strict=True)
    ]
    outcome = evaluate(table(*rules, groups=(BASE_GROUP, StackGroup("one", mode))), facts(), NONE)
    assert [rule_id for rule_id, _ in granted(outcome)] == expected


def test_groups_and_phases_stack_apart() -> None:
    """First of its group and phase; a gift competes with the bonuses."""
    base = RULE._replace(effects=(fixed(1),))
    gift = base._replace(kind=Kind.GIFT, phase=Phase.BONUS)
    rules: list[TableRule] = [
        base._replace(rule_id="A", group=1),
        base._replace(rule_id="B", group=1),
        base._replace(rule_id="C", group=2),
        base._replace(rule_id="D"),
        base._replace(rule_id="E", group=1, phase=Phase.BONUS),
        gift._replace(rule_id="F", group=1),
    ]
    groups = (BASE_GROUP, StackGroup("one", StackMode.FIRST), StackGroup("two", StackMode.FIRST))
    outcome = evaluate(table(*rules, groups=groups), facts(), NONE)
    assert [rule_id for rule_id, _ in granted(outcome)] == ["A", "C", "D", "E"]


def test_texts_of_rules_that_gave_something() -> None:
    """Without repeats and empty ones, in the order of the grants."""

    def telling(rule_id: str, fa: str, en: str, give: int = 1) -> TableRule:
        rule = RULE._replace(rule_id=rule_id, effects=(fixed(give), fixed(give, CREDIT)))
        return rule._replace(member_text_fa=fa, member_text_en=en)

    rules = table(
        telling("A", "الف", "a"),
        telling("B", "", ""),
        telling("C", "ج", "c", 0),
        telling("D", "", "d"),
        telling("E", "الف", "a"),
    )
    assert evaluate(rules, facts(), NONE).texts == (("الف", "a"), ("", "d"))


def test_types_and_references() -> None:
    """An article, a voucher and a ticket are what they are called."""
    types = (EffectType.ITEM, EffectType.VOUCHER, EffectType.TICKET)
    effects = tuple(fixed(1, ITEMS)._replace(type=kind, reference=kind.name) for kind in types)
    grants = evaluate(table(RULE._replace(kind=Kind.GIFT, effects=effects)), facts(), NONE).grants
    assert [(grant.type, grant.reference) for grant in grants] == [(kind, kind.name) for kind in types]
