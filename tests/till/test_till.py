"""A till against a scripted host that misbehaves, against the real switch, and through power cuts."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.message import Message
from protocol.original_data import OriginalData
from protocol.security.mac import Mac
from simulator.scripted_switch import Behaviour, ScriptedSwitch
from till import Outcome, Till, TillFault
from till.journal import TillJournal
from till.link import TillLink
from till.sale import purchase_fields, read_answer, reversal_fields

KEY = bytes(range(16))
CARD = "6280000000001006"
QUICK_S = 0.5
Work = Callable[[ScriptedSwitch], Coroutine[None, None, None]]


def till_at(address: tuple[str, int], folder: Path, key: bytes = KEY, timeout_s: float = 5.0) -> Till:
    return Till(
        address,
        terminal_id="T0000001",
        merchant_id="SHOP1",
        key=key,
        journal=folder / "till.journal",
        timeout_s=timeout_s,
    )


def at_a_scripted_switch(work: Work) -> None:
    async def run() -> None:
        async with ScriptedSwitch(KEY) as switch:
            await work(switch)

    asyncio.run(run())


def owed(folder: Path) -> object:
    return json.loads((folder / "till.journal").read_text())["owed"]


def test_an_approved_sale_tells_all_that_a_till_prints(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        with till_at(switch.address, tmp_path) as till:
            sale = await asyncio.to_thread(till.purchase, CARD, 250_000)
            assert sale.approved and (sale.points_earned, sale.points_spent) == (25, 0)
            assert sale.balances == {91: 1025, 92: 5000} and sale.text_en and sale.text_fa and int(sale.rrn)
            paid = await asyncio.to_thread(till.purchase, f"{CARD}=99125010000", 100_000, purse=91)
            assert paid.approved and paid.points_spent == 100
        first, second = switch.requests_of("02")
        assert (first.text(3), first.text(2), first.text(22)) == ("000000", CARD, "011")
        assert (second.text(3), second.text(35), second.text(22)) == ("009100", f"{CARD}=99125010000", "021")
        assert switch.connections == 1 and not switch.requests_of("04")
        assert owed(tmp_path) is None

    at_a_scripted_switch(work)


@pytest.mark.parametrize(
    ("behaviour", "connections"),
    [
        (Behaviour.SILENT, 1),
        (Behaviour.WRONG_MAC, 1),
        (Behaviour.FOREIGN, 1),
        (Behaviour.CUT, 2),
        (Behaviour.CUT_MID_FRAME, 2),
        (Behaviour.LATE, 1),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Behaviour) else str(value),
)
def test_what_has_no_good_answer_is_reversed(behaviour: Behaviour, connections: int, tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next("02", behaviour)
        switch.script.late_ms = 1000
        with till_at(switch.address, tmp_path, timeout_s=QUICK_S) as till:
            sale = await asyncio.to_thread(till.purchase, CARD, 250_000)
            assert sale.outcome is Outcome.REVERSED and sale.response_code == ""
            assert switch.connections == connections
            (request,), (reversal,) = switch.requests_of("02"), switch.requests_of("04")
            assert reversal.mti == "0400"
            assert reversal.text(90) == OriginalData("0200", request.text(11), request.text(7)).pack()
            assert not {2, 35} & set(reversal.fields)
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).approved
        assert len(switch.requests_of("04")) == 1

    at_a_scripted_switch(work)


def test_a_reversal_is_repeated_until_somebody_decides_it(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next("02", Behaviour.SILENT)
        switch.script.next("04", Behaviour.SILENT)
        switch.script.next_code("04", "91", "58", "21")
        with till_at(switch.address, tmp_path, timeout_s=QUICK_S) as till:
            assert (await asyncio.to_thread(till.purchase, CARD, 250_000)).outcome is Outcome.REVERSAL_OWED
            assert not await asyncio.to_thread(till.settle)
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).outcome is Outcome.NOT_SENT
            assert await asyncio.to_thread(till.settle)
            assert await asyncio.to_thread(till.settle)
        reversals = switch.requests_of("04")
        assert [each.mti for each in reversals] == ["0400", "0401", "0401", "0401"]
        assert len({(each.text(11), each.text(7), each.text(90)) for each in reversals}) == 1
        # 58 means that the sign-on was forgotten.
        assert switch.connections == 2 and len(switch.requests_of("02")) == 1

    at_a_scripted_switch(work)


def test_a_power_cut_in_a_sale_is_reversed_in_the_next_life(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next("02", Behaviour.SILENT)
        life = till_at(switch.address, tmp_path, timeout_s=60)
        selling = threading.Thread(target=lambda: life.purchase(CARD, 250_000), daemon=True)
        selling.start()
        await switch.wait_for(lambda: bool(switch.requests_of("02")))
        # What is on the disk at this moment is what the next life finds.
        kept = (tmp_path / "till.journal").read_bytes()
        assert CARD.encode() not in kept
        await switch.stop_listening()
        await asyncio.to_thread(selling.join)
        await switch.listen()
        (tmp_path / "till.journal").write_bytes(kept)
        with till_at(switch.address, tmp_path) as till:
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).approved
        assert [request.mti for request in switch.requests if request.mti[1] != "8"] == [
            "0200",
            "0400",
            "0200",
        ]

    at_a_scripted_switch(work)


def test_a_forgotten_sign_on_is_made_anew_and_the_sale_repeated(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next_code("02", "58", "00")
        with till_at(switch.address, tmp_path) as till:
            assert (await asyncio.to_thread(till.purchase, CARD, 250_000)).approved
        assert [request.mti for request in switch.requests] == ["0800", "0200", "0800", "0201"]

    at_a_scripted_switch(work)


def test_declined_is_over(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next_code("02", "51")
        with till_at(switch.address, tmp_path) as till:
            sale = await asyncio.to_thread(till.purchase, CARD, 250_000)
        assert (sale.outcome, sale.response_code) == (Outcome.DECLINED, "51")
        assert owed(tmp_path) is None and not switch.requests_of("04")

    at_a_scripted_switch(work)


def test_a_switch_that_was_away_is_found_again(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        with till_at(switch.address, tmp_path) as till:
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).approved
            await switch.stop_listening()
            assert not (await asyncio.to_thread(till.purchase, CARD, 1_000)).approved
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).outcome is Outcome.NOT_SENT
            await switch.listen()
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).approved

    at_a_scripted_switch(work)


@pytest.mark.parametrize("left", [b"", b"\x00\x00"], ids=["ended", "something late"])
def test_a_stale_link_is_noticed_before_a_sale_leaves(left: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = TillLink(server.getsockname(), Mac(KEY), None)
        assert link.open(1.0) and link.is_open
        peer, _ = server.accept()
        peer.sendall(left)
        peer.close()
        assert not link.is_open
        assert link.ask(Message("0800", {}), 0.1) is None


def test_a_sign_on_refused_sells_nothing(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        switch.script.next_code("08", "58")
        with till_at(switch.address, tmp_path) as till:
            assert (await asyncio.to_thread(till.purchase, CARD, 1_000)).outcome is Outcome.NOT_SENT
        assert not switch.requests_of("02")

    at_a_scripted_switch(work)


def test_threads_sell_in_turn(tmp_path: Path) -> None:
    async def work(switch: ScriptedSwitch) -> None:
        with till_at(switch.address, tmp_path) as till:
            sales = [asyncio.to_thread(till.purchase, CARD, 1_000 * number) for number in range(1, 9)]
            assert all(sale.approved for sale in await asyncio.gather(*sales))
        assert len({request.text(11) for request in switch.requests}) == 9

    at_a_scripted_switch(work)


@pytest.mark.parametrize(
    ("card", "amount", "purse"),
    [
        ("628000", 1, 0),
        ("6280000000001006 ", 1, 0),
        ("٦٢٨٠٠٠٠٠٠٠٠٠١٠٠٦", 1, 0),
        (f"{CARD}=", 1, 0),
        (CARD, 0, 0),
        (CARD, -5, 0),
        (CARD, 10**12, 0),
        (CARD, 1, 5),
    ],
    ids=["short", "space", "Persian digits", "no track", "nothing", "negative", "too much", "no purse"],
)
def test_what_cannot_be_written_is_told_without_the_card(
    card: str, amount: int, purse: int, tmp_path: Path
) -> None:
    with till_at(("127.0.0.1", 1), tmp_path) as till, pytest.raises(TillFault) as caught:
        till.purchase(card, amount, purse=purse)
    assert card not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"format": 2}', b"\xff", b'{"format": 1, "stan": -1, "owed": null}',
     b'{"format": 1, "stan": 1, "owed": {"fields": {"a": "1"}, "sent": true}}'],
    ids=["empty", "list", "other format", "no text", "bad number", "bad field"],
)  # fmt: skip
def test_a_journal_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "till.journal").write_bytes(content)
    with pytest.raises(TillFault):
        till_at(("127.0.0.1", 1), tmp_path)


@pytest.mark.parametrize(
    ("terminal", "merchant", "key"),
    [("", "SHOP1", KEY), ("T00000001", "SHOP1", KEY), ("T1", "S" * 16, KEY), ("T1", "فروشگاه", KEY),
     ("T1", "SHOP1", KEY[:8])],
    ids=["no terminal", "long terminal", "long merchant", "Persian merchant", "short key"],
)  # fmt: skip
def test_wrong_settings_are_refused(terminal: str, merchant: str, key: bytes, tmp_path: Path) -> None:
    with pytest.raises(TillFault):
        Till(
            ("127.0.0.1", 1),
            terminal_id=terminal,
            merchant_id=merchant,
            key=key,
            journal=tmp_path / "journal",
        )


def test_a_disk_that_fails_keeps_what_is_owed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = TillJournal(tmp_path / "journal")
    (tmp_path / "journal.unfinished").mkdir()
    with pytest.raises(OSError, match="directory"):
        journal.keep(None)
    assert not (tmp_path / "journal").exists()


@given(
    st.text(max_size=60),
    st.text(max_size=3),
    st.dictionaries(st.sampled_from(["DF01", "DF1A"]), st.just("7")),
)
def test_any_answer_is_read(balances: str, code: str, tags: dict[str, str]) -> None:
    sale = read_answer(Message("0210", {39: code, 54: balances, 48: tags}))
    assert sale.approved == (code == "00")
    assert sale.points_earned == (7 if "DF01" in tags else None)


def test_a_reversal_names_its_sale_and_not_its_card() -> None:
    fields = purchase_fields(CARD, 1, 0, "SHOP1", datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    sale = Message("0200", {7: "1121200000", 11: "000001", 41: "T0000001", **fields})
    undone = reversal_fields(sale)
    assert undone[90] == "0200" + "000001" + "1121200000" + "0" * 22
    assert CARD not in str(undone)
