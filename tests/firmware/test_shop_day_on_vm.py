"""The whole firmware on a real VM at 100 KB against a real switch: a day without a link, operators, PINs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from protocol.security.keys import (
    derive_initial_pin_key,
    derive_terminal_key,
    derive_terminal_pin_key,
)
from protocol.security.pin_block import encipher_format_4
from simulator.micropython_vm import PROJECT_ROOT, MicropythonVm
from simulator.virtual_terminal import Card, VirtualTerminal
from tests.firmware.cut_line import CutLine
from tests.switch.conftest import MASTER_KEY, Link, SwitchProcess
from tools.terminal_files.offline_table import Limits, TablePlan, make_table
from tools.terminal_files.operators import Operator, Role, operator_record

OFFLINE, OPERATED, PINNED, KILLED, REVERSED = (f"VAFA010{number}" for number in range(5))
MERCHANT = "SHOP000000001"
HOST = "HOST0001"
MEMBER_CARD = Card.issue("636949", 1)
PIN_CARD = Card.issue("636949", 5)
PIN = "2580"
UNKNOWN_CARD = Card.issue("636949", 9)
HEAP_BYTES = 100 * 1024
FLOOR_LIMIT = 2_000_000
DEFAULT_RULES = PROJECT_ROOT / "switch" / "rules" / "default_rules.toml"
PIN_RULE = """
[[rules]]
rule_id = "PIN-01"
version = 1
status = "active"
kind = "gate"
name = { fa = "رمز", en = "PIN" }
trigger = "purchase"
when = { f = "amount", op = ">=", v = 4000000 }
effects = [{ type = "require_pin", text = { fa = "رمز لازم است", en = "PIN needed" } }]
"""
FAST: dict[str, object] = {
    "languages": ["en"],
    "notice_ms": 50,
    "response_timeout_ms": 1500,
    "reversal_retry_ms": 50,
    "backoff_first_ms": 20,
    "backoff_limit_ms": 60,
}


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch with the shop, a member, and a member whose card has a PIN, wanted above 4,000,000 rial."""
    folder = tmp_path_factory.mktemp("switch")
    rules = folder / "rules.toml"
    rules.write_text(DEFAULT_RULES.read_text("utf-8") + PIN_RULE, "utf-8")
    process = SwitchProcess(folder).start(rules_file=rules)
    host = Link(process.terminals)
    host.sign_on(HOST)
    for name in (OFFLINE, OPERATED, PINNED, KILLED, REVERSED):
        host.make_terminal(name, MERCHANT)
    host.make_member(12, MEMBER_CARD.number, 1)
    member = {"DF20": f"{13:012d}", "DF05": "مریم", "DF06": "GOLD", "DF21": "A"}
    assert host.call(host.file_action("MEMBER", member)).fields[39] == "00"
    block = encipher_format_4(derive_terminal_pin_key(MASTER_KEY, HOST, 1), PIN, PIN_CARD.number)
    record = host.file_action("CARD", {}, card=PIN_CARD.number)
    record.fields[120] = {
        "DF20": f"{13:012d}",
        "DF21": "A",
        "DF24": "LOYAL",
        "DF29": f"{5:012d}",
        "DF34": block,
    }
    assert host.call(record).fields[39] == "00"
    host.close()
    yield process
    process.kill()


def given_table(directory: Path, name: str) -> None:
    """Put the terminal's offline table where its settings say."""
    directory.mkdir(exist_ok=True)
    (directory / "offline.table").write_bytes(table_of(name))


def table_of(name: str) -> bytes:
    now = datetime.now(UTC)
    plan = TablePlan(
        sequence=1,
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=7),
        limits=Limits(
            sale=FLOOR_LIMIT,
            card_sales=20,
            card=100_000_000,
            day=100_000_000,
            sales=40,
            sum=100_000_000,
        ),
        ranges=[("636949", "636949")],
    )
    return make_table(plan, name, derive_terminal_key(MASTER_KEY, name, 1))


@asynccontextmanager
async def shop(
    vm: MicropythonVm, directory: Path, switch: SwitchProcess, name: str, **parameters: object
) -> AsyncIterator[tuple[VirtualTerminal, CutLine]]:
    """A signed-on terminal with an offline table, and the line to the switch."""
    given_table(directory, name)
    async with CutLine(switch.terminals) as line:
        terminal = VirtualTerminal(
            vm,
            directory=directory,
            terminal_id=name,
            merchant_id=MERCHANT,
            switch=line.address,
            key=derive_terminal_key(MASTER_KEY, name, 1),
            pin_key=derive_initial_pin_key(MASTER_KEY, name, 1, b"test"),
            heap_bytes=HEAP_BYTES,
            parameters={**FAST, "offline_table_file": "offline.table", **parameters},
        )
        async with terminal:
            await online(terminal)
            yield terminal, line
            assert 0 < terminal.heap.peak_bytes <= HEAP_BYTES
            print(name, terminal.heap)


