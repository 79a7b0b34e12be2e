"""Health records: what terminals write is what the switch reads, and no bytes do harm."""

import asyncio
import json

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from switch.fleet import health as fleet
from switch.fleet.health import HealthBook, HealthFault, read_health
from switch.operations.access import Access
from switch.operations.fleet import FleetEndpoint
from tests.firmware.terminal_health import packed_health

EVERYTHING = {
    "boots": 70_000,
    "resets": {"power": 3, "watchdog": 1, "software": 0, "other": 255},
    "heap_free_least_bytes": 43_200,
    "flash_erases": 4_000_000_000,
    "link_failures": 12,
    "card_read_failures": 0,
    "paper": "low",
    "battery_percent": 87,
    "signal_dbm": -71,
    "firmware": "1.12.300",
    "rule_table_version": 4711,
    "parameter_sequence": 9,
    "journal_fill_percent": 12,
}


def test_what_a_terminal_tells_is_read() -> None:
    assert read_health(packed_health()) == EVERYTHING


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(record: bytes) -> None:
    try:
        told = read_health(record)
    except HealthFault:
        return
    json.dumps(told)


def test_only_the_last_heard_terminals_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "TERMINALS_MAX", 3)
    book = HealthBook()
    for number in (1, 2, 3, 1, 4):
        book.note(f"T{number}", b"\x01\x01\x07", number)
    assert [name for name, _ in book.page("", 9)] == ["T1", "T3", "T4"]
    assert [name for name, _ in book.page("T1", 1)] == ["T3"]


def look(book: HealthBook, query: str, token: str) -> httpx.Response:
    app = Starlette(routes=[Route("/terminals/health", FleetEndpoint(book, Access("t" * 16)).get)])

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://switch") as client:
            return await client.get(f"/terminals/health{query}", headers={"Authorization": f"Bearer {token}"})

    return asyncio.run(ask())


def test_the_operations_port_shows_them_to_whoever_may_look() -> None:
    book = HealthBook()
    book.note("T0000001", b"\x01\x01\x07", 5)
    assert look(book, "", "wrong").status_code == 401
    assert look(book, "?limit=x", "t" * 16).status_code == 422
    assert look(book, "?after=T12345678", "t" * 16).status_code == 422
    assert look(book, "", "t" * 16).json() == {
        "count": 1,
        "terminals": [{"terminal": "T0000001", "at_ms": 5, "boots": 7}],
    }
