"""Forwarding, step by step: what is durable before what goes out, and what each end of a request leads to."""

import pytest

from protocol.dialect import Tag
from protocol.original_data import OriginalData
from protocol.security.pin_block import decipher_format_4, encipher_format_4
from switch.upstream.settings import Takes
from switch.upstream.terminals import Terminals
from tests.switch.upstream.club_requests import (
    PARTNER_CARD,
    START_S,
    document,
    purchase,
    reversal_of,
)
from tests.switch.upstream.forwarding_bench import Bench
from tests.switch.upstream.partner_wire import PIN_KEY, partner_terminal, reply_to


def test_the_identity_is_durable_before_the_request_goes_out() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    assert bench.taken() == []
    bench.write()
    (row,) = bench.content.rows.values()
    (request,) = bench.taken()
    assert (request.text(41), request.text(42)) == ("CLUB0001", "CLUB")
    assert (request.text(11), request.text(2)) == (f"{row.stan:06d}", PARTNER_CARD)
    bench.take(
        bench.forwarder.feed(
            [reply_to(request, "00", f37="000000000123", f38="A1B2C3", f48={"DF01": "000000000250"})],
            bench.now(),
        )
    )
    assert bench.answers["000001"] == [
        {37: "000000000123", 38: "A1B2C3", 39: "00", 48: {"DF01": "000000000250"}}
    ]
    assert bench.forwarder.is_settled


@pytest.mark.parametrize("code", ["03", "58", "63"])
def test_what_is_wrong_with_our_link_is_not_the_cards_fault(code: str) -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.reply(*bench.taken(), code=code)
    if bench.writes:
        bench.write()
    assert bench.codes("000001") == ["91"]


@pytest.mark.parametrize("code", ["91", "96"])
def test_what_the_partner_refuses_undecided_stays_refused(code: str) -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.reply(*bench.taken(), code=code)
    assert bench.codes("000001") == [code]
    again = bench.restarted()
    again.ask(purchase(1))
    assert again.codes("000001") == [code]
    assert again.taken() == []
    assert again.told() == [("refused", code)]


def test_a_partner_that_is_down_is_told_at_once() -> None:
    bench = Bench(is_up=False)
    bench.ask(purchase(1))
    assert bench.codes("000001") == ["91"]
    assert (bench.writes, bench.content.rows) == ([], {})


def test_no_reply_in_time_is_refused_once_the_reversal_is_durable() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    (request,) = bench.taken()
    bench.wait(8.0)
    assert bench.codes("000001") == []
    bench.write()
    assert bench.codes("000001") == ["91"]
    (reversal,) = bench.taken()
    assert reversal.mti == "0400"
    named = OriginalData.unpack(reversal.text(90))
    assert (named.mti, named.stan, named.transmission_time) == ("0200", request.text(11), request.text(7))
    assert reversal.text(4) == request.text(4)
    # The late reply is counted; it is taken back already.
    bench.reply(request)
    assert bench.parts.mux.counts.late == 1
    assert bench.codes("000001") == ["91"]
    bench.reply(reversal)
    bench.write()
    assert bench.content.items == {}


def test_a_lost_link_takes_back_at_once_and_delivers_after_reconnecting() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.lose()
    bench.write()
    assert bench.codes("000001") == ["91"]
    bench.taken()
    bench.wait(1.0)
    bench.take(bench.forwarder.connected(bench.now()))
    bench.reply(*bench.taken())
    (reversal,) = bench.taken()
    assert reversal.mti == "0400"


def test_an_inquiry_is_neither_written_nor_taken_back() -> None:
    bench = Bench()
    bench.ask(purchase(1, mti="0100", processing_code="310000"))
    (request,) = bench.taken()
    assert bench.writes == []
    bench.reply(request)
    assert bench.codes("000001") == ["00"]
    bench.ask(purchase(2, mti="0100", processing_code="310000"))
    bench.wait(8.0)
    assert bench.codes("000002") == ["91"]
    assert (bench.writes, bench.content.items) == ([], {})


def test_a_hold_is_taken_back() -> None:
    bench = Bench()
    bench.ask(purchase(1, mti="0100", processing_code="009100"))
    bench.write()
    bench.wait(8.0)
    bench.write()
    assert bench.codes("000001") == ["91"]
    named = OriginalData.unpack(bench.taken()[-1].text(90))
    assert named.mti == "0100"


def test_repeats_get_the_same_reply_and_another_content_does_not() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.ask(purchase(1, mti="0201"), "repeat on its way")
    bench.write()
    (request,) = bench.taken()
    bench.reply(request)
    bench.ask(purchase(1, mti="0201"), "repeat later")
    bench.ask(purchase(1, amount=7), "another")
    assert bench.codes("000001") == bench.codes("repeat on its way") == bench.codes("repeat later") == ["00"]
    assert bench.codes("another") == ["94"]
    assert bench.taken() == []


