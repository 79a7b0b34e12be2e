"""Who may ask for what, and what is refused with which code."""

from datetime import UTC, datetime

import pytest

from protocol.dialect import FileName, Tag, purchase_from, transfer_of
from switch.authoriser.request import Details, FileAction, PinState, Step
from switch.rules.compiler import compile_rules
from tests.switch.scenarios.club import HOST, MERCHANT, Club, token

NOON_S = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp())
POINTS = 91


def rules(points: int) -> str:
    return f"""
format = 2
programme = "requests"
[[rules]]
rule_id = "EARN"
version = 1
status = "active"
kind = "earn"
name = {{ fa = "خرید", en = "Purchase" }}
trigger = "purchase"
effects = [{{ type = "earn", purse = "points", calc = {{ mode = "rate", give = {points}, per = 1000000 }} }}]
[[rules]]
rule_id = "PIN"
version = 1
status = "active"
kind = "gate"
name = {{ fa = "رمز", en = "PIN" }}
trigger = "purchase"
when = {{ f = "amount", op = ">=", v = 9000000 }}
effects = [{{ type = "require_pin", text = {{ fa = "رمز لازم است", en = "PIN needed" }} }}]
"""


@pytest.fixture
def club() -> Club:
    found = Club(compile_rules(rules(100), "test"), NOON_S)
    found.add_terminal("T2", "SHOP2")
    for number in (1, 2):
        found.add_member(number)
        found.add_card(f"card{number}", number, number)
    return found


def set_card(club: Club, **tags: str) -> None:
    record = {Tag.CARD_REFERENCE.value: "1", Tag.MEMBER_NUMBER.value: "1", Tag.CARD_TYPE.value: "CLASSIC"}
    club.set_record(FileName.CARD, record | {Tag[name].value: text for name, text in tags.items()}, "card1")


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({}, "00"),
        ({"EXPIRES_ON": "20260701"}, "00"),
        ({"EXPIRES_ON": "20260630"}, "54"),
        ({"STATUS": "B"}, "62"),
    ],
)
def test_state_of_the_card(club: Club, tags: dict[str, str], code: str) -> None:
    set_card(club, **tags)
    assert club.send(club.financial("000000", 1000, card="card1")).response_code == code


@pytest.mark.parametrize(
    ("amount", "pin", "code"),
    [
        (1_000_000, PinState.ABSENT, "00"),
        (1_000_000, PinState.WRONG, "55"),
        (9_000_000, PinState.ABSENT, "70"),
        (9_000_000, PinState.WRONG, "55"),
        (9_000_000, PinState.RIGHT, "00"),
    ],
)
def test_pin(club: Club, amount: int, pin: PinState, code: str) -> None:
    assert club.send(club.financial("000000", amount, card="card1", pin=pin)).response_code == code


def test_three_wrong_pins_a_day(club: Club) -> None:
    codes = []
    for pin in (PinState.WRONG, PinState.WRONG, PinState.WRONG, PinState.WRONG, PinState.RIGHT):
        codes.append(club.send(club.financial("000000", 1000, card="card1", pin=pin)).response_code)
    assert codes == ["55", "55", "55", "75", "75"]
    assert club.send(club.financial("000000", 1000, card="card1")).response_code == "00"
    assert club.send(club.financial("000000", 1000, card="card2", pin=PinState.RIGHT)).response_code == "00"
    club.pass_time(86_400)
    assert club.send(club.financial("000000", 1000, card="card1", pin=PinState.RIGHT)).response_code == "00"


@pytest.mark.parametrize(
    "code", [transfer_of(POINTS), "499192", "029100", "220091", "290000", "930000"], ids=str
)
def test_what_only_the_club_may_do(club: Club, code: str) -> None:
    details = Details(other_member=2, reason="why", event="review", original_rrn=1)
    assert club.send(club.financial(code, 100, card="card1", details=details)).response_code == "58"


