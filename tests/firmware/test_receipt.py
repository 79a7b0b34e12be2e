"""Receipts in two languages, and the calendars and numbers on them."""

import asyncio
import datetime
import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate
from terminal.devices.escpos.printer import Printer
from terminal.devices.escpos.slip import DIRECTION, QR_CODE, print_slip
from terminal.screens.font import Font, from_memory
from terminal.screens.jalali import jalali
from terminal.screens.layout import amount
from terminal.screens.receipt import receipt
from terminal.screens.text import reason, say
from terminal.screens.totals_slip import totals_slip
from terminal.system.clock import Clock, calendar, seconds_of
from terminal.system.config import Config
from terminal.transactions.outcome import Outcome, balance, masked

from simulator.virtual_printer import Slip, VirtualPrinter
from simulator.virtual_printer.reading import FONTS, UNREADABLE
from tests.firmware.escpos_stream import PrinterStream

Element = tuple[int, str | int, str]
NOW = seconds_of(2026, 3, 21, hour=9, minute=30)
SETTINGS: dict[str, object] = {
    "terminal_id": "VAFA0001",
    "merchant_id": "SHOP000000001",
    "switch_host": "127.0.0.1",
    "switch_port": 7000,
    "merchant_name_fa": "فروشگاه مهر",
    "merchant_name_en": "Mehr Store",
}
REQUEST: dict[int, str | bytes] = {
    3: "000000",
    4: "000002500000",
    11: "000123",
    12: "130059",
    13: "0321",
    35: "6369490000000013=3012101",
}
PERSIAN_NAME = "عضو نمونه"


def element(tag: int, content: bytes) -> bytes:
    return tag.to_bytes(2, "big") + bytes([len(content)]) + content


def outcome(
    code: str = "00", name: str = PERSIAN_NAME, tier: str = "gold", kind: str = "000000", items: str = ""
) -> Outcome:
    private = element(0xDF01, bytes.fromhex("000000000250")) + element(0xDF02, bytes.fromhex("000000050000"))
    private += element(0xDF05, name.encode()) + element(0xDF06, tier.encode())
    private += element(0xDF08, "سپاس".encode()) + element(0xDF09, b"Thank you")
    if items:
        private += element(0xDF33, items.encode())
    reply: dict[int, str | bytes] = {
        37: "000000000017",
        39: code,
        48: private,
        54: "9102999C0000000012509202364C000000050000",
    }
    return Outcome({**REQUEST, 3: kind}, reply, Clock(lambda: NOW, 210))


@dataclass(frozen=True)
class Day:
    """A settled day."""

    date: str
    figures: dict[int, int]

    def figure(self, number: int) -> int:
        return self.figures[number]


def printed(elements: list[Element], dots: int = 384) -> Slip:
    stream = PrinterStream(VirtualPrinter(dots))
    fonts = [Font(from_memory((FONTS / f"{name}.bin").read_bytes())) for name in ("receipt", "digits")]
    asyncio.run(print_slip(Printer(stream, dots, *fonts), elements))
    (slip,) = stream.printer.slips
    return slip


def slips() -> dict[str, list[Element]]:
    config = Config(SETTINGS)
    figures = {74: 2, 75: 0, 76: 123, 77: 1, 86: 1_500_000, 87: 0, 88: 123_456_789_000, 89: 250_000}
    return {
        "purchase": list(receipt(outcome(), config, copy=False)),
        "redemption": list(receipt(outcome(kind="009100"), config, copy=False)),
        "copy": list(receipt(outcome(), config, copy=True)),
        "declined": list(receipt(outcome("51"), config, copy=False)),
        "ticket": list(receipt(outcome(items="2xCOFFEE-7;1xNOWRUZ1405"), config, copy=False)),
        "totals": list(totals_slip(Day("0321", figures), 3, config, (2026, 3, 21, 23, 5, 9))),
    }


def texts(elements: list[Element]) -> list[str]:
    """What the elements say, without isolates: they have no dots."""
    said = [str(text) for kind, *both in elements if kind != DIRECTION for text in both if text]
    return [text.translate({0x2066: None, 0x2068: None, 0x2069: None}) for text in said]


@pytest.mark.parametrize("dots", [384, 576])
@pytest.mark.parametrize("name", slips())
def test_everything_on_a_slip_can_be_read_on_paper(name: str, dots: int) -> None:
    slip = printed(slips()[name], dots)
    # From here on only dots count, and that no code or number stands in another order shows in its text.
    paper = "\n".join(line.translate({0x2066: None, 0x2069: None}) for line in slip.read())
    assert UNREADABLE not in paper
    for text in texts(slips()[name]):
        assert text in paper
    assert not any(row[0] & 0x80 and row[-1] & 1 for row in slip.rows)


def test_the_picture_of_a_receipt_is_the_one_that_was_looked_at() -> None:
    rows = printed(slips()["purchase"]).rows
    assert (len(rows), hashlib.sha256(b"".join(rows)).hexdigest()[:16]) == (1180, "8bc37cf948ae78f6")


def test_a_receipt_as_it_is_read() -> None:
    assert printed(slips()["purchase"]).read()[:8] == [
        "          فروشگاه مهر",
        "خرید                 تراکنش موفق",
        "          مبلغ (ریال)",
        "           ۲٬۵۰۰٬۰۰۰",
        "-" * 32,
        "عضو                    عضو نمونه",
        "سطح عضویت                  طلایی",
        "امتیاز این خرید              ۲۵۰",
    ]