async def online(terminal: VirtualTerminal, since: int = 0) -> None:
    """Wait for the link, in events from number `since` on: who may sell without it is idle before."""
    await terminal.wait_for(
        lambda: any(event["event"] == "signed_on" for event in terminal.events[since:]), "link"
    )
    await terminal.wait_state("idle")
    await terminal.wait_for(lambda: terminal.lcd[3] not in ("", "No line: points come later"), "display")


async def restarted(terminal: VirtualTerminal) -> int:
    """Cut the power and give it back; the number of the first event after that."""
    await terminal.kill()
    since = len(terminal.events)
    await terminal.power_on()
    return since


def answered(terminal: VirtualTerminal) -> dict[str, str]:
    """Response codes of the advices by their STAN."""
    return {str(event["stan"]): str(event["response_code"]) for event in terminal.events_named("advice")}


async def printed(terminal: VirtualTerminal, before: int) -> str:
    """The words of the slip that follows `before` others."""
    await terminal.wait_for(lambda: len(terminal.receipts) > before, "receipt")
    await terminal.wait_state("idle")
    return " ".join(" ".join(terminal.receipts[-1]).split())


async def keyed(terminal: VirtualTerminal, state: str, keys: str) -> None:
    await terminal.wait_state(state)
    await terminal.press(keys)


async def sold_offline(terminal: VirtualTerminal, card: Card, amount: int) -> str:
    before = len(terminal.receipts)
    sales = len(terminal.events_named("offline_sale"))
    await terminal.wait_state("idle")
    await terminal.press(str(amount))
    await terminal.wait_state("amount")
    await terminal.swipe(card)
    await terminal.wait_event("offline_sale", sales + 1)
    return await printed(terminal, before)


def advices(switch: SwitchProcess, name: str) -> list[tuple[str, int]]:
    """STAN and amount of the advices that the switch has posted, in its order."""
    lines = [line for line in switch.feed() if line.get("mti") == "0220" and line.get("terminal_id") == name]
    return [(str(line["stan"]).zfill(6), int(line["amount"])) for line in lines]


async def day_closed(terminal: VirtualTerminal) -> str:
    before = len(terminal.receipts)
    await terminal.press("M32")
    await keyed(terminal, "confirm", "\r")
    return await printed(terminal, before)


def test_a_day_on_which_the_line_is_cut(vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path / OFFLINE, switch, OFFLINE) as (terminal, line):
            assert (await terminal.purchase(MEMBER_CARD, 1_000_000)).approved
            line.cut()
            await terminal.wait_for(lambda: terminal.lcd[3] == "No line: points come later", "offline")
            amounts = [FLOOR_LIMIT, 300_000, 400_000, 500_000]
            for amount in amounts:
                slip = await sold_offline(terminal, MEMBER_CARD, amount)
                assert f"{amount:,}" in slip and "the points of this sale will be added later" in slip
            await sold_offline(terminal, UNKNOWN_CARD, 700_000)
            await terminal.press(str(FLOOR_LIMIT + 1))
            await terminal.wait_state("amount")
            await terminal.swipe(MEMBER_CARD)
            await terminal.wait_for(lambda: terminal.lcd[0] == "Too much without a line", "refusal")
            # The power goes; the table is in force again, and the sales are there.
            await restarted(terminal)
            await terminal.wait_state("idle")
            line.mend()
            await terminal.wait_for(lambda: terminal.lcd[3] == "Refused sales: M 3 5", "forwarding")
            told = [(str(event["stan"]), event["amount"]) for event in terminal.events_named("offline_sale")]
            assert advices(switch, OFFLINE) == told
            assert [amount for _, amount in told] == [*amounts, 700_000]
            slip = await day_closed(terminal)
            assert "In balance" in slip and "Purchases 5 " in slip and " 4,200,000 " in slip
            await terminal.press("M35")
            await terminal.wait_state("refused_sale")
            await terminal.wait_for(lambda: terminal.lcd[2] == "700,000", "refused sale")
            await terminal.press("\r")
            await terminal.wait_for(lambda: terminal.lcd[0] == "No refused sales", "nothing left")
            await terminal.wait_state("idle")
            assert (await terminal.purchase(MEMBER_CARD, 1_000_000)).approved
            assert "In balance" in await day_closed(terminal)

    asyncio.run(scenario())