def test_only_a_host_may_name_a_member_by_number(club: Club) -> None:
    assert club.send(club.financial("000000", 1000, member=1)).response_code == "14"
    by_host = club.financial("000000", 1_000_000, member=1, terminal_id=HOST)
    assert club.send(by_host).response_code == "00"
    unknown = club.financial("000000", 1_000_000, member=99, terminal_id=HOST)
    assert club.send(unknown).response_code == "14"
    card = Tag.POINTS_EARNED.value
    assert dict(club.sent[-2][1].tags)[card] == "000000000100"


@pytest.mark.parametrize(
    ("code", "amount", "step", "answer"),
    [
        ("000000", 0, Step.FINANCIAL, "13"),
        ("009900", 1000, Step.FINANCIAL, "12"),  # tickets don't pay
        ("007700", 1000, Step.FINANCIAL, "12"),  # no such purse
        ("123456", 1000, Step.FINANCIAL, "12"),
        ("310000", 0, Step.FINANCIAL, "12"),  # an inquiry is of class 1
        ("200000", 1000, Step.AUTHORISATION, "12"),
        (purchase_from(POINTS), 1000, Step.FINANCIAL, "57"),  # no rule lets points pay
    ],
)
def test_requests_that_make_no_sense(club: Club, code: str, amount: int, step: Step, answer: str) -> None:
    assert club.send(club.financial(code, amount, card="card1", step=step)).response_code == answer


def test_another_shops_merchant_and_sale(club: Club) -> None:
    club.send(club.financial("000000", 1_000_000, card="card1"))
    position = club.state.position
    wrong = club.financial("000000", 1000, card="card1", merchant_id="SHOP2")
    assert club.send(wrong).response_code == "03"
    details = Details(original_rrn=position)
    elsewhere = club.financial(
        "200000", 1000, card="card1", terminal_id="T2", merchant_id="SHOP2", details=details
    )
    assert club.send(elsewhere).response_code == "03"
    assert club.send(club.financial("200000", 1000, card="card1", details=details)).response_code == "00"


def test_an_offline_sale_is_decided_by_the_table_of_its_time(club: Club) -> None:
    sold_s = club.now_s
    club.pass_time(3600)
    club.adopt(compile_rules(rules(500), "newer"))
    club.pass_time(3600)
    late = club.financial("000000", 1_000_000, card="card1", step=Step.ADVICE, at_s=sold_s)
    assert dict(club.send(late).tags)[Tag.POINTS_EARNED.value] == "000000000100"
    entry = club.last_entry()
    assert (entry.mti, entry.rule_table_version, entry.looked_at_s) == ("0220", 1, sold_s)
    online = club.financial("000000", 1_000_000, card="card1")
    assert dict(club.send(online).tags)[Tag.POINTS_EARNED.value] == "000000000500"


def test_a_refund_uses_the_rules_of_its_sale(club: Club) -> None:
    club.send(club.financial("000000", 1_000_000, card="card1"))
    position = club.state.position
    club.adopt(compile_rules(rules(500), "newer"))
    request = club.financial("200000", 1_000_000, card="card1", details=Details(original_rrn=position))
    assert club.send(request).response_code == "00"
    assert club.state.lots.available(0x2 << 56 | 1 << 8 | POINTS, club.now_s) == 0


def test_members_with_points_and_cards_without_members(club: Club) -> None:
    identity = club.identity(HOST)
    delete = FileAction(identity, "3", "MEMBER", None, ((Tag.MEMBER_NUMBER.value, "1"),))
    assert club.send(delete).response_code == "21"
    orphan = ((Tag.CARD_REFERENCE.value, "7"), (Tag.MEMBER_NUMBER.value, "0"), (Tag.STATUS.value, "A"))
    add = FileAction(club.identity(HOST), "1", "CARD", token("orphan"), orphan)
    assert club.send(add).response_code == "27"
    assert MERCHANT in club.state.merchant_ordinals
