"""The flow with a real book of offline sales: power cuts, owed reversals, final refusals, lost keys."""

from datetime import UTC, datetime

import pytest
from terminal.messages.cmac import CmacKey
from terminal.messages.codec import MessageFault
from terminal.screens.text import reason
from terminal.system.offline_tables import adopt_tables, open_book, take_table
from terminal.system.settings_store import SettingsStore
from terminal.transactions import events
from terminal.transactions.journal import Journal
from terminal.transactions.offline_store import OfflineBook, TableFault
from terminal.transactions.offline_table import TABLE_KEY_INPUT
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

from tests.firmware.flow_bench import CARD, KEY, NOW, OTHER_CARD, Bench, Settings, element, mac, ready
from tests.firmware.nor_flash import NorFlash
from tests.firmware.test_flow_shift import pin_entered, store
from tools.terminal_files.offline_table import Limits, TablePlan, make_table

TABLE_KEY = CmacKey(KEY).derive(TABLE_KEY_INPUT)
PLAN = TablePlan(
    sequence=1,
    valid_from=datetime.fromtimestamp(NOW - 1000, UTC),
    valid_until=datetime.fromtimestamp(NOW + 1000, UTC),
    limits=Limits(sale=5_000_000, card_sales=9, card=50_000_000, day=50_000_000, sales=20, sum=50_000_000),
    ranges=[("636949", "636949")],
)


def shop(flash: NorFlash | None = None, *, has_table: bool = True, store: Settings | None = None) -> Bench:
    """A terminal without a link that has its book."""
    bench = Bench(flash, store=store)
    book = OfflineBook(bench.journal, TABLE_KEY, mac=mac, retry_ms=50)
    if has_table:
        book.adopt(make_table(PLAN, "VAFA0001", KEY), "VAFA0001", NOW)
    bench.flow.offline = book
    bench.flow.state = "starting"
    return bench.do(events.START)


def test_the_slip_of_a_sale_without_a_line_outlives_a_power_cut() -> None:
    bench = shop().key("70000").swipe()
    assert bench.state == "printing" and "COPY" not in bench.slip
    again = shop(bench.flash)
    assert again.state == "printing" and "COPY" in again.slip
    assert "70,000" in again.slip and "the points of this sale will be added later" in again.slip
    # Nobody knows whether it came out.
    again.do(events.PRINT_FAILED)
    third = shop(bench.flash)
    assert "COPY" in third.slip and third.do(events.PRINTED).state == "idle"
    fourth = shop(bench.flash)
    assert fourth.state == "idle" and fourth.wishes.slips == []
    # Without the power cut it is printed once, and can be asked for.
    plain = shop().key("70000").swipe().do(events.PRINTED)
    assert shop(plain.flash).wishes.slips == []
    assert "COPY" in plain.kind("reprint").slip and "70,000" in plain.slip


def test_the_slip_comes_before_the_advice() -> None:
    bench = shop().key("70000").swipe()
    again = shop(bench.flash).do(events.ONLINE)
    assert again.state == "printing" and again.wishes.sent == []
    assert again.do(events.PRINTED).types_sent == ["0220"]


def test_a_reversal_that_is_owed_leaves_the_shop_open() -> None:
    bench = shop().do(events.ONLINE).key("5").swipe()
    bench.do(events.OFFLINE).no_answer()
    assert bench.state == "notice" and bench.wishes.lines[0] == "No answer: sale cancelled"
    bench.key("70000").swipe(OTHER_CARD)
    assert bench.state == "printing"
    bench.do(events.PRINTED)
    assert bench.state == "idle" and bench.types_sent == ["0200"]
    # The same after a power cut.
    again = shop(bench.flash)
    assert again.state == "idle" and again.key("80000").swipe().do(events.PRINTED).state == "idle"
    again.do(events.ONLINE)
    assert again.types_sent == ["0400"]
    again.answer()
    assert again.types_sent == ["0400", "0220"]
    again.answer()
    assert again.types_sent == ["0400", "0220", "0220"]
    again.answer()
    assert again.state == "idle" and again.journal.offline.count == 0 and again.journal.open_sales() == []


def test_a_line_that_goes_while_a_reversal_is_under_way() -> None:
    bench = shop().do(events.ONLINE).key("5").swipe().no_answer()
    assert bench.state == "recovering" and bench.types_sent == ["0200", "0400"]
    bench.do(events.OFFLINE)
    assert bench.state == "notice"
    bench.no_answer()
    assert bench.state == "notice"
    bench.timeout().do(events.ONLINE)
    assert bench.types_sent == ["0200", "0400", "0401"]
    assert bench.answer().state == "idle" and bench.journal.open_sales() == []


def test_without_a_table_nothing_is_sold_and_what_waits_is_forwarded() -> None:
    bench = shop().key("70000").swipe().do(events.PRINTED)
    again = shop(bench.flash, has_table=False)
    assert again.state == "out_of_service"
    assert again.do(events.ONLINE).types_sent == ["0220"]
    assert again.answer().state == "idle" and again.journal.offline.count == 0


