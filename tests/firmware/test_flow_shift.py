"""What is not a sale: operators, end of day, parameters, self test and the menu."""

import hashlib
import re

import pytest
from terminal.messages import tlv
from terminal.screens.text import say
from terminal.system.health import Health
from terminal.transactions import events, registry
from terminal.transactions.flows import menu, parameters

from simulator.micropython_vm import FIRMWARE
from tests.firmware.flow_bench import Bench, Settings, element, ready

ROUNDS = 250


def operator(name: str, pin: str, role: str) -> dict[str, object]:
    salt = name.encode() * 8
    check = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, ROUNDS)
    return {"id": name, "role": role, "salt": salt.hex(), "check": check.hex(), "rounds": ROUNDS}


def store() -> Settings:
    return Settings(operators=[operator("7", "1234", "cashier"), operator("9", "98765", "supervisor")])


def pin_entered(bench: Bench, pin: str) -> Bench:
    bench.enter(pin)
    for _ in range(ROUNDS):
        if bench.state != "checking":
            return bench
        bench.timeout()
    raise AssertionError("the check never ends")


def logged_in(name: str = "7", pin: str = "1234", **more: object) -> Bench:
    bench = ready(store=store(), **more).kind("login").enter(name)
    return pin_entered(bench, pin)


# Operators


def test_a_cashier_logs_in_and_signs_what_is_sold() -> None:
    bench = logged_in()
    assert bench.state == "notice" and bench.wishes.lines[0] == "Welcome"
    bench.key("5").swipe()
    private = bench.request[48]
    assert isinstance(private, bytes) and tlv.text(private, 0xDF12) == "7"


def test_nobody_sells_before_logging_in_and_then_goes_on_at_once() -> None:
    bench = ready(store=store())
    assert bench.wishes.lines[3] == "Log in first: any digit"
    bench.swipe()
    assert bench.state == "number" and bench.wishes.lines[1] == "Operator's number"
    pin_entered(bench.enter("7"), "1234")
    assert bench.state == "amount"
    assert bench.enter("5").types_sent == ["0200"]


def test_a_supervisor_lends_a_hand_once() -> None:
    bench = logged_in().kind("return")
    assert bench.state == "number" and bench.wishes.lines[1] == "Operator's number"
    pin_entered(bench.enter("9"), "98765")
    assert bench.flow.name == "return"
    bench.enter("17").enter("5").swipe().enter()
    private = bench.request[48]
    assert isinstance(private, bytes) and tlv.text(private, 0xDF12) == "9"
    bench.answer().do(events.PRINTED)
    assert bench.kind("return").wishes.lines[1] == "Operator's number"


def test_a_cashier_is_not_let_where_a_supervisor_is_needed() -> None:
    bench = logged_in().kind("return").enter("7")
    pin_entered(bench, "1234")
    assert bench.state == "notice" and bench.wishes.lines[:2] == ["You may not do this", "Call a supervisor"]


def test_a_hand_lent_for_one_flow_opens_no_other() -> None:
    bench = logged_in().kind("return").enter("9")
    pin_entered(bench, "98765")
    assert bench.enter("17").state == "amount"
    bench.kind("parameters")
    assert bench.state == "number" and bench.wishes.lines[1] == "Operator's number"


def test_a_login_that_was_left_begins_nothing_later() -> None:
    bench = logged_in().kind("return").do(events.CANCEL).kind("login").enter("9")
    pin_entered(bench, "98765")
    assert bench.state == "notice" and bench.wishes.lines[0] == "Welcome"


def test_attempts_are_counted_before_the_check_and_end() -> None:
    kept = store()
    bench = ready(store=kept).kind("login").enter("7")
    bench.enter("0000")
    assert bench.state == "checking" and kept.values["operator_attempts"] == {"7": 1}
    # The power goes: the attempt stays counted.
    bench = Bench(bench.flash, store=kept).do(events.ONLINE).kind("login").enter("7")
    for _ in range(4):
        pin_entered(bench, "0000")
    assert bench.state == "notice" and bench.wishes.lines[0] == "Operator is locked"
    assert bench.kind("login").enter("7").wishes.lines[0] == "Operator is locked"
    pin_entered(bench.kind("login").enter("9"), "98765")
    assert kept.values["operator_attempts"] == {"9": 0}
    assert pin_entered(bench.kind("login").enter("7"), "1234").wishes.lines[0] == "Welcome"


def test_where_attempts_cannot_be_counted_nobody_gets_in() -> None:
    kept = store()
    bench = ready(store=kept).kind("login").enter("7")
    kept.fails = True
    assert bench.enter("1234").state == "notice"
    assert bench.flow.operator == ("", registry.ANYONE)