def test_repeats_that_wait_are_bounded() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    for number in range(6):
        bench.ask(purchase(1, mti="0201"), f"repeat {number}")
    bench.write()
    bench.reply(*bench.taken())
    codes = [bench.codes("000001"), *(bench.codes(f"repeat {number}") for number in range(6))]
    assert codes == [[None]] * 3 + [["00"]] * 4


def test_a_terminals_reversal_is_approved_when_durable_and_forwarded_in_our_name() -> None:
    bench = Bench()
    sale = purchase(1)
    bench.ask(sale)
    bench.write()
    (request,) = bench.taken()
    bench.reply(request)
    bench.ask(reversal_of(sale, 2))
    assert bench.codes("000002") == []
    bench.write()
    assert bench.codes("000002") == ["00"]
    (reversal,) = bench.taken()
    named = OriginalData.unpack(reversal.text(90))
    assert (reversal.text(41), named.stan) == ("CLUB0001", request.text(11))
    bench.ask(reversal_of(sale, 2, mti="0401"), "repeat")
    bench.ask(purchase(1, mti="0201"), "the sale again")
    assert bench.codes("repeat") == ["00"]
    assert bench.codes("the sale again") == ["21"]
    bench.ask(reversal_of(sale, 3))
    bench.write()
    assert bench.codes("000003") == ["00"]
    assert bench.taken() == [], "the second reversal of a sale moves nothing"
    again = bench.restarted()
    again.ask(reversal_of(sale, 2, mti="0401"), "repeat")
    assert again.codes("repeat") == ["00"]


def test_a_reversal_overtakes_the_reply_of_its_original() -> None:
    bench = Bench()
    sale = purchase(1)
    bench.ask(sale)
    bench.write()
    (request,) = bench.taken()
    bench.ask(reversal_of(sale, 2))
    bench.write()
    (reversal,) = bench.taken()
    bench.reply(request, reversal)
    assert (bench.codes("000001"), bench.codes("000002")) == (["21"], ["00"])
    bench.write()
    assert bench.content.items == {}


def test_a_reversal_of_another_kind_of_message_is_refused() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.ask(reversal_of(purchase(1, mti="0100"), 2))
    assert bench.codes("000002") == ["12"]


def test_advices_are_stored_without_a_link_and_keep_their_time_and_identity() -> None:
    bench = Bench(is_up=False)
    sold_s = START_S - 7200
    bench.ask(purchase(1, mti="0220", sent_s=sold_s), sent_s=sold_s)
    bench.write()
    assert bench.codes("000001") == ["00"]
    again = bench.restarted()
    (advice,) = again.taken()
    assert (advice.mti, advice.text(7)) == ("0220", "1121180000")
    again.reply(advice, code="96")
    again.write()
    again.wait(1.0)
    (repeat,) = again.taken()
    assert repeat.mti == "0221"
    assert (repeat.text(7), repeat.text(11)) == (advice.text(7), advice.text(11))
    again.reply(repeat)
    again.write()
    assert again.content.items == {}
    again.ask(purchase(1, mti="0221", sent_s=sold_s), "repeat", sold_s)
    assert again.codes("repeat") == ["00"]


def test_while_the_disk_fails_nothing_new_goes_out_and_nothing_is_lost() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    (request,) = bench.taken()
    bench.ask(purchase(2))
    bench.fail_to_write()
    bench.ask(purchase(3))
    bench.ask(purchase(4, mti="0220"))
    assert bench.codes("000003") == bench.codes("000004") == ["91"]
    bench.ask(purchase(5, mti="0100", processing_code="310000"))
    bench.reply(request, *bench.taken())
    assert bench.codes("000001") == bench.codes("000005") == ["00"]
    bench.wait(1.0)
    bench.write()
    assert [message.text(11) for message in bench.taken()] == [
        f"{row.stan:06d}" for row in bench.content.rows.values() if row.local_key % 1_000_000 == 2
    ]
    assert bench.forwarder.is_writable


def test_a_write_that_takes_too_long_is_refused_unsent() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.wait(8.0)
    assert bench.codes("000001") == ["91"]
    assert bench.told() == [("refused", "91")]
    bench.write()
    assert bench.taken() == []
    assert bench.content.pending == {}
    again = bench.restarted()
    again.ask(purchase(1, mti="0201"))
    assert again.codes("000001") == ["91"]


def test_no_reply_at_all_while_the_reversal_cannot_be_written() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.wait(8.0)
    bench.fail_to_write()
    bench.wait(8.0)
    assert bench.codes("000001") == [None], "the terminal finds out by itself; 91 would be a promise"
    bench.ask(purchase(1, mti="0201"), "repeat")
    bench.write()
    assert bench.codes("repeat") == ["91"]


