"""Who may ask for what, and what is refused with which code."""

from datetime import UTC, datetime

import pytest

from protocol.dialect import FileName, Tag, TransactionType, purchase_from, transfer_of
from switch.authoriser.request import Details, FileAction, PinState, Step
from switch.ledger.records import Status
from switch.rules.compiler import compile_rules
from switch.rules.counting import KEPT_DAYS
from switch.rules.local_time import DAY_S
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
    club.pass_time(DAY_S)
    assert club.send(club.financial("000000", 1000, card="card1", pin=PinState.RIGHT)).response_code == "00"


def test_wrong_pins_of_old_advices_count_today(club: Club) -> None:
    def send(pin: PinState, day: int, step: Step = Step.ADVICE) -> str:
        at_s = club.now_s - day * DAY_S
        request = club.financial("000000", 1000, card="card1", pin=pin, step=step, at_s=at_s)
        return club.send(request).response_code

    assert [send(PinState.WRONG, day) for day in (3, 30, 2, 1)] == ["55", "55", "55", "75"]
    assert send(PinState.RIGHT, 5) == "75"
    assert send(PinState.RIGHT, 0, Step.FINANCIAL) == "75"


@pytest.mark.parametrize("code", ["390000", "300000", "310000"])
def test_inquiries_tell_nothing_of_a_pin(club: Club, code: str) -> None:
    def ask(pin: PinState) -> object:
        return club.send(club.financial(code, 9_000_000, card="card1", step=Step.AUTHORISATION, pin=pin))

    position = club.state.position
    right = ask(PinState.RIGHT)
    assert (right, right) == (ask(PinState.WRONG), ask(PinState.ABSENT))
    assert club.state.position == position


@pytest.mark.parametrize(
    ("time_zone", "noon_s"),
    [("Asia/Tehran", NOON_S), ("America/Adak", NOON_S), ("Pacific/Kiritimati", NOON_S - DAY_S // 2 + 1)],
)
def test_an_advice_is_refused_once_no_cap_counts_its_day(time_zone: str, noon_s: int) -> None:
    """Whatever is accepted counts: the second sale of a day finds the cap used up."""
    text = rules(100).replace("[[rules]]", f'time_zone = "{time_zone}"\n[[rules]]', 1)
    cap = 'caps = [{ of = "units", per = "member", window = "day", limit = 100 }]\n'
    table = compile_rules(
        text.replace('[[rules]]\nrule_id = "PIN"', f'{cap}[[rules]]\nrule_id = "PIN"'), "test"
    )
    seen = set()
    for hours in range(24 * (KEPT_DAYS - 2), 24 * (KEPT_DAYS + 2)):
        club = Club(table, noon_s)
        club.add_member(1)
        club.add_card("card1", 1, 1)
        at_s = noon_s - hours * 3600
        replies = [
            club.send(club.financial("000000", 1_000_000, card="card1", step=Step.ADVICE, at_s=at_s))
            for _ in range(2)
        ]
        code = replies[0].response_code
        assert [reply.response_code for reply in replies] == [code, code]
        assert club.last_entry().response_code == code
        if code == "00":
            earned = [dict(reply.tags)[Tag.POINTS_EARNED.value] for reply in replies]
            assert earned == ["000000000100", "000000000000"]
        seen.add((code, hours <= 24 * (KEPT_DAYS - 1), hours > 24 * (KEPT_DAYS + 1)))
    assert {(code, is_young) for code, is_young, _ in seen if is_young} == {("00", True)}
    assert {(code, is_old) for code, _, is_old in seen if is_old} == {("12", True)}


def test_a_gift_card_is_loaded_in_rial_only(club: Club) -> None:
    club.add_card("gift", 0, 77, "GIFT", Status.NEW)
    code = f"{TransactionType.CARD_ACTIVATION.value}0000"
    abroad = club.financial(code, 500, card="gift", currency="978")
    assert club.send(abroad).response_code == "12"
    assert club.state.cards[token("gift")].status is Status.NEW
    assert club.send(club.financial(code, 500, card="gift")).response_code == "00"


def test_only_the_club_replaces_the_card_of_a_blocked_member(club: Club) -> None:
    club.add_card("stock", 0, 50, status=Status.NEW)
    club.add_member(1, {Tag.STATUS.value: "B"})
    code = f"{TransactionType.CARD_REPLACEMENT.value}0000"
    details = Details(new_card_token=token("stock"))
    at_the_till = club.financial(code, card="card1", details=details)
    assert club.send(at_the_till).response_code == "57"
    assert club.state.cards[token("card1")].status is Status.ACTIVE
    by_host = club.financial(code, card="card1", details=details, terminal_id=HOST)
    assert club.send(by_host).response_code == "00"
    assert club.state.cards[token("stock")].member_number == 1


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


def test_a_sale_whose_time_has_run_out_stays_as_it_is(club: Club) -> None:
    """What came back of it isn't known any more, so nothing may, whatever the rules say by then."""

    def give_back(position: int, amount: int) -> str:
        details = Details(original_rrn=position)
        return club.send(club.financial("200000", amount, card="card1", details=details)).response_code

    positions, sales = [], []
    for _ in range(3):
        sales.append(club.financial("000000", 1_000_000, card="card1"))
        club.send(sales[-1])
        positions.append(club.state.position)
    assert [give_back(position, 400_000) for position in positions[:2]] == ["00", "00"]
    club.pass_time(44 * DAY_S)
    club.adopt(compile_rules(f"return_days = 400\n{rules(100)}", "longer"))
    assert give_back(positions[0], 600_000) == "00"
    club.pass_time(2 * DAY_S)
    club.adopt(compile_rules(f"return_days = 30\n{rules(100)}", "shorter"))
    club.pass_time(400 * DAY_S)
    club.adopt(compile_rules(f"return_days = 1000\n{rules(100)}", "longest"))
    recent = club.financial("000000", 1_000_000, card="card1")
    club.send(recent)
    assert [give_back(position, 100_000) for position in positions] == ["61", "61", "61"]
    assert [club.send(club.reversal_of(sale)).response_code for sale in sales] == ["25", "25", "25"]
    assert club.state.returns == {}
    assert club.send(club.reversal_of(recent)).response_code == "00"
    assert club.replayed().digest() == club.state.digest()


def test_members_with_points_and_cards_without_members(club: Club) -> None:
    identity = club.identity(HOST)
    delete = FileAction(identity, "3", "MEMBER", None, ((Tag.MEMBER_NUMBER.value, "1"),))
    assert club.send(delete).response_code == "21"
    orphan = ((Tag.CARD_REFERENCE.value, "7"), (Tag.MEMBER_NUMBER.value, "0"), (Tag.STATUS.value, "A"))
    add = FileAction(club.identity(HOST), "1", "CARD", token("orphan"), orphan)
    assert club.send(add).response_code == "27"
    assert MERCHANT in club.state.merchant_ordinals