def test_log_out_by_key_and_by_time() -> None:
    assert logged_in().kind("logout").do(events.CANCEL).wishes.lines[3] == "Log in first: any digit"
    bench = logged_in(logout_ms=60_000).do(events.CANCEL)
    assert bench.wishes.timer[1] == 60_000
    assert bench.timeout().wishes.lines[3] == "Log in first: any digit"


@pytest.mark.parametrize("record", [{"id": "7"}, {"id": "7", "salt": "00", "check": 5, "rounds": 1}])
def test_a_damaged_record_lets_nobody_in(record: dict[str, object]) -> None:
    bench = ready(store=Settings(operators=[record])).kind("login").enter("7").enter("1234")
    for _ in range(3):
        if bench.state == "checking":
            bench.timeout()
    assert bench.flow.operator == ("", registry.ANYONE) and bench.state in ("notice", "pin")


def test_an_unknown_operator_and_none_at_all() -> None:
    assert ready(store=store()).kind("login").enter("8").wishes.lines[3] == "Number not accepted"
    assert ready(store=Settings()).kind("login").wishes.lines[0] == "No operators are set up"


def test_no_pin_in_a_log_or_on_the_display() -> None:
    bench = ready(store=store()).kind("login").enter("7").key("1234")
    assert bench.wishes.lines[2] == "****"
    pin_entered(bench, "")
    assert not any("1234" in line for line in bench.wishes.logged)


# End of day


def test_a_day_in_balance() -> None:
    bench = ready().sale(2_500_000).sale(500_000).kind("settlement").enter()
    assert bench.types_sent[-1] == "0500" and bench.request[15] == "0321"
    assert bench.request[76] == "0000000002" and bench.request[88] == "0000000003000000"
    assert bench.request[97] == "D0000000003000000"
    bench.answer(f66="1")
    assert "In balance" in bench.slip and "Purchases 2 Amount (IRR) 3,000,000" in bench.slip
    assert bench.do(events.PRINTED).state == "idle"
    # A day that was settled is settled again as a whole: so the switch compares it.
    bench.kind("settlement").enter()
    assert bench.request[76] == "0000000002"


def test_a_day_that_differs_is_uploaded() -> None:
    bench = ready()
    for _ in range(7):
        bench.sale(10_000)
    bench.kind("settlement").enter().answer("95", f66="2")
    sizes = []
    while bench.types_sent[-1] == "0520":
        private = bench.request[48]
        assert isinstance(private, bytes)
        sizes.append(len(tlv.find(private, 0xDF35)))
        bench.answer()
    assert sizes == [125, 50] and bench.types_sent[-1] == "0500"
    private = bench.request[48]
    assert isinstance(private, bytes) and tlv.number(private, 0xDF36) == 7
    bench.answer(f66="2", private=element(0xDF37, b"\x00\x00\x02"))
    assert "Differences 2" in bench.slip


def test_a_settlement_without_an_answer_leaves_the_day_open() -> None:
    bench = ready().sale(10_000).kind("settlement").enter().no_answer()
    assert bench.state == "notice" and bench.wishes.lines[1] == "Repeat End of day later"
    bench.kind("settlement").enter()
    assert bench.request[76] == "0000000001"
    bench.answer("95", f66="2").no_answer()
    assert bench.state == "notice"
    assert bench.kind("settlement").enter().answer("96").wishes.lines[0] == "System fault"


def test_each_business_day_is_settled_by_itself() -> None:
    bench = ready()
    for date, amount in (("0320", 100), ("0320", 20), ("0321", 3)):
        bench.key(str(amount)).swipe().answer(f15=date).do(events.PRINTED)
    bench.kind("settlement").enter()
    assert (bench.request[15], bench.request[76], bench.request[88]) == ("0320", "0000000002", f"{120:016d}")
    bench.answer("95", f66="2").answer().answer(f66="1")
    assert "03/20" in bench.slip and "Purchases 2 Amount (IRR) 120" in bench.slip
    bench.do(events.PRINTED)
    assert (bench.request[15], bench.request[76], bench.request[88]) == ("0321", "0000000001", f"{3:016d}")
    bench.answer(f66="1")
    assert "03/21" in bench.slip and bench.do(events.PRINTED).state == "idle"
    assert bench.types_sent[3:] == ["0500", "0520", "0500", "0500"]
    bench.kind("settlement").enter()
    assert bench.request[15] == "0321"


def test_a_day_that_the_switch_forgot_keeps_no_other_from_being_settled() -> None:
    bench = ready()
    for date in ("0310", "0321"):
        bench.key("5").swipe().answer(f15=date).do(events.PRINTED)
    bench.kind("settlement").enter().answer("25")
    assert bench.request[15] == "0321"
    bench.answer(f66="1").do(events.PRINTED)
    assert bench.state == "notice" and bench.wishes.lines[1] == "Repeat End of day later"


