"""What the journal tells of forwarded requests, and that a kill at any point leaves it told once."""

from collections.abc import Callable

import pytest

from protocol.message import Message
from protocol.original_data import OriginalData
from switch.journal.entries import Fate, ForwardedEntry
from tests.switch.upstream.club_requests import START_S, document, purchase, reversal_of
from tests.switch.upstream.forwarding_bench import Bench
from tests.switch.upstream.partner_wire import reply_to

AMOUNT = 1000


def sold(bench: Bench, stan: int = 1) -> Message:
    """A sale that the partner has approved; the request that it got."""
    bench.ask(purchase(stan))
    bench.write()
    (request,) = bench.taken()
    bench.reply(request)
    assert bench.codes(f"{stan:06d}") == ["00"]
    return request


def only(bench: Bench) -> ForwardedEntry:
    (entry,) = bench.journal.entries()
    assert isinstance(entry, ForwardedEntry)
    return entry


def test_an_answer_is_told_with_everything_that_settles_it() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    (request,) = bench.taken()
    tags = {"DF1A": "000000000700", "DF1C": "000000000100"}
    own = {37: "000000000123", 38: "A1B2C3", 39: "00", 48: tags}
    reply = reply_to(request, "00", f37="000000000123", f38="A1B2C3", f48=tags)
    bench.take(bench.forwarder.feed([reply], bench.now()))
    assert bench.answers["000001"] == [own]
    entry = only(bench)
    assert entry == entry._replace(
        at_ms=START_S * 1000,
        mti="0200",
        terminal_id="T0000001",
        stan=1,
        amount=AMOUNT,
        merchant_id="SHOP1",
        branch_number=1,
        fate=Fate.ANSWERED,
        partner="partner",
        partner_terminal_id="CLUB0001",
        partner_s=START_S,
        partner_stan=int(request.text(11)),
        net_amount=700,
        discount=100,
        tendered=200,
        voids_hold=False,
    )
    assert bench.counted() == (AMOUNT, 0)
    bench.ask(purchase(1, mti="0201"), "repeat")
    assert bench.answers["repeat"] == [own]
    bench.ask(purchase(1, amount=7), "another")
    assert bench.codes("another") == ["94"]


def test_tags_that_nobody_here_knows_are_repeated_as_they_came() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    (request,) = bench.taken()
    bench.take(
        bench.forwarder.feed([reply_to(request, f48={"DF7E": b"\x00\xff", "DF05": "عضو"})], bench.now())
    )
    bench.ask(purchase(1, mti="0201"), "repeat")
    assert bench.answers["repeat"] == bench.answers["000001"]
    assert bench.answers["repeat"][0] == {39: "00", 48: {"DF7E": b"\x00\xff", "DF05": "عضو"}}


def test_no_reply_leaves_before_its_entry_is_durable() -> None:
    bench = Bench()
    bench.journal_works = False
    bench.ask(purchase(1))
    bench.write()
    bench.reply(*bench.taken())
    bench.ask(purchase(2, mti="0220"))
    bench.write()
    bench.ask(reversal_of(purchase(2, mti="0220"), 3))
    bench.write()
    bench.ask(purchase(4))
    bench.write()
    bench.lose()
    bench.write()
    assert bench.told() == [("answered", "00"), ("stored", "00"), ("undoes", "00"), ("taken_back", "91")]
    assert [bench.codes(f"{stan:06d}") for stan in (1, 2, 3, 4)] == [[], [], [], []]
    assert len(bench.content.pending) == 4
    bench.commit()
    assert [bench.codes(f"{stan:06d}") for stan in (1, 2, 3, 4)] == [["00"], ["00"], ["00"], ["91"]]
    assert bench.content.pending == {}
    assert bench.counted() == (2 * AMOUNT, AMOUNT)


def test_a_return_that_gives_a_hold_free_is_in_no_totals() -> None:
    bench = Bench()
    for stan, tags in ((1, {"DF1B": "000000000900"}), (2, {})):
        bench.ask(purchase(stan, processing_code="200000"))
        bench.write()
        bench.take(bench.forwarder.feed([reply_to(bench.taken()[0], f48=tags)], bench.now()))
    book = bench.journal.state.business.open_day.totals("T0000001")
    assert (book.credits_number, book.credits_amount) == (1, AMOUNT)
    returned, voided = bench.journal.entries()
    assert isinstance(returned, ForwardedEntry)
    assert isinstance(voided, ForwardedEntry)
    assert (returned.net_amount, returned.voids_hold, voided.voids_hold) == (900, False, True)


@pytest.mark.parametrize(
    ("mti", "processing_code", "code"),
    [("0200", "000000", "51"), ("0100", "009100", "00"), ("0200", "310000", "00")],
)
def test_what_counts_for_nothing(mti: str, processing_code: str, code: str) -> None:
    bench = Bench()
    bench.ask(purchase(1, mti=mti, processing_code=processing_code))
    if bench.writes:
        bench.write()
    bench.reply(*bench.taken(), code=code)
    assert bench.codes("000001") == [code]
    assert bench.counted() == (0, 0)
    bench.ask(reversal_of(purchase(1, mti=mti, processing_code=processing_code), 2))
    if bench.writes:
        bench.write()
    assert bench.counted() == (0, 0)