FINAL = ["03", "05", "12", "13", "25", "30", "51", "57", "61", "94"]


@pytest.mark.parametrize("code", FINAL)
def test_a_reversal_that_is_refused_for_good_ends_and_is_told(code: str) -> None:
    bench = ready().key("5").swipe().no_answer()
    stan = bench.wishes.sent[0][2][11]
    bench.answer(code)
    assert bench.state == "notice" and bench.types_sent == ["0200", "0400"]
    assert bench.wishes.lines[:3] == ["Not undone: call support", reason("en", code), f"STAN {stan!s}"]
    assert bench.wishes.timer[1] == 60_000
    told = f"reversal_refused {{'original_stan': '{stan!s}', 'response_code': '{code}'}}"
    assert told in bench.wishes.logged
    assert bench.timeout().state == "idle" and bench.journal.open_sales() == []
    again = Bench(bench.flash).do(events.ONLINE)
    assert again.state == "idle" and again.wishes.sent == []
    assert again.journal.batch.days == []


@pytest.mark.parametrize("code", ["58", "63", "68", "91", "96"])
def test_a_reversal_that_was_not_decided_is_repeated(code: str) -> None:
    bench = ready().key("5").swipe().no_answer().answer(code)
    assert bench.state == "recovering" and len(bench.journal.open_sales()) == 1
    assert bench.timeout().types_sent == ["0200", "0400", "0401"]


def test_a_sale_whose_approval_was_lost_counts_with_its_reversal() -> None:
    bench = ready().key("5").swipe().no_answer()
    told = element(0xDF0E, bytes.fromhex("000000000017"))
    bench.answer(private=told)
    for journal in (bench.journal, Journal(bench.flash)):
        (day,) = journal.batch.days
        figures = day.fields()
        assert (figures[76], figures[77], figures[97]) == ("0000000001", "0000000001", "C" + "0" * 16)
    bench = ready().key("5").swipe().no_answer().answer()
    assert bench.journal.batch.days == []
    # The switch names the day of each.
    bench = ready().key("5").swipe().no_answer()
    bench.answer(private=told + element(0xDF5D, b"\x03\x20"), f15="0321")
    assert [(day.date.hex(), day.numbers) for day in Journal(bench.flash).batch.days] == [
        ("0320", [0, 0, 1, 0]),
        ("0321", [0, 0, 0, 1]),
    ]


@pytest.mark.parametrize("date", [b"", b"\x03", b"\x03\x20\x00"], ids=["empty", "short", "long"])
def test_a_day_of_another_form_is_that_of_the_reversal(date: bytes) -> None:
    bench = ready().key("5").swipe().no_answer()
    bench.answer(private=element(0xDF0E, bytes.fromhex("000000000017")) + element(0xDF5D, date), f15="0322")
    assert [day.date.hex() for day in Journal(bench.flash).batch.days] == ["0322"]


class Unreadable(Journal):  # type: ignore[misc]  # the firmware has no types here
    """One whose flash key is another since the last start."""

    def __init__(self, flash: NorFlash) -> None:
        super().__init__(flash, CmacKey(bytes(16)).derive(FLASH_KEY_INPUT))