def test_a_slip_of_totals_that_nobody_wants_leads_to_the_next_day() -> None:
    bench = ready()
    for date in ("0320", "0321"):
        bench.key("5").swipe().answer(f15=date).do(events.PRINTED)
    bench.kind("settlement").enter().answer(f66="1").do(events.PRINT_FAILED, events.CANCEL)
    assert bench.request[15] == "0321"


# Parameters


def test_a_parameter_is_set_within_its_bounds_and_kept() -> None:
    kept = Settings()
    bench = ready(store=kept).kind("parameters").key("1").enter("9")
    assert bench.state == "number" and kept.values == {}
    bench.enter("45")
    assert bench.wishes.lines[0] == "Saved" and kept.values == {"key_timeout_ms": 45_000}
    assert bench.key("5").wishes.timer[1] == 45_000


def test_what_is_set_now_is_shown() -> None:
    assert ready(store=Settings()).kind("parameters").key("1").wishes.lines[3] == "Now 60"


def test_a_parameter_that_cannot_be_kept_is_not_set() -> None:
    kept = Settings()
    bench = ready(store=kept).kind("parameters").key("1")
    kept.fails = True
    assert bench.enter("45").state == "number" and bench.config.key_timeout_ms == 60_000
    assert ready().kind("parameters").wishes.lines[0] == "Not on this terminal"


def test_every_parameter_exists() -> None:
    for _, name, unit, least, most in parameters.PARAMETERS:
        assert isinstance(getattr(ready().config, name), int) and 0 < least < most and unit in (1, 1000)


# Self test and menu


def test_a_self_test_of_everything() -> None:
    bench = ready().kind("self_test").enter().key("1234567890").swipe().answer().enter()
    assert bench.state == "printing"
    assert "Display good Keys good Card reader good Memory good Line good Clock good" in bench.slip
    assert bench.types_sent == ["0800"] and bench.do(events.PRINTED).state == "idle"


def test_a_self_test_tells_which_versions_are_in_force() -> None:
    bench = ready()
    bench.flow.health = health = Health()
    health.firmware, health.parameter_sequence = (1, 12, 300), 9
    health.learn_rules(4711)
    bench.kind("self_test").enter().key("1234567890").swipe().answer().enter()
    assert "Firmware 1.12.300 Parameters 9 Rule table 4711" in bench.slip


def test_a_self_test_tells_what_is_bad() -> None:
    bench = Bench().kind("self_test").do(events.CLEAR).enter("123").enter().do(events.CLEAR)
    assert "Display BAD Keys BAD Card reader BAD Memory good Line BAD Clock BAD" in bench.slip


def test_the_menu_reaches_every_flow_that_has_no_key() -> None:
    reached = {name for _, names in menu.GROUPS for name in names}
    assert reached | {"purchase", "redemption", "balance", "menu"} == set(registry.names())
    for group, (_, names) in enumerate(menu.GROUPS, start=1):
        assert len(names) <= 6
        for place, name in enumerate(names, start=1):
            bench = ready(store=Settings()).sale().kind("menu").key(f"{group}{place}")
            # Where there are no operators, and nothing was refused, these have nothing to ask.
            if name in ("login", "logout", "refused_sales"):
                assert bench.state == "notice"
            else:
                assert bench.flow.name == name


def test_the_menu_keeps_the_card_and_the_amount() -> None:
    bench = ready().swipe().key("25000").kind("menu").key("12").enter()
    assert bench.request[3] == "390000" and bench.request[4] == "000000025000"


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_name_and_every_role_has_a_text(language: str) -> None:
    for name in registry.names():
        row = registry.find(name)
        assert row and say(language, name) and row[3] in (0, 1, 2)
        assert not row[2] or say(language, row[2])


def test_texts_of_both_languages_agree() -> None:
    from terminal.screens import catalogue_en, catalogue_fa, rare_en, rare_fa

    def keys(texts: str) -> list[str]:
        return [line.partition("=")[0] for line in texts.strip().splitlines()]

    assert keys(catalogue_en.TEXTS) == keys(catalogue_fa.TEXTS)
    assert keys(rare_en.TEXTS) == keys(rare_fa.TEXTS)
    assert not set(keys(rare_en.TEXTS)) & set(keys(catalogue_en.TEXTS))
    for texts in (catalogue_en.TEXTS, catalogue_fa.TEXTS, rare_en.TEXTS, rare_fa.TEXTS):
        assert all(0 < len(line.partition("=")[2]) <= 56 for line in texts.strip().splitlines())


def test_every_text_that_the_flows_ask_for_exists() -> None:
    asked = set()
    for source in (FIRMWARE / "terminal" / "transactions").rglob("*.py"):
        text = source.read_text("utf-8")
        asked |= set(re.findall(r'say\("([a-z_]+)"\)', text))
        for first, second in re.findall(r'notice\("([a-z_]+)"(?:, "([a-z_]+)")?\)', text):
            asked |= {first, second or "next_" + first}
    for key in asked:
        assert say("fa", key) and say("en", key), key