def test_the_first_reversal_counts_and_no_other() -> None:
    bench = Bench()
    sold(bench)
    for stan in (2, 3):
        bench.ask(reversal_of(purchase(1), stan))
        bench.write()
    assert bench.codes("000002") == bench.codes("000003") == ["00"]
    assert bench.counted() == (AMOUNT, AMOUNT)
    bench.ask(purchase(1, mti="0201"), "the sale again")
    assert bench.codes("the sale again") == ["21"]


def test_a_kill_with_a_question_on_its_way_takes_it_back() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    (request,) = bench.taken()
    again = bench.restarted()
    again.ask(purchase(1, mti="0201"), "repeat before")
    again.write()
    again.ask(purchase(1, mti="0201"), "repeat after")
    assert again.codes("repeat before") == again.codes("repeat after") == ["91"]
    (reversal,) = again.taken()
    named = OriginalData.unpack(reversal.text(90))
    assert (reversal.mti, named.stan) == ("0400", request.text(11))
    assert again.told() == [("taken_back", "91")]
    again.reply(reversal)
    again.write()
    assert (again.content.items, again.content.pending) == ({}, {})
    assert again.restarted().told() == [("taken_back", "91")]


def test_a_kill_between_the_answer_and_the_journal_takes_back() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.journal_works = False
    bench.reply(*bench.taken())
    assert (bench.told(), bench.codes("000001")) == ([("answered", "00")], [])
    again = bench.restarted()
    again.write()
    assert again.taken()[0].mti == "0400"
    assert again.told() == [("taken_back", "91")]
    assert again.counted() == (0, 0)


def test_what_the_journal_has_is_not_taken_back() -> None:
    """The process ended before the queue file knew that the journal had it; twice."""
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    pending = dict(bench.content.pending)
    bench.reply(*bench.taken())
    for _ in range(2):
        bench.content.pending = dict(pending)
        bench = bench.restarted()
        assert (bench.taken(), bench.writes, bench.content.pending) == ([], [], {})
        assert bench.told() == [("answered", "00")]
        assert bench.counted() == (AMOUNT, 0)


def advised(bench: Bench) -> None:
    bench.ask(purchase(2, mti="0220"))
    bench.write()


def reversed_sale(bench: Bench) -> None:
    bench.ask(reversal_of(purchase(1), 2))
    bench.write()


@pytest.mark.parametrize(
    ("step", "told", "counted"),
    [(advised, ("stored", "00"), (2 * AMOUNT, 0)), (reversed_sale, ("undoes", "00"), (AMOUNT, AMOUNT))],
)
def test_what_is_queued_is_told_after_a_kill_also_where_it_has_arrived(
    step: Callable[[Bench], None], told: tuple[str, str], counted: tuple[int, int]
) -> None:
    bench = Bench()
    sold(bench)
    bench.journal_works = False
    step(bench)
    bench.reply(*bench.taken())
    bench.write()
    assert bench.content.items == {}
    assert bench.codes("000002") == []
    again = bench.restarted()
    again.write()
    assert again.told() == [("answered", "00"), told]
    assert again.counted() == counted
    assert again.taken() == []
    assert again.content.pending == {}


def test_a_terminal_took_it_back_before_the_kill() -> None:
    bench = Bench()
    bench.ask(purchase(1))
    bench.write()
    bench.ask(reversal_of(purchase(1), 2))
    bench.write()
    assert bench.codes("000002") == ["00"]
    again = bench.restarted()
    again.write()
    assert again.told() == [("undoes", "00"), ("taken_back", "21")]
    (reversal,) = again.taken()
    assert reversal.mti == "0400"
    assert again.counted() == (0, 0)
    assert len(again.content.items) == 1


def buried(bench: Bench) -> int:
    """A dead letter's number."""
    advised(bench)
    bench.reply(*bench.taken(), code="14")
    bench.write()
    (item,) = bench.content.items.values()
    assert item.dead_reason
    return item.number


def test_a_letter_that_is_given_up_is_told_and_stays_counted() -> None:
    bench = Bench()
    number = buried(bench)
    bench.take(bench.forwarder.discard(number, bench.now()))
    assert bench.told() == [("stored", "00")]
    bench.write()
    assert bench.told() == [("stored", "00"), ("discarded", "00")]
    assert bench.counted() == (AMOUNT, 0)
    bench.ask(purchase(2, mti="0221"), "repeat")
    assert bench.codes("repeat") == ["00"]


@pytest.mark.parametrize("is_journaled", [False, True])
def test_a_letter_is_told_to_be_given_up_once(*, is_journaled: bool) -> None:
    bench = Bench()
    number = buried(bench)
    bench.journal_works = is_journaled
    bench.take(bench.forwarder.discard(number, bench.now()))
    noted = bench.writes[0].changes
    bench.write()
    # The note that it is journaled didn't get onto the disk.
    bench.content.apply(noted)
    for _ in range(2):
        bench = bench.restarted()
        if bench.writes:
            bench.write()
        assert bench.told() == [("stored", "00"), ("discarded", "00")]
        assert bench.content.items == {}


def test_a_full_queue_takes_back_all_the_same() -> None:
    bench = Bench()
    for stan in range(1, 4):
        bench.ask(purchase(stan))
        bench.write()
    smaller = document(queue={"depth_max": 1})
    again = Bench(bench.content.loaded(), settings=smaller, journal=bench.journal, is_up=False)
    again.wait(0.0)
    again.write()
    assert again.parts.queue.depth == 3
    assert again.told() == [("taken_back", "91")] * 3
    assert again.forwarder.is_settled
