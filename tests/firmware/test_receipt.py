"""Receipts in two languages, and the calendars and numbers on them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate
from terminal.screens.jalali import jalali
from terminal.screens.layout import WIDTH, amount, clean, row, shown_width, wrapped
from terminal.screens.receipt import receipt
from terminal.screens.text import reason, say
from terminal.system.clock import Clock, calendar, seconds_of
from terminal.system.config import Config
from terminal.transactions.outcome import Outcome, balance, masked

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


def outcome(code: str = "00", name: str = PERSIAN_NAME, tier: str = "gold") -> Outcome:
    private = element(0xDF01, bytes.fromhex("000000000250")) + element(0xDF02, bytes.fromhex("000000050000"))
    private += element(0xDF05, name.encode()) + element(0xDF06, tier.encode())
    private += element(0xDF08, "سپاس".encode()) + element(0xDF09, b"Thank you")
    reply: dict[int, str | bytes] = {
        37: "000000000017",
        39: code,
        48: private,
        54: "9102999C0000000012509202364C000000050000",
    }
    return Outcome(REQUEST, reply, Clock(lambda: NOW, 210))


def test_a_tier_is_named_in_the_language_and_an_unknown_one_as_it_came() -> None:
    text = "\n".join(receipt(outcome(), Config(SETTINGS), copy=False))
    assert "طلایی" in text and "Gold" in text
    text = "\n".join(receipt(outcome(tier="ruby"), Config(SETTINGS), copy=False))
    assert text.count("\u2068ruby\u2069") == 2


def test_an_approved_purchase_in_both_languages() -> None:
    lines = receipt(outcome(), Config(SETTINGS), copy=False)
    divider = lines.index("-" * WIDTH)
    persian, english = "\n".join(lines[:divider]), "\n".join(lines[divider + 1 :])
    for shown in (
        "فروشگاه مهر",
        "۲٬۵۰۰٬۰۰۰",
        "۲۵۰",
        "۵۰٬۰۰۰",
        "۱٬۲۵۰",
        PERSIAN_NAME,
        "\u2066636949******0013\u2069",
        "\u2066000000000017\u2069",
        "\u2066000123\u2069",
        "۱۴۰۵/۰۱/۰۱",
        "۱۳:۰۰:۵۹",
        "سپاس",
    ):
        assert shown in persian
    for shown in ("2,500,000", "250", "1,250", "50,000", "636949******0013", "000000000017", "2026-03-21"):
        assert shown in english
    assert "Thank you" in english and "13:00:59" in english
    assert "6369490000000013" not in persian + english
    assert "رونوشت" not in persian
    assert all(shown_width(line) <= WIDTH for line in lines)


def test_one_language_alone() -> None:
    lines = receipt(outcome(), Config({**SETTINGS, "languages": ["en"]}), copy=False)
    assert "-" * WIDTH not in lines
    assert not any(
        "\u0600" <= character <= "\u06ff" for line in lines for character in line.replace(PERSIAN_NAME, "")
    )


def test_a_copy_says_so_in_both_languages() -> None:
    text = "\n".join(receipt(outcome(), Config(SETTINGS), copy=True))
    assert "رونوشت" in text and "COPY" in text


def test_a_decline_tells_why_and_shows_no_points() -> None:
    text = "\n".join(receipt(outcome("51"), Config(SETTINGS), copy=False))
    assert "Insufficient funds" in text and "موجودی کافی نیست" in text
    assert "Points earned" not in text


def test_an_unknown_code_has_a_text() -> None:
    assert reason("en", "99") == say("en", "code_05") == "Not honoured"


@given(st.text(max_size=48))
def test_no_name_steers_the_printer_or_its_line(name: str) -> None:
    for line in receipt(outcome(name=name), Config(SETTINGS), copy=False):
        assert not any(ord(character) < 32 or ord(character) in range(0x202A, 0x202F) for character in line)
        assert line.count("\u2066") + line.count("\u2068") == line.count("\u2069")


@given(st.text(max_size=200))
def test_wrapped_text_fits_and_keeps_its_words(text: str) -> None:
    lines = wrapped(text)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


def test_a_long_value_gets_its_own_line() -> None:
    assert row("label", "x" * WIDTH) == ["label", "x" * WIDTH]
    assert row("a", "b") == ["a" + " " * (WIDTH - 2) + "b"]


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