def test_a_ticket_has_a_code_and_can_be_torn_off() -> None:
    paper = printed(slips()["ticket"]).read()
    assert paper.count("- " * 16) == 2
    assert [line for line in paper if line.startswith("[QR")] == [
        "[QR vafa-ticket:000000000017:2xCOFFEE-7]",
        "[QR vafa-ticket:000000000017:1xNOWRUZ1405]",
    ]
    nothing = list(receipt(outcome(items="x;2x;yxTEA;;"), Config(SETTINGS), copy=False))
    assert nothing == slips()["purchase"]
    many = receipt(outcome(items=";".join(["1xA"] * 20)), Config(SETTINGS), copy=False)
    assert [kind for kind, *_ in many].count(QR_CODE) == 8


def paper_text(made: Outcome, copy: bool = False, **settings: object) -> str:
    return "\n".join(texts(list(receipt(made, Config({**SETTINGS, **settings}), copy))))


def test_a_tier_is_named_in_the_language_and_an_unknown_one_as_it_came() -> None:
    text = paper_text(outcome())
    assert "طلایی" in text and "Gold" in text
    elements = list(receipt(outcome(tier="ruby"), Config(SETTINGS), copy=False))
    assert [second for _, _, second in elements].count("\u2068ruby\u2069") == 2


def test_an_approved_purchase_in_both_languages() -> None:
    text = paper_text(outcome())
    persian, english = text.split("Mehr Store")
    for shown in (
        "فروشگاه مهر",
        "۲٬۵۰۰٬۰۰۰",
        "۲۵۰",
        "۵۰٬۰۰۰",
        "۱٬۲۵۰",
        PERSIAN_NAME,
        "636949******0013",
        "000000000017",
        "000123",
        "۱۴۰۵/۰۱/۰۱",
        "۱۳:۰۰:۵۹",
        "سپاس",
    ):
        assert shown in persian
    for shown in ("2,500,000", "250", "1,250", "50,000", "636949******0013", "000000000017", "2026-03-21"):
        assert shown in english
    assert "Thank you" in english and "13:00:59" in english
    assert "6369490000000013" not in text
    assert "رونوشت" not in text


def test_one_language_alone() -> None:
    text = paper_text(outcome(), languages=["en"])
    assert "Mehr Store" in text
    assert not any("\u0600" <= character <= "\u06ff" for character in text.replace(PERSIAN_NAME, ""))


def test_a_copy_says_so_in_both_languages() -> None:
    text = paper_text(outcome(), copy=True)
    assert "رونوشت" in text and "COPY" in text


def test_a_decline_tells_why_and_shows_no_points() -> None:
    text = paper_text(outcome("51"))
    assert "Insufficient funds" in text and "موجودی کافی نیست" in text
    assert "Points earned" not in text


def test_an_unknown_code_has_a_text() -> None:
    assert reason("en", "99") == say("en", "code_05") == "Not honoured"


@given(st.text(max_size=48))
def test_no_name_steers_the_printer_or_its_line(name: str) -> None:
    for kind, *both in receipt(outcome(name=name), Config(SETTINGS), copy=False):
        for text in both if kind != DIRECTION else []:
            assert isinstance(text, str)
            assert not any(ord(character) < 32 or 0x202A <= ord(character) <= 0x202E for character in text)
            assert text.count("\u2066") + text.count("\u2068") == text.count("\u2069")


@given(st.integers(-(10**12), 10**12))
def test_amounts(value: int) -> None:
    assert amount(value, "en") == f"{value:,}"
    persian = amount(value, "fa").replace("٬", "")
    # The sign of a negative amount stays with its digits: they stand in an isolate.
    assert (persian[0], persian[-1]) == ("\u2066", "\u2069") if value < 0 else persian.isdecimal()
    assert int(persian.strip("\u2066\u2069")) == value


def test_the_jalali_calendar_agrees_for_a_century_and_a_half() -> None:
    day = datetime.date(1925, 1, 1)
    while day < datetime.date(2090, 1, 1):
        expected = JalaliDate(day)  # type: ignore[no-untyped-call]
        assert jalali(day.year, day.month, day.day) == (expected.year, expected.month, expected.day)
        day += datetime.timedelta(days=1)


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_the_clocks_calendar(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=datetime.UTC)
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    assert calendar(int(moment.timestamp())) == parts
    seconds = seconds_of(*parts[:3], hour=parts[3], minute=parts[4], second=parts[5])
    assert seconds == int(moment.timestamp())


def test_the_clock_takes_the_switchs_time_and_refuses_nonsense() -> None:
    clock = Clock(lambda: 1000, 210)
    assert clock.set_from("20260321093000")
    assert clock.utc() == (2026, 3, 21, 9, 30, 0)
    assert clock.local() == (2026, 3, 21, 13, 0, 0)
    for nonsense in ("", "2026032109300", "20261321093000", "2026032109300x", "20260321246000"):
        assert not clock.set_from(nonsense)
    assert clock.utc() == (2026, 3, 21, 9, 30, 0)


def test_a_slip_printed_after_new_year_keeps_its_year() -> None:
    request: dict[int, str | bytes] = {**REQUEST, 12: "235900", 13: "1231"}
    late = Outcome(request, {39: "00"}, Clock(lambda: seconds_of(2027, 1, 1), 0))
    assert late.local[:3] == (2026, 12, 31)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("6369490000000013", "636949******0013"),
        ("1234567890123", "123456***0123"),
        ("989120004567", "********4567"),
        ("12345678", "********"),
    ],
)
def test_masks(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_balances_of_field_54() -> None:
    assert balance("9102999C0000000012509202364D000000050000", "91") == 1250
    assert balance("9102999C0000000012509202364D000000050000", "92") == -50000
    assert balance("9102999C00000000125", "91") == 0
    assert balance("", "91") == 0