def test_bounds_shed_with_a_code() -> None:
    bench = Bench(settings=document(in_flight_max=2))
    for stan in (1, 2, 3):
        bench.ask(purchase(stan))
    assert bench.codes("000003") == ["91"]
    bench = Bench(settings=document(queue={"depth_max": 1}))
    bench.ask(purchase(1))
    bench.ask(purchase(2))
    assert bench.codes("000002") == ["91"], "no place for the reversal that it may need"
    bench.write()
    bench.reply(*bench.taken())
    bench.ask(purchase(3, mti="0220"))
    bench.write()
    assert bench.codes("000003") == ["00"]


def test_another_merchant_and_a_clock_far_ahead_are_refused() -> None:
    bench = Bench()
    foreign = purchase(1)
    foreign.fields[42] = "SHOP2"
    bench.ask(foreign)
    bench.ask(purchase(2, sent_s=START_S + 90_000), sent_s=START_S + 90_000)
    assert (bench.codes("000001"), bench.codes("000002")) == (["03"], ["12"])


def test_in_whose_name() -> None:
    given = Terminals(
        [
            partner_terminal("CLUB0001", takes=Takes.REQUESTS),
            partner_terminal("CLUB0002", takes=Takes.ADVICES),
            partner_terminal("CLUB0003", merchants=frozenset({"SHOP2"})),
        ]
    )
    assert {given.choose("SHOP1", f"T{n}", Takes.REQUESTS) for n in range(9)} == {given.by_id["CLUB0001"]}
    assert {given.choose("SHOP1", f"T{n}", Takes.ADVICES) for n in range(9)} == {given.by_id["CLUB0002"]}
    assert given.choose("SHOP2", "T1", Takes.ADVICES) is given.by_id["CLUB0003"]
    several = Terminals([partner_terminal(f"CLUB000{n}") for n in range(4)])
    chosen = {several.choose("SHOP1", f"T{n:07d}", Takes.REQUESTS) for n in range(64)}
    assert len(chosen) == 4
    assert several.choose("SHOP1", "T0000001", Takes.REQUESTS) is several.choose(
        "X", "T0000001", Takes.ADVICES
    )
    only = Terminals([partner_terminal(merchants=frozenset({"SHOP2"}))])
    assert only.choose("SHOP1", "T1", Takes.REQUESTS) is None


def test_a_pin_goes_under_the_partners_key() -> None:
    bench = Bench()
    sale = purchase(1)
    block = encipher_format_4(bytes(16), "4711", PARTNER_CARD)
    sale.fields[48] = {Tag.PIN_BLOCK.value: block, Tag.OPERATOR.value: "7"}
    bench.ask(sale)
    bench.write()
    (request,) = bench.taken()
    translated = request.tags(48)[Tag.PIN_BLOCK]
    assert isinstance(translated, bytes)
    assert translated != block
    assert decipher_format_4(PIN_KEY, translated, PARTNER_CARD) == "4711"
    assert request.tag_text(48, Tag.OPERATOR) == "7"


def test_a_pin_of_a_key_used_once_goes_under_the_partners_static_key() -> None:
    bench = Bench()
    sale = purchase(1)
    serial = bytes(range(8)) + b"\0\0\0\1"
    block = encipher_format_4(serial.ljust(16, b"\0"), "4711", PARTNER_CARD)
    sale.fields[48] = {Tag.PIN_BLOCK.value: block, Tag.PIN_KEY_SERIAL.value: serial}
    bench.ask(sale)
    bench.write()
    (request,) = bench.taken()
    translated = request.tags(48)[Tag.PIN_BLOCK]
    assert isinstance(translated, bytes)
    assert decipher_format_4(PIN_KEY, translated, PARTNER_CARD) == "4711"
    assert set(request.tags(48)) == {Tag.PIN_BLOCK}


def test_a_pin_that_cannot_be_sent_is_refused() -> None:
    for terminal, block in (
        (partner_terminal()._replace(pin_key=b""), encipher_format_4(bytes(16), "4711", PARTNER_CARD)),
        (partner_terminal(), bytes(16)),
    ):
        bench = Bench(given=Terminals([terminal]))
        sale = purchase(1)
        sale.fields[48] = {Tag.PIN_BLOCK.value: block}
        bench.ask(sale)
        assert bench.codes("000001") == ["58"]
        assert (bench.taken(), bench.writes, bench.told()) == ([], [], [])


def test_old_requests_are_forgotten_in_order_and_never_asked_twice() -> None:
    settings = document(queue={"remembered_max": 1024})
    bench = Bench(settings=settings)
    first = purchase(1)
    for number in range(1026):
        bench.ask(purchase(number % 900_000 + 1, sent_s=START_S + number), "all", START_S + number)
        bench.write()
        bench.reply(*bench.taken())
    assert len(bench.content.rows) == 1024
    for each in (bench, bench.restarted()):
        each.ask(first, "again")
        assert each.codes("again")[-1:] == ["00"], "the journal knows it longer"
        each.forward(first, "past the gate")
        assert each.codes("past the gate") == ["94"]
        assert each.parts.memory.is_forgotten(("T0000001", START_S * 1_000_000 + 1))