def with_lost_key(bench: Bench) -> Bench:
    again = shop(NorFlash(block_bytes=1024, block_count=8))
    again.journal = again.flow._journal = Unreadable(bench.flash)
    again.flow.offline = OfflineBook(again.journal, TABLE_KEY, mac=mac)
    return again.do(events.ONLINE)


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of this test hide what lies on their flash."""
    plain = Journal.__init__

    def with_key(self: Journal, flash: NorFlash, key: object = None, **more: int) -> None:
        plain(self, flash, key or CmacKey(KEY).derive(FLASH_KEY_INPUT), **more)

    monkeypatch.setattr(Journal, "__init__", with_key)


@pytest.mark.usefixtures("hidden")
def test_a_slip_that_cannot_be_made_any_more_ends_with_a_notice() -> None:
    bench = ready().do(events.CARD_IN).swipe().enter("5").answer()
    assert bench.state == "remove"
    again = with_lost_key(bench)
    assert again.state == "notice" and again.wishes.lines[0] == "A slip could not be made"
    assert again.timeout().state == "idle"
    assert Unreadable(bench.flash).open_sales() == []


@pytest.mark.usefixtures("hidden")
def test_a_slip_of_a_sale_without_a_line_that_cannot_be_made_any_more() -> None:
    bench = shop().key("70000").swipe()
    again = with_lost_key(bench)
    assert again.state == "notice" and again.wishes.lines[0] == "A slip could not be made"
    assert Unreadable(bench.flash).unprinted() == 0
    # Its advice is lost with the key; somebody is told.
    assert again.timeout().state == "idle"
    assert [row[1] for row in again.flow.offline.refused()] == ["--"]


def test_a_message_of_another_form_ends_like_one_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ready().do(events.CARD_IN).swipe().enter("5").answer()

    def refuse(_: bytes) -> None:
        raise MessageFault("bitmap")

    monkeypatch.setattr("terminal.transactions.paper.unpack", refuse)
    again = Bench(bench.flash)
    assert again.state == "notice" and again.journal.open_sales() == []


def refused_shop(kept: Settings | None = None) -> Bench:
    """Two sales without a line that the switch refused."""
    bench = shop(store=kept)
    for amount, plastic in (("70000", CARD), ("80000", OTHER_CARD)):
        bench.key(amount).swipe(plastic).do(events.PRINTED)
    bench.do(events.ONLINE).answer("14").answer("62")
    assert bench.state == "idle"
    return bench


def test_refused_sales_are_shown_and_let_go_when_seen() -> None:
    bench = refused_shop()
    assert bench.wishes.lines[3] == "Refused sales: M 3 5"
    bench.kind("menu").key("35")
    assert bench.wishes.lines[1:3] == ["Invalid card", "70,000"]
    assert bench.do(events.CANCEL).state == "idle" and bench.journal.offline.refused == 2
    bench.kind("menu").key("35").enter()
    assert bench.wishes.lines[1:3] == ["Card restricted", "80,000"]
    assert shop(bench.flash).journal.offline.refused == 1
    bench.enter()
    assert bench.wishes.lines[0] == "No refused sales" and bench.journal.offline.count == 0
    assert bench.timeout().wishes.lines[3] == "Amount or card; M: menu"


def test_only_a_supervisor_lets_a_refused_sale_go() -> None:
    flash = refused_shop().flash
    bench = shop(flash, store=store()).do(events.ONLINE).kind("refused_sales")
    assert bench.state == "number" and bench.wishes.lines[1] == "Operator's number"
    pin_entered(bench.enter("7"), "1234")
    assert bench.state == "notice" and bench.wishes.lines[0] == "You may not do this"
    bench.kind("refused_sales")
    pin_entered(bench.enter("9"), "98765")
    assert bench.state == "refused_sale"


def test_a_table_that_comes_is_in_force_at_once_and_after_the_next_start() -> None:
    bench = Bench()
    board = Board()
    kept = SettingsStore(NorFlash(block_bytes=256, block_count=4), {})
    assert bench.state == "out_of_service"
    with pytest.raises(TableFault):
        take_table(bench.flow, make_table(PLAN, "VAFA0002", KEY), board=board, store=kept)
    assert bench.flow.offline is None and kept.table() == b""
    table = make_table(PLAN, "VAFA0001", KEY)
    take_table(bench.flow, table, board=board, store=kept)
    bench.do(events.CANCEL)
    assert bench.state == "idle" and bench.key("70000").swipe().state == "printing"
    later = make_table(PLAN.model_copy(update={"sequence": 2}), "VAFA0001", KEY)
    take_table(bench.flow, later, board=board, store=kept)
    assert kept.table() == later
    # An older one, as a file of the board may be, does not come back.
    book = open_book(board, bench.journal, bench.config)
    adopt_tables(book, board, bench.config, bench.flow.clock, (b"", kept.table(), table, b"nonsense"))
    assert book.table.sequence == 2 and board.logged == ["sequence", "size"]


class Board:
    """Of a board, its key slot and its log."""

    def __init__(self) -> None:
        self.secure = self
        self.logged: list[object] = []
        self.derive = CmacKey(KEY).derive
        self.mac = mac

    def log(self, _: str, **fields: object) -> None:
        self.logged.append(fields["reason"])


def test_what_waits_is_forwarded_before_the_day_is_closed() -> None:
    bench = shop()
    for amount in ("70000", "80000", "90000"):
        bench.key(amount).swipe().do(events.PRINTED)
    bench.do(events.ONLINE)
    assert bench.types_sent == ["0220"]
    bench.kind("settlement").enter()
    assert bench.state == "forwarding"
    bench.answer().answer().answer()
    assert bench.types_sent == ["0220"] * 3 + ["0500"] and bench.request[88] == f"{240_000:016d}"
    bench.answer(f66="1")
    assert "In balance" in bench.slip


def test_an_advice_that_gets_no_answer_does_not_hold_the_day_open() -> None:
    bench = shop().key("70000").swipe().do(events.PRINTED).do(events.ONLINE)
    bench.kind("settlement").enter().no_answer()
    assert bench.types_sent == ["0220", "0500"] and bench.request[88] == "0" * 16
    bench = shop().key("70000").swipe().do(events.PRINTED).do(events.ONLINE)
    assert bench.kind("settlement").enter().do(events.CANCEL).state == "idle"
    bench.kind("settlement").enter().timeout()
    assert bench.types_sent == ["0220", "0500"]
