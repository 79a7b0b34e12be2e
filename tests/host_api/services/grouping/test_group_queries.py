"""Queries for members: the database answers as a plain reading of the same expression does."""

import operator
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.cards.numbers import blank_card
from host_api.services.cards.products import logic as card_products
from host_api.services.cards.products.schemas import ProductCreate, ProductKind
from host_api.services.cards.states import CardStatus
from host_api.services.groups.models import Group, GroupMember
from host_api.services.groups.query_compiler import compile_query
from host_api.services.groups.query_schema import Expression, Query
from host_api.services.members import selection
from host_api.services.transactions.models import Lot
from tests.amounts import many
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

QUERY: TypeAdapter[Expression] = TypeAdapter(Query)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MEMBERS = 60
TEHRAN = timedelta(hours=3, minutes=30)


@dataclass
class Sale:
    at: datetime
    amount: int
    merchant: str
    branch: int
    returned: int = 0


@dataclass
class Known:
    """What is known of a member, apart from the database."""

    texts: dict[str, str | None]
    joined: datetime
    sales: list[Sale] = field(default_factory=list)
    cards: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    points: int = 0


def _days_ago(instant: datetime) -> int:
    return ((NOW + TEHRAN).date() - (instant + TEHRAN).date()).days


COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(query: dict[str, object], known: Known) -> bool:
    """A plain reading of an expression."""
    match query:
        case {"all": list(parts)}:
            return all(holds(part, known) for part in parts)
        case {"any": list(parts)}:
            return any(holds(part, known) for part in parts)
        case {"not": dict(part)}:
            return not holds(part, known)
    name, op, value = str(query["f"]), str(query["op"]), query["v"]
    if name in known.texts:
        words = value if isinstance(value, list) else [value]
        return (known.texts[name] in words) == (op in {"=", "in"})
    period = query.get("within")
    sales = [sale for sale in known.sales if period is None or _within(sale.at, period)]
    merchants = query.get("merchants")
    if isinstance(merchants, list):
        sales = [sale for sale in sales if sale.merchant in merchants]
    if isinstance(value, list):
        there: dict[str, set[str]] = {
            "merchant": {sale.merchant for sale in sales},
            "branch": {f"{sale.merchant}/{sale.branch}" for sale in sales},
            "card_type": known.cards,
            "in_group": known.groups,
        }
        return bool(there[name] & set(value)) == (op == "in")
    if name == "joined_on":
        is_earlier = (known.joined + TEHRAN).date().isoformat() < str(value)
        return is_earlier == (op == "<")
    assert isinstance(value, int)
    if name == "last_purchase_days":
        return bool(sales) and COMPARE[op](_days_ago(max(sale.at for sale in sales)), value)
    numbers = {
        "member_days": _days_ago(known.joined),
        "purchase_amount": sum(sale.amount - sale.returned for sale in sales),
        "purchase_count": sum(sale.returned < sale.amount for sale in sales),
        "balance": known.points,
    }
    return COMPARE[op](numbers[name], value)


def _within(at: datetime, period: object) -> bool:
    match period:
        case {"last_days": int(days)}:
            return 0 <= _days_ago(at) < days
        case {"from": str(first), "to": str(last)}:
            return first <= (at + TEHRAN).date().isoformat() <= last
    raise LookupError("no period")


def _world() -> tuple[list[Known], Journal]:
    """Random members; instants cluster about midnight in Tehran, where days part."""
    dice = random.Random(25)
    journal = Journal()
    everybody = []
    for number in range(1, MEMBERS + 1):
        joined = _instant(dice, 400)
        known = Known(
            {
                "tier": dice.choice(["initial", "silver", "gold"]),
                "status": dice.choice(["active", "active", "blocked"]),
                "group": dice.choice([None, "G1", "G2"]),
                "organisation": dice.choice([None, "ORG"]),
                "club_level": dice.choice([None, "STAFF", "CUSTOMERS"]),
                "risk_class": dice.choice([None, "LOW"]),
            },
            joined,
            cards={kind for kind in ("LOYALTY", "GIFT") if dice.random() < 0.4},
            groups={code for code in ("GRP1", "GRP2") if dice.random() < 0.4},
            points=dice.choice([0, 0, 10, 500]),
        )
        for _ in range(dice.choice([0, 0, 1, 2, 5])):
            sale = Sale(
                _instant(dice, 120),
                dice.choice([10, 50, 100]),
                dice.choice(["SHOP01", "SHOP02"]),
                dice.choice([1, 2]),
            )
            rrn = journal.sale(
                number, sale.at, sale.amount, merchant_id=sale.merchant, branch_number=sale.branch
            )
            if dice.random() < 0.3:
                sale.returned = dice.choice([sale.amount, 5])
                journal.give_back(number, NOW, sale.returned, rrn)
            journal.sale(number, sale.at, 1000, **dice.choice(NO_SALES))
            known.sales.append(sale)
        everybody.append(known)
    return everybody, journal