def test_a_reversal_that_is_owed_does_not_close_the_shop(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path / REVERSED, switch, REVERSED) as (terminal, line):
            line.silent_from_answer = True
            await terminal.start_transaction("P", MEMBER_CARD, 900_000)
            await terminal.wait_event("no_answer")
            line.cut()
            await terminal.remove_card()
            await terminal.wait_for(lambda: terminal.lcd[3] == "No line: points come later", "offline")
            await sold_offline(terminal, MEMBER_CARD, 300_000)
            line.mend()
            await terminal.wait_event("advice")
            assert [event["response_code"] for event in terminal.events_named("reversed")] == ["00"]
            await terminal.wait_for(lambda: terminal.lcd[3] == "Amount or card; M: menu", "rest")
            (advice,) = advices(switch, REVERSED)
            assert advice[1] == 300_000
            slip = await day_closed(terminal)
            assert "In balance" in slip and "Purchases 2 Amount (IRR) 1,200,000 Purchases reversed 1 " in slip

    asyncio.run(scenario())


def test_operators_log_in_and_a_supervisor_closes_the_day(
    vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path
) -> None:
    records = [
        operator_record(Operator("7", Role.CASHIER), "1234", b"7" * 16),
        operator_record(Operator("9", Role.SUPERVISOR), "98765", b"9" * 16),
    ]

    async def scenario() -> None:
        async with shop(vm, tmp_path / OPERATED, switch, OPERATED, operators=records) as (terminal, _):
            assert terminal.lcd[3] == "Log in first: any digit"
            await terminal.press("1")
            await keyed(terminal, "number", "7\r")
            await keyed(terminal, "pin", "0000\r")
            await terminal.wait_event("login_refused")
            # The attempt stays counted over a power cut.
            await online(terminal, await restarted(terminal))
            for refused in range(2, 6):
                if refused == 2:
                    await terminal.press("M33")
                    await keyed(terminal, "number", "7\r")
                await keyed(terminal, "pin", "0000\r")
                await terminal.wait_event("login_refused", refused)
            await terminal.wait_for(lambda: terminal.lcd[0] == "Operator is locked", "lock")
            await terminal.wait_state("idle")
            await terminal.press("M33")
            await keyed(terminal, "number", "9\r")
            await keyed(terminal, "pin", "98765\r")
            await terminal.wait_event("logged_in")
            await terminal.wait_state("idle")
            await terminal.press("M42")
            await keyed(terminal, "choice", "5")
            await keyed(terminal, "number", "1500000\r")
            await terminal.wait_event("parameter_set")
            await terminal.wait_state("idle")
            assert (await terminal.purchase(MEMBER_CARD, 1_000_000)).approved
            assert "In balance" in await day_closed(terminal)
            # What was set is in force after a restart.
            await online(terminal, await restarted(terminal))
            await terminal.press("M33")
            await keyed(terminal, "number", "7\r")
            await keyed(terminal, "pin", "1234\r")
            await terminal.wait_event("logged_in", 2)
            await terminal.wait_state("idle")
            await terminal.press("1600000\r")
            await terminal.wait_for(lambda: terminal.lcd[3] == "Amount not accepted", "limit")
            await terminal.press("\x1b")
            await terminal.wait_state("idle")

    asyncio.run(scenario())


def test_a_purchase_with_a_pin(vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with shop(vm, tmp_path / PINNED, switch, PINNED) as (terminal, _):
            await terminal.press("5000000")
            await terminal.wait_state("amount")
            await terminal.swipe(PIN_CARD)
            await keyed(terminal, "pin", "0000\r")
            await terminal.wait_for(lambda: terminal.lcd[3] == "Wrong: again", "another try")
            await terminal.press(PIN + "\r")
            assert "Approved" in await printed(terminal, 0)
            codes = [event["response_code"] for event in terminal.events_named("transaction")]
            assert codes == ["70", "55", "00"]
            told = [{name: event[name] for name in event if name != "ticks_ms"} for event in terminal.events]
            assert PIN not in str([one for one in told if one["event"] != "heap"])

    asyncio.run(scenario())


def test_the_power_goes_again_and_again(vm: MicropythonVm, switch: SwitchProcess, tmp_path: Path) -> None:
    random = Random(6)

    async def scenario() -> None:
        async with shop(vm, tmp_path / KILLED, switch, KILLED) as (terminal, line):
            since = 0
            for _ in range(10):
                if random.random() < 0.5:
                    line.cut()
                else:
                    line.mend()
                await terminal.wait_for(lambda: terminal.state in ("idle", "printing", "notice"), "rest")
                await terminal.press(str(random.randint(1, 9) * 100_000))
                await terminal.swipe(MEMBER_CARD)
                await asyncio.sleep(random.random() * 0.15)
                since = await restarted(terminal)
            line.mend()
            await online(terminal, since)
            sold = {(str(event["stan"]), event["amount"]) for event in terminal.events_named("offline_sale")}
            await terminal.wait_for(
                lambda: {stan for stan, _ in sold} <= set(answered(terminal)), "advices", 15_000
            )
            await terminal.wait_state("idle")
            posted = advices(switch, KILLED)
            assert sold <= set(posted) and len(posted) == len(set(posted))
            assert terminal.stderr == ""
            slip = await day_closed(terminal)
            assert "In balance" in slip

    asyncio.run(scenario())
