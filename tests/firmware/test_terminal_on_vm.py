"""The whole firmware on a real MicroPython VM, with real sockets, against a host that follows a script."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.micropython_vm import MicropythonVm
from simulator.scripted_switch import Behaviour, ScriptedSwitch
from simulator.virtual_terminal import Card, Damage, Swipe, VirtualTerminal

KEY = bytes(range(16))
CARD = Card.issue("636949", 1)
HEAP_BYTES = 100 * 1024
FAST: dict[str, object] = {
    "response_timeout_ms": 400,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 50,
    "backoff_limit_ms": 200,
    "notice_ms": 50,
}


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, **parameters: object
) -> AsyncIterator[tuple[ScriptedSwitch, VirtualTerminal]]:
    async with ScriptedSwitch(KEY) as switch:
        terminal = VirtualTerminal(
            vm,
            directory=directory / "VAFA0001",
            terminal_id="VAFA0001",
            merchant_id="SHOP000000001",
            switch=switch.address,
            key=KEY,
            heap_bytes=HEAP_BYTES,
            parameters={**FAST, **parameters},
        )
        async with terminal:
            await terminal.signed_on()
            yield switch, terminal


def run(scenario: Coroutine[None, None, None]) -> None:
    asyncio.run(scenario)


def text_of(receipt: list[str]) -> str:
    return "\n".join(receipt)


async def reversal_done(switch: ScriptedSwitch, terminal: VirtualTerminal, count: int = 1) -> None:
    await terminal.wait_event("reversed", count)
    await terminal.wait_state("idle", "notice")


def test_sales_redemption_and_balance(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            assert terminal.version.startswith("micropython 1.2")
            sale = await terminal.purchase(CARD, 2_500_000)
            assert sale.approved
            assert (sale.points_earned, sale.credit_earned, sale.points_balance) == (250, 50_000, 1250)
            assert (sale.mti_request, sale.mti_response) == ("0200", "0210")
            assert sale.rrn == "000000000001"
            receipt = text_of(sale.receipt)
            assert "۲٬۵۰۰٬۰۰۰" in receipt and "2,500,000" in receipt
            assert switch.member_name in receipt and CARD.number not in receipt
            assert "COPY" not in receipt

            spent = await terminal.redemption(CARD, 100_000, swipe=Swipe(backward=True))
            assert (spent.points_spent, spent.points_balance) == (100, 1150)
            inquiry = await terminal.balance(CARD, swipe=Swipe(decoded=True))
            assert inquiry.mti_request == "0100" and inquiry.points_balance == 1150

            requests = switch.requests_of("02")
            assert [request.text(3) for request in requests] == ["000000", "009100"]
            assert requests[0].text(35) == CARD.track2
            assert requests[0].text(4) == "000002500000"
            assert requests[0].text(22) == "021"
            stans = [request.text(11) for request in switch.requests]
            assert len(set(stans)) == len(stans)
            assert not any(
                CARD.number in str(event) or CARD.track2 in str(event) for event in terminal.events
            )
            assert 0 < terminal.heap.peak_bytes < terminal.heap.limit_bytes <= HEAP_BYTES

    run(scenario())


def test_the_card_must_leave_before_the_receipt_comes(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, languages=["en"]) as (_, terminal):
            await terminal.wait_for(lambda: terminal.lcd[2] == "Swipe the card", "prompt")
            await terminal.insert_card()
            await terminal.swipe(CARD)
            await terminal.wait_for(lambda: terminal.lcd[1] == "Key in the amount", "amount prompt")
            await terminal.press("1500\x0800")
            await terminal.wait_for(lambda: terminal.lcd[2] == "15,000", "amount on display")
            await terminal.press("\r")
            await terminal.wait_for(lambda: terminal.lcd[1] == "Remove the card", "removal prompt")
            assert terminal.receipts == []
            await terminal.remove_card()
            await terminal.wait_for(lambda: len(terminal.receipts) == 1, "receipt")

    run(scenario())


def test_misreads_and_cancelled_sales_send_nothing(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, languages=["en"]) as (switch, terminal):
            await terminal.swipe(CARD, Swipe(damage=Damage.LRC))
            assert (await terminal.wait_event("misread"))["reason"] == "lrc"
            await terminal.wait_state("idle")
            await terminal.insert_card()
            await terminal.swipe(CARD)
            await terminal.wait_state("amount")
            await terminal.press("0\r")
            await terminal.wait_for(lambda: terminal.lcd[3] == "Amount not accepted", "refusal")
            await terminal.press("5000\x1b")
            await terminal.wait_state("idle")
            assert switch.requests_of("02") == []
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    run(scenario())


def test_a_decline_is_printed_and_not_reversed(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.next_code("02", "51")
            declined = await terminal.redemption(CARD, 9_000_000)
            assert declined.response_code == "51" and not declined.approved
            assert "Insufficient funds" in text_of(declined.receipt)
            assert (await terminal.purchase(CARD, 1_000_000)).approved
            assert switch.requests_of("04") == []

    run(scenario())


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.WRONG_MAC, Behaviour.FOREIGN])
def test_no_acceptable_answer_means_reversal(vm: MicropythonVm, tmp_path: Path, behaviour: Behaviour) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.next("02", behaviour)
            result = await terminal.purchase(CARD, 1_000_000)
            assert result.response_code == "" and result.receipt == []
            await reversal_done(switch, terminal)
            (sale,) = switch.requests_of("02")
            (reversal,) = switch.requests_of("04")
            assert reversal.mti == "0400"
            assert reversal.text(90) == f"0200{sale.text(11)}{sale.text(7)}{'0' * 22}"
            assert all(
                reversal.fields[number] == sale.fields[number] for number in (3, 4, 12, 13, 41, 42, 49)
            )
            assert reversal.text(11) != sale.text(11)
            dropped = {event["reason"] for event in terminal.events_named("dropped")}
            expected = {
                Behaviour.WRONG_MAC: {"mac"},
                Behaviour.FOREIGN: {"foreign"},
                Behaviour.SILENT: set[str](),
            }
            assert dropped == expected[behaviour]
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    run(scenario())


def test_a_reversal_is_repeated_until_it_is_acknowledged(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.next("02", Behaviour.SILENT)
            switch.script.next(
                "04", Behaviour.SILENT, Behaviour.WRONG_MAC, Behaviour.ANSWER, Behaviour.ANSWER
            )
            switch.script.next_code("04", "00", "96", "00")
            await terminal.purchase(CARD, 1_000_000)
            await reversal_done(switch, terminal)
            reversals = switch.requests_of("04")
            assert [reversal.mti for reversal in reversals] == ["0400", "0401", "0401", "0401"]
            content = [
                {number: value for number, value in reversal.fields.items() if number != 128}
                for reversal in reversals
            ]
            assert all(fields == content[0] for fields in content)
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    run(scenario())


def test_late_and_double_answers_change_nothing(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.late_ms = 600
            switch.script.next("02", Behaviour.LATE, Behaviour.TWICE)
            switch.script.next("04", Behaviour.SILENT)
            await terminal.purchase(CARD, 1_000_000)
            await reversal_done(switch, terminal)
            assert terminal.receipts == []
            assert (await terminal.purchase(CARD, 2_000_000)).approved
            await terminal.wait_for(
                lambda: (
                    [event["reason"] for event in terminal.events_named("dropped")]
                    in (["foreign", "late"], ["late", "late"])
                ),
                "both dropped",
            )
            assert len(terminal.receipts) == 1

    run(scenario())


def test_kill_after_sending_reverses_before_the_next_sale(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, response_timeout_ms=5000) as (switch, terminal):
            switch.script.next("02", Behaviour.SILENT)
            await terminal.start_transaction("P", CARD, 1_000_000)
            await switch.wait_for(lambda: len(switch.requests_of("02")) == 1)
            await terminal.restart()
            await terminal.signed_on()
            assert (await terminal.purchase(CARD, 3_000_000)).approved
            first, second = switch.requests_of("02")
            (reversal,) = switch.requests_of("04")
            order = [request for request in switch.requests if request.mti != "0800"]
            assert order == [first, reversal, second]
            assert reversal.mti == "0400"
            assert reversal.text(90)[4:20] == first.text(11) + first.text(7)

    run(scenario())


def test_kill_during_a_reversal_repeats_it_after_the_restart(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.next("02", Behaviour.SILENT)
            switch.script.next("04", Behaviour.SILENT)
            terminal.set_parameter("response_timeout_ms", 5000)
            await terminal.start_transaction("P", CARD, 1_000_000)
            await switch.wait_for(lambda: len(switch.requests_of("04")) == 1)
            await terminal.restart()
            await terminal.signed_on()
            first, again = switch.requests_of("04")
            assert (first.mti, again.mti) == ("0400", "0401")
            assert first.text(11) == again.text(11) and first.text(7) == again.text(7)

    run(scenario())


def test_kill_between_answer_and_receipt_prints_a_copy(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            await terminal.start_transaction("P", CARD, 2_500_000)
            await terminal.wait_state("remove")
            await terminal.restart()
            await terminal.wait_for(lambda: len(terminal.receipts) == 1, "copy")
            copy = text_of(terminal.receipts[0])
            assert "رونوشت" in copy and "COPY" in copy
            assert "2,500,000" in copy and switch.member_name in copy and "000000000001" in copy
            await terminal.signed_on()
            assert switch.requests_of("04") == []
            await terminal.restart()
            await terminal.signed_on()
            assert len(terminal.receipts) == 1

    run(scenario())


@pytest.mark.parametrize("behaviour", [Behaviour.CUT, Behaviour.CUT_MID_FRAME])
def test_a_link_cut_during_a_sale(vm: MicropythonVm, tmp_path: Path, behaviour: Behaviour) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, response_timeout_ms=5000) as (switch, terminal):
            switch.script.next("02", behaviour)
            result = await terminal.purchase(CARD, 1_000_000)
            assert result.response_code == ""
            assert (
                result.elapsed_ms < 4000
            )  # nothing can come any more; waiting on would only hold the customer
            await reversal_done(switch, terminal)
            assert [request.mti for request in switch.requests_of("04")] == ["0400"]
            assert switch.connections == 2
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    run(scenario())


def test_no_service_while_the_host_is_away_and_again_when_it_is_back(
    vm: MicropythonVm, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, languages=["en"]) as (switch, terminal):
            await switch.stop_listening()
            await terminal.wait_state("out_of_service")
            await terminal.wait_for(lambda: terminal.lcd[1] == "No connection", "notice of no service")
            await terminal.wait_event("link_failed")
            await switch.listen()
            await terminal.signed_on()
            assert (await terminal.purchase(CARD, 1_000_000)).approved

    run(scenario())


def test_echo_keeps_an_idle_link_and_finds_a_dead_one(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path, echo_interval_ms=60) as (switch, terminal):
            await switch.wait_for(lambda: len(switch.requests_of("08")) >= 4)
            assert [request.text(70) for request in switch.requests_of("08")][:4] == [
                "001",
                "101",
                "301",
                "301",
            ]
            switch.script.next("08", Behaviour.SILENT)
            await terminal.wait_event("link_down")
            await terminal.wait_event("signed_on", 2)

    run(scenario())


def test_a_slip_that_does_not_come_out_is_printed_again(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (_, terminal):
            terminal.peripherals.refuse("printer")
            await terminal.start_transaction("P", CARD, 1_000_000)
            await terminal.wait_state("remove")
            await terminal.remove_card()
            await terminal.wait_state("printer_fault")
            terminal.peripherals.accept("printer")
            terminal.peripherals.printer.paper = False
            await terminal.press("\r")
            await terminal.wait_event("print_failed", 2)
            await terminal.restart()
            await terminal.wait_event("print_failed", 3)
            terminal.peripherals.printer.paper = True
            await terminal.wait_state("printer_fault")
            await terminal.press("\r")
            await terminal.wait_for(lambda: len(terminal.receipts) == 1, "receipt")
            assert "COPY" in text_of(terminal.receipts[0])
            await terminal.wait_state("idle")

    run(scenario())


def test_a_refused_sign_on_gives_no_service(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (switch, terminal):
            switch.script.next_code("08", "58")
            switch.cut_links()
            await terminal.wait_event("link_failed")
            await terminal.wait_event("signed_on", 2)

    run(scenario())


def least_live_bytes(terminal: VirtualTerminal, sales: int) -> int:
    """Of the last so many rests. One may hold more: any number on the stack may look like an address."""
    return min(int(str(event["live_bytes"])) for event in terminal.events_named("heap")[-sales:])


def test_many_sales_use_no_more_heap_than_a_few(vm: MicropythonVm, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path) as (_, terminal):
            for _ in range(5):
                await terminal.purchase(CARD, 1_000_000)
            few = least_live_bytes(terminal, 5)
            for _ in range(60):
                assert (await terminal.purchase(CARD, 1_000_000)).approved
            assert least_live_bytes(terminal, 10) <= few + 1024

    run(scenario())