# What stands in the journal and is no purchase.
NO_SALES: list[dict[str, object]] = [
    {"response_code": "51"},
    {"reversed_by_rrn": "999999999999"},
    {"mti": "0100"},
    {"mti": "0400"},
    {"processing_code": "210000"},
    {"processing_code": "290000"},
]


def _instant(dice: random.Random, days: int) -> datetime:
    midnight = datetime(2026, 11, 22, tzinfo=UTC) - TEHRAN
    near = timedelta(milliseconds=dice.choice([0, -1, 1, 3_600_000]))
    return min(midnight - timedelta(days=dice.randint(0, days)) + near, NOW)


async def _stored(database: Database) -> list[Known]:
    everybody, journal = _world()
    members = [
        member(
            number,
            tier=known.texts["tier"] or "",
            joined=known.joined,
            status=known.texts["status"],
            group_name=known.texts["group"],
            organisation=known.texts["organisation"],
            club_level=known.texts["club_level"],
            risk_class=known.texts["risk_class"],
        )
        for number, known in enumerate(everybody, 1)
    ]
    lots = [
        Lot(
            account=f"member:{number}",
            purse="points",
            available_from_s=0,
            expires_at_s=2**40 - 1,
            amount=known.points,
        )
        for number, known in enumerate(everybody, 1)
        if known.points
    ]
    # What is over, what is not yet, and what is another purse's counts for nobody.
    for purse, begin, end in (("points", 0, 1), ("points", 2**40 - 2, 2**40 - 1), ("credit", 0, 2**40 - 1)):
        lots.append(
            Lot(account="member:1", purse=purse, available_from_s=begin, expires_at_s=end, amount=7777)
        )
    await store(database, members, journal, *lots)
    async with database.writing(FIRST_PROGRAMME) as session:
        groups = {
            code: Group(
                code=code,
                title=code,
                title_fa=code,
                kind="static",
                effect="segment",
                segment_bit=bit,
                priority=1,
                query=None,
                schedule="by_hand",
                state="active",
                created_at=NOW,
            )
            for bit, code in enumerate(("GRP1", "GRP2"))
        }
        session.add_all(groups.values())
        loyalty = await card_products.lock(session, "LOYALTY")
        wanted = ProductCreate(code="GIFT", title="Gift", title_fa="هدیه", kind=ProductKind.GIFT)
        await card_products.create(session, wanted)
        products = {"LOYALTY": loyalty, "GIFT": await card_products.lock(session, "GIFT")}
        await session.flush()
        for number, known in enumerate(everybody, 1):
            session.add_all(
                GroupMember(group_id=groups[code].id, member_id=number, since=NOW) for code in known.groups
            )
            session.add_all(
                blank_card(product, f"{number:016d}", CardStatus.ACTIVE, expires_on=None, member_id=number)
                for kind, product in products.items()
                if kind in known.cards
            )
    return everybody


WORDS = {
    "tier": ["initial", "silver", "gold", "vip"],
    "status": ["active", "blocked"],
    "group": ["G1", "G2", "x' OR 1=1 --"],
    "organisation": ["ORG", "سازمان"],
    "club_level": ["STAFF", "CUSTOMERS"],
    "risk_class": ["LOW"],
}
SETS = {
    "merchant": ["SHOP01", "SHOP02", "SHOP03"],
    "branch": ["SHOP01/1", "SHOP02/2"],
    "card_type": ["LOYALTY", "GIFT", "NONE"],
    "in_group": ["GRP1", "GRP2", "NONE"],
}


def _some(words: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=3)


def _in(name: str, words: list[str]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {"f": st.just(name), "op": st.sampled_from(["in", "not_in"]), "v": _some(words)}
    )


PERIODS = st.one_of(
    st.builds(lambda days: {"last_days": days}, st.integers(1, 130)),
    st.builds(
        lambda first, length: {
            "from": (NOW.date() - timedelta(days=first)).isoformat(),
            "to": (NOW.date() - timedelta(days=max(0, first - length))).isoformat(),
        },
        st.integers(0, 130),
        st.integers(0, 60),
    ),
)
NUMBERS = st.one_of(st.integers(-5, 450), st.sampled_from([-(10**15), 10**15, 100_000]))
DAYS = st.integers(0, 410).map(lambda days: (NOW.date() - timedelta(days=days)).isoformat())
COMPARISONS = st.one_of(
    *(_in(name, words) for name, words in (WORDS | SETS).items()),
    *(
        st.fixed_dictionaries(
            {"f": st.just(name), "op": st.sampled_from(["=", "!="]), "v": st.sampled_from(words)}
        )
        for name, words in WORDS.items()
    ),
    *(
        st.fixed_dictionaries({"f": st.just(name), "op": st.sampled_from(sorted(COMPARE)), "v": NUMBERS})
        for name in ("member_days", "last_purchase_days")
    ),
    st.fixed_dictionaries(
        {
            "f": st.just("balance"),
            "op": st.sampled_from(sorted(COMPARE)),
            "v": NUMBERS,
            "purse": st.just("points"),
        }
    ),
    st.fixed_dictionaries({"f": st.just("joined_on"), "op": st.sampled_from(["<", ">="]), "v": DAYS}),
    *(
        st.fixed_dictionaries(
            {"f": st.just(name), "op": st.sampled_from(sorted(COMPARE)), "v": NUMBERS},
            optional={"within": PERIODS, "merchants": _some(SETS["merchant"])},
        )
        for name in ("purchase_amount", "purchase_count")
    ),
    *(
        st.fixed_dictionaries(
            {
                "f": st.just(name),
                "op": st.sampled_from(["in", "not_in"]),
                "v": _some(SETS[name]),
                "within": PERIODS,
            }
        )
        for name in ("merchant", "branch")
    ),
)
EXPRESSIONS = st.recursive(
    COMPARISONS,
    lambda parts: st.one_of(
        st.builds(lambda found: {"all": found}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda found: {"any": found}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda found: {"not": found}, parts),
    ),
    max_leaves=5,
)


