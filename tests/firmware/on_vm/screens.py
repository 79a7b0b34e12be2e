"""Receipts and time on the VM, whose integers and strings are its own."""

import unit
from terminal.devices.escpos.slip import DIRECTION
from terminal.screens.jalali import jalali
from terminal.screens.layout import amount
from terminal.screens.receipt import receipt
from terminal.system.clock import Clock, calendar, seconds_of
from terminal.system.config import Config
from terminal.transactions.outcome import Outcome

SETTINGS = {"terminal_id": "VAFA0001", "merchant_id": "S", "switch_host": "h", "switch_port": 1}


def test_calendars_beyond_31_bits():
    seconds = seconds_of(2040, 2, 29, hour=23, minute=59, second=58)
    assert seconds == 2214172798
    assert calendar(seconds) == (2040, 2, 29, 23, 59, 58)
    assert jalali(2024, 3, 20) == (1403, 1, 1)
    assert jalali(2025, 3, 20) == (1403, 12, 30)


def test_amounts():
    assert amount(999999999999, "en") == "999,999,999,999"
    assert amount(1234567, "fa") == "۱٬۲۳۴٬۵۶۷"


def test_a_receipt():
    request = {
        3: "000000",
        4: "000000001000",
        11: "000001",
        12: "120000",
        13: "0101",
        35: "6369490000000013=3012",
    }
    reply = {37: "000000000001", 39: "00", 48: b"\xdf\x05\x0a\xd9\x88\xd9\x81\xd8\xa7\xd9\x88\xd9\x81"}
    outcome = Outcome(request, reply, Clock(lambda: seconds_of(2026, 1, 2), 210))
    slip = [element for element in receipt(outcome, Config(SETTINGS), False) if element[0] != DIRECTION]
    text = " ".join(first + " " + second for _, first, second in slip)
    assert text.count("وفاوف") == 2
    assert "2026-01-01" in text and "۱۴۰۴/۱۰/۱۱" in text
    assert "636949******0013" in text and "6369490000000013" not in text


unit.run(globals())
