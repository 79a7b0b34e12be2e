"""The scanner on the VM: lines, pauses, and what is no card."""

import asyncio

import unit
from terminal.devices.misread import Misread
from terminal.devices.scanner.reader import ScanParser, read_scans

NUMBER = "6369490000000013"


def only(scans):
    (scan,) = scans
    return scan


def test_members_cards():
    for line in (NUMBER, "]C1" + NUMBER, "]Q3vafa:" + NUMBER, "VAFA:" + NUMBER, "\x02" + NUMBER + "\x03"):
        scan = only(ScanParser().feed(line.encode() + b"\r\n"))
        assert (scan.pan, scan.entry_mode) == (NUMBER, "031")


def test_what_is_no_card():
    cases = (
        ("6291041500213", "product"),
        ("]E06291041500214", "ean"),
        ("6369490000000014", "luhn"),
        ("1" * 65, "length"),
        ("https://example.org", "form"),
    )
    for line, reason in cases:
        scan = only(ScanParser().feed(line.encode() + b"\r"))
        assert isinstance(scan, Misread) and scan.reason == reason, (line, scan.reason)


def test_noise():
    parser = ScanParser()
    assert parser.feed(bytes(range(256)) + b"\r") == []
    assert only(parser.feed(NUMBER.encode() + b"\r")).pan == NUMBER


def test_a_pause_ends_a_line():
    parts = [NUMBER[:9].encode(), NUMBER[9:].encode()]
    scans = []

    class Stream:
        async def readinto(self, buffer):
            if parts:
                part = parts.pop(0)
                buffer[: len(part)] = part
                return len(part)
            if not scans:
                await asyncio.sleep(10)
            return 0

    asyncio.run(asyncio.wait_for(read_scans(Stream(), scans.append), 5))
    assert only(scans).pan == NUMBER


unit.run(globals())