async def test_the_database_finds_whom_a_plain_reading_finds(database: Database) -> None:
    everybody = await _stored(database)
    queries: list[dict[str, object]] = []

    @settings(
        max_examples=many(160), database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(EXPRESSIONS)
    def gather(query: dict[str, object]) -> None:
        queries.append(query)

    gather()
    ids = list(range(1, MEMBERS + 1))
    found_somebody = 0
    async with database.reading(FIRST_PROGRAMME) as session:
        for query in queries:
            try:
                condition = compile_query(QUERY.validate_python(query), NOW)
            except ValidationError as error:  # only what is too deep may be refused here
                assert [entry["type"] for entry in error.errors()] == ["query_too_large"], query
                continue
            found = await selection.ids_where(session, condition, among=ids)
            expected = {number for number, known in enumerate(everybody, 1) if holds(query, known)}
            assert found == expected, query
            found_somebody += 0 < len(found) < MEMBERS
    assert found_somebody > len(queries) // 4


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda parts: st.one_of(
        st.lists(parts, max_size=4),
        st.dictionaries(
            st.sampled_from(["all", "any", "not", "f", "op", "v", "within", "merchants", "purse", "x"]),
            parts,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@given(st.one_of(JSON, st.tuples(COMPARISONS, JSON).map(lambda pair: {**pair[0], "v": pair[1]})))
def test_anything_is_a_query_or_is_refused(value: object) -> None:
    try:
        query = QUERY.validate_python(value)
    except ValidationError:
        return
    assert str(compile_query(query, NOW))
    again = QUERY.validate_python(query.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert again == query


def test_size_and_depth_are_bounded() -> None:
    leaf: dict[str, object] = {"f": "tier", "op": "=", "v": "gold"}
    deep = leaf
    for _ in range(5):
        deep = {"not": deep}
    QUERY.validate_python(deep)
    QUERY.validate_python({"all": [leaf] * 59})
    for wrong in ({"not": deep}, {"all": [leaf] * 60}, {"any": [{"all": [leaf] * 30}] * 2}):
        with pytest.raises(ValidationError, match="At most 60 parts"):
            QUERY.validate_python(wrong)
    hostile = leaf
    for _ in range(100_000):
        hostile = {"not": hostile}
    with pytest.raises(ValidationError, match="At most 60 parts"):
        QUERY.validate_python(hostile)
    while "not" in hostile:  # taken apart here, as Python would do it by recursion
        hostile = hostile.pop("not")  # type: ignore[assignment]


@pytest.mark.parametrize(
    "wrong",
    [
        {"f": "tier", "op": ">", "v": "gold"},
        {"f": "tier", "op": "in", "v": "gold"},
        {"f": "purchase_amount", "op": ">=", "v": "1"},
        {"f": "purchase_amount", "op": ">=", "v": True},
        {"f": "balance", "op": ">=", "v": 1},
        {"f": "tier", "op": "=", "v": "gold", "within": {"last_days": 3}},
        {
            "f": "purchase_count",
            "op": ">=",
            "v": 1,
            "within": {"last_days": 3, "from": "1405-01-01", "to": "1405-01-02"},
        },
        {"f": "purchase_count", "op": ">=", "v": 1, "within": {"from": "1405-01-02", "to": "1405-01-01"}},
        {"f": "purchase_count", "op": ">=", "v": 1, "within": {}},
        {"f": "branch", "op": "in", "v": ["SHOP01"]},
        {"f": "joined_on", "op": ">=", "v": "1405-12-30"},
        {"f": "name", "op": "=", "v": "x"},
        {"all": []},
        {"all": [{"f": "tier", "op": "=", "v": "gold"}], "x": 1},
    ],
    ids=str,
)
def test_what_means_nothing_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        QUERY.validate_python(wrong)
